"""The CLUE protocol on real channels: both roles, refusals, slowness, garbage (Shows 4)."""

from __future__ import annotations

from support import SystemTest
from ue.settings import Behaviour


class Clue(SystemTest):
    async def test_creator_alone_is_told_of_the_conference_scene(self) -> None:
        alice = await self.join("alice", self.factory)
        await self.settled(alice)
        captures = alice.clue.told.captures.values()
        self.assertTrue(captures)
        self.assertFalse([capture.id for capture in captures if capture.individual])
        await self.gone(alice)

    async def test_own_captures_are_not_told_and_ids_are_unique(self) -> None:
        """All three rooms use the same ids (RFC 8845 section 12.3: no coordination)."""
        everybody = await self.three()
        seen = {}
        for one in everybody:
            for capture in one.clue.told.captures.values():
                self.assertFalse(capture.description.startswith(f"{one.settings.room.person}:"))
                if ":" in capture.description:
                    self.assertEqual(seen.setdefault(capture.id, capture.description), capture.description)
        people = {description.split(":")[0] for description in seen.values()}
        self.assertEqual(people, {"Alice", "Bob", "Carol"})
        await self.gone(*reversed(everybody))

    async def test_focus_configures_what_others_want(self) -> None:
        alice, bob, carol = await self.three()
        for one in (alice, bob, carol):
            await one.record.wait("clue_received", 10.0, message="configure", encodings=lambda pairs: bool(pairs))
            self.assertTrue(one.clue.streamed)
        await self.gone(carol, bob, alice)

    async def test_initiator_and_receiver_in_one_conference(self) -> None:
        alice = await self.join("alice", self.factory, stream_id=0)
        bob = await self.join("bob", alice.conference_uri, stream_id=1)
        await self.settled(alice, bob)
        self.assertIsNotNone(alice.record.find("clue_sent", message="options"))
        self.assertIsNotNone(bob.record.find("clue_received", message="options"))
        await self.gone(bob, alice)

    async def test_large_stream_id(self) -> None:
        alice = await self.join("alice", self.factory, stream_id=100)
        await self.settled(alice)
        await self.gone(alice)

    async def test_slow_participant(self) -> None:
        behaviour = Behaviour(answer_delay=0.5)
        behaviour.clue.delay = 0.3
        everybody = await self.three({"bob": behaviour})
        await self.gone(*reversed(everybody))

    async def test_endless_refusals_harm_nobody(self) -> None:
        behaviour = Behaviour()
        behaviour.clue.nack = True
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri, behaviour)
        carol = await self.join("carol", alice.conference_uri)
        await self.told(alice, {"Bob", "Carol"})
        await self.told(carol, {"Alice", "Bob"})
        self.assertIsNone(bob.record.find("bye_received"))
        await self.gone(carol, bob, alice)

    async def test_small_messages_for_a_small_endpoint(self) -> None:
        """An advertisement that is too large for the peer is reduced, not sent (DC-03, MCU-07)."""
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        carol = await self.endpoint("carol")
        carol.channel.max_message_size = 4096
        self.assertEqual((await carol.join(alice.conference_uri)).status, 200)
        await carol.record.wait("configured", code=200)
        await self.told(alice, {"Bob", "Carol"})
        await self.told(bob, {"Alice", "Carol"})
        largest = max(len(event["text"].encode()) for event in carol.record.all("clue_received"))
        self.assertLessEqual(largest, 4096)
        self.assertGreater(max(len(event["text"].encode()) for event in bob.record.all("clue_received")), 4096)
        await self.gone(carol, bob, alice)

    async def test_garbage_on_the_channel(self) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        await self.settled(alice, bob)
        for text in ("", "x", "<", "<options/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>" * 5000, "\0"):
            bob.channel.send(text)
        carol = await self.join("carol", alice.conference_uri)
        await self.told(carol, {"Alice", "Bob"})
        self.assertIsNone(bob.record.find("bye_received"))
        await self.gone(carol, bob, alice)
