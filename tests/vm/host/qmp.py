# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's monitor, as much of the protocol as the tests speak."""

import json
import socket
import time

ANSWER_S = 180


class Refused(Exception):
    """QEMU refused a command; the text is its own."""


class Gone(Exception):
    """The monitor's connection has ended."""


class Monitor:
    def __init__(self, path, alive):
        """Connect to the socket at this path; alive() tells whether it is worth
        waiting for. The socket is there before QEMU knows whether its devices
        work: only the greeting says that."""
        self.events = []
        self.buffer = b""
        deadline = time.monotonic() + ANSWER_S
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError as error:
                self.socket.close()
                if not alive() or time.monotonic() > deadline:
                    raise Gone(f"no monitor: {error}") from error
                time.sleep(0.05)
        self._receive(deadline)
        self.command("qmp_capabilities")

    def close(self):
        self.socket.close()

    def command(self, name, **arguments):
        """Give a command, with - for _ in its arguments; returns the answer."""
        message = {"execute": name}
        if arguments:
            message["arguments"] = {key.replace("_", "-"): value
                                    for key, value in arguments.items()}
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise Gone(f"{name}: {error}") from error
        deadline = time.monotonic() + ANSWER_S
        while True:
            answer = self._receive(deadline)
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise Refused(f"{name}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def wait_event(self, name, seconds, **data):
        """The next event of this name with these data, none of them twice."""
        deadline = time.monotonic() + seconds
        while True:
            for i, event in enumerate(self.events):
                if event["event"] == name and \
                        data.items() <= event.get("data", {}).items():
                    return self.events.pop(i)
            self.events.append(self._receive(deadline, f"event {name}"))

    def _receive(self, deadline, what="an answer"):
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"QEMU gives no {what} in time")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                continue
            except OSError as error:
                raise Gone(str(error)) from error
            if not data:
                raise Gone("QEMU has closed its monitor")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)
