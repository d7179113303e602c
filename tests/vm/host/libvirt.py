# SPDX-License-Identifier: GPL-2.0-only
"""Two libvirt daemons in one kernel, and VMs that they know. The parts of a
VM's definition that have to do with the accelerator are those of docs/libvirt.md."""

import os
import subprocess
import time

from journal import Journal
from tap import Failure, check_equal
from vm import LANES

START_S = 120
VIRSH_S = 240
DESTINATION_DIR = "/tmp/destination"
LOGS = ("/tmp/source.log", "/tmp/destination.log")

NAME = "guest"
UUID = "6b0e4a3c-4d0b-4f0c-9a6c-6f2f3a1c9b10"

DOMAIN = """<domain type='kvm'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='aarch64' machine='virt'>hvm</type>
    <kernel>/vm/guest/Image</kernel>
    <initrd>/vm/guest/initramfs.cpio</initrd>
    <cmdline>console=hvc0 panic=-1 oops=panic printk.devkmsg=on hacc.zip=1</cmdline>
  </os>
  <features><gic version='3'/></features>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>/usr/bin/qemu-system-aarch64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <console type='file'><source path='{console}' append='on'/><target type='virtio'/></console>
    {hostdev}
  </devices>
  {commandline}
</domain>
"""

# The address and the driver in docs/libvirt.md
ADDRESS = "bus='0x75' slot='0x00' function='0x1'"
MODEL = " model='hisi_acc_vfio_pci'"


class Refused(Exception):
    """virsh has failed; the text is what it said."""


def part(name):
    with open(f"/vm/{name}.xml", encoding="utf-8") as file:
        return file.read()


class Daemon:
    def __init__(self, uri, command):
        self.uri = uri
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self._wait_up()

    def _wait_up(self):
        deadline = time.monotonic() + START_S
        while True:
            try:
                return self.virsh("version")
            except Refused as refused:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise Failure(f"libvirtd does not come up: {refused}") from refused
            time.sleep(0.5)

    def virsh(self, *arguments):
        try:
            done = subprocess.run(["virsh", "-q", "-c", self.uri, *arguments],
                                  capture_output=True, text=True, timeout=VIRSH_S,
                                  check=False)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"virsh {arguments[0]}: no end in {VIRSH_S} s") from late
        if done.returncode:
            raise Refused(done.stderr.strip())
        return done.stdout.strip()

    def state(self):
        """Of the guest, or None where it is not known."""
        try:
            return self.virsh("domstate", NAME)
        except Refused:
            return None

    def forget(self):
        """The guest, whatever it does."""
        for verb in (["destroy", NAME], ["undefine", NAME]):
            try:
                self.virsh(*verb)
            except Refused:
                pass


_daemons = []


def daemons():
    """Source and destination; started once. The second one has directories of
    its own by a mount namespace."""
    if not _daemons:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["hostname", "source"], check=True)
        _daemons.append(Daemon("qemu:///system", ["libvirtd"]))
        subprocess.run(["hostname", "destination"], check=True)
        os.mkdir(DESTINATION_DIR)
        _daemons.append(Daemon(
            f"qemu+unix:///system?socket={DESTINATION_DIR}/libvirt-sock",
            ["unshare", "-m", "sh", "-c",
             "for dir in /run/libvirt /var/lib/libvirt /var/log/libvirt; do"
             " mkdir -p $dir; mount -t tmpfs tmpfs $dir || exit; done;"
             " exec libvirtd -f /etc/libvirt/destination.conf -p /tmp/destination.pid"]))
    return _daemons


class Domain:
    """The guest's definition with its VF at one place."""

    count = 0

    def __init__(self, vf, model=MODEL):
        Domain.count += 1
        self.console = f"/tmp/domain-{Domain.count}.console"
        self.path = f"/tmp/domain-{Domain.count}.xml"
        _, bus, slot, function = vf.bdf.replace(".", ":").split(":")
        hostdev = part("hostdev")
        check_equal((hostdev.count(ADDRESS), hostdev.count(MODEL)), (1, 1),
                    "address and model in docs/libvirt.md")
        hostdev = hostdev.replace(
            ADDRESS, f"bus='0x{bus}' slot='0x{slot}' function='0x{function}'")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(DOMAIN.format(
                name=NAME, uuid=UUID, console=self.console,
                hostdev=hostdev.replace(MODEL, model), commandline=part("commandline")))


def journal(domain):
    found = Journal(LANES["zip"])
    found.follow(domain.console)
    return found
