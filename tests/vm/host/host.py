# SPDX-License-Identifier: GPL-2.0-only
"""The emulated host: modules, accelerators, traces, and what the accelerator
model has seen."""

import mmap
import os
import re
import subprocess
import time

from tap import Failure, check, check_equal, note

PCI = "/sys/bus/pci/devices"
TRACING = "/sys/kernel/tracing"
INTREE = "/modules/intree"
OURS = "/modules/hisi_acc_vfio_pci.ko"
THEIRS = INTREE + "/hisi-acc-vfio-pci.ko"
DRIVER = "hisi_acc_vfio_pci"

# VFs of each PF. They share its queues, and with those of a VF go a guest's
# memory and the time of its start.
VFS = 4

ENGINES = {0xa250: "zip", 0xa255: "sec", 0xa258: "hpre"}
VERSIONS = {0x30: "v3", 0x50: "v4", 0x51: "v5"}

_ARC = re.compile(r"\s(\d+\.\d+): hisi_acc_arc: (\S+) (\S+) -> (\S+) ret=(-?\d+) ns=(\d+)")
# A warning or worse, of the accelerators' drivers.
_COMPLAINT = re.compile(r"^<[0-4]>.*(?:hisi_|vfio)")
_RECORD = re.compile(r"hisi_acc_record: (\S+) (\S+) len=(\d+) ret=(-?\d+)")


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def load(path, *parameters):
    """Load the module in this file, and before it what it depends on."""
    with open(path, "rb") as file:
        depends = re.search(rb"\0depends=([^\0]*)", file.read())[1].decode()
    for name in filter(None, depends.split(",")):
        if not os.path.isdir("/sys/module/" + name.replace("-", "_")):
            load(f"{INTREE}/{name}.ko")
    if not os.path.isdir("/sys/module/" +
                         os.path.basename(path)[:-3].replace("-", "_")):
        subprocess.run(["insmod", path, *parameters], check=True)


class Function:
    """A PCI function of an accelerator."""

    def __init__(self, bdf):
        self.bdf = bdf
        self.path = f"{PCI}/{bdf}"
        _, bus, slot, function = re.split("[:.]", bdf)
        self.rid = int(bus, 16) << 8 | int(slot, 16) << 3 | int(function)

    def bind(self, driver):
        """To this driver, or to none."""
        if os.path.exists(self.path + "/driver"):
            write(self.path + "/driver/unbind", self.bdf)
        write(self.path + "/driver_override", driver or "\n")
        if driver:
            write("/sys/bus/pci/drivers_probe", self.bdf)
            check(os.path.exists(self.path + "/driver"),
                  f"{driver} does not take {self.bdf}")

    def __repr__(self):
        return self.bdf


class Pf(Function):
    def __init__(self, bdf):
        super().__init__(bdf)
        self.engine = ENGINES[int(read(self.path + "/device"), 16)]
        self.version = VERSIONS[int(read(self.path + "/revision"), 16)]
        self.vfs = []

    def make_vfs(self, count):
        write(self.path + "/sriov_drivers_autoprobe", "0")
        write(self.path + "/sriov_numvfs", "0")
        write(self.path + "/sriov_numvfs", str(count))
        self.vfs = [Function(os.path.basename(os.readlink(f"{self.path}/virtfn{i}")))
                    for i in range(count)]


LONG_JOB_US = 1000000   # against the 30000 of scripts/machines.sh


