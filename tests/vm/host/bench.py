# SPDX-License-Identifier: GPL-2.0-only
"""What a guest's downtime is made of: by QEMU's own trace, and by the driver's. A
line of data for each move, which tests/bench/downtime.py makes a table of."""

import json
import re

from host import OURS, THEIRS
from test_move import DESTINATION, SOURCE
from vm import TRACKED, UNTRACKED, Guest

MOVES = 3
# VFs of two engines and of PFs with many queues and with few.
PFS = (("zip", "v3", 0), ("sec", "v3", 0), ("zip", "v3", 1), ("sec", "v3", 1))
EVENTS = ("vmstate_downtime_checkpoint", "vmstate_downtime_save")

# (driver, MiB of the guest, VFs, tracked). The in-tree driver can't have two VFs in one.
CASES = [(driver, memory, 1, tracked) for memory in (256, 512, 1024)
         for tracked in (True, False) for driver in ("ours", "in-tree")]
CASES += [("ours", 512, vfs, tracked) for vfs in (2, 4, 8) for tracked in (True, False)]

# From the pause to where the guest runs on
BLACKOUT = {*SOURCE[1:3], *DESTINATION[3:]}

_EVENT = re.compile(r"@(\d+\.\d+):(vmstate_downtime_\w+) (.*)")
_SAVED = re.compile(r"type=(\S+) idstr=(\S+) .*downtime=(\d+)")


def events(vm):
    """What QEMU's trace has: (seconds, event, text)."""
    with open(vm.base + ".trace", encoding="utf-8", errors="replace") as file:
        return [(float(m[1]), m[2], m[3].strip()) for m in _EVENT.finditer(file.read())]


def split(source, destination):
    """The downtime in us, by what it went to."""
    at = {text: seconds for seconds, event, text in events(source) + events(destination)
          if event == EVENTS[0]}
    saved = [_SAVED.search(text).groups() for _, event, text in events(source)
             if event == EVENTS[1]]
    memory = sum(int(us) for _, name, us in saved if name == "ram")
    state = sum(int(us) for kind, name, us in saved if kind == "iterable" and "vfio" in name)
    start, stopped, all_saved, running = (at[name] for name in (
        "src-downtime-start", "src-vm-stopped", "src-non-iterable-saved",
        "dst-precopy-bh-vm-started"))
    return {"total": round((running - start) * 1e6), "stop": round((stopped - start) * 1e6),
            "ram": memory, "state": state,
            "other": round((all_saved - stopped) * 1e6) - memory - state,
            "load": round((running - all_saved) * 1e6)}


def measure(host, driver, memory, vfs, tracked):
    host.use_driver(OURS if driver == "ours" else THEIRS)
    pfs = [host.pf(*PFS[i % len(PFS)]) for i in range(vfs)]
    work = "zip=1 sec=1" if vfs > 1 else "zip=1"
    guest = Guest(host, pfs, work=f"{work} fill={memory // 4}", memory=memory, trace=EVENTS,
                  vfio=TRACKED if tracked else UNTRACKED)
    for _ in range(MOVES):
        guest.wait_jobs(1)
        source, destination = guest.vm, guest.destination()
        host.clear_trace()
        # One lane keeps a VF busy, whatever others there are.
        guest.send(destination, busy=guest.vfs[:1])
        info = guest.arrived(destination)
        arcs = {}   # in us; the in-tree driver does not tell
        for a, b, _, ns in (arc for vf in source.vfs + destination.vfs for arc in host.arcs(vf)):
            if f"{a} -> {b}" in BLACKOUT:
                arcs[f"{a} -> {b}"] = arcs.get(f"{a} -> {b}", 0) + ns / 1000
        row = {"driver": driver, "memory": memory, "vfs": vfs, "tracked": tracked,
               "downtime": info["downtime"], "sent": info["ram"]["transferred"], "bytes": info["ram"]["downtime-bytes"],
               "arcs": arcs, **split(source, destination)}
        print("# data", json.dumps(row), flush=True)
    guest.check_moved_on()
    guest.end()


def run(host):
    print("1..1", flush=True)
    for case in CASES:
        measure(host, *case)
    host.check_nothing_left()
    print("ok 1 - what downtime is made of was measured", flush=True)
    return 0
