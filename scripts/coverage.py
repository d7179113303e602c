#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py TREE DIR GCOV RUN...: add up what the runs in DIR/run have counted, print a
line for each file of the driver, write DIR/listing, and compare with TREE/tests/unrun.

Branches count where the driver's own words branch: a line that calls one of MACROS has
those of the kernel's macro as well, and is left out.
"""

import collections
import json
import os
import re
import subprocess
import sys

MACROS = re.compile(r"\b(pci_(err|warn|info|dbg|notice)\w*|dev_\w+|WARN\w*|lockdep_\w+|trace_\w+|"
                    r"might_sleep\w*|READ_ONCE|WRITE_ONCE|min\w*|max\w*|clamp\w*|"
                    r"list_for_each\w*|ARRAY_SIZE|mutex_\w+|spin_\w+|read\w_relaxed|write\w_relaxed|"
                    r"readl_poll\w+|kfree|cpu_to_le\w+|le\d+_to_cpu|container_of|"
                    r"copy_(to|from)_user|put_user|get_user|module_\w+|pci_resource_len|"
                    r"FIELD_\w+|[un]delay|test_bit|TRACE_EVENT)\b")

tree, directory, gcov = sys.argv[1:4]
runs = sys.argv[4:]


def counted(run):
    """What gcov makes of the counts of a run: file by file of the driver."""
    module = "kunit" if run == "kunit" else "module"
    top = f"{directory}/run/{run}/counts"
    for path, _, names in os.walk(top):
        for name in names:
            if not name.endswith(".gcda"):
                continue
            stem = os.path.relpath(os.path.join(path, name), top)[:-len(".gcda")]
            notes = f"/{stem}.gcno"
            if not os.path.exists(notes):
                sys.exit(f"{notes} is missing: {module} was built anew after the run")
            # gcov wants both in one place.
            link = os.path.join(path, name[:-len(".gcda")] + ".gcno")
            if not os.path.exists(link):
                os.symlink(notes, link)
            out = subprocess.run([gcov, "--json-format", "--stdout", "--branch-probabilities",
                                  os.path.join(path, name)],
                                 check=True, capture_output=True, text=True).stdout
            yield from json.loads(out)["files"]


def sources():
    """The driver's own files, by their name in the tree."""
    names = [n for n in os.listdir(tree) if n.endswith((".c", ".h"))]
    names += ["include/" + n for n in os.listdir(tree + "/include") if n.endswith(".h")]
    return sorted(names)


def name_of(path):
    for start in ("include/compat/", "tests/"):
        if f"/{start}" in path or path.startswith(start):
            return None
    base = os.path.basename(path)
    if "/include/" + base in path and os.path.exists(f"{tree}/include/{base}"):
        return "include/" + base
    return base


lines = collections.defaultdict(lambda: collections.defaultdict(int))
branches = collections.defaultdict(lambda: collections.defaultdict(list))
known = set(sources())
text = {name: open(f"{tree}/{name}", encoding="utf-8").read().splitlines() for name in known}
for run in runs:
    for file in counted(run):
        name = name_of(file["file"])
        if name not in known or "linux-" in file["file"]:
            continue
        for line in file["lines"]:
            number = line["line_number"]
            lines[name][number] += line["count"]
            if MACROS.search(text[name][number - 1]):
                continue
            taken = [b["count"] for b in line["branches"] if not b["throw"]]
            old = branches[name][number]
            # The same line in several units need not have the same branches.
            if len(old) < len(taken):
                old, taken = taken, old
            branches[name][number] = [c + (taken[i] if i < len(taken) else 0)
                                      for i, c in enumerate(old)]

reasons = {}
with open(f"{tree}/tests/unrun", encoding="utf-8") as file:
    for entry in file:
        entry = entry.rstrip("\n")
        if entry and not entry.startswith("#"):
            name, code, why = (part.strip() for part in entry.split(" | "))
            reasons[name, code] = why

os.makedirs(directory + "/listing", exist_ok=True)
unrun, listed = [], set()
total = [0, 0, 0, 0]
print(f"{'file':28} {'lines':>12} {'branches':>16}")
for name in sorted(lines):
    run = sum(1 for count in lines[name].values() if count)
    ways = [count for counts in branches[name].values() for count in counts]
    taken = sum(1 for count in ways if count)
    row = [run, len(lines[name]), taken, len(ways)]
    total = [a + b for a, b in zip(total, row)]
    print(f"{name:28} {row[0]:5} of {row[1]:4} {row[2]:8} of {row[3]:4}")
    with open(f"{directory}/listing/{name.replace('/', '-')}", "w", encoding="utf-8") as out:
        for number, code in enumerate(text[name], 1):
            count = lines[name].get(number)
            ways = branches[name].get(number, [])
            mark = "" if count is None else str(count) if count else "#####"
            missed = f" [{sum(1 for c in ways if not c)} of {len(ways)} branches not taken]" \
                if ways and not all(ways) else ""
            out.write(f"{mark:>10} {number:5} {code}{missed}\n")
    for number, count in sorted(lines[name].items()):
        code = text[name][number - 1].strip()
        if count:
            continue
        if (name, code) in reasons:
            listed.add((name, code))
        else:
            unrun.append((name, number, code))

print(f"{'all':28} {total[0]:5} of {total[1]:4} {total[2]:8} of {total[3]:4}")
print(f"lines {100 * total[0] / total[1]:.1f} %, branches {100 * total[2] / max(total[3], 1):.1f} %; "
      f"listings in {directory}/listing")
for name, number, code in unrun:
    print(f"{name}:{number}: not run, and not in tests/unrun: {code}")
stale = sorted(set(reasons) - listed)
for name, code in stale:
    print(f"tests/unrun: is run, or is no more: {name} | {code}")
sys.exit(bool(unrun or stale))
