"""The conference event package against the running daemon: subscriptions as a user agent makes them, and what they are
told of joins, removals, privacy and the end (requirements EVT-*, END-10, END-11)."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import List

from support import SystemTest
from ue.conference_info import ConferenceInfo
from ue.watcher import Watcher

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "spec" / "data" / "fixed" / "conference-info.xsd"


class ConferenceEvent(SystemTest):
    config_extra = "conference_event: {min_interval: 500ms}\n"
    trusted_peers = "[127.0.0.1]"

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.watchers: List[Watcher] = []

    async def asyncTearDown(self) -> None:
        for watcher in self.watchers:
            self.assertEqual(watcher.roster.faults, [], watcher.name)
            await watcher.close()
        await super().asyncTearDown()
        self.check_documents()

    def documents(self) -> List[str]:
        return [
            event["text"].split("\r\n\r\n", 1)[1] for event in self.log.events
            if event["event"] == "sip_received" and event.get("method") == "NOTIFY" and "<conference-info" in event["text"]
        ]

    def check_documents(self) -> None:
        """Every document that the daemon sent, against the schema of RFC 4575."""
        documents = self.documents()
        self.assertTrue(documents)
        if not SCHEMA.exists() or not Path("/usr/bin/xmllint").exists():
            return
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, document in enumerate(documents):
                files.append(f"{folder}/{number}.xml")
                Path(files[-1]).write_text(document, encoding="utf-8")
            done = subprocess.run(
                ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMA), *files], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, 0, done.stderr)

    async def watch(self, name: str, uri: str, protocol: str = "udp", **headers: str) -> Watcher:
        """Subscribes as this user, whom a trusted proxy vouches for."""
        watcher = Watcher(self.log, f"{name}-watch", protocol=protocol, asserted_identity=f"sip:{name}@tp.example.org")
        await watcher.start()
        self.watchers.append(watcher)
        final = await watcher.subscribe(uri, **headers)
        self.assertEqual(final.status, 200)
        self.assertIn(";isfocus", final.get("Contact"))
        return watcher

    def proven(self, name: str) -> str:
        return f"sip:{name}@tp.example.org"

    async def pair(self):
        alice = await self.join("alice", self.factory, asserted_identity=self.proven("alice"))
        bob = await self.join("bob", alice.conference_uri, asserted_identity=self.proven("bob"))
        await self.settled(alice, bob)
        return alice, bob

    async def test_a_removal_as_those_who_watch_see_it(self) -> None:
        """EVT-02, EVT-06, EVT-07, EVT-09, END-10, END-11, with real dialogs."""
        alice, bob = await self.pair()
        by_alice = await self.watch("alice", alice.conference_uri)
        roster = await by_alice.wait(lambda one: len(one.present) == 2)
        self.assertEqual(roster.users[alice.identity].roles, ["creator", "moderator", "admin"])
        self.assertEqual(roster.user_count, 2)
        by_bob = await self.watch("bob", alice.conference_uri)
        await by_bob.wait(lambda one: len(one.present) == 2)

        carol = await self.join("carol", alice.conference_uri, asserted_identity=self.proven("carol"))
        roster = await by_bob.wait(lambda one: carol.identity in one.present)
        self.assertEqual([one.joining_method for one in roster.users[carol.identity].endpoints.values()], ["dialed-in"])
        await self.settled(alice, bob, carol)
        # EVT-13: the encodings of its captures, by their labels in SDP.
        def labelled(one: ConferenceInfo) -> bool:
            media = [text for endpoint in one.users[carol.identity].endpoints.values() for text in endpoint.media]
            return any(len(text.split()) == 3 for text in media)
        await by_bob.wait(labelled)

        self.assertEqual((await alice.refer(bob.identity)).status, 200)
        def booted(one: ConferenceInfo) -> bool:
            user = one.users.get(bob.identity)
            return user is not None and any(e.disconnection_method == "booted" for e in user.endpoints.values())
        roster = await by_alice.wait(booted)
        self.assertEqual([e.disconnected_by for e in roster.users[bob.identity].endpoints.values()], [alice.identity])
        await by_alice.wait(lambda one: bob.identity not in one.users)
        await self.until(lambda: by_bob.ended == "rejected")

        await self.gone(carol, alice)
        await self.until(lambda: by_alice.ended == "noresource")

    async def test_refusals(self) -> None:
        """EVT-10, EVT-15, END-08: 403, 423, 406, 489, 404, and a fetch."""
        alice, bob = await self.pair()
        watcher = Watcher(self.log, "mallory", asserted_identity="sip:mallory@tp.example.org")
        await watcher.start()
        self.watchers.append(watcher)
        uri = alice.conference_uri
        self.assertEqual((await watcher.subscribe(uri)).status, 403)
        watcher.asserted_identity = alice.identity
        brief = await watcher.subscribe(uri, expires=10)
        self.assertEqual((brief.status, brief.get("Min-Expires")), (423, "60"))
        self.assertEqual((await watcher.subscribe(uri, Accept="application/pidf+xml")).status, 406)
        unknown = await watcher.subscribe(uri, Event="presence")
        self.assertEqual(unknown.status, 489)
        self.assertIn("conference", unknown.get("Allow-Events"))
        self.assertEqual((await watcher.subscribe(self.uri("conf-nobody"))).status, 404)
        self.assertEqual((await watcher.subscribe(uri, Event="refer")).status, 403)  # REF-17
        self.assertEqual((await self.daemon.census())["subscriptions"], 0)
        self.assertEqual((await watcher.subscribe(uri, expires=0, Accept="")).status, 200)
        await self.until(lambda: watcher.ended == "timeout")
        self.assertEqual(len(watcher.roster.present), 2)
        await self.daemon.wait_census(subscriptions=0)
        await self.gone(bob, alice)

    async def test_a_silent_watcher_is_forgotten(self) -> None:
        """EVT-14."""
        alice, bob = await self.pair()
        watcher = await self.watch("alice", alice.conference_uri)
        await watcher.wait(lambda one: len(one.present) == 2)
        watcher.answer = 481
        await self.gone_from(bob)
        await self.daemon.wait_census(subscriptions=0)
        await self.gone(alice)

    async def test_privacy(self) -> None:
        """EVT-11: not a byte to the others names who asked for it; the name that they know removes it."""
        alice = await self.join("alice", self.factory, asserted_identity=self.proven("alice"))
        watcher = await self.watch("alice", alice.conference_uri, protocol="tcp")
        bob = await self.join("bob", alice.conference_uri, asserted_identity=self.proven("bob"), privacy="id")
        await watcher.wait(lambda one: len(one.present) == 2)
        self.assertIn("sip:anonymous1@anonymous.invalid", watcher.roster.present)
        deadline = time.monotonic() + 10
        while not (alice.clue.told and any(name.startswith("p2-") for name in alice.clue.told.captures)):
            self.assertLess(time.monotonic(), deadline, "the captures of who is anonymous are told")
            await self.news(0.5)
        since = self.log.mark
        self.assertEqual((await alice.refer("sip:anonymous1@anonymous.invalid")).status, 200)
        await self.check_channel_removed(bob, since)
        await watcher.wait(lambda one: len(one.users) == 1)
        for event in self.log.events:
            told = event["event"] in ("clue_received", "sip_received") and event["ue"] in ("alice", "alice-watch")
            if told:
                self.assertNotIn("bob", event["text"].lower())
        await self.gone(alice)

    async def nothing_left(self, timeout: float = 15.0) -> None:
        """Every subscription is over, and the connections that large NOTIFYs made are closed by their owners."""
        await self.daemon.wait_census(timeout, **self.idle)
        for watcher in self.watchers:
            await watcher.close()
        await super().nothing_left(timeout)

    async def gone_from(self, one) -> None:
        self.assertEqual((await one.leave()).status, 200)

    async def until(self, predicate, timeout: float = 10.0) -> None:
        deadline = time.monotonic() + timeout
        while not predicate():
            self.assertLess(time.monotonic(), deadline)
            await self.news(0.2)


class LargeConferenceInfo(ConferenceEvent):
    """NOTIFYs beyond the MTU go by TCP first (RFC 3261 section 18.1.1), and are answered there."""

    udp_mtu = 1300


