# SPDX-License-Identifier: GPL-2.0-only
"""Guests at work move."""

from host import LONG_JOB_US
from tap import check, check_equal, note, test
from vm import at_work

# The arcs of one migration, as QEMU asks for them.
SOURCE = ["RUNNING -> PRE_COPY", "PRE_COPY -> PRE_COPY_P2P",
          "PRE_COPY_P2P -> STOP_COPY", "STOP_COPY -> STOP"]
DESTINATION = ["RUNNING -> RUNNING_P2P", "RUNNING_P2P -> STOP", "STOP -> RESUMING",
               "RESUMING -> STOP", "STOP -> RUNNING_P2P", "RUNNING_P2P -> RUNNING"]
RECORD = 176            # bytes
RECORD_NOT_READY = 40   # of a VF that the guest has no driver for

BAR2 = {"v3": 32 << 10, "v4": 64 << 10}
REVISION = {"v3": "0x30", "v4": "0x50"}
DEVICE = {"zip": "0xa251", "sec": "0xa256"}

# Of PFs with so few queues that a guest's lanes need all of its VFs.
FOUR = [("zip", "v3", 1), ("zip", "v3", 1), ("sec", "v3", 1), ("sec", "v3", 1)]


def check_arcs(host, vf, wanted):
    arcs = host.arcs(vf)
    check_equal([f"{a} -> {b}" for a, b, _, _ in arcs], wanted, f"arcs of {vf}")
    check(not any(ret for _, _, ret, _ in arcs), f"an arc of {vf} failed: {arcs}")


def check_records(host, sources, destinations, size=RECORD):
    for vf in sources:
        check_equal(host.records(vf), [("saved", size, 0)], f"records of {vf}")
    for vf in destinations:
        check_equal(host.records(vf), [("loaded", size, 0)], f"records of {vf}")


def check_move(host, guest, **options):
    """Move the guest, and see all of it be in order."""
    destination = guest.destination(**options)
    sources = guest.vfs
    host.clear_trace()
    for vf in destination.vfs:
        check_equal(host.oracle.in_flight(vf), 0, f"jobs in flight in {vf}")
    guest.send(destination)
    info = guest.arrived(destination)
    for vf in sources:
        check_arcs(host, vf, SOURCE)
    for vf in destination.vfs:
        check_arcs(host, vf, DESTINATION)
    check_records(host, sources, destination.vfs)
    # Over channels QEMU's own headers and its state of the PCI functions are among them.
    sent, records = info["vfio"]["transferred"], RECORD * len(sources)
    over_channels = guest.vm.channels and "multifd-transfer=off" not in guest.vm.vfio
    check(sent > records if over_channels else sent == records,
          f"{sent} bytes of device state, where the records are {records}")
    guest.check_moved_on()
    note(f"downtime {info['downtime']} ms; {info['ram']['transferred'] >> 10} KiB of memory sent")
    return info


for version in ("v3", "v4"):
    @test(f"a guest at work moves from {version.upper()} to {version.upper()}", "vm")
    def moves(host, version=version):
        guest = at_work(host, ("zip", version))
        check_equal(guest.seen_vfs(), [(DEVICE["zip"], REVISION[version], BAR2[version])],
                    "the guest's view of its VF")
        check_move(host, guest)


@test("a paused VF does nothing, and what it had in flight ends in the destination", "vm")
def paused_is_still(host):
    guest = at_work(host, ("zip", "v4"))
    destination = guest.destination()
    guest.vm.capabilities("pause-before-switchover")
    source, = guest.vfs
    # Jobs of a second, of which each lane has more than one waiting: were the VF
    # not paused, one of them would begin or end while we look.
    before = host.oracle.set_job_time(source, LONG_JOB_US)
    guest.send(destination)
    guest.vm.wait_migration("pre-switchover")
    host.check_still(source, 2 * LONG_JOB_US / 1e6)
    check_equal(host.oracle.in_flight(source), 0, "jobs in flight in the paused VF")
    host.oracle.set_job_time(source, before)
    guest.vm.command("migrate-continue", state="pre-switchover")
    guest.arrived(destination)
    guest.check_moved_on()


@test("two VFs of ZIP in one guest move together", "vm-more")
def two_vfs_move(host):
    # VFs of few queues: the guest's driver fills one before it takes the next.
    guest = at_work(host, ("zip", "v3", 1), ("zip", "v3", 1))
    check_move(host, guest)


@test("four VFs in one guest, of ZIP and SEC, move together", "vm-more")
def four_vfs_move(host):
    check_move(host, at_work(host, *FOUR, memory=512))


@test("ZIP and SEC in one guest move together", "vm")
def two_engines_move(host):
    guest = at_work(host, ("zip", "v3"), ("sec", "v3"), memory=384)
    check_move(host, guest)


@test("a guest without a driver for its VF sends 40 bytes", "vm-more")
def moves_without_driver(host):
    guest = at_work(host, ("zip", "v3"), work="zip=0")
    destination = guest.destination()
    source, = guest.vfs
    guest.send(destination)
    guest.arrived(destination)
    check_records(host, [source], destination.vfs, RECORD_NOT_READY)
    guest.ask("vfs", "that is all")


@test("a guest at work moves ten times", "vm-more")
def moves_ten_times(host):
    guest = at_work(host, ("zip", "v3"))
    for _ in range(10):
        guest.move()
        guest.wait_jobs(1)
    guest.check_moved_on()
