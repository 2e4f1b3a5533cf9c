"""A participant moves to another device by INVITE with Replaces (RFC 3891; FOC-11)."""

from __future__ import annotations

from support import SystemTest


class Takeover(SystemTest):
    async def test_the_creator_moves_and_the_others_are_refreshed_once(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        desk = await self.join("desk", alice.conference_uri, user="alice", room="laptop", replaces=alice.as_replaced())
        bye = await alice.record.wait("bye_received", 5.0, since)
        self.assertIn('text="Replaced by another device"', bye["reason"])
        await self.check_channel_removed(alice, since)
        await self.settled(desk, bob, carol)
        for one in (bob, carol):
            told = one.record.all("clue_received", since, message="advertisement")
            self.assertEqual(len(told), 1, "one refresh for the old captures and the new ones")
        completed = await self.daemon.wait_record("takeover.completed")
        self.assertEqual(completed["replaces"], "p1")
        await self.daemon.wait_census(participants=3, sctp_associations=3)
        # The role moved along: the new device may remove, and when it leaves the conference is over.
        self.assertEqual((await desk.refer(carol.identity)).status, 200)
        await carol.record.wait("bye_received", 5.0, since)
        await self.settled(desk, bob)
        await desk.leave()
        await bob.record.wait("bye_received", 5.0, since)
        await self.nothing_left()

    async def test_who_is_not_the_same_user_or_names_no_dialog(self) -> None:
        alice, bob, carol = await self.three()
        eve = await self.endpoint("eve", replaces=alice.as_replaced())
        self.assertEqual((await eve.join(alice.conference_uri)).status, 403)
        late = await self.endpoint("late", user="alice", replaces="nowhere;to-tag=1;from-tag=2")
        self.assertEqual((await late.join(alice.conference_uri)).status, 481)
        early = await self.endpoint("early", user="alice", replaces=alice.as_replaced() + ";early-only")
        self.assertEqual((await early.join(alice.conference_uri)).status, 486)
        self.assertIsNone(alice.record.find("bye_received"))
        await self.settled(alice, bob, carol)
        await self.gone(carol, bob, alice)

    async def test_a_phone_takes_over_from_a_room(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        phone = await self.join("phone", bob.conference_uri, user="bob", room=None, replaces=bob.as_replaced())
        await bob.record.wait("bye_received", 5.0, since)
        await self.daemon.wait_census(participants=3, sctp_associations=2)
        await self.gone(phone, carol, alice)
