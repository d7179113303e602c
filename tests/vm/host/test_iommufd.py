# SPDX-License-Identifier: GPL-2.0-only
"""VFs behind iommufd instead of a container of type 1."""

from tap import test
from test_intree import check_hangs
from vm import VFIO, at_work

# BARs can't be mapped for DMA; these devices need no such thing.
BARS = r"IOMMU_IOAS_MAP failed|vfio_container_dma_map|PCI peer-to-peer transactions on BARs"


@test("known failure of QEMU 10.0: moved by iommufd without dirty tracking, jobs hang",
      "vm-more")
def iommufd_hangs(host):
    guest = at_work(host, ("zip", "v3"), vfio=VFIO + ",iommufd=fd0",
                    options=("-object", "iommufd,id=fd0"))
    guest.vm.expect(BARS)
    destination = guest.destination()
    destination.expect(BARS)
    # What the VF wrote before is not sent, its contexts among it: the guest's
    # driver rings for queues that the VF does not have.
    host.oracle.expect(host.oracle.BAD_CONTEXT)
    guest.send(destination)
    guest.arrived(destination)
    check_hangs(guest)
