# SPDX-License-Identifier: GPL-2.0-only
"""What a guest has told of its work, over the consoles of all QEMUs that it
has been in. Its lines are numbered, and so are the jobs of each lane: what is
lost, done twice or out of turn shows."""

import re
import time

from tap import Failure, check

JOBS_S = 180

_LINE = re.compile(r"hacc-guest: (.*)")
_JOB = re.compile(r"(\d+) ([a-z]+\d+) (\d+) (ok|WRONG .*)")
_TROUBLE = re.compile(r"TWICE|LOST|REFUSED|WRONG|Call trace:|BUG:|Oops|Unable to handle"
                      r"|Kernel panic|WARNING:|hisi_(?:qm|zip|sec2).*(?:fail|error|timeout)"
                      r"|messages dropped")


class Journal:
    def __init__(self, lanes):
        self.lanes = lanes
        self.partial = ""
        self.trouble = None
        self.reboots = 0        # that are to come
        self.lost = False       # its accelerator, until it boots anew: it may complain
        self._boot()

    def _boot(self):
        self.says = []          # what the guest said of other things than jobs
        self.new_work()

    def new_work(self):
        """The guest's module is loaded anew: its numbers start again."""
        self.jobs = []          # (lane, tag), in the order in which they ended
        self.next_tag = {}

    def pack(self):
        """All of it, to be sent to where the guest has gone."""
        return {"lanes": self.lanes, "partial": self.partial, "jobs": self.jobs,
                "says": self.says, "next_tag": self.next_tag}

    def unpack(self, packed):
        """Go on where the guest has come from."""
        for name, value in packed.items():
            setattr(self, name, value)

    def follow(self, path):
        """The guest goes on in a QEMU that writes its console to this file. A
        line that was begun elsewhere goes on there, too."""
        self.file = open(path, "rb")

    def read(self):
        """Take in what is new, and complain about what should not be."""
        text = self.partial + self.file.read().decode(errors="replace")
        *lines, self.partial = text.split("\n")
        for line in lines:
            self._line(line.rstrip("\r"))
        check(not self.trouble, self.trouble)

    def _line(self, line):
        if _TROUBLE.search(line):
            self._complain(f"the guest's console says: {line}")
        match = _LINE.search(line)
        if not match:
            return
        if match[1] == "booted" and self.says:
            self.lost = False
            self.reboots -= 1
            if self.reboots < 0:
                self._complain("the guest has booted anew")
            self._boot()
        job = _JOB.fullmatch(match[1])
        if not job:
            self.says.append(match[1])
            return
        number, lane, tag = int(job[1]), job[2], int(job[3])
        if number != len(self.jobs):
            self._complain(f"report {number} of the guest follows {len(self.jobs) - 1}: {line}")
        if tag != self.next_tag.get(lane, 0):
            self._complain(f"{lane} has done job {tag} after {self.next_tag.get(lane, 0) - 1}")
        self.next_tag[lane] = tag + 1
        self.jobs.append((lane, tag))

    def _complain(self, text):
        if self.lost:
            return
        self.trouble = self.trouble or text

    def wait(self, what, condition, seconds=JOBS_S):
        """Read until condition() gives something, and return that."""
        deadline = time.monotonic() + seconds
        while True:
            self.read()
            found = condition()
            if found:
                return found
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not in {seconds} s; {len(self.jobs)} jobs were done")
            time.sleep(0.05)

    def wait_said(self, pattern, since=0, seconds=JOBS_S):
        """Wait until the guest says this; returns the match."""
        def said():
            for text in self.says[since:]:
                match = re.match(pattern, text)
                if match:
                    return match
            return None
        return self.wait(f"the guest does not say '{pattern}'", said, seconds)

    def wait_jobs(self, more, seconds=JOBS_S):
        """Wait until each lane has done so many more jobs."""
        self.read()
        goal = {lane: tag + more for lane, tag in self.next_tag.items()}
        self.wait(f"{more} more jobs of each of {self.lanes} lanes",
                  lambda: len(self.next_tag) == self.lanes and
                  all(tag >= goal.get(lane, more)
                      for lane, tag in self.next_tag.items()), seconds)
