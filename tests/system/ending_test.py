"""How sessions and conferences end otherwise: BYE, the creator's departure, lost cables, SIGTERM (END-*)."""

from __future__ import annotations

import asyncio
import signal

from support import SystemTest
from ue.settings import Behaviour


class Ending(SystemTest):
    async def test_participant_leaves(self) -> None:
        alice, bob, carol = await self.three()
        tokens, since = {one: self.token_of("Carol", one) for one in (alice, bob)}, self.log.mark
        self.assertEqual((await carol.leave()).status, 200)
        for one in (alice, bob):
            await self.check_refreshed(one, "Carol", tokens[one], since)
        await self.settled(alice, bob)
        await self.daemon.wait_census(dialogs=2, sctp_associations=2, ice_agents=2)
        await self.gone(bob, alice)

    async def test_creator_leaves_and_everybody_is_sent_home(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await alice.leave()).status, 200)
        for one in (bob, carol):
            await one.record.wait("bye_received", 5.0, since)
            await one.record.wait("chunk_received", 5.0, since, chunk="SHUTDOWN")
            self.assertIsNone(one.record.find("clue_received", since, message="advertisement"), "no refresh while ending")
        await self.nothing_left()
        stranger = await self.endpoint("dave", room="laptop")
        self.assertEqual((await stranger.join(alice.conference_uri)).status, 410, "the URI is not valid any more (END-08)")

    async def test_sigterm_ends_every_dialog(self) -> None:
        alice, bob, carol = await self.three()
        phone = await self.join("phone", self.factory, room=None)
        since = self.log.mark
        stopping = asyncio.ensure_future(self.daemon.stop())
        for one in (alice, bob, carol, phone):
            await one.record.wait("bye_received", 5.0, since)
        for one in (alice, bob, carol):
            await one.record.wait("dtls_closed", 5.0, since)
        self.assertEqual(await stopping, 0)
        last = self.daemon.find("daemon.stopped")
        left = {key: value for key, value in last.items() if key in self.idle and value != self.idle[key]}
        self.assertEqual(left, {}, "nothing is left at the end")

    async def test_sigterm_with_a_dead_participant(self) -> None:
        alice = await self.join("alice", self.factory)
        alice.freeze()
        self.assertEqual(await self.daemon.stop(timeout=12.0), 0)

    async def test_second_signal_ends_at_once(self) -> None:
        alice = await self.join("alice", self.factory)
        alice.freeze()
        self.daemon.process.send_signal(signal.SIGTERM)
        await self.daemon.wait_record("daemon.stopping")
        self.daemon.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.daemon.process.wait(), 2.0)

    async def test_lost_channel_is_not_a_departure(self) -> None:
        """TP-10: the CLUE channel breaks, the call goes on."""
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        await self.settled(alice, bob)
        await bob.channel.close()
        await self.daemon.wait_record("channel.failed", 10.0)
        self.assertIsNone(bob.record.find("bye_received"))
        await self.daemon.wait_census(dialogs=2, participants=2)
        await self.gone(bob, alice)

    async def test_joins_and_leaves_leave_nothing_behind(self) -> None:
        alice = await self.join("alice", self.factory)
        bound = []
        for number in range(5):
            one = await self.join(f"guest{number}", alice.conference_uri)
            await self.settled(alice, one)
            bound.append(len(alice.offer_answer.slots))
            await one.leave()
            await self.daemon.wait_census(dialogs=1, sctp_associations=1, ice_agents=1)
            await self.settled(alice)
        self.assertEqual(len(set(bound)), 1, f"port-0 m-lines are used again (OA-06): {bound}")
        await self.gone(alice)
