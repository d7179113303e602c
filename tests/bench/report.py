#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the bench runs have measured: as a table, as JSON, as charts.

usage: report.py OUT-DIR DATA-FILE RUN-DIR...

A RUN-DIR is named after its run (bench-6.12, crowd-7.3) and has what
scripts/run-vm.sh leaves: "output" with lines "# data {...}", and "trace", the
accelerator model's trace, if there is one.
"""
import json
import os
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

OURS, THEIRS = "ours", "in-tree"
COLOURS = {
    (OURS, "6.12"): "#00539b", (OURS, "7.3"): "#5aa1e3",
    (THEIRS, "6.12"): "#b3430f", (THEIRS, "7.3"): "#f0a35e",
}
STEP = ("name", "blackout", "reads", "writes", "commands", "instructions", "ns",
        "start_ns")

# The mailbox is written 128 bits at a time; reading it so costs no barrier.
# Which accesses of the in-tree driver are relaxed is known from its source:
# polls (VF_STATE, VFT ready, write-back done, and on 6.12 the mailbox).
MAILBOX = 0x300
RELAXED_POLLS = {0x60, 0x208, 0x10006c}


def load(path):
    with open(os.path.join(path, "output"), encoding="utf-8") as lines:
        rows = [json.loads(line[7:]) for line in lines if line.startswith("# data ")]
    for row in rows:
        row["steps"] = [dict(zip(STEP, step)) for step in row.get("steps", [])]
    return rows


def blackout(row):
    total = dict.fromkeys(("reads", "writes", "commands", "instructions", "ns"), 0)
    for step in row["steps"]:
        if step["blackout"]:
            for key in total:
                total[key] += step[key]
    return total


def device_ns(row, reads):
    """What the device itself takes: five commands, a write-back, the reads."""
    return (5 * row["mailbox_us"] + row["write_back_us"]) * 1000 + \
        reads * row["read_ns"]


def trace_accesses(path, rows):
    """The accesses in each row's blackout, from the model's trace."""
    windows = sorted((step["start_ns"], step["start_ns"] + step["ns"], number)
                     for number, row in enumerate(rows) for step in row["steps"]
                     if step["blackout"])
    found = {}
    at = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            part = line.split()
            if len(part) != 6 or part[2] not in "rw":
                continue
            when = int(part[0])
            while at < len(windows) and windows[at][1] < when:
                at += 1
            if at == len(windows):
                break
            if windows[at][0] <= when:
                found.setdefault(windows[at][2], []).append(
                    (part[2], int(part[3], 16), int(part[4])))
    return found


def is_mailbox(access):
    return access[1] in (MAILBOX, MAILBOX + 8)


def count_barriers(driver, kernel, accesses):
    """Barriers that come with register accesses, by the drivers' accessors."""
    if driver == OURS:
        # One before each command, one after each answer that was waited for,
        # one before the doorbells.
        commands = sum(a[0] == "w" and a[1] == MAILBOX for a in accesses)
        polled = {0x28, 0x2c, 0x208, 0x100008, 0x3010ac}
        answers = sum(a[0] == "r" and (a[1] == MAILBOX or a[1] in polled)
                      for a in accesses)
        return commands + answers + any(a[1] == 0x1000 for a in accesses)
    barriers = 0
    for kind, offset, width in accesses:
        if kind == "w":
            barriers += not (offset == MAILBOX + 8 and width == 8)
        elif offset in RELAXED_POLLS:
            continue
        elif is_mailbox((kind, offset, width)) and width == 8:
            continue            # 7.3: ldp, no barrier
        else:
            barriers += 1
    return barriers


def widest(accesses):
    """Per register and direction, the widest access. 128 bits come as 2 * 64."""
    wide = {}
    for kind, offset, width in accesses:
        wide[kind, offset] = max(wide.get((kind, offset), 0), width)
    return wide


# The suites in which many VFs migrate at once.
CLOCKS = {"crowd": "two CPUs, wall clock", "onecpu": "one CPU, virtual clock"}


