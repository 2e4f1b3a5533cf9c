"""SIPp as the other end: an independent SIP stack, one situation per file of tests/system/sipp."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support import SystemTest
from ue.daemon import free_port

SCENARIOS = Path(__file__).resolve().parent / "sipp"


class Sipp(SystemTest):
    async def begin(self, situation: str, service: str = "factory", calls: int = 1, tcp: bool = False):
        """SIPp playing this file; `service` is the user part that it calls."""
        return await asyncio.create_subprocess_exec(
            "sipp", "-sf", str(SCENARIOS / f"{situation}.xml"), f"127.0.0.1:{self.port}", "-s", service, "-i", "127.0.0.1",
            "-p", str(free_port()), "-m", str(calls), "-r", "20", "-l", str(calls), "-timeout", "20s", "-timeout_error",
            "-nostdin", "-t", "t1" if tcp else "u1", "-mi", "127.0.0.1", "-mp", str(free_port()),
            "-trace_err", "-error_file", str(self.folder / f"{situation}.log"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=self.folder,
        )

    async def end(self, sipp, situation: str) -> None:
        output, _ = await asyncio.wait_for(sipp.communicate(), 30.0)
        errors = self.folder / f"{situation}.log"
        said = errors.read_text() if errors.exists() else output.decode("utf-8", "replace")[-2000:]
        self.assertEqual(sipp.returncode, 0, said)

    async def play(self, situation: str, **how) -> None:
        await self.end(await self.begin(situation, **how), situation)

    async def test_phone_joins_and_leaves(self) -> None:
        await self.play("phone_joins_and_leaves")
        await self.nothing_left()

    async def test_phone_joins_and_leaves_over_tcp(self) -> None:
        await self.play("phone_joins_and_leaves", tcp=True)
        await self.nothing_left()

    async def test_many_phones_join_and_leave(self) -> None:
        await self.play("phone_joins_and_leaves", calls=40)
        await self.nothing_left()

    async def test_phone_is_removed(self) -> None:
        alice = await self.join("alice", self.factory)
        user = alice.conference_uri.split(":", 1)[1].split("@")[0]
        sipp = await self.begin("phone_is_removed", service=user)
        await self.daemon.wait_census(participants=2)
        since = self.log.mark
        final = await alice.refer("sip:sipp-phone@tp.example.org")
        self.assertEqual(final.status, 200)
        await self.end(sipp, "phone_is_removed")
        await alice.record.wait("notified", 5.0, since, body="SIP/2.0 200 OK")
        await self.gone(alice)

    async def test_telepresence_cancels_after_183(self) -> None:
        await self.play("telepresence_cancels_after_183", calls=5)
        await self.nothing_left()
