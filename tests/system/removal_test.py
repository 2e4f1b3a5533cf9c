"""Removals that do not go smoothly: dead or hasty targets, frozen or hasty others, and who may not (Shows 3)."""

from __future__ import annotations

import asyncio
import time

from support import SystemTest
from ue.settings import Behaviour


class Removal(SystemTest):
    timer_f = 3  # the tests wait for dead targets to be given up

    async def test_silent_target(self) -> None:
        alice, bob, carol = await self.three()
        token, since = self.token_of("Carol", bob), self.log.mark
        carol.freeze()
        started = time.monotonic()
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_refreshed(bob, "Carol", token, since, timeout=1.5)
        await self.settled(alice, bob, timeout=1.5)
        self.assertLess(time.monotonic() - started, 1.5, "a dead target delays nobody")
        final = await alice.record.wait("notified", 10.0, since, state=lambda state: state.startswith("terminated"))
        self.assertIn("SIP/2.0 200", final["body"])
        await self.daemon.wait_census(dialogs=2, sctp_associations=2, ice_agents=2, dtls_sessions=2)
        await self.gone(bob, alice)

    async def test_target_that_leaves_at_the_same_moment(self) -> None:
        alice, bob, carol = await self.three()
        token, since = self.token_of("Carol", bob), self.log.mark
        refer, leave = await asyncio.gather(alice.refer(carol.identity), carol.leave())
        self.assertIn(refer.status, (200, 404), "removed, or no longer there when the REFER was looked at")
        self.assertIn(leave.status, (200, 481))
        await self.check_refreshed(bob, "Carol", token, since)
        await self.settled(alice, bob)
        if refer.status == 200:
            final = await alice.record.wait("notified", 5.0, since, state=lambda state: state.startswith("terminated"))
            self.assertIn("SIP/2.0 200", final["body"])
        await self.daemon.wait_census(dialogs=2, participants=2, open_refers=0)
        await self.gone(bob, alice)

    async def test_target_whose_bye_crosses_ours(self) -> None:
        """Its BYE is under way when the focus's own arrives: each side sees a BYE for a dialog that is gone."""
        alice, bob, carol = await self.three()
        since = self.log.mark
        carol.behaviour.ignore_bye = True
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await carol.record.wait("sip_received", 5.0, since, method="BYE")
        self.assertIn((await carol.leave()).status, (200, 481))
        final = await alice.record.wait("notified", 10.0, since, state=lambda state: state.startswith("terminated"))
        self.assertIn("SIP/2.0 200", final["body"])
        await self.settled(alice, bob)
        await self.daemon.wait_census(dialogs=2, participants=2, open_refers=0)
        await self.gone(bob, alice)

    async def test_second_refer_for_the_same_target(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        carol.behaviour.ignore_bye = True
        first, second = await asyncio.gather(alice.refer(carol.identity), alice.refer(carol.identity, in_dialog=False))
        self.assertEqual({first.status, second.status}, {200})
        await alice.record.wait("notified", 10.0, since, state=lambda state: state.startswith("terminated"))
        finals = []
        for _ in range(2):
            after = finals[-1]["n"] + 1 if finals else since
            finals.append(await alice.record.wait("notified", 10.0, after, state=lambda state: state.startswith("terminated")))
        self.assertEqual(len({final["body"] for final in finals}), 1, "both are told the same")
        branches = {event["cseq"] for event in carol.record.all("sip_received", since, method="BYE")}
        self.assertEqual(len(branches), 1, "one BYE (REF-18)")
        await self.gone(bob, alice)

    async def test_frozen_bystander_delays_nobody(self) -> None:
        alice, bob, carol = await self.three()
        dave = await self.join("dave", alice.conference_uri, room="two-cameras")
        await self.settled(alice, bob, carol, dave)
        tokens, since = {one: self.token_of("Carol", one) for one in (alice, dave)}, self.log.mark
        bob.freeze()
        started = time.monotonic()
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        for one in (alice, dave):
            await self.check_refreshed(one, "Carol", tokens[one], since, timeout=1.5)
        self.assertLess(time.monotonic() - started, 1.5)
        final = await alice.record.wait("notified", 5.0, since, state=lambda state: state.startswith("terminated"))
        self.assertIn("SIP/2.0 200", final["body"])

    async def test_glare_at_the_refresh(self) -> None:
        """Bob offers the moment he is told of the change: one of the two offers gets 491, and both come to an end."""
        alice, bob, carol = await self.three()
        since = self.log.mark
        bob.behaviour.reinvite_on_advertisement = True
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        done = await bob.record.wait("reinvite_answered", 10.0, since, status=200)
        # The focus's own offer gets through in the end, whether before or after.
        await bob.record.wait("offer_answered", 10.0, since)
        await self.settled(alice, bob)
        pending = [event["n"] for event in bob.record.all("reinvite_answered", since)]
        self.assertLessEqual(len(pending), 2, f"{done} after at most one 491")
        await self.gone(bob, alice)

    async def test_offers_that_cross(self) -> None:
        """Both have sent their offer before they see the other's: 491 both ways, and each tries again in its band."""
        alice, bob, carol = await self.three()
        since = self.log.mark
        bob.behaviour.collide = True
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        refused = await bob.record.wait("sip_sent", 5.0, since, status=491, method="INVITE")
        answered = await bob.record.wait("offer_answered", 5.0, since)
        # RFC 3261 section 14.1: who does not own the Call-ID waits 0 to 2 s; the rest is for a slow machine.
        self.assertLess(answered["t"] - refused["t"], 3.0)
        await bob.record.wait("reinvite_answered", 10.0, since, status=lambda status: status in (200, 491))
        await self.settled(alice, bob)
        await bob.record.wait("reinvite_answered", 10.0, since, status=200)
        await self.gone(bob, alice)

    async def test_refused_reinvite_keeps_the_call(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        bob.behaviour.reject_reinvite = 488
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await bob.record.wait("sip_sent", 5.0, since, status=488)
        await alice.record.wait("offer_answered", 5.0, since)
        await self.daemon.wait_census(dialogs=2, participants=2)
        self.assertIsNone(bob.record.find("bye_received"))
        await self.gone(bob, alice)

    async def test_two_removals_are_summed_up(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        first, second = await asyncio.gather(alice.refer(bob.identity), alice.refer(carol.identity))
        self.assertEqual({first.status, second.status}, {200})
        for one in (bob, carol):
            await self.check_channel_removed(one, since)
        await self.settled(alice)
        self.assertLessEqual(len(alice.record.all("clue_received", since, message="advertisement")), 2)
        self.assertLessEqual(len(alice.record.all("offer_answered", since)), 2)
        await self.gone(alice)

    async def test_target_with_our_reinvite_pending(self) -> None:
        """The focus's offer is not answered yet when its participant is removed (END-05)."""
        alice, bob, carol = await self.three()
        carol.behaviour.ignore_reinvite = True
        since = self.log.mark
        await bob.leave()
        await carol.record.wait("sip_received", 5.0, since, method="INVITE", request=True)
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.settled(alice)
        await self.daemon.wait_census(dialogs=1, participants=1)
        await self.gone(alice)

    async def test_not_authorised(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        for how in ({}, {"in_dialog": False}):
            self.assertEqual((await bob.refer(carol.identity, **how)).status, 403)
        self.assertIsNone(carol.record.find("bye_received"))
        self.assertIsNone(bob.record.find("notified", since), "a refused REFER makes no subscription")
        await self.daemon.wait_census(dialogs=3, participants=3, subscriptions=self.idle["subscriptions"])
        await self.gone(bob, carol, alice)

    async def test_unknown_target(self) -> None:
        alice, bob, carol = await self.three()
        self.assertEqual((await alice.refer("sip:nobody@tp.example.org")).status, 404)
        self.assertEqual((await alice.refer("sip:nobody@tp.example.org", in_dialog=False)).status, 404)
        await self.gone(bob, carol, alice)

    async def test_self_removal(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await carol.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.settled(alice, bob)
        await self.gone(bob, alice)

    async def test_without_subscription(self) -> None:
        """RFC 4488: Refer-Sub: false is honoured, and no NOTIFY comes."""
        alice, bob, carol = await self.three()
        since = self.log.mark
        final = await alice.refer(carol.identity, extra={"Refer-Sub": "false"})
        self.assertEqual((final.status, final.get("Refer-Sub")), (200, "false"))
        await self.check_channel_removed(carol, since)
        await self.settled(alice, bob)
        await self.gone(bob, alice)
        self.assertIsNone(alice.record.find("notified", since))


class EarlyTarget(SystemTest):
    """The target's INVITE was answered by a reliable 183 only: no BYE is allowed yet (END-02)."""

    async def remove_early(self, behaviour: Behaviour) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        await self.settled(alice, bob)
        carol = await self.endpoint("carol", behaviour, reliable_provisional=True)
        joining = carol.begin_join(alice.conference_uri)
        await carol.record.wait("sip_received", 5.0, status=183)
        await carol.record.wait("channel_state", 5.0, state="open")
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        final = await carol.finish_join(joining)
        self.assertGreaterEqual(final.status, 300, "a final response, not a BYE")
        self.assertIsNone(carol.record.find("sip_received", since, method="BYE", request=True))
        await carol.record.wait("chunk_received", 5.0, since, chunk=lambda chunk: chunk in ("SHUTDOWN", "ABORT"))
        notify = await alice.record.wait("notified", 5.0, since, state=lambda state: state.startswith("terminated"))
        self.assertIn("SIP/2.0 200", notify["body"])
        await self.daemon.wait_census(dialogs=2, sctp_associations=2, ice_agents=2, participants=2)
        await self.settled(alice, bob)
        await self.gone(bob, alice)

    async def test_prack_withheld(self) -> None:
        await self.remove_early(Behaviour(withhold_prack=True))

    async def test_options_response_withheld(self) -> None:
        behaviour = Behaviour()
        behaviour.clue.withhold_options_response = True
        behaviour.clue.silent = True  # also as initiator: it never gets to ACTIVE
        await self.remove_early(behaviour)