class Bench:
    def __init__(self, dirs):
        self.rows, self.crowd, self.accesses = {}, {}, {}
        for path in dirs:
            suite, kernel = os.path.basename(path.rstrip("/")).split("-", 1)
            rows = load(path)
            if suite in CLOCKS:
                self.crowd["%s, %s" % (kernel, CLOCKS[suite])] = rows
                continue
            self.rows[kernel] = rows
            trace = os.path.join(path, "trace")
            if os.path.exists(trace):
                found = trace_accesses(trace, rows)
                for number, accesses in found.items():
                    rows[number]["accesses"] = accesses

    def find(self, kernel, driver, version, what, **values):
        for row in self.rows[kernel]:
            if (row["driver"], row["version"], row["what"]) == (driver, version, what) \
                    and all(row[key] == value for key, value in values.items()):
                return row
        return None

    def points(self, version, what):
        """Points of a sweep: values, then per kernel and driver its blackout."""
        points = {}
        for kernel, rows in self.rows.items():
            for row in rows:
                if row["version"] == version and row["what"] == what:
                    key = (row["queue_pairs"], row["mailbox_us"], row["write_back_us"],
                           row["vft_us"], row["read_ns"])
                    points.setdefault(key, {})[kernel, row["driver"]] = row
        return points


def best_theirs(drivers, key):
    return min(blackout(row)[key] for (_, driver), row in drivers.items()
               if driver == THEIRS)


SWEEPS = ("usual", "sweep mailbox", "sweep write-back", "sweep VFT", "sweep all",
          "sweep queue pairs")


def place(key):
    return "%d queue pairs, mailbox %d us, write-back %d us, VFT %d us, read %d ns" % key


def alike(bench, version, note):
    """Time where both drivers are asked for the same states."""
    for what in SWEEPS:
        theirs = bench.points(version, what)
        for key, drivers in bench.points(version, what + ", same requests").items():
            for (kernel, _), row in drivers.items():
                note("time, same requests, to the better in-tree driver", version,
                     blackout(row)["ns"] / best_theirs(theirs[key], "ns"),
                     "%s: %s" % (kernel, place(key)))


def targets(bench):
    """Each target of the blackout, the worst point and where it is."""
    worst = {}

    def note(name, version, value, where):
        key = (name, version)
        if key not in worst or value > worst[key][0]:
            worst[key] = (value, where)

    for version in (3, 4):
        alike(bench, version, note)
        for what in SWEEPS:
            for key, drivers in bench.points(version, what).items():
                where = place(key)
                for (kernel, driver), row in drivers.items():
                    if driver != OURS:
                        continue
                    mine = blackout(row)
                    own = drivers.get((kernel, THEIRS))
                    at = "%s: %s" % (kernel, where)
                    reads = mine["reads"] / best_theirs(drivers, "reads")
                    time = mine["ns"] / best_theirs(drivers, "ns")
                    note("reads, to the better in-tree driver", version, reads, at)
                    if own:
                        note("reads, to the in-tree driver of the same kernel", version,
                             mine["reads"] / blackout(own)["reads"], at)
                    note("time, to the better in-tree driver", version, time, at)
                    if what == "usual":
                        note("reads with 5 us and 500 ns", version, reads, at)
                        note("time with 5 us and 500 ns", version, time, at)
                    if row["queue_pairs"] == 511:
                        note("us above the device's own, 511 queue pairs", version,
                             (mine["ns"] - device_ns(row, mine["reads"])) / 1000, at)
    return worst


def blackouts(bench, what, out):
    """A table of one blackout by kernel, version and driver."""
    print("%-7s %-3s %-8s %6s %7s %9s %13s %10s" % (
        "kernel", "QM", "driver", "reads", "writes", "barriers", "instructions", "time us"),
        file=out)
    for kernel in bench.rows:
        for version in (3, 4):
            for driver in (OURS, THEIRS):
                row = bench.find(kernel, driver, version, what)
                if not row:
                    continue
                sums = blackout(row)
                barriers = count_barriers(driver, kernel, row["accesses"]) \
                    if "accesses" in row else "-"
                print("%-7s V%-2d %-8s %6d %7d %9s %13d %10.1f" % (
                    kernel, version, driver, sums["reads"], sums["writes"], barriers,
                    sums["instructions"], sums["ns"] / 1000), file=out)


