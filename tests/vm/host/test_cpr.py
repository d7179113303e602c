# SPDX-License-Identifier: GPL-2.0-only
"""QEMU is replaced by a new one under a guest at work, which keeps its VFs: QEMU's
cpr-transfer. The new QEMU gets the old one's descriptors of memory and VFs. No
driver saves or loads a record, and no VF is reset."""

import json
import os
import time

from host import OURS, THEIRS
from qmp import Gone
from tap import Failure, check, check_equal, note, test
from vm import MEMORY_MB, UNTRACKED, at_work

# QEMU can do one or the other: see fails().
OFF = "enable-migration=off,rombar=0"
LISTEN_S = 60


def options(vfio):
    """A guest whose memory another QEMU can take over."""
    return {
        "vfio": vfio,
        "machine": ",memory-backend=ram0,aux-ram-share=on",
        "options": ("-object", f"memory-backend-memfd,id=ram0,size={MEMORY_MB}M,share=on"),
    }


def channel(kind, path):
    return {"channel-type": kind,
            "addr": {"transport": "socket", "type": "unix", "path": path}}


def replace(guest):
    """Have another QEMU take over the guest."""
    old = guest.vm
    path = f"{old.base}.cpr"
    new = guest.destination(vfs=guest.vfs, incoming=(
        f"unix:{path}.main", json.dumps(channel("cpr", path))))
    # It says nothing before it has heard of the old one.
    deadline = time.monotonic() + LISTEN_S
    while not os.path.exists(path):
        check(new.alive(), f"{new.name} does not start: {new.stderr()}")
        if time.monotonic() > deadline:
            raise Failure(f"{new.name} does not listen after {LISTEN_S} s")
        time.sleep(0.02)
    old.capabilities("return-path", "switchover-ack", state=False)
    old.command("migrate-set-parameters", mode="cpr-transfer")
    guest.wait_in_flight()
    old.command("migrate", channels=[channel("main", f"{path}.main"), channel("cpr", path)])
    new.connect()
    info = old.wait_migration("completed")
    new.wait_status("running")
    note(f"downtime {info['downtime']} ms")
    guest.journal.read()
    old.quit()
    guest.goes_on_in(new)


def check_replaced(host, *kinds, vfio=OFF):
    guest = at_work(host, *kinds, **options(vfio))
    before = [host.oracle.counts(vf)["resets"] for vf in guest.vfs]
    for _ in range(2):
        replace(guest)
        guest.check_moved_on()
    for vf, resets in zip(guest.vfs, before):
        check_equal(host.oracle.counts(vf)["resets"], resets, f"resets of {vf}")
        check_equal(host.arcs(vf) + host.records(vf), [], f"arcs and records of {vf}")


for version in ("v3", "v4"):
    @test(f"QEMU is replaced under a guest at work on {version.upper()}, twice", "vm-newest")
    def replaced(host, version=version):
        check_replaced(host, ("zip", version))


@test("QEMU is replaced under a guest with two VFs, twice", "vm-newest")
def replaced_two(host):
    check_replaced(host, ("zip", "v3", 1), ("zip", "v3", 1))


@test("QEMU is replaced under a guest by iommufd, twice", "vm-newest")
def replaced_iommufd(host):
    check_replaced(host, ("zip", "v3"), vfio="iommufd=iommufd0," + OFF)


@test("QEMU is replaced under a guest of the in-tree driver, twice", "vm-newest")
def replaced_intree(host):
    host.use_driver(THEIRS)
    check_replaced(host, ("zip", "v3"))


def fails(host, driver, *said):
    """Both QEMUs use the one VF's migration state, each for its own: the old one
    can't save what the new one has taken from it."""
    host.use_driver(driver)
    guest = at_work(host, ("zip", "v3"), **options(UNTRACKED))
    old = guest.vm
    host.oracle.expect(*host.oracle.expected, host.oracle.BAD_DOORBELL, host.oracle.DMA_UNSET,
                       host.oracle.BAD_CONTEXT)
    try:
        replace(guest)
    except (Failure, Gone) as error:
        note(error)
    else:
        raise Failure("QEMU takes a guest over with migration switched on: docs/vm.md says no")
    check("Failed setting device state to STOP_COPY" in old.stderr(),
          f"it failed in another way: {old.stderr()}")
    host.log_says(*said)
    host.expect_log("migration stream refused", "has lost its work", "failed to recover the VF")
    host.clean_up()


@test("known failure of QEMU 11: it can't be replaced where it could migrate the VF", "vm-newest")
def migratable(host):
    fails(host, OURS, "has lost its work by a reset of the VF in RESUMING")


@test("and just so with the in-tree driver", "vm-newest")
def migratable_intree(host):
    fails(host, THEIRS, "failed to recover the VF")
