# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU 11 asks of a VF before it stops the guest."""

import re

from tap import check_equal, test
from test_move import check_move
from vm import at_work

EVENTS = ("vfio_migration_init", "vfio_query_precopy_size*", "qemu_savevm_query_pending")
MATCH_DATA = 40     # bytes that a VF has before the guest stops


def traced(vm, pattern):
    with open(vm.base + ".trace", encoding="utf-8", errors="replace") as file:
        return re.findall(pattern, file.read())


@test("QEMU asks by PRECOPY_INFOv2, and waits for the word of each VF", "vm-newest")
def precopy_info_v2(host):
    guest = at_work(host, ("zip", "v3"), ("sec", "v3"), work="zip=1 sec=1", trace=EVENTS)
    source, vfs = guest.vm, guest.vfs
    check_move(host, guest)
    for vf in vfs:
        check_equal(traced(source, rf"vfio_migration_init .*\({vf}\).* precopy_info_v2_used (\d)"),
                    ["1"], f"use of PRECOPY_INFOv2 for {vf}")
        sizes = traced(source, rf"vfio_query_precopy_size .*\({vf}\) init (\d+)")
        check_equal((sizes[0], sizes[-1]), (str(MATCH_DATA), "0"),
                    f"bytes that {vf} has to send before the guest may stop")
    pending = traced(source, r"total switchover ack pending=(\d+)")
    check_equal((pending[0], pending[-1]), (str(len(vfs)), "0"),
                "VFs that the destination has not taken yet")