def chip(bench, out):
    """The same with the latencies of a chip's transcript, if one was given."""
    rows = [row for rows in bench.rows.values() for row in rows
            if row["what"] == "as the chip"]
    if rows:
        print("\nThe same with the latencies of the transcript: mailbox %d us, write-back"
              " %d us, MMIO read %d ns" % (rows[0]["mailbox_us"], rows[0]["write_back_us"],
                                           rows[0]["read_ns"]), file=out)
        blackouts(bench, "as the chip", out)


def table(bench, out):
    print("One blackout: pause to state read out, and RESUMING to RUNNING; 511 queue pairs,",
          "mailbox, write-back 5 us, MMIO read 500 ns", sep="\n", file=out)
    blackouts(bench, "usual", out)
    chip(bench, out)
    print("\nEach step, V3, 511 queue pairs, latencies as above", file=out)
    print("%-7s %-8s %-26s %6s %7s %13s %10s" % (
        "kernel", "driver", "step", "reads", "writes", "instructions", "time us"), file=out)
    for kernel in bench.rows:
        for what in ("usual", "without pre-copy"):
            for driver in (OURS, THEIRS):
                row = bench.find(kernel, driver, 3, what)
                for step in row["steps"] if row else ():
                    if step["name"] in ("open", "close") and what != "usual":
                        continue
                    print("%-7s %-8s %-26s %6d %7d %13d %10.1f" % (
                        kernel, driver, step["name"] + ("  *" if step["blackout"] else ""),
                        step["reads"], step["writes"], step["instructions"],
                        step["ns"] / 1000), file=out)
    print("(* blackout)\n\nThe worst point of all sweeps", file=out)
    for (name, version), (value, where) in sorted(targets(bench).items()):
        print("V%d  %-50s %6.2f  %s" % (version, name, value, where), file=out)
    for where, rows in bench.crowd.items():
        print("\n%s, ours to in-tree" % where, file=out)
        for name, ours, theirs in crowd_pairs(rows):
            print("%-30s %10.3f ms %10.3f ms %6.2f" % (
                name, ours / 1e6, theirs / 1e6, ours / theirs), file=out)
        for name, ours, theirs in crowd_bytes(rows):
            print("%-30s %10d B  %10d B" % (name, ours, theirs), file=out)
    widths(bench, out)


def widths(bench, out):
    """No access of ours is wider than the kernel's drivers' on that register."""
    theirs, wider = {}, []
    for rows in bench.rows.values():
        for row in rows:
            if row["driver"] == THEIRS and "accesses" in row:
                for key, width in widest(row["accesses"]).items():
                    theirs[key] = max(theirs.get(key, 0), width)
    for rows in bench.rows.values():
        for row in rows:
            if row["driver"] == OURS and "accesses" in row:
                for key, width in widest(row["accesses"]).items():
                    if key in theirs and width > theirs[key]:
                        wider.append(key)
    if theirs:
        print("\naccesses wider than the in-tree drivers' on that register: %s" % (
            ", ".join("%s 0x%x" % key for key in sorted(set(wider))) or "none"), file=out)


def crowd_best(rows, what, key, **values):
    found = {}
    for row in rows:
        if row["what"] == what and row["turn"] and \
                all(row[k] == v for k, v in values.items()):
            old = found.get(row["driver"])
            found[row["driver"]] = row[key] if old is None else min(old, row[key])
    return found


def crowd_pairs(rows):
    # On a CPU that is busy with something else as well, and in a crowd.
    for what, name in (("busy", "%d VF, busy CPU, %d us, %s"), ("crowd", "%d VFs, %d us, %s")):
        for vfs, latency in sorted({(row["vfs"], row["latency_us"])
                                    for row in rows if row["what"] == what}):
            for key in ("save_ns", "load_ns"):
                best = crowd_best(rows, what, key, vfs=vfs, latency_us=latency)
                yield name % (vfs, latency, key[:4]), best[OURS], best[THEIRS]
    for what in ("bind", "open", "close", "unbind"):
        best = crowd_best(rows, what, "ns")
        yield "63 VFs, one by one, %s" % what, best[OURS], best[THEIRS]


def crowd_bytes(rows):
    for what, name in (("bind", "memory of a VF, bound"), ("open", "more when open"),
                       ("in pre-copy", "more in migration")):
        best = crowd_best(rows, what, "bytes")
        yield name, best[OURS], best[THEIRS]


