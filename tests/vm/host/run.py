# SPDX-License-Identifier: GPL-2.0-only
"""run.py SUITE [WORDS]: the tests of a suite, or those with these words in
their sentence, in the emulated host."""

import importlib
import sys

import bench
import demo
import tap
from host import Host, read
from second import Server

for name in ("move", "cancel", "refuse", "life", "reset", "iommufd", "cpr", "multifd", "precopy", "intree", "libvirt", "two"):
    importlib.import_module("test_" + name)

host = Host()
if "hacc.role=second" in read("/proc/cmdline"):
    sys.exit(Server(host).serve())
if sys.argv[1] == "vm-demo":
    sys.exit(demo.run(host))
if sys.argv[1] == "vm-bench":
    sys.exit(bench.run(host))
sys.exit(tap.run(sys.argv[1], " ".join(sys.argv[2:]), host))
