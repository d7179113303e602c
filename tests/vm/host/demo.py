# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration: a guest at work moves from one QEMU to another. For people
to read; that it is true is seen to all the same."""

import subprocess

from tap import check_equal
from vm import QEMU, Guest

# Arcs while the guest stands still: at the source, and at the destination.
BLACKOUT = {("PRE_COPY", "PRE_COPY_P2P"), ("PRE_COPY_P2P", "STOP_COPY"),
            ("RESUMING", "STOP"), ("STOP", "RUNNING_P2P"), ("RUNNING_P2P", "RUNNING")}


def say(text=""):
    print(text, flush=True)


def show_arcs(title, arcs):
    say(f"\n  {title}")
    for start, end, _, ns in arcs:
        where = "guest stands still" if (start, end) in BLACKOUT else ""
        say(f"    {start + ' -> ' + end:28} {ns / 1000:9.0f} us   {where}")


def move(host, version):
    pf = host.pf("zip", version)
    guest = Guest(host, [pf])
    source, = guest.vfs
    guest.wait_jobs(5)
    say(f"\n{version.upper()}: a guest compresses, decompresses and checks on VF {source};"
        f" {len(guest.journal.jobs)} jobs so far")

    destination = guest.destination()
    host.clear_trace()
    guest.send(destination)
    info = guest.arrived(destination)
    before = len(guest.journal.jobs)
    guest.check_moved_on()
    done = guest.finish()

    say(f"  'migrate' with jobs in flight: it goes on at VF {guest.vfs[0]}, its first QEMU is gone")
    arcs = {vf: host.arcs(vf) for vf in (source, guest.vfs[0])}
    show_arcs(f"states of {source}, as QEMU asks for them", arcs[source])
    show_arcs(f"states of {guest.vfs[0]}", arcs[guest.vfs[0]])
    driver = sum(ns for some in arcs.values() for start, end, _, ns in some
                 if (start, end) in BLACKOUT)
    say(f"\n  QEMU's downtime: {info['downtime']} ms; of that the driver's arcs: "
        f"{driver / 1e6:.1f} ms, {driver / 1e4 / max(info['downtime'], 1):.2f} %")
    say(f"  memory sent: {info['ram']['transferred'] >> 20} MiB; device state: "
        f"{info['vfio']['transferred']} bytes")
    say(f"  jobs: {before} done before, {done - before} after; each once, in turn, and right")
    guest.vm.quit()


def run(host):
    version = subprocess.run([QEMU, "--version"], capture_output=True, text=True,
                             check=True).stdout.splitlines()[0]
    say(f"Emulated Kunpeng host with KVM; {version}")
    for sort in ("v3", "v4"):
        move(host, sort)
    host.check_nothing_left()
    check_equal(host.oracle.violations(), 0, "violations")
    say("\nviolations of the accelerator's rules: 0")
    return 0
