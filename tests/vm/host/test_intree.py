# SPDX-License-Identifier: GPL-2.0-only
"""The in-tree driver under the same stack: guests come from it and go to it, and
what it can't do, each shown as it is. Both drivers have one name, so that a
host has one at a time: guests go by way of a file."""

import time

from host import OURS, THEIRS
from tap import Failure, check, check_equal, test
from test_life import restore, save
from vm import DESTINATION_FAILED, DIR, SOURCE_FAILED, Vm, at_work

HANGS_S = 15    # a guest whose jobs have not gone on by then hangs


def check_hangs(guest):
    """No job of the guest ends any more."""
    guest.journal.read()
    time.sleep(2)       # for what was done and not yet reported
    guest.journal.read()
    before = len(guest.journal.jobs)
    time.sleep(HANGS_S)
    guest.journal.read()
    check_equal(len(guest.journal.jobs), before, "jobs done by a guest that should hang")
    guest.host.clean_up()


def change_driver(host, guest, path, version):
    """The guest is in a file: its host gets another driver."""
    host.guest = None
    host.use_driver(path)
    guest.pfs = [host.pf("zip", version)]


def goes_on(first, then, version):
    """A guest begins under one driver and goes on under the other."""
    def run(host):
        host.use_driver(first)
        guest = at_work(host, ("zip", version))
        save(guest, f"{DIR}/saved")
        change_driver(host, guest, then, version)
        restore(guest, f"{DIR}/saved")
        guest.check_moved_on()
        guest.end()
    return run


def moves(version):
    def run(host):
        host.use_driver(THEIRS)
        guest = at_work(host, ("zip", version))
        guest.move()
        guest.check_moved_on()
    return run


def two_vfs(version):
    def run(host):
        host.use_driver(THEIRS)
        try:
            Vm(host, host.pf("zip", version).vfs[:2])
        except Failure as failure:
            check("P2P" in str(failure), f"refused for another reason: {failure}")
            return
        raise Failure("QEMU takes two VFs of the in-tree driver")
    return run


def stop_and_cont(version):
    def run(host):
        host.use_driver(THEIRS)
        guest = at_work(host, ("zip", version))
        guest.wait_in_flight()
        guest.vm.command("stop")
        guest.vm.command("cont")
        check_hangs(guest)
    return run


def cancel_in_blackout(version):
    def run(host):
        host.use_driver(THEIRS)
        guest = at_work(host, ("zip", version))
        destination = guest.destination()
        destination.expect(DESTINATION_FAILED)
        guest.vm.capabilities("pause-before-switchover")
        guest.send(destination)
        guest.vm.wait_migration("pre-switchover")
        guest.vm.expect(SOURCE_FAILED)
        guest.vm.command("migrate_cancel")
        guest.vm.wait_status("running")
        check_hangs(guest)
    return run


# Only the newer kernel's drivers know of the select bit, and so of V4.
for suite, version in (("vm-intree", "v3"), ("vm-intree-7.3", "v4")):
    sort = version.upper()
    for sentence, run in (
            ("a guest of the in-tree driver goes on under ours", goes_on(THEIRS, OURS, version)),
            ("a guest of ours goes on under the in-tree driver", goes_on(OURS, THEIRS, version)),
            ("baseline: a guest moves under the in-tree driver", moves(version)),
            ("baseline: two VFs under the in-tree driver can't migrate", two_vfs(version)),
            ("baseline: after stop and cont under the in-tree driver jobs hang",
             stop_and_cont(version)),
            ("baseline: after a cancelled blackout under the in-tree driver jobs hang",
             cancel_in_blackout(version))):
        test(f"{sort}, {sentence}", suite)(run)
