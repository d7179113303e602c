# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU that runs a guest or waits for one, and the guest that moves from one
QEMU to the next."""

import os
import re
import signal
import subprocess
import time

from host import LONG_JOB_US
from journal import Journal
from qmp import Gone, Monitor
from tap import Failure, check, check_equal, note

QEMU = "/usr/bin/qemu-system-aarch64"
DIR = "/tmp/vm"
# Far more than it takes: the emulated host may have little of a busy machine.
BOOT_S = 300
MIGRATE_S = 300
QUIT_S = 60
IN_FLIGHT_S = 60
MEMORY_MB = 256

# Lanes of the guest's work for one of each engine that it is given. To be full takes none.
LANES = {"zip": 2, "sec": 1, "fill": 0}

# By iommufd, where the IOMMU tells which pages VFs have written to: QEMU needs no word.
TRACKED = "iommufd=iommufd0,rombar=0"
# By a container of type 1, which tells nothing, QEMU has to be told to migrate.
UNTRACKED = "enable-migration=on,x-pre-copy-dirty-page-tracking=off,rombar=0"

MIGRATION = {"max_bandwidth": 1 << 30, "downtime_limit": 500}
SLOW_BYTES_S = 1 << 20  # a pre-copy that lasts until something is done about it

# A destination that is told where to listen when it has been set up.
DEFER = ("defer",)

# With these the destination sees the pre-copy data of every VF before the source
# pauses the guest, and the source learns how it ends there.
CAPABILITIES = ("events", "return-path", "switchover-ack")

# What QEMU says when a migration comes to no good end, at the source and at the
# destination.
SOURCE_FAILED = (r"failed to save SaveStateEntry|Sibling indicated error|Channel error: "
                 r"|Unable to write|Connection reset|Broken pipe|Failed to (?:put|send)")
DESTINATION_FAILED = (r"load of migration failed|Unable to read|check_section_footer"
                      r"|error while loading state|Failed to load|Channel error: ")

# What QEMU may say on its standard error, with nothing wrong.
HARMLESS = re.compile(# QEMU 11: these devices do no peer-to-peer DMA.
                      r"warning: VFIO dma-buf not supported in kernel, using mmap fallback"
                      # BARs can't be mapped for DMA by iommufd; nobody asks for it.
                      r"|IOMMU_IOAS_MAP failed|vfio_container_dma_map"
                      r"|PCI peer-to-peer transactions on BARs")
# And this, unless pages are tracked: then it would not be true.
UNTRACKED_SAYS = r"warning: .* VFIO device doesn't support device and IOMMU dirty tracking$"


class Vm:
    """One QEMU. The VFs are at the same places in all."""

    count = 0

    def __init__(self, host, vfs, incoming=None, work="zip=2", memory=MEMORY_MB,
                 vfio=None, ports=False, machine="", channels=0, trace=(),
                 options=()):
        """incoming: the words by which QEMU waits for a guest. With more than
        "defer" it has no monitor before a guest comes: see connect().
        ports: each VF sits behind a root port, rp0 and so on, as libvirt has it.
        channels: how many of multifd a migration has.
        trace: events of QEMU to be written down, with the time, in its file .trace."""
        Vm.count += 1
        self.name = f"qemu-{Vm.count}"
        self.host, self.vfs, self.channels = host, vfs, channels
        self.monitor = None
        self.vfio = vfio or (TRACKED if host.tracks else UNTRACKED)
        self.expected = [] if self.vfio == TRACKED else [UNTRACKED_SAYS]
        self.base = f"{DIR}/{self.name}"
        os.makedirs(DIR, exist_ok=True)
        self.console = self.base + ".console"
        os.mkfifo(self.base + ".input")
        # Open for both, so that neither QEMU nor this waits for the other.
        self.input = os.open(self.base + ".input", os.O_RDWR)
        command = [
            QEMU, "-name", self.name, "-M", "virt,gic-version=3,accel=kvm" + machine,
            "-cpu", "host",
            "-smp", "1", "-m", str(memory), "-nodefaults", "-no-user-config",
            "-display", "none", "-kernel", "/vm/guest/Image",
            "-initrd", "/vm/guest/initramfs.cpio",
            "-append", "console=hvc0 panic=-1 oops=panic printk.devkmsg=on " +
            " ".join(f"hacc.{part}" for part in work.split()),
            "-qmp", f"unix:{self.base}.qmp,server=on,wait=off",
            "-chardev", f"file,id=console,path={self.console},input-path={self.base}.input",
            "-device", "virtio-serial-pci,addr=0x1,disable-legacy=on,romfile=",
            "-device", "virtconsole,chardev=console",
        ]
        if "iommufd=" in self.vfio:
            command += ["-object", "iommufd,id=iommufd0"]
        for i, vf in enumerate(vfs):
            place = f"bus=pcie.0,addr={hex(4 + i)}"
            if ports:
                command += ["-device", f"pcie-root-port,id=rp{i},chassis={i + 1},{place}"]
                place = f"bus=rp{i},addr=0x0"
            command += ["-device", f"vfio-pci,id=vf{i},host={vf.bdf},{place},{self.vfio}"]
        if trace:
            command += ["-msg", "timestamp=on", "-D", self.base + ".trace"]
        for event in trace:
            command += ["-trace", event]
        for channel in incoming or ():
            command += ["-incoming", channel]
        command += options
        with open(self.base + ".stderr", "wb") as stderr:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                            stdout=stderr, stderr=stderr)
        host.vms.append(self)
        if incoming in (None, DEFER):
            self.connect()
            self.command("migrate-set-parameters", **MIGRATION)
            self.capabilities(*CAPABILITIES)
            if channels:
                self.multifd(channels)

    def connect(self):
        try:
            self.monitor = Monitor(self.base + ".qmp", self.alive)
        except Gone as error:
            self.kill()
            raise Failure(f"{self.name} does not start: {self.stderr()}") from error

    def alive(self):
        return self.process.poll() is None

    def command(self, name, **arguments):
        return self.monitor.command(name, **arguments)

    def capabilities(self, *names, state=True):
        self.command("migrate-set-capabilities",
                     capabilities=[{"capability": name, "state": state}
                                   for name in names])

    def multifd(self, channels):
        """Migrate over so many channels."""
        self.capabilities("multifd")
        self.command("migrate-set-parameters", multifd_channels=channels)

    def qemu_major(self):
        return self.command("query-version")["qemu"]["major"]

    def status(self):
        return self.command("query-status")["status"]

    def wait_status(self, wanted, seconds=MIGRATE_S):
        deadline = time.monotonic() + seconds
        while self.status() != wanted:
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} is {self.status()}, not {wanted}, after {seconds} s")
            time.sleep(0.02)

    def migration(self):
        return self.command("query-migrate")

    def tell(self, line):
        """A line to the guest's console."""
        os.write(self.input, line.encode() + b"\n")

    def stderr(self):
        with open(self.base + ".stderr", encoding="utf-8", errors="replace") as file:
            return file.read().strip()

    def expect(self, pattern):
        """That QEMU says this from now on is as it should be."""
        self.expected.append(pattern)

    def check_stderr(self):
        lines = [line for line in self.stderr().splitlines()
                 if not HARMLESS.search(line)
                 and not any(re.search(pattern, line) for pattern in self.expected)]
        check(not lines, f"{self.name} complains: {' / '.join(lines)}")

    def wait_migration(self, *wanted, seconds=MIGRATE_S):
        """Wait until the migration is in one of these states."""
        deadline = time.monotonic() + seconds
        while True:
            info = self.migration()
            status = info.get("status")
            if status in wanted:
                return info
            if status in ("failed", "completed", "cancelled"):
                raise Failure(f"migration {status} instead of {' or '.join(wanted)}: "
                              f"{info.get('error-desc', 'no reason given')}")
            if time.monotonic() > deadline:
                raise Failure(f"migration is still {status} after {seconds} s")
            time.sleep(0.02)

    def wait_end(self):
        """Wait until QEMU has ended; its exit status."""
        try:
            return self.process.wait(QUIT_S)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{self.name} does not end in {QUIT_S} s") from error
        finally:
            self._forget()

    def quit(self):
        """Have QEMU end as it should."""
        try:
            self.command("quit")
        except Gone:
            pass
        check_equal(self.wait_end(), 0, f"exit status of {self.name}")
        self.check_stderr()

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self._forget()

    def _forget(self):
        if self.alive():
            return
        if self in self.host.vms:
            self.host.vms.remove(self)
            os.close(self.input)
        if self.monitor:
            self.monitor.close()

    def explain(self):
        state = "runs" if self.alive() else f"ended with {self.process.returncode}"
        note(f"{self.name} ({state}), VFs {', '.join(map(str, self.vfs))}")
        note(f"its messages: {self.stderr() or 'none'}")
        if os.path.exists(self.console):
            with open(self.console, encoding="utf-8", errors="replace") as file:
                note("end of its console:\n" + "\n".join(file.read().splitlines()[-12:]))


