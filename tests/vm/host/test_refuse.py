# SPDX-License-Identifier: GPL-2.0-only
"""Destinations that can't take a guest: they say so before it is paused, and it
goes on at the source."""

from tap import check, check_equal, test
from test_move import check_arcs
from vm import DESTINATION_FAILED, SOURCE_FAILED, at_work

# QEMU's own words for what write() to the migration file gave.
REFUSED = r"vfio|" + DESTINATION_FAILED


def check_refused(host, guest, pf, *reason):
    """Moving to a VF of this PF is refused in pre-copy; the host's log has the
    words of the reason."""
    sources = guest.vfs
    destination = guest.destination([pf])
    destination.expect(REFUSED)
    guest.vm.expect(SOURCE_FAILED)
    host.clear_trace()
    guest.send(destination)
    info = guest.vm.wait_migration("failed")
    destination.wait_end()
    guest.vm.wait_status("running")
    check(info.get("error-desc"), "the source gives no reason")
    check("Operation not supported" in destination.stderr(),
          f"the destination does not say why: {destination.stderr()}")
    host.log_says(destination.vfs[0].bdf, "refused", *reason)
    for vf in sources:
        check_arcs(host, vf, ["RUNNING -> PRE_COPY", "PRE_COPY -> RUNNING"])
    check_equal([w for w, _, _ in host.records(destination.vfs[0])], [], "records loaded")
    guest.check_moved_on()


@test("a destination with another number of queues refuses in pre-copy", "vm")
def refuses_other_queues(host):
    guest = at_work(host, ("zip", "v3"))
    check_refused(host, guest, host.pf("zip", "v3", 1), "queue pair number")


@test("a destination of another engine refuses in pre-copy", "vm-more")
def refuses_other_engine(host):
    guest = at_work(host, ("zip", "v3"))
    check_refused(host, guest, host.pf("sec", "v3"), "PCI device id")


@test("a V4 that shows all of BAR2 refuses a guest from V3 in pre-copy", "vm")
def refuses_other_bar2(host):
    guest = at_work(host, ("zip", "v3"))
    check_refused(host, guest, host.pf("zip", "v4"), "BAR2")
