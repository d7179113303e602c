#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a guest's downtime is made of: a table and a chart of the run vm-bench.

usage: downtime.py OUT-DIR RUN-DIR

RUN-DIR has what scripts/run-vm.sh leaves: "output" with lines "# data {...}",
one for each move (tests/vm/host/bench.py).
"""
import json
import os
import statistics
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

OURS, THEIRS = "ours", "in-tree"
# What the downtime goes to, one after the other, with the colours of the bars
PARTS = {
    "stop": ("CPUs and VFs stop", "#8c8c8c"),
    "ram": ("memory is sent again", "#b3430f"),
    "state": ("state of the VFs is sent", "#00539b"),
    "other": ("state of other devices is sent", "#c9c9c9"),
    "load": ("the destination loads it and starts", "#f0a35e"),
}


def load(path):
    """The moves of each case: (driver, MiB, VFs, tracked) -> rows."""
    cases = {}
    with open(os.path.join(path, "output"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# data "):
                row = json.loads(line[7:])
                row["driver_us"] = sum(row["arcs"].values())
                key = row["driver"], row["memory"], row["vfs"], row["tracked"]
                cases.setdefault(key, []).append(row)
    return cases


def middle(rows):
    """The move in the middle, by its downtime."""
    return sorted(rows, key=lambda row: row["total"])[len(rows) // 2]


def name(case):
    driver, memory, vfs, tracked = case
    return f"{memory} MiB, {vfs} VF{'s' if vfs > 1 else ''}, " \
           f"{'tracked' if tracked else 'not tracked'}, {driver}"


def table(cases, out):
    out.write("Downtime of a guest at work, a quarter of whose memory is full: the move in the\n"
              "middle of three, in ms; MB sent in it; the driver's arcs in it\n\n")
    out.write(f"{'':38}{'all':>8}" + "".join(f"{part:>8}" for part in PARTS) +
              f"{'MB':>8}{'driver':>8}{'share':>8}\n")
    for case, rows in cases.items():
        row = middle(rows)
        out.write(f"{name(case):38}{row['total'] / 1000:8.0f}" +
                  "".join(f"{row[part] / 1000:8.1f}" for part in PARTS) +
                  f"{row['bytes'] / 1e6:8.1f}")
        if case[0] == OURS:
            out.write(f"{row['driver_us'] / 1000:8.1f}"
                      f"{100 * row['driver_us'] / row['total']:7.1f}%")
        out.write("\n")

    def total(*case):
        return statistics.median(row["total"] for row in cases[case])

    def arcs(*case):
        return statistics.median(row["driver_us"] for row in cases[case])

    out.write("\nRatios of the medians\n\n")
    def ratio(what, value):
        out.write(f"{what:50}{value:8.2f}\n")

    for memory in sorted({case[1] for case in cases}):
        for driver in (OURS, THEIRS):
            ratio(f"tracked to not tracked, {memory} MiB, {driver}",
                  total(driver, memory, 1, True) / total(driver, memory, 1, False))
        for tracked in (True, False):
            ratio(f"ours to in-tree, {memory} MiB, {'tracked' if tracked else 'not tracked'}",
                  total(OURS, memory, 1, tracked) / total(THEIRS, memory, 1, tracked))
    most = max(case[2] for case in cases)
    memory = next(case[1] for case in cases if case[2] == most)
    for tracked in (True, False):
        for what, value in (("downtime", total), ("driver's arcs", arcs)):
            ratio(f"{most} VFs to one, {what}, {'tracked' if tracked else 'not tracked'}",
                  value(OURS, memory, most, tracked) / value(OURS, memory, 1, tracked))


def chart(cases, path):
    shown = [case for case in cases if case[0] == OURS]
    figure, axes = plt.subplots(figsize=(9, 0.42 * len(shown) + 1.6))
    for place, case in enumerate(shown):
        row, left = middle(cases[case]), 0
        for part, (label, colour) in PARTS.items():
            axes.barh(place, row[part] / 1000, left=left, color=colour,
                      label=label if place == 0 else None)
            left += row[part] / 1000
        axes.text(left, place, f" {left:.0f} ms", va="center", fontsize=8)
    axes.set_yticks(range(len(shown)), [name(case).rsplit(",", 1)[0] for case in shown], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("ms in which the guest stands still, emulated host; less is better")
    axes.set_title("What the downtime of a guest goes to", fontsize=10)
    axes.legend(fontsize=8, loc="upper right")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    out, path = sys.argv[1:]
    cases = load(path)
    with open(os.path.join(out, "downtime.txt"), "w", encoding="utf-8") as file:
        table(cases, file)
    with open(os.path.join(out, "downtime.txt"), encoding="utf-8") as file:
        print(file.read())
    chart(cases, os.path.join(out, "downtime.svg"))


matplotlib.rcParams["svg.hashsalt"] = "hisi_acc_vfio_pci"
main()