class Oracle:
    """The side channel to the accelerator model; tests/qemu/oracle/kunpeng_oracle.h
    has its registers."""

    # Kinds of violations
    OUT_OF_WINDOW = 0
    DMA_UNSET = 5
    BAD_DOORBELL = 10
    BAD_CONTEXT = 11

    COUNTERS = ("reads", "writes", "mailbox", "doorbells", "write-backs", "dma reads",
                "dma writes", "msi", "started", "done", "resets", "dma errors")

    def __init__(self):
        for bdf in os.listdir(PCI):
            if read(f"{PCI}/{bdf}/vendor") == "0x1234" and \
                    read(f"{PCI}/{bdf}/device") == "0xacc0":
                break
        else:
            raise Failure("there is no accelerator model to ask")
        write(f"{PCI}/{bdf}/enable", "1")
        with open(f"{PCI}/{bdf}/resource0", "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0x10000)
        self.words = memoryview(self.map).cast("I")

    def counts(self, function):
        """What this function has done so far, by the names above."""
        self.words[0x004 // 4] = function.rid
        self.words[0x014 // 4] = 0xffffffff
        return {name: self.words[(0x040 + i * 8) // 4]
                for i, name in enumerate(self.COUNTERS)}

    def in_flight(self, function):
        self.words[0x004 // 4] = function.rid
        return self.words[0x304 // 4]

    def set_job_time(self, function, us):
        """For all functions of this device, from the next job on; returns what it
        was."""
        self.words[0x004 // 4] = function.rid
        before = self.words[0x310 // 4]
        self.words[0x310 // 4] = us
        return before

    def violations(self):
        return self.words[0x100 // 4]

    def expect(self, *kinds):
        """Violations of these kinds are no surprise from now on."""
        self.expected = set(kinds)
        self.words[0x108 // 4] = sum(1 << kind for kind in self.expected)


class Host:
    def __init__(self):
        self.vms = []           # QEMUs that run
        self.guest = None       # one that tests may go on with
        self.driver = None
        self.parameters = ()
        self.tracks = "hacc.tracking" in read("/proc/cmdline")
        for module in ("vfio_iommu_type1", "vfio-pci", "hisi_zip", "hisi_sec2"):
            load(f"{INTREE}/{module}.ko")
        self.oracle = Oracle()
        self.pfs = [Pf(bdf) for bdf in sorted(os.listdir(PCI))
                    if read(f"{PCI}/{bdf}/vendor") == "0x19e5"]
        for pf in self.pfs:
            pf.make_vfs(VFS)
        self.use_driver(OURS)

    def use_driver(self, path, *parameters):
        """Bind all VFs to the migration driver in this file."""
        if (path, parameters) == (self.driver, self.parameters):
            return
        if self.guest:
            self.guest.end()
        for vf in self.all_vfs():
            vf.bind(None)
        if os.path.isdir(f"/sys/module/{DRIVER}"):
            subprocess.run(["rmmod", DRIVER], check=True)
        load(path, *parameters)
        for vf in self.all_vfs():
            vf.bind(DRIVER)
        self.driver, self.parameters = path, parameters
        # The in-tree driver rings its doorbells in the next VF's window.
        self.oracle.expect(*[Oracle.OUT_OF_WINDOW] if path == THEIRS else [])
        events = f"{TRACING}/events/{DRIVER}/enable"
        if os.path.exists(events):
            write(events, "1")

    def pf(self, engine, version, nth=0):
        found = [pf for pf in self.pfs if (pf.engine, pf.version) == (engine, version)]
        return found[nth]

    def all_vfs(self):
        return [vf for pf in self.pfs for vf in pf.vfs]

    def before(self):
        self.use_driver(OURS)
        self.clear_trace()
        self.log_mark = len(self.log())
        self.log_expected = set()
        self.violations = self.oracle.violations()
        self.oracle.expect()

    def after(self):
        """What holds at the end of any test."""
        if self.guest:
            self.guest.journal.read()
        for vm in self.vms:
            vm.check_stderr()
        check_equal(self.oracle.violations() - self.violations, 0,
                    "violations that the accelerator saw")
        for line in self.log()[self.log_mark:]:
            check(line in self.log_expected or not _COMPLAINT.search(line),
                  f"the host's log: {line}")

    def explain(self):
        """What there is to say when a test has failed."""
        for vm in self.vms:
            vm.explain()
        note("last lines of the host's log:")
        note("\n".join(self.log()[-8:]))

    def clean_up(self):
        for vm in list(self.vms):
            vm.kill()
        self.guest = None

    def check_nothing_left(self):
        """After the last guest nobody has a VF open, no VF has a job, and the
        driver can go."""
        if self.guest:
            self.guest.end()
        check_equal(self.vms, [], "QEMUs that still run")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                links = [os.readlink(f"/proc/{pid}/fd/{fd}")
                         for fd in os.listdir(f"/proc/{pid}/fd")]
            except OSError:
                continue
            bad = [link for link in links if "vfio" in link or "kvm-vm" in link]
            check(not bad, f"process {pid} still has {bad}")
        check_equal(read(f"/sys/module/{DRIVER}/refcnt"), "0",
                    f"references to {DRIVER}")
        for vf in self.all_vfs():
            check_equal(self.oracle.in_flight(vf), 0, f"jobs in flight in {vf}")
            vf.bind(None)
        subprocess.run(["rmmod", DRIVER], check=True)
        self.driver = None

    # The kernel's log

    def log(self):
        return subprocess.run(["dmesg", "-r"], capture_output=True, check=True,
                              text=True).stdout.splitlines()

    def log_says(self, *words):
        """Since the test began there is a line with all these words."""
        for line in self.log()[self.log_mark:]:
            if all(word in line for word in words):
                self.log_expected.add(line)
                return
        raise Failure(f"the host's log does not say {', '.join(words)}")

    def expect_log(self, *words):
        """Lines since the test began that have one of these words are no surprise."""
        for line in self.log()[self.log_mark:]:
            if any(word in line for word in words):
                self.log_expected.add(line)

    # Traces of our driver

    def clear_trace(self):
        write(f"{TRACING}/trace", "")

    def arcs(self, vf):
        """The arcs of a VF since the trace was cleared: (from, to, result, ns)."""
        return [(m[3], m[4], int(m[5]), int(m[6]))
                for m in _ARC.finditer(read(f"{TRACING}/trace")) if m[2] == vf.bdf]

    def records(self, vf):
        """Records saved or loaded: (what, bytes, result)."""
        return [(m[2], int(m[3]), int(m[4]))
                for m in _RECORD.finditer(read(f"{TRACING}/trace")) if m[1] == vf.bdf]

    def check_still(self, vf, seconds):
        """The VF does nothing: no job, no DMA, no interrupt."""
        busy = ("dma reads", "dma writes", "msi", "started", "done")
        before = self.oracle.counts(vf)
        time.sleep(seconds)
        after = self.oracle.counts(vf)
        for name in busy:
            check_equal(after[name], before[name], f"{name} of {vf}, which is paused")
