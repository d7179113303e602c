# SPDX-License-Identifier: GPL-2.0-only
"""What else happens to a virtual machine: it is saved and restored, reset, and
its VF taken from it."""

import os

from host import OURS
from tap import check, check_equal, test
from test_move import BAR2, DEVICE, RECORD, REVISION, check_move, check_records
from vm import BOOT_S, DIR, at_work


# Without dirty tracking QEMU takes all memory of a paused guest for dirty as
# often as it looks; a pause without a limit ends that.
NO_LIMIT_MS = 2000000


def save(guest, path, *capabilities):
    """Save a guest to a file, as libvirt does: paused first; then end QEMU."""
    guest.vm.capabilities(*capabilities)
    guest.vm.command("migrate-set-parameters", downtime_limit=NO_LIMIT_MS)
    guest.vm.capabilities("return-path", "switchover-ack", state=False)
    guest.wait_in_flight()
    guest.vm.command("stop")
    guest.vm.command("migrate", uri=f"file:{path}")
    guest.vm.wait_migration("completed")
    guest.journal.read()
    guest.vm.quit()


def restore(guest, path, *capabilities):
    """Have the guest go on from a file."""
    vm = guest.destination()
    vm.capabilities(*capabilities)
    vm.capabilities("return-path", "switchover-ack", state=False)
    vm.command("migrate-incoming", uri=f"file:{path}")
    vm.wait_migration("completed")
    check_equal(vm.status(), "paused", "the status of what was saved in a pause")
    vm.command("cont")
    guest.goes_on_in(vm)
    os.unlink(path)


@test("a guest is saved to a file and restored", "vm-more")
def saved_and_restored(host):
    guest = at_work(host, ("zip", "v3"))
    source, = guest.vfs
    save(guest, f"{DIR}/saved")
    check_records(host, [source], [])
    restore(guest, f"{DIR}/saved")
    check_equal(host.records(guest.vfs[0])[-1], ("loaded", RECORD, 0), "the record loaded")
    guest.check_moved_on()


def reboot(guest):
    guest.journal.read()
    guest.journal.reboots = 1
    guest.vm.command("system_reset")
    guest.journal.wait("the guest boots anew", lambda: not guest.journal.reboots, BOOT_S)
    guest.wait_up()
    guest.wait_jobs()


@test("after system_reset the guest boots, works and moves", "vm-more")
def system_reset(host):
    guest = at_work(host, ("zip", "v3"))
    guest.wait_in_flight()
    reboot(guest)
    check_move(host, guest)


@test("a VF is unplugged from a guest that runs, and plugged in again", "vm-more")
def unplugged(host):
    guest = at_work(host, ("zip", "v3"), ports=True)
    vf, = guest.vfs
    resets = host.oracle.counts(vf)["resets"]
    guest.finish()
    guest.ask("run rmmod hacc_guest", "ran rmmod hacc_guest: 0")
    guest.vm.command("device_del", id="vf0")
    guest.vm.monitor.wait_event("DEVICE_DELETED", 60, device="vf0")
    check_equal(guest.seen_vfs(), [], "VFs that the guest sees")
    check(host.oracle.counts(vf)["resets"] > resets, f"{vf} has not been reset")
    # Nobody holds it: another driver may have it.
    vf.bind(None)
    vf.bind("hisi_acc_vfio_pci")
    properties = dict(part.replace("-", "_").split("=") for part in guest.vm.vfio.split(","))
    properties["rombar"] = 0
    guest.vm.command("device_add", driver="vfio-pci", id="vf0", host=vf.bdf, bus="rp0",
                     **properties)
    guest.journal.wait("the guest sees its VF again", lambda: guest.seen_vfs())
    guest.journal.new_work()
    guest.ask("run insmod /modules/hacc_guest.ko", "ran insmod /modules/hacc_guest.ko: 0")
    guest.check_moved_on()


@test("with guest_view=v3 a guest of V3 moves to V4 and back", "vm-more")
def moves_to_v4_and_back(host):
    host.use_driver(OURS, "guest_view=v3")
    guest = at_work(host, ("zip", "v3"))
    for version in ("v4", "v3"):
        check_move(host, guest, pfs=[host.pf("zip", version)])
        check_equal(guest.seen_vfs(), [(DEVICE["zip"], REVISION["v3"], BAR2["v3"])],
                    f"the guest's view in {version}")


@test("with guest_view=v3 a guest of V4 sees a V3, and moves to one", "vm-more")
def starts_as_v3(host):
    host.use_driver(OURS, "guest_view=v3")
    guest = at_work(host, ("zip", "v4"))
    check_equal(guest.seen_vfs(), [(DEVICE["zip"], REVISION["v3"], BAR2["v3"])],
                "the guest's view of V4")
    check_move(host, guest, pfs=[host.pf("zip", "v3")])
