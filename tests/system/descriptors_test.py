"""A daemon that is short of file descriptors: nothing ends it or spins it, and all comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
import unittest
from pathlib import Path
from typing import List

from dialout_test import Referring
from support import SystemTest
from ue.callee import CallBehaviour
from ue.watcher import Watcher


def request(method: str, port: int, call: str, extra: str = "") -> bytes:
    return (
        f"{method} sip:nobody@h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:m@h>;tag=m\r\nTo: <sip:nobody@h>\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n"
        f"Contact: <sip:m@127.0.0.1:{port}>\r\n{extra}Content-Length: 0\r\n\r\n"
    ).encode()


class Short(SystemTest):
    limit = 60
    timer_f = 2
    config_extra = "conference: {subscribe: anyone}\n"
    # How long the daemon is looked at: CLUED_SHORTAGE_SECONDS=60 for a long look.
    seconds = float(os.environ.get("CLUED_SHORTAGE_SECONDS", "1"))

    def setUp(self) -> None:
        """The program is one that lowers its limit first."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        real = os.environ["CLUED_PROGRAM"]
        program = Path(folder.name) / "clued"
        program.write_text(f'#!/bin/sh\nulimit -n {self.limit}\nexec "{real}" "$@"\n')
        program.chmod(0o755)
        os.environ["CLUED_PROGRAM"] = str(program)
        self.addCleanup(os.environ.__setitem__, "CLUED_PROGRAM", real)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def is_alive(self, call: str) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.1", 0))
            datagrams.settimeout(10)
            datagrams.sendto(request("OPTIONS", datagrams.getsockname()[1], call), ("127.0.0.1", self.port))
            answer = await asyncio.to_thread(datagrams.recv, 65536)
            self.assertTrue(answer.startswith(b"SIP/2.0 "), answer)

    async def knock(self, count: int) -> List[asyncio.StreamWriter]:
        """Connections that say nothing; those that are not accepted wait in the kernel."""
        return [(await asyncio.open_connection("127.0.0.1", self.port))[1] for _ in range(count)]

    async def reload(self) -> None:
        """Reads a file."""
        since = len(self.daemon.records)
        self.daemon.process.send_signal(signal.SIGHUP)
        await self.daemon.wait_record("config.reloaded", since=since)


class ShortOfDescriptors(Short):
    async def test_everything_is_refused_and_nothing_ends_or_spins(self) -> None:
        silent = await self.knock(60)
        await self.daemon.wait_record("sip.accepting_paused")
        await self.is_alive("full")
        before = self.cpu_seconds()
        await asyncio.sleep(self.seconds)
        self.assertLess(self.cpu_seconds() - before, 0.1 * max(1.0, self.seconds), "CPU of a daemon with nothing to do")
        statuses, joined = [], []
        for number in range(4):
            one = await self.endpoint(f"room{number}", room="laptop" if number % 2 else None)
            final = await one.join(self.factory)
            statuses.append(final.status)
            if final.status == 200:
                joined.append(one)
            else:
                self.assertIsNotNone(final.get("Retry-After"))
        self.assertTrue(set(statuses) <= {200, 503}, statuses)
        self.assertIn(503, statuses)
        await self.daemon.census()
        await self.reload()
        await self.is_alive("still")
        for writer in silent:
            writer.close()
        for one in joined:
            await one.leave()
        await self.daemon.wait_census(20.0, **self.idle)
        # What was waiting is accepted now, and there is room again.
        phone = await self.join("phone", self.factory, room=None, protocol="tcp")
        await self.is_alive("after")
        await phone.leave()
        await self.daemon.wait_census(20.0, **self.idle)


class FewerDescriptors(ShortOfDescriptors):
    limit = 48


class MoreDescriptors(ShortOfDescriptors):
    limit = 100


class ShortOfDescriptorsWithLiteAgents(ShortOfDescriptors):
    config_extra = "channel: {ice: lite}\n"


class CallsUntilNoneAreLeft(Short, Referring):
    async def test_are_refused_in_both_directions_and_who_is_there_is_served(self) -> None:
        alice = await self.join("alice", self.factory, room=None)
        callee = await self.callee("bob", CallBehaviour())
        phones, status = [alice], 200
        while status == 200:
            self.assertLess(len(phones), self.limit)
            phone = await self.endpoint(f"phone{len(phones)}", room=None)
            status = (await phone.join(alice.conference_uri)).status
            phones += [phone] if status == 200 else []
        self.assertEqual(status, 503)
        self.assertGreater(len(phones), 1)
        since = await self.invite(alice, callee)
        self.assertIn("503", await self.outcome(alice, since))
        self.assertIsNone(callee.record.find("called", since))
        watcher = Watcher(self.log, "watcher")
        await watcher.start()
        self.addAsyncCleanup(watcher.close)
        self.assertEqual((await watcher.subscribe(alice.conference_uri)).status, 200)
        await self.reload()
        self.assertEqual((await alice.reinvite()).status, 200)
        # Who leaves makes room for a call of ours.
        for phone in phones[1:]:
            await phone.leave()
        await self.daemon.wait_census(participants=1)
        since = await self.invite(alice, callee)
        self.assertIn("200", await self.outcome(alice, since))
        await callee.leave()
        await alice.leave()


class TooFewDescriptors(unittest.IsolatedAsyncioTestCase):
    async def test_are_a_reason_not_to_start(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "clued.yaml"
            config.write_text("sip: {listen: [{address: 127.0.0.1, port: 0}]}\n")
            process = await asyncio.create_subprocess_shell(
                f'ulimit -n 26; exec "{os.environ["CLUED_PROGRAM"]}" --config {config}',
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
            text, _ = await asyncio.wait_for(process.communicate(), 20)
        self.assertEqual(process.returncode, 71, text)
        self.assertRegex(text, b"RLIMIT_NOFILE|Too many open files")
