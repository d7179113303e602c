# SPDX-License-Identifier: GPL-2.0-only
"""libvirt runs guests with a VF, and moves them."""

import os
import re

from libvirt import Domain, Refused, daemons, journal
from host import DRIVER, write
from tap import Failure, check, check_equal, test
from test_move import DESTINATION, SOURCE, check_arcs, check_records

BOOT_S = 120


def free_vfs(host, *where):
    """VFs of these accelerators, with no driver: libvirt binds what it gives
    to a guest."""
    vfs = [host.pf(*place).vfs[i] for i, place in enumerate(where)]
    for vf in vfs:
        vf.bind(None)
    return vfs


def driver(vf):
    path = vf.path + "/driver"
    return os.path.basename(os.readlink(path)) if os.path.exists(path) else None


def start(source, domain):
    source.virsh("define", domain.path)
    source.virsh("start", "guest")
    told = journal(domain)
    check_equal(told.wait_said(r"up, (\d+)", seconds=BOOT_S)[1], "0", "the guest's start")
    told.wait_jobs(2)
    return told


def migrate(source, destination, domain, *options):
    source.virsh("migrate", "--live", "--domain", "guest", "--desturi", destination.uri,
                 "--migrateuri", "tcp://127.0.0.1:49152", "--listen-address", "127.0.0.1",
                 "--xml", domain.path, *options)


def with_daemons(function):
    """Whatever comes of it, no guest is left."""
    def run(host):
        source, destination = daemons()
        try:
            function(host, source, destination)
        finally:
            source.forget()
            destination.forget()
            for vf in host.all_vfs():
                vf.bind(DRIVER)
    return run


def check_migrates(host, source, destination, *options):
    here, there = free_vfs(host, ("zip", "v3"), ("zip", "v3"))
    domain, new_domain = Domain(here), Domain(there)
    told = start(source, domain)
    check_equal(driver(here), DRIVER, "driver of the VF")
    host.clear_trace()
    migrate(source, destination, new_domain, *options)
    told.read()
    told.follow(new_domain.console)
    told.wait_jobs(3)
    check_equal(source.state(), "shut off", "the guest in the source")
    check_equal(destination.state(), "running", "the guest in the destination")
    check_arcs(host, here, SOURCE)
    check_arcs(host, there, DESTINATION)
    check_records(host, [here], [there])
    check_equal(driver(here), None, "driver of the VF that was given back")


@test("virsh migrates a guest at work", "vm-libvirt")
@with_daemons
def migrates(host, source, destination):
    check_migrates(host, source, destination)


@test("virsh migrates a guest at work over parallel connections", "vm-libvirt")
@with_daemons
def migrates_parallel(host, source, destination):
    check_migrates(host, source, destination, "--parallel", "--parallel-connections", "4")


@test("libvirt finds the driver in modules.alias where none is named", "vm-libvirt")
@with_daemons
def finds_driver(host, source, _):
    vf, = free_vfs(host, ("zip", "v4"))
    start(source, Domain(vf, model=""))
    check_equal(driver(vf), DRIVER, "driver of the VF")


@test("a guest is saved by virsh, and restored", "vm-libvirt")
@with_daemons
def saves(host, source, _):
    vf, = free_vfs(host, ("zip", "v4"))
    domain = Domain(vf)
    told = start(source, domain)
    host.clear_trace()
    source.virsh("qemu-monitor-command", "--hmp", "guest",
                 "migrate_set_parameter downtime-limit 2000000")
    source.virsh("save", "guest", "/tmp/guest.saved")
    check_equal(source.state(), "shut off", "the guest that was saved")
    told.read()
    check_records(host, [vf], [])
    source.virsh("restore", "/tmp/guest.saved")
    os.unlink("/tmp/guest.saved")
    told.wait_jobs(3)


@test("a VF's own view outlives that libvirt binds it anew: a V3 guest goes to V4", "vm-libvirt")
@with_daemons
def view_outlives_binding(host, source, destination):
    here, there = free_vfs(host, ("zip", "v3"), ("zip", "v4"))
    there.bind(DRIVER)
    write(there.path + "/guest_view", "v3")
    there.bind(None)
    domain, new_domain = Domain(here), Domain(there)
    try:
        told = start(source, domain)
        migrate(source, destination, new_domain)
        told.read()
        told.follow(new_domain.console)
        told.wait_jobs(3)
        check_equal(destination.state(), "running", "the guest in the destination")
    finally:
        destination.forget()
        there.bind(DRIVER)
        write(there.path + "/guest_view", "native")


@test("virsh tells why a destination refuses, and the guest goes on", "vm-libvirt")
@with_daemons
def refuses(host, source, destination):
    here, there = free_vfs(host, ("zip", "v3"), ("zip", "v4"))
    told = start(source, Domain(here))
    try:
        migrate(source, destination, Domain(there))
    except Refused as refused:
        check(re.search(r"load of migration failed|Sibling indicated error", str(refused)),
              f"virsh says no more than: {refused}")
    else:
        raise Failure("a V3 guest has moved to a V4 VF")
    host.log_says("refused", "BAR2")
    check_equal(source.state(), "running", "the guest")
    told.wait_jobs(2)