class Guest:
    """A guest at work, wherever it is. Its VFs are of the PFs given, one of
    each, and it has work for each engine among them."""

    def __init__(self, host, pfs, work=None, vfs=None, **options):
        self.host, self.pfs, self.options = host, pfs, options
        engines = [pf.engine for pf in pfs]
        self.work = work or " ".join(f"{engine}={2 * engines.count(engine)}"
                                     for engine in sorted(set(engines)))
        self.journal = Journal(sum(int(count) * LANES[engine] for engine, count in
                                   (part.split("=") for part in self.work.split())))
        self.vm = Vm(host, vfs or self.free_vfs(), work=self.work, **options)
        self.journal.follow(self.vm.console)
        self.wait_up()

    @property
    def vfs(self):
        return self.vm.vfs

    def free_vfs(self, pfs=None):
        """A VF of each PF that no QEMU has."""
        chosen = []
        for pf in pfs or self.pfs:
            chosen.append(next(vf for vf in pf.vfs if vf not in chosen and
                               not any(vf in vm.vfs for vm in self.host.vms)))
        return chosen

    def wait_up(self):
        check_equal(self.journal.wait_said(r"up, (\d+)", seconds=BOOT_S)[1], "0",
                    "the guest's start")

    def seen_vfs(self):
        """What the guest sees of its VFs: (device, revision, size of BAR2)."""
        since = len(self.journal.says)
        self.ask("vfs", "that is all")
        return [(m[1], m[2], int(m[3])) for m in
                (re.match(r"vf \S+ device (\S+) revision (\S+) bar2 (\d+)", text)
                 for text in self.journal.says[since:]) if m]

    def ask(self, command, answer):
        """Say something on the guest's console, wait for the answer."""
        since = len(self.journal.says)
        self.vm.tell(command)
        return self.journal.wait_said(answer, since)

    def interrupts(self):
        return int(self.ask("interrupts", r"interrupts (\d+)")[1])

    def wait_jobs(self, more=3):
        self.journal.wait_jobs(more)

    def wait_in_flight(self, vfs=None):
        """Wait for a moment in which each VF, or these, has jobs in flight. Jobs take
        long meanwhile: a guest that gets little of the machine has few at a time."""
        oracle = self.host.oracle
        vfs = vfs or self.vfs
        times = [(vf, oracle.set_job_time(vf, LONG_JOB_US)) for vf in vfs]
        deadline = time.monotonic() + IN_FLIGHT_S
        try:
            while self.journal.lanes and not all(oracle.in_flight(vf) for vf in vfs):
                if time.monotonic() > deadline:
                    raise Failure("the guest keeps its VFs idle")
        finally:
            for vf, before in reversed(times):
                oracle.set_job_time(vf, before)

    def finish(self):
        """Have all jobs done and none begun; their number."""
        done = int(self.ask("stop", r"stopped, (\d+) jobs checked")[1])
        self.journal.read()
        check_equal(len(self.journal.jobs), done, "jobs reported, by the guest's own count")
        return done

    # Migration, in the steps of which the tests are made

    def destination(self, pfs=None, vfs=None, **options):
        """A QEMU that waits for the guest."""
        return Vm(self.host, vfs or self.free_vfs(pfs),
                  **{"incoming": DEFER, "work": self.work, **self.options, **options})

    def send(self, destination, uri=None, busy=None):
        """Begin to migrate, with jobs in flight in each VF or these."""
        uri = uri or f"unix:{destination.base}.migration"
        destination.command("migrate-incoming", uri=uri)
        self.wait_in_flight(busy)
        self.vm.command("migrate", uri=uri)

    def arrived(self, destination):
        """The guest has moved: go on there, and end the QEMU it came from.
        Returns what the source says of the migration."""
        info = self.vm.wait_migration("completed")
        destination.wait_migration("completed")
        destination.wait_status("running")
        check_equal(self.vm.status(), "postmigrate", "the source's status")
        self.journal.read()
        self.vm.quit()
        self.goes_on_in(destination)
        return info

    def goes_on_in(self, vm):
        self.vm = vm
        self.journal.follow(vm.console)

    def move(self, pfs=None, **options):
        """All of it."""
        destination = self.destination(pfs, **options)
        self.send(destination)
        return self.arrived(destination)

    def check_moved_on(self):
        """The guest and its accelerators are at work."""
        self.journal.read()
        before = self.interrupts()
        self.wait_jobs()
        check(self.interrupts() > before, "its VFs interrupt the guest no more")

    def end(self):
        """Nothing more is wanted of this guest: see that all is well."""
        if self.journal.lanes:
            self.finish()
        self.vm.quit()
        if self.host.guest is self:
            self.host.guest = None


def at_work(host, *kinds, **options):
    """A guest at work with a VF of each kind (engine, version): the one that the
    last test has left, if it is like that, since booting one takes longer than
    most tests."""
    asked = (kinds, options)
    if host.guest and (host.guest.asked != asked or not host.guest.vm.alive()):
        host.guest.end()
    if not host.guest:
        host.guest = Guest(host, [host.pf(*kind) for kind in kinds], **options)
        host.guest.asked = asked
    # Whatever a test before has set.
    host.guest.vm.command("migrate-set-parameters", **MIGRATION)
    host.guest.wait_jobs(1)
    host.clear_trace()
    return host.guest
