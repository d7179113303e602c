# SPDX-License-Identifier: GPL-2.0-only
"""VFs behind iommufd, where pages that they have written to are not sent again:
migrations that "complete", and the guest's accelerator is dead."""

from tap import test
from test_intree import check_hangs
from vm import TRACKED, UNTRACKED, at_work


def moves_and_hangs(host, vfio):
    guest = at_work(host, ("zip", "v3"), vfio=vfio)
    destination = guest.destination()
    # What the VF wrote before is not sent, its contexts among it: the guest's
    # driver rings for queues that the VF does not have.
    host.oracle.expect(host.oracle.BAD_CONTEXT)
    guest.send(destination)
    guest.arrived(destination)
    check_hangs(guest)


@test("known failure of QEMU 10.0: moved by iommufd without dirty tracking, jobs hang",
      "vm-lost")
def no_tracking(host):
    moves_and_hangs(host, UNTRACKED + ",iommufd=iommufd0")


@test("known failure of Linux 6.12: moved by iommufd with dirty tracking, jobs hang",
      "vm-lost")
def kernel_loses(host):
    moves_and_hangs(host, TRACKED)
