"""The life of an ordinary soft phone in a conference, the same for each of them (TP-23, Shows 2)."""

from __future__ import annotations

import asyncio
from typing import Type

from peers import need
from phone import Phone
from support import SystemTest
from ue.daemon import free_ports
from ue.watcher import Watcher


class PhoneCases(SystemTest):
    """A subclass names the phone. The others in the conference are endpoints of tests/ue."""

    phone_class: Type[Phone]
    config_extra = "conference: {subscribe: anyone}\nconference_event: {min_interval: 0s}\n"

    @classmethod
    def setUpClass(cls) -> None:
        need(cls.phone_class.installed(), cls.phone_class.program)

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        ports = free_ports(24)
        home = self.folder / "home"
        home.mkdir()
        self.phone = self.phone_class(home, sip_port=ports, rtp_port=ports + 4)
        self.addAsyncCleanup(self.phone.stop)
        await self.phone.start()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result is not None else 0
        outcome = super().run(result)
        if result is not None and len(result.failures) + len(result.errors) > before and hasattr(self, "phone"):
            print(f"\n--- {self.phone.program}\n{self.phone.output[-6000:]}")
        return outcome

    async def phone_calls(self, uri: str) -> str:
        """The conference URI, from the daemon's record of the phone's joining."""
        since = len(self.daemon.records)
        await self.phone.call(uri)
        joined = await self.daemon.wait_record("participant.joined", since=since, identity=self.phone.identity)
        self.assertEqual(joined["clue"], "no")
        return self.uri(joined["conference"])

    async def watch(self, conference: str) -> Watcher:
        """Somebody outside who is told of the roster (RFC 4575)."""
        watcher = Watcher(self.log, "watcher")
        await watcher.start()
        self.addAsyncCleanup(watcher.close)
        self.assertEqual((await watcher.subscribe(conference)).status, 200)
        return watcher

    async def still_in_call(self) -> None:
        """It is able to hold and resume, which the daemon answers within this dialog."""
        since = len(self.daemon.records)
        await self.phone.hold()
        await self.phone.resume()
        await self.daemon.wait_record("offer.received", since=since)
        self.assertIsNone(self.daemon.find("participant.leaving", since))

    async def test_joins_holds_resumes_and_leaves(self) -> None:
        alice = await self.join("alice", self.factory)
        watcher = await self.watch(alice.conference_uri)
        await self.phone_calls(alice.conference_uri)
        await watcher.wait(lambda roster: set(roster.present) == {alice.identity, self.phone.identity})
        await self.still_in_call()
        since = len(self.daemon.records)
        mark = self.phone.mark
        await self.phone.hang_up()
        left = await self.daemon.wait_record("participant.leaving", since=since)
        self.assertEqual((left["cause"], left["by_peer"]), ("bye", "yes"))
        await self.phone.wait_ended(mark)
        await watcher.wait(lambda roster: set(roster.present) == {alice.identity})
        await self.gone(alice)

    async def test_removes_another_and_stays(self) -> None:
        """REF-02, REF-10: what a final NOTIFY of the usual kind would do to it is in the operator's refer.final_notify."""
        conference = await self.phone_calls(self.factory)
        bob = await self.join("bob", conference)
        carol = await self.join("carol", conference)
        await self.settled(bob, carol)
        await self.told(carol, {"Bob"})
        watcher = await self.watch(conference)
        await watcher.wait(lambda roster: set(roster.present) == {self.phone.identity, bob.identity, carol.identity})
        log, since = len(self.daemon.records), self.log.mark
        await self.phone.remove(bob.identity)
        await self.daemon.wait_record("refer.accepted", since=log)
        await self.check_channel_removed(bob, since)
        await self.daemon.wait_record("refer.concluded", since=log)
        await self.told(carol, set())
        await watcher.wait(lambda roster: set(roster.present) == {self.phone.identity, carol.identity})
        await self.still_in_call()
        await self.daemon.wait_census(participants=2)
        await self.phone.hang_up()  # the creator: the conference ends with it
        await carol.record.wait("bye_received", 5.0, since)
        await self.nothing_left()

    async def test_is_removed_by_another(self) -> None:
        alice = await self.join("alice", self.factory)
        watcher = await self.watch(alice.conference_uri)
        await self.phone_calls(alice.conference_uri)
        await watcher.wait(lambda roster: self.phone.identity in roster.present)
        mark, since = self.phone.mark, self.log.mark
        self.assertEqual((await alice.refer(self.phone.identity)).status, 200)
        await alice.record.wait("notified", 10.0, since, body="SIP/2.0 200 OK")
        await self.phone.wait_ended(mark)
        await watcher.wait(lambda roster: self.phone.identity not in roster.present)
        await self.daemon.wait_census(participants=1)
        await self.gone(alice)


class CalledPhoneCases(PhoneCases):
    """For a phone that can be told to pick up, and survives it: linphonec dies when it stops ringing without a sound card."""

    trusted_peers = "[127.0.0.1]"  # who vouches for Alice's identity

    async def picks_up(self) -> None:
        mark = 0
        while True:
            mark = await self.phone.answer(mark)

    async def test_is_called_because_the_creator_listed_it(self) -> None:
        """FOC-13: with the history of the recipients, which it cannot read, and then without."""
        called_as = f"sip:{self.phone.name}@127.0.0.1:{self.phone.sip_port}"
        entry = f'<entry uri="{called_as}" cp:copyControl="to"/>'
        listed = (
            '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol">'
            f"<list>{entry}</list></resource-lists>"
        )
        identity = "sip:alice@tp.example.org"
        answering = asyncio.ensure_future(self.picks_up())
        alice = await self.join("alice", self.factory, asserted_identity=identity, recipient_list=listed)
        joined = await self.daemon.wait_record("participant.joined", 20.0, identity=called_as)
        self.assertEqual(joined["clue"], "no")
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        concluded = await self.daemon.wait_record("list.concluded")
        self.assertEqual((concluded["answered"], concluded["failed"]), (1, 0))
        await self.phone.wait_established()
        await self.still_in_call()
        mark = self.phone.mark
        await alice.leave()
        await self.phone.wait_ended(mark)
        await self.nothing_left()
