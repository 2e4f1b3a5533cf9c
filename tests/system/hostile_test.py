"""What nobody should send, by UDP and TCP, while a conference is on: nothing of it may change or stay."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from support import SystemTest

TORTURE = Path(__file__).resolve().parents[3] / "shared" / "spec" / "torture"


def request(method: str, call: str, extra: str = "", to: str = "<sip:conf@h>", user: str = "conf") -> bytes:
    return (
        f"{method} sip:{user}@h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{call};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:mallory@h>;tag=m\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n"
        f"Contact: <sip:mallory@127.0.0.1:9>\r\n{extra}Content-Length: 0\r\n\r\n"
    ).encode()


HOSTILE = [
    request("REFER", "no-refer-to"),
    request("REFER", "two-refer-to", "Refer-To: <sip:a@h;method=BYE>\r\nRefer-To: <sip:b@h;method=BYE>\r\n"),
    request("BYE", "foreign-bye", to="<sip:conf@h>;tag=foreign"),
    request("INVITE", "foreign-invite", to="<sip:conf@h>;tag=foreign"),
    request("REFER", "foreign-refer", "Refer-To: <sip:a@h;method=BYE>\r\n", to="<sip:conf@h>;tag=foreign"),
    request("REFER", "forged", "Refer-To: <sip:alice@tp.example.org;method=BYE>\r\n"
            "P-Asserted-Identity: <sip:boss@tp.example.org>\r\n"),
    request("MESSAGE", "message"), request("INFO", "info"), request("NOTIFY", "notify", "Event: refer\r\n"),
    request("INVITE", "length").replace(b"Content-Length: 0", b"Content-Length: -1"),
    request("INVITE", "length-2").replace(b"Content-Length: 0", b"Content-Length: 99999999999999999999"),
    request("INVITE", "cseq").replace(b"CSeq: 1 INVITE", b"CSeq: 9999999999 BYE"),
    b"\x16\x03\x01\x02\x00\x01\x00" * 50, b"\r\n" * 2000, b"\0" * 2000, b"INVITE",
]


class Hostile(SystemTest):
    timer_f = 2
    config_extra = "conference: {moderators: ['sip:boss@tp.example.org']}\n"

    async def test_changes_nothing(self) -> None:
        """RFC 4475 and RFC 5118 where they are at hand, and the same kinds of defects written here."""
        alice = await self.join("alice", self.factory)
        user = alice.conference_uri.split(":", 1)[1].split("@")[0]
        bob = await self.join("bob", alice.conference_uri)
        await self.settled(alice, bob)
        before = await self.daemon.census()
        since = self.log.mark
        messages = [message.replace(b"sip:conf@h SIP", f"sip:{user}@h SIP".encode()) for message in HOSTILE]
        messages += [file.read_bytes() for file in sorted(TORTURE.rglob("*.dat"))]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for message in messages:
                datagrams.sendto(message[:60000], ("127.0.0.1", self.port))
        for message in messages:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(message.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
            writer.close()
        await self.daemon.wait_census(20.0, **before)
        self.assertIsNone(alice.record.find("bye_received", since))
        self.assertEqual((await bob.reinvite()).status, 200)
        await self.gone(bob, alice)


class Subscriptions(SystemTest):
    timer_f = 2
    config_extra = "conference: {subscribe: anyone}\nconference_event: {max_subscriptions_per_user: 5}\n"

    async def test_of_one_who_asks_for_many_are_bounded(self) -> None:
        """Somebody who answers no NOTIFY and proves nothing; the participants watch as they like."""
        alice = await self.join("alice", self.factory)
        user = alice.conference_uri.split(":", 1)[1].split("@")[0]
        statuses: dict = {}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.9", 0))
            datagrams.settimeout(5)
            for number in range(20):
                one = request("SUBSCRIBE", f"many-{number}", "Event: conference\r\n", user=user)
                own = f"127.0.0.9:{datagrams.getsockname()[1]}".encode()
                datagrams.sendto(one.replace(b"127.0.0.1:9", own), ("127.0.0.1", self.port))
            while len(statuses) < 20:
                answer = (await asyncio.to_thread(datagrams.recv, 65536)).decode()
                if answer.startswith("SIP/2.0 ") and not answer.startswith("SIP/2.0 1"):
                    statuses[answer.split("Call-ID: ")[1].split("\r\n")[0]] = answer[8:11]
        self.assertEqual(sorted(statuses.values()), ["200"] * 5 + ["403"] * 15)
        refused = await self.daemon.wait_record("subscription.refused", status=403)
        self.assertIn("too many", refused["reason"])
        await self.gone(alice)


class Unacknowledged(SystemTest):
    timer_f = 2
    config_extra = "conference: {max_conferences: 40, max_conferences_per_source: 20}\n"

    async def test_invites_cost_their_sender_and_nobody_else(self) -> None:
        """Addresses that create conferences and acknowledge nothing have a share of them, and none when others come."""
        statuses: dict = {}
        for host in ("127.0.0.8", "127.0.0.9"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                datagrams.bind((host, 0))
                datagrams.settimeout(5)
                own = f"{host}:{datagrams.getsockname()[1]}".encode()
                for number in range(30):
                    one = request("INVITE", f"{host}-{number}", user=self.factory.split(":")[1].split("@")[0])
                    datagrams.sendto(one.replace(b"127.0.0.1:9", own), ("127.0.0.1", self.port))
                while sum(call.startswith(host) for call in statuses) < 30:
                    answer = (await asyncio.to_thread(datagrams.recv, 65536)).decode()
                    if answer.startswith("SIP/2.0 ") and not answer.startswith("SIP/2.0 1"):
                        statuses[answer.split("Call-ID: ")[1].split("\r\n")[0]] = answer[8:11]
        self.assertEqual(sorted(statuses.values()), ["200"] * 40 + ["486"] * 20)
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        await self.daemon.wait_record("conference.ending", cause="gave_way")
        await self.settled(alice, bob)
        await self.gone(bob, alice)


class Flood(SystemTest):
    def write_config(self) -> Path:
        path = super().write_config()
        limits = "max_rate_per_source: 20\n  max_burst_per_source: 100\n  max_connections_per_source: 10\n"
        path.write_text(path.read_text().replace("sip:\n", f"sip:\n  {limits}"))
        return path

    async def test_of_connections_is_cut(self) -> None:
        """Somebody who opens connections and says nothing keeps as many as the limit allows."""
        alice = await self.join("alice", self.factory, protocol="tcp")
        silent = [await asyncio.open_connection("127.0.0.1", self.port, local_addr=("127.0.0.9", 0)) for _ in range(200)]
        refused = await self.daemon.wait_record("sip.connection_refused", source="127.0.0.9")
        self.assertGreater(refused["connections"], 10)
        ends = [asyncio.ensure_future(reader.read()) for reader, _ in silent]
        await asyncio.wait_for(self.ended(ends, 190), 10.0)
        self.assertFalse(ends[0].done(), "the oldest one stays")
        for _, writer in silent:
            writer.close()
        self.assertEqual((await alice.reinvite()).status, 200)
        await self.gone(alice)

    @staticmethod
    async def ended(tasks, count: int) -> None:
        while sum(task.done() for task in tasks) < count:
            await asyncio.wait([task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED)

    async def test_of_subscriptions_is_dropped(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.9", 0))  # another source than the participants'
            for number in range(3000):
                datagrams.sendto(request("SUBSCRIBE", f"flood-{number}", "Event: conference\r\n"), ("127.0.0.1", self.port))
        await self.daemon.wait_record("sip.source_limited", source="127.0.0.9")
        alice = await self.join("alice", self.factory)
        await self.gone(alice)
