# SPDX-License-Identifier: GPL-2.0-only
"""Several channels, over which memory goes and the state of VFs can, and files in
which each page has its place."""

from tap import test
from test_intree import check_hangs
from test_life import restore, save
from test_move import FOUR, check_move
from vm import DIR, TRACKED, UNTRACKED, at_work

CHANNELS = 4


# As libvirt has it: interrupts go by the bus that a port is told of.
BEHIND_PORTS = {"ports": True, "channels": CHANNELS}
RAM_ONLY = "x-migration-multifd-transfer=off"


@test("with multifd the state of a VF goes over its channels", "vm-newest")
def multifd(host):
    check_move(host, at_work(host, ("zip", "v4"), **BEHIND_PORTS))


@test("with multifd the state of four VFs goes over its channels", "vm-newest")
def multifd_four(host):
    check_move(host, at_work(host, *FOUR, memory=512, **BEHIND_PORTS))


def hangs(host, vfio):
    """QEMU loads the state of the VF, and with it where its interrupts go, before
    that of the port has told its bus."""
    guest = at_work(host, ("zip", "v3"), vfio=vfio, **BEHIND_PORTS)
    guest.move()
    check_hangs(guest)


@test("known failure of load-config-after-iter=off: interrupts are lost", "vm-newest")
def multifd_config_early(host):
    hangs(host, TRACKED + ",x-migration-load-config-after-iter=off")


@test("known failure of QEMU 10.0: with multifd interrupts are lost", "vm-lost")
def multifd_lost(host):
    hangs(host, UNTRACKED)


@test("with multifd for memory alone a guest moves", "vm-more")
def multifd_ram(host):
    check_move(host, at_work(host, ("zip", "v3"), vfio=f"{TRACKED},{RAM_ONLY}", **BEHIND_PORTS))


for channels in (0, CHANNELS):
    @test(f"with mapped-ram and {channels or 'no'} channels a guest is saved and restored",
          "vm-more")
    def mapped_ram(host, channels=channels):
        guest = at_work(host, ("zip", "v3"), channels=channels)
        save(guest, f"{DIR}/mapped", "mapped-ram")
        restore(guest, f"{DIR}/mapped", "mapped-ram")
        guest.check_moved_on()
        guest.end()
