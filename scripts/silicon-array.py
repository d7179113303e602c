#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
silicon-array.py QEMU MODE: which answers the accelerators give in which run, a line a
run: "property=answer property=answer ...".

    pairs   each pair of answers of two questions at least once
    short   each answer at least once, in SHORT runs
    one     each answer that is not the default, with the defaults beside it
    all     each answer, without any run

The questions are QEMU's own word (-device kunpeng-acc,help): a property whose description
ends in ": answer/answer/..." is one. tests/silicon/struck names the answers that no chip
gives on which the kernel's drivers work; those are left out of pairs and short.
"""
import os
import re
import subprocess
import sys

SHORT = 4
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What a device is, or a set of answers, rather than one.
NO_QUESTION = {"engine", "version", "select", "silicon"}


def questions(qemu):
    """{property: [answers]}, the default first, as the device says."""
    text = subprocess.run([qemu, "-device", "kunpeng-acc,help"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*([a-z0-9-]+)=<.*: ([a-z0-9-]+(?:/[a-z0-9-]+)+)\s*(?:\(|$)", line)
        if match and match[1] not in NO_QUESTION:
            found[match[1]] = match[2].split("/")
    if not found:
        sys.exit("error: the emulated accelerator names no question")
    return found


def struck(found):
    """Answers that are left out; each has to be one."""
    names = set()
    with open(os.path.join(TOP, "tests/silicon/struck"), encoding="ascii") as file:
        for line in file:
            if not line.strip() or line.startswith("#"):
                continue
            name = line.split()[0]
            question, _, answer = name.partition("=")
            if answer not in found.get(question, []):
                sys.exit(f"error: tests/silicon/struck: there is no answer {name}")
            names.add(name)
    return names


def pairs(plausible):
    from allpairspy import AllPairs

    for row in AllPairs(list(plausible.values())):
        yield zip(plausible, row)


def short(plausible):
    longest = max(plausible, key=lambda question: len(plausible[question]))
    if len(plausible[longest]) > SHORT:
        sys.exit(f"error: {longest} has more than {SHORT} answers: more short runs are needed")
    for run in range(SHORT):
        yield [(question, answers[(run + at) % len(answers)])
               for at, (question, answers) in enumerate(plausible.items())]


def one(found):
    for question, answers in found.items():
        for answer in answers[1:]:
            yield [(question, answer)]


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in ("pairs", "short", "one", "all"):
        sys.exit(__doc__)
    found = questions(sys.argv[1])
    out = struck(found)
    plausible = {question: [a for a in answers if f"{question}={a}" not in out]
                 for question, answers in found.items()}
    rows = {"pairs": lambda: pairs(plausible), "short": lambda: short(plausible),
            "one": lambda: one(found),
            "all": lambda: ([(q, a)] for q, answers in found.items() for a in answers)}
    for row in rows[sys.argv[2]]():
        print(" ".join(f"{question}={answer}" for question, answer in row))


if __name__ == "__main__":
    main()
