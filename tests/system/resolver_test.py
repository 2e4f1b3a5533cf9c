"""Name servers that are of no use: without a route to it, silent, failing, or answering garbage. No name that somebody puts into a
header or asks us to call may hold up anything. Each case runs in network and mount namespaces of its own, with a resolv.conf
of its own, and is skipped where those cannot be made."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import List, Optional

from support import SystemTest
from ue.callee import CallBehaviour, Callee

KIND = os.environ.get("CLUED_NAME_SERVER")  # in the namespaces: which of them
ADDRESS = {"no_route": "192.0.2.1", "silent": "127.9.9.9", "failing": "127.9.9.9", "garbage": "127.9.9.9"}
ENTER = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'


def load_tests(loader: unittest.TestLoader, standard, pattern) -> unittest.TestSuite:
    return loader.loadTestsFromTestCase(Inside if KIND else NameServers)


class NameServers(unittest.TestCase):
    """Runs Inside in namespaces."""

    def run_inside(self, kind: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            conf = Path(folder) / "resolv.conf"
            conf.write_text(f"nameserver {ADDRESS[kind]}\n")
            enter = self.namespaces() + ["sh", "-c", ENTER, "sh", str(conf)]
            done = subprocess.run(
                enter + [sys.executable, "-m", "unittest", "-v", "resolver_test"], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, env=dict(os.environ, CLUED_NAME_SERVER=kind), timeout=240, text=True, check=False,
            )
        self.assertEqual(done.returncode, 0, done.stdout)

    def namespaces(self) -> List[str]:
        if not shutil.which("unshare") or not shutil.which("ip"):
            self.skipTest("unshare and ip are needed")
        with tempfile.NamedTemporaryFile() as conf:
            for extra in ([], ["--user", "--map-root-user"]):
                command = ["unshare", "--net", "--mount", *extra]
                trial = subprocess.run(command + ["sh", "-c", ENTER, "sh", conf.name, "true"], capture_output=True, check=False)
                if trial.returncode == 0:
                    return command
        self.skipTest("namespaces cannot be made")

    def test_without_a_route(self) -> None:
        self.run_inside("no_route")

    def test_that_is_silent(self) -> None:
        self.run_inside("silent")

    def test_that_fails(self) -> None:
        self.run_inside("failing")

    def test_that_answers_garbage(self) -> None:
        self.run_inside("garbage")


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.asked = 0
        self.random = random.Random(1)

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        self.asked += 1
        if self.kind == "silent":
            return
        if self.kind == "failing":
            self.transport.sendto(data[:2] + b"\x81\x82" + data[4:6] + b"\0" * 6 + data[12:], address)  # SERVFAIL
            return
        noise = bytes(self.random.randrange(256) for _ in range(self.random.choice([0, 3, 40, 500])))
        loop = data[:2] + b"\x81\x80" + data[4:6] + b"\xff\xff\0\0\0\0" + b"\xc0\x0c" * 40  # a name that names itself
        for answer in (noise, data[:2] + noise, data[:12], loop):
            self.transport.sendto(answer, address)


class Inside(SystemTest):
    timer_f = 2

    async def asyncSetUp(self) -> None:
        self.server: Optional[NameServer] = None
        if KIND != "no_route":
            made = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: NameServer(KIND), local_addr=(ADDRESS[KIND], 53)
            )
            self.server = made[1]
            self.addCleanup(made[0].close)
        await super().asyncSetUp()

    async def callee(self, name: str) -> Callee:
        made = await self.endpoint(name, kind=Callee, offerless=True, room=None)
        made.calls = CallBehaviour(refuses_clue=488)
        return made

    async def phone(self, name: str):
        return await self.join(name, self.factory, room=None)

    async def test_calls_to_names_are_reported_and_calls_to_numbers_do_not_wait(self) -> None:
        anna, ben = await self.phone("anna"), await self.phone("ben")
        since = self.log.mark
        for number in range(4):
            final = await anna.refer_to(f"<sip:somebody@host{number}.example.com;method=INVITE>")
            self.assertEqual(final.status, 200)
        carl = await self.callee("carl")
        begun = time.monotonic()
        self.assertEqual((await ben.refer_to(f"<{carl.called_as};method=INVITE>")).status, 200)
        await carl.record.wait("joined", 4.0, since)
        self.assertLess(time.monotonic() - begun, 4.0)
        await self.daemon.wait_census(10.0, open_refers=0)
        failed = [record for record in self.daemon.records if record.get("record") == "sip.lookup_failed"]
        self.assertEqual(len(failed), 4)
        await self.gone(anna, ben)

    async def test_what_a_name_server_cannot_say_is_no_404(self) -> None:
        if KIND != "failing":
            self.skipTest("of the one that fails")
        anna = await self.phone("anna")
        await anna.refer_to("<sip:somebody@host.example.com;method=INVITE>")
        await self.daemon.wait_record("sip.lookup_failed", host="host.example.com", why="unavailable")
        await self.daemon.wait_record("sip.request_failed", method="INVITE", status=503)
        await self.gone(anna)

    async def test_a_call_that_is_given_up_is_looked_up_no_more(self) -> None:
        anna = await self.phone("anna")
        final = await anna.refer_to("<sip:somebody@host.example.com;method=INVITE>")
        self.assertEqual(final.status, 200)
        await anna.leave()
        await self.daemon.wait_census(3.0, participants=0, conferences=0)
        await self.nothing_left()

    async def test_the_end_does_not_wait_for_a_name_server(self) -> None:
        anna = await self.phone("anna")
        for number in range(4):
            await anna.refer_to(f"<sip:somebody@host{number}.example.com;method=INVITE>")
        begun = time.monotonic()
        self.assertEqual(await self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 4.0)

    async def test_routes_and_contacts_that_are_names_lead_nowhere_and_hold_up_nothing(self) -> None:
        """Requests of ours by each of them: the 200 is never acknowledged, so that a BYE is due."""
        ways = [
            "Record-Route: <sip:127.0.0.1:9>, <sip:p2.example.com;lr>\r\nContact: <sip:a@{host}>",
            "Record-Route: <sip:p1.example.com>, <sip:p2.example.com;lr>\r\nContact: <sip:a@{host}>",
            "Record-Route: <sip:127.0.0.1:9;lr>\r\nContact: <sip:a@ue.invalid;transport=ws>",
            "Contact: <sip:a@phone.example.com;maddr=other.example.com>",
            "Contact: <sip:a@phone.example.com;transport=tcp>",
            "Contact: <sip:a@df7jal23ls0d.invalid;transport=ws>",
        ]
        for number, way in enumerate(ways):
            for transport in ("udp", "tcp"):
                self.call_and_go(transport, f"{transport}-{number}", way)
        anna = await self.phone("anna")  # meanwhile
        self.assertEqual((await anna.leave()).status, 200)
        await self.nothing_left(25.0)

    def call_and_go(self, transport: str, call: str, way: str) -> None:
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as own:
            own.connect((self.address, self.port))
            host = "%s:%d" % own.getsockname()
            head = (
                f"INVITE {self.factory} SIP/2.0\r\nVia: SIP/2.0/{transport.upper()} via.example.com;rport;branch=z9hG4bK{call}\r\n"
                f"From: <sip:a@example.com>;tag={call}\r\nTo: <{self.factory}>\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\n"
                f"Max-Forwards: 70\r\n{way.format(host=host)}\r\nContent-Length: 0\r\n\r\n"
            )
            own.sendall(head.encode())
            own.settimeout(5.0)
            while b"SIP/2.0 200" not in own.recv(65536):
                pass


if __name__ == "__main__":
    unittest.main()
