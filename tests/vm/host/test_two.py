# SPDX-License-Identifier: GPL-2.0-only
"""A guest at work moves to another host, over TCP."""

from second import Second, uri
from tap import check_equal, test
from test_move import DESTINATION, RECORD, SOURCE, check_arcs
from vm import at_work

_second = []


def second():
    if not _second:
        _second.append(Second())
    return _second[0]


for version in ("v3", "v4"):
    @test(f"a {version.upper()} guest at work moves to another host and back", "vm-two")
    def there_and_back(host, version=version):
        there = second()
        guest = at_work(host, ("zip", version))
        vf, = guest.vfs
        there.ask("expect", engine="zip", version=version, work=guest.work)
        guest.wait_in_flight()
        guest.vm.command("migrate", uri=uri("second"))
        guest.vm.wait_migration("completed")
        guest.journal.read()
        told = there.ask("go_on", journal=guest.journal.pack())
        check_arcs(host, vf, SOURCE)
        check_equal([f"{a} -> {b}" for a, b, _, _ in told["arcs"]], DESTINATION,
                    "arcs in the second host")
        check_equal(told["records"], [["loaded", RECORD, 0]], "records in the second host")
        check_equal(host.oracle.in_flight(vf), 0, "jobs left behind")
        guest.vm.quit()

        here = guest.destination()
        here.command("migrate-incoming", uri=uri("first"))
        guest.journal.unpack(there.ask("send"))
        here.wait_migration("completed")
        here.wait_status("running")
        guest.goes_on_in(here)
        guest.check_moved_on()


@test("the second host has nothing to complain about", "vm-two")
def second_ends(_):
    second().ask("end")