def chart_sweep(bench, out):
    """Blackout over the device's latency: time, and reads."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6))
    for axis, key, scale, label in ((axes[0], "ns", 1000, "blackout, us"),
                                    (axes[1], "reads", 1, "MMIO reads in it")):
        for kernel in bench.rows:
            for driver in (OURS, THEIRS):
                line = sorted((point[1], blackout(drivers[kernel, driver])[key] / scale)
                              for point, drivers in bench.points(3, "sweep mailbox").items()
                              if point[4] == 500 and (kernel, driver) in drivers)
                axis.plot(*zip(*line), "o-", color=COLOURS[driver, kernel], ms=4,
                          label="%s, %s" % (driver, kernel))
        axis.set_xscale("symlog", linthresh=1)
        axis.set_xticks([0, 1, 5, 20, 100], ["0", "1", "5", "20", "100"])
        axis.set_xlabel("time of a mailbox command, us")
        axis.set_title(label, loc="left", fontsize=10)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(os.path.join(out, "latency.svg"), metadata={"Date": None})
    plt.close(figure)


def chart_ratio(bench, out):
    """Ours to the better of the in-tree drivers, at every point swept."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, version in zip(axes, (3, 4)):
        for what, marker in (("sweep mailbox", "o"), ("sweep write-back", "s"),
                             ("sweep all", "^"), ("sweep queue pairs", "x")):
            xs, ys = [], []
            for drivers in bench.points(version, what).values():
                for (_, driver), row in drivers.items():
                    if driver == OURS:
                        mine = blackout(row)
                        xs.append(mine["reads"] / best_theirs(drivers, "reads"))
                        ys.append(mine["ns"] / best_theirs(drivers, "ns"))
            axis.plot(xs, ys, marker, color="#00539b", alpha=0.6, ms=5, label=what)
        axis.axhline(1, color="#b3430f", lw=1)
        axis.axvline(0.75, color="#b3430f", lw=1, ls="--")
        axis.set_title("V%d" % version, loc="left", fontsize=10)
        axis.set_xlabel("MMIO reads, ours to the better in-tree driver")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("time, likewise")
    axes[0].set_ylim(bottom=0)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(os.path.join(out, "ratio.svg"), metadata={"Date": None})
    plt.close(figure)


def chart_queues(bench, out):
    """Time above the device's own, over the number of queue pairs."""
    figure, axis = plt.subplots(figsize=(5.2, 3.6))
    for kernel in bench.rows:
        for driver in (OURS, THEIRS):
            line = []
            for point, drivers in bench.points(3, "sweep queue pairs").items():
                row = drivers.get((kernel, driver))
                if row and point[4] == 500:
                    sums = blackout(row)
                    line.append((point[0], (sums["ns"] - device_ns(row, sums["reads"])) / 1000))
            if line:
                axis.plot(*zip(*sorted(line)), "o-", color=COLOURS[driver, kernel], ms=4,
                          label="%s, %s" % (driver, kernel))
    axis.set_xscale("log", base=2)
    axis.set_xlabel("queue pairs of the VF")
    axis.set_title("blackout above the device's own latencies, us", loc="left", fontsize=10)
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(os.path.join(out, "queues.svg"), metadata={"Date": None})
    plt.close(figure)


def main():
    out, data_file, dirs = sys.argv[1], sys.argv[2], sys.argv[3:]
    plt.rcParams["svg.hashsalt"] = "bench"
    os.makedirs(out, exist_ok=True)
    bench = Bench(dirs)
    with open(os.path.join(out, "table.txt"), "w", encoding="utf-8") as text:
        table(bench, text)
    table(bench, sys.stdout)
    data = {"blackouts": {kernel: [
        {key: value for key, value in row.items() if key not in ("steps", "accesses")} |
        {"blackout": blackout(row)} for row in rows if row["steps"] and "version" in row]
        for kernel, rows in bench.rows.items()},
        "crowd": bench.crowd,
        "targets": {"V%d %s" % (version, name): {"worst": round(value, 3), "where": where}
                    for (name, version), (value, where) in sorted(targets(bench).items())}}
    for rows in data["crowd"].values():
        for row in rows:
            row.pop("steps", None)
    with open(data_file, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, sort_keys=True)
        file.write("\n")
    chart_sweep(bench, out)
    chart_ratio(bench, out)
    chart_queues(bench, out)


if __name__ == "__main__":
    main()
