# SPDX-License-Identifier: GPL-2.0-only
"""The other host, on the other end of a wire. It does what the first one asks
it to: JSON, a line each way."""

import json
import socket
import subprocess
import time
import traceback

from journal import Journal
from tap import Failure
from vm import DEFER, Guest, Vm

ADDRESS = {"first": "10.0.0.1", "second": "10.0.0.2"}
PORT = 5000
MIGRATION_PORT = 4444
ANSWER_S = 180
CONNECT_S = 60


def uri(role):
    """Where guests come in at this host."""
    return f"tcp:{ADDRESS[role]}:{MIGRATION_PORT}"


def connect_wire(role):
    subprocess.run(["ip", "address", "add", ADDRESS[role] + "/24", "dev", "eth0"], check=True)
    subprocess.run(["ip", "link", "set", "eth0", "up"], check=True)


class Second:
    """The second host, as the first one sees it."""

    def __init__(self):
        connect_wire("first")
        deadline = time.monotonic() + CONNECT_S
        while True:
            try:
                self.file = socket.create_connection((ADDRESS["second"], PORT),
                                                     ANSWER_S).makefile("rw")
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise Failure(f"the second host can't be reached: {error}") from error
                time.sleep(0.2)

    def ask(self, what, **arguments):
        self.file.write(json.dumps({"what": what, "arguments": arguments}) + "\n")
        self.file.flush()
        answer = json.loads(self.file.readline())
        if "error" in answer:
            raise Failure(f"second host, {what}: {answer['error']}")
        return answer["done"]


class Coming(Guest):
    """A guest that comes from the other host."""

    def __init__(self, host, pfs, work):
        self.host, self.pfs, self.work, self.options = host, pfs, work, {}
        self.journal = Journal(0)
        self.vm = Vm(host, self.free_vfs(), incoming=DEFER, work=work)
        self.vm.command("migrate-incoming", uri=uri("second"))

    def come(self, journal):
        self.vm.wait_migration("completed")
        self.vm.wait_status("running")
        self.journal.unpack(journal)
        self.journal.follow(self.vm.console)


class Server:
    """The second host at work."""

    def __init__(self, host):
        self.host = host
        self.guest = None
        host.before()

    def serve(self):
        """Until it is told to end."""
        connect_wire("second")
        with socket.create_server((ADDRESS["second"], PORT)) as server:
            connection, _ = server.accept()
        file = connection.makefile("rw")
        for line in file:
            request = json.loads(line)
            try:
                answer = {"done": getattr(self, request["what"])(**request["arguments"])}
            except Exception as error:  # the first host has the tests, and tells
                traceback.print_exc()
                answer = {"error": str(error)}
            file.write(json.dumps(answer) + "\n")
            file.flush()
            if request["what"] == "end":
                return

    def expect(self, engine, version, work):
        """A guest will come."""
        self.host.clear_trace()
        self.guest = Coming(self.host, [self.host.pf(engine, version)], work)

    def go_on(self, journal):
        """It has come."""
        self.guest.come(journal)
        self.guest.check_moved_on()
        vf, = self.guest.vfs
        return {"arcs": self.host.arcs(vf), "records": self.host.records(vf)}

    def send(self):
        """It is to go back."""
        self.guest.wait_in_flight()
        self.guest.vm.command("migrate", uri=uri("first"))
        self.guest.vm.wait_migration("completed")
        self.guest.journal.read()
        self.guest.vm.quit()
        return self.guest.journal.pack()

    def end(self):
        self.host.after()
        self.host.check_nothing_left()
