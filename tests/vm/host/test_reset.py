# SPDX-License-Identifier: GPL-2.0-only
"""Somebody resets VF or PF under a virtual machine: QEMU lives, whatever it is at,
and a guest that boots anew works."""

import threading

from host import write
from tap import check, check_equal, test
from test_cancel import cancel, slow
from test_life import reboot
from vm import at_work

# QEMU answers an errno with a reset of its own, and goes on.
QEMU_SAYS = (r"failed setting state|[Ff]ailed to set device state|VFIO device reset"
             r"|Error setting|device state")


def at_work_and_lost(host):
    """A guest that is going to lose its accelerator's state. Its driver does not
    know, and goes on ringing."""
    guest = at_work(host, ("zip", "v3"))
    host.oracle.expect(host.oracle.DMA_UNSET, host.oracle.BAD_DOORBELL)
    guest.journal.lost = True
    return guest


class Resetter:
    """Resets a function by sysfs, again and again, until told to end."""

    def __init__(self, function):
        self.function = function
        self.count, self.end, self.error = 0, False, None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            while not self.end:
                write(self.function.path + "/reset", "1")
                self.count += 1
        except OSError as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.end = True
        self.thread.join()
        check_equal(self.error, None, f"resets of {self.function}")


def functions(guest):
    vf, = guest.vfs
    return {"VF": vf, "PF": next(pf for pf in guest.pfs if vf in pf.vfs)}


def check_recovers(host, guest):
    """What was lost is lost for the guest's driver, until it comes up anew."""
    host.expect_log("reset", "lost", "migration state", "wait", "queue", "msg", "stop", "FLR",
                    "get response from VF", "not ping PF", "not quiet")
    reboot(guest)
    guest.check_moved_on()


for what in ("VF", "PF"):
    @test(f"stop and cont beside resets of the {what}: QEMU lives", "vm-more")
    def stop_and_cont(host, what=what):
        guest = at_work_and_lost(host)
        guest.vm.expect(QEMU_SAYS)
        with Resetter(functions(guest)[what]) as resets:
            for _ in range(8):
                guest.vm.command("stop")
                guest.vm.command("cont")
                guest.vm.wait_status("running")
        check(resets.count, "nothing was reset")
        check_recovers(host, guest)

    @test(f"a reset of the {what} while the VM is stopped: QEMU lives, the log tells", "vm")
    def reset_in_stop(host, what=what):
        guest = at_work_and_lost(host)
        vf, = guest.vfs
        guest.wait_in_flight()
        guest.vm.command("stop")
        write(functions(guest)[what].path + "/reset", "1")
        guest.vm.command("cont")
        guest.vm.wait_status("running")
        if what == "VF":
            host.log_says(vf.bdf, "ZIP accelerator has lost its work by a reset of the VF in STOP")
        check_recovers(host, guest)

    @test(f"migrate and cancel beside resets of the {what}: QEMU lives", "vm-more")
    def migrate_and_cancel(host, what=what):
        guest = at_work_and_lost(host)
        guest.vm.expect(QEMU_SAYS)
        for _ in range(2):
            guest.journal.lost = True
            destination = slow(guest)
            with Resetter(functions(guest)[what]) as resets:
                while not resets.count:
                    guest.vm.status()
            cancel(guest, destination)
            check_recovers(host, guest)

    @test(f"a reset of the {what} with a whole record in RESUMING: QEMU lives, the log tells",
          "vm-more")
    def reset_in_resuming(host, what=what):
        guest = at_work_and_lost(host)
        destination = guest.destination(options=("-S",))
        vf, = destination.vfs
        guest.send(destination)
        guest.vm.wait_migration("completed")
        destination.wait_migration("completed")
        destination.expect(QEMU_SAYS)
        pf = next(pf for pf in guest.pfs if vf in pf.vfs)
        write((vf if what == "VF" else pf).path + "/reset", "1")
        destination.command("cont")
        destination.wait_status("running")
        host.log_says(vf.bdf, "its state is lost by a reset")
        guest.journal.read()
        guest.vm.quit()
        guest.goes_on_in(destination)
        check_recovers(host, guest)
