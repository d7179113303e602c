# SPDX-License-Identifier: GPL-2.0-only
"""Migrations that do not come to their end, and pauses: the guest goes on where
it is."""

from host import LONG_JOB_US
from tap import check, check_equal, test
from test_move import check_arcs, check_move
from vm import DESTINATION_FAILED, MIGRATION, SLOW_BYTES_S, SOURCE_FAILED, Guest, at_work


def slow(guest):
    """A destination, and a pre-copy that does not end by itself."""
    destination = guest.destination()
    guest.vm.command("migrate-set-parameters", max_bandwidth=SLOW_BYTES_S)
    guest.host.clear_trace()
    guest.send(destination)
    guest.vm.wait_migration("active")
    return destination


def cancel(guest, destination):
    guest.vm.expect(SOURCE_FAILED)
    destination.expect(DESTINATION_FAILED)
    guest.vm.command("migrate_cancel")
    # QEMU 10.0 takes some for failed, by the error that its own cancelling made.
    guest.vm.wait_migration("cancelled", "failed")
    guest.vm.wait_status("running")
    destination.wait_end()
    destination.check_stderr()
    guest.vm.command("migrate-set-parameters", max_bandwidth=MIGRATION["max_bandwidth"])


@test("migrate_cancel in pre-copy leaves the guest at work", "vm")
def cancel_in_pre_copy(host):
    guest = at_work(host, ("zip", "v3"))
    source, = guest.vfs
    destination = slow(guest)
    guest.wait_jobs(1)
    cancel(guest, destination)
    check_arcs(host, source, ["RUNNING -> PRE_COPY", "PRE_COPY -> RUNNING"])
    guest.check_moved_on()


@test("migrate_cancel in the blackout leaves the guest at work", "vm")
def cancel_in_blackout(host):
    guest = at_work(host, ("zip", "v3"))
    source, = guest.vfs
    destination = guest.destination()
    guest.vm.capabilities("pause-before-switchover")
    host.clear_trace()
    guest.send(destination)
    guest.vm.wait_migration("pre-switchover")
    guest.vm.expect("Switchover is interrupted")    # QEMU 11
    cancel(guest, destination)
    guest.vm.capabilities("pause-before-switchover", state=False)
    arcs = ["RUNNING -> PRE_COPY", "PRE_COPY -> PRE_COPY_P2P",
            "PRE_COPY_P2P -> STOP_COPY", "STOP_COPY -> STOP",
            "STOP -> RUNNING_P2P", "RUNNING_P2P -> RUNNING"]
    if guest.vm.qemu_major() >= 11:
        # It has the VF run first, and then starts the guest as it always does.
        arcs += ["RUNNING -> RUNNING_P2P", "RUNNING_P2P -> RUNNING"]
    check_arcs(host, source, arcs)
    guest.check_moved_on()


@test("after a cancelled migration the next one succeeds", "vm-more")
def moves_after_cancel(host):
    guest = at_work(host, ("zip", "v3"))
    cancel(guest, slow(guest))
    check_move(host, guest)


@test("stop and cont: jobs wait, and then finish", "vm")
def stop_and_cont(host):
    guest = at_work(host, ("zip", "v3"))
    source, = guest.vfs
    before = host.oracle.set_job_time(source, LONG_JOB_US)
    guest.wait_in_flight()
    host.clear_trace()
    guest.vm.command("stop")
    host.check_still(source, 2 * LONG_JOB_US / 1e6)
    host.oracle.set_job_time(source, before)
    guest.vm.command("cont")
    check_arcs(host, source, ["RUNNING -> RUNNING_P2P", "RUNNING_P2P -> STOP",
                              "STOP -> RUNNING_P2P", "RUNNING_P2P -> RUNNING"])
    guest.check_moved_on()


@test("the destination is killed in pre-copy: the guest goes on at the source", "vm-more")
def destination_killed(host):
    guest = at_work(host, ("zip", "v3"))
    destination = slow(guest)
    destination.kill()
    info = guest.vm.wait_migration("failed")
    guest.vm.expect(SOURCE_FAILED)
    check(info.get("error-desc"), "QEMU gives no reason")
    guest.vm.wait_status("running")
    guest.check_moved_on()


@test("the destination is killed in the blackout: the guest goes on at the source", "vm-more")
def destination_killed_in_blackout(host):
    guest = at_work(host, ("zip", "v3"))
    guest.vm.capabilities("pause-before-switchover")
    destination = guest.destination()
    guest.send(destination)
    guest.vm.wait_migration("pre-switchover")
    destination.kill()
    guest.vm.command("migrate-continue", state="pre-switchover")
    guest.vm.wait_migration("failed")
    guest.vm.capabilities("pause-before-switchover", state=False)
    guest.vm.expect(SOURCE_FAILED)
    guest.vm.wait_status("running")
    guest.check_moved_on()


@test("the source is killed in pre-copy: its VF is as new", "vm-more")
def source_killed(host):
    guest = at_work(host, ("zip", "v3"))
    source, = guest.vfs
    destination = slow(guest)
    resets = host.oracle.counts(source)["resets"]
    guest.vm.kill()
    host.guest = None
    destination.expect(DESTINATION_FAILED)
    destination.wait_end()
    check(host.oracle.counts(source)["resets"] > resets, f"{source} has not been reset")
    check_equal(host.oracle.in_flight(source), 0, f"jobs in flight in {source}")
    guest = Guest(host, [host.pf("zip", "v3")], vfs=[source])
    guest.check_moved_on()
    guest.end()
