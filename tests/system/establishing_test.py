"""Sessions that are still being established: reliable 183, CANCEL with and without the channel (TP-02, Shows 5)."""

from __future__ import annotations

from support import SystemTest
from ue.settings import Behaviour


class Establishing(SystemTest):
    async def test_channel_is_active_before_the_200(self) -> None:
        alice = await self.join("alice", self.factory, reliable_provisional=True)
        answer = alice.record.find("sip_received", status=183)
        self.assertIsNotNone(answer)
        self.assertIn("100rel", answer["text"])
        options = alice.record.find("clue_sent", message="options")
        final = alice.record.find("sip_received", status=200, method="INVITE")
        self.assertIsNotNone(options, "the channel was up")
        self.assertLess(options["t"], final["at"])
        await self.gone(alice)

    async def test_final_response_comes_without_the_channel(self) -> None:
        """A peer that never gets CLUE to ACTIVE holds its own INVITE up for a bounded time only."""
        behaviour = Behaviour()
        behaviour.clue.silent = True
        alice = await self.join("alice", self.factory, behaviour, reliable_provisional=True)
        self.assertIsNone(alice.record.find("clue_active"))
        await self.gone(alice)

    async def cancel(self, behaviour: Behaviour, **settings) -> None:
        alice = await self.join("alice", self.factory)
        carol = await self.endpoint("carol", behaviour, **settings)
        joining = carol.begin_join(alice.conference_uri)
        await carol.record.wait("channel_state", 5.0, state="open")
        since = self.log.mark
        self.assertEqual((await carol.cancel()).status, 200)
        self.assertEqual((await carol.finish_join(joining)).status, 487)
        await carol.record.wait("chunk_received", 5.0, since, chunk=lambda chunk: chunk in ("SHUTDOWN", "ABORT"))
        await carol.record.wait("dtls_closed", 5.0, since)
        await self.daemon.wait_census(
            dialogs=1, participants=1, sctp_associations=1, dtls_sessions=1, ice_agents=1, conferences=1
        )
        await self.gone(alice)

    async def test_cancel_with_the_channel_up_and_prack_withheld(self) -> None:
        await self.cancel(Behaviour(withhold_prack=True), reliable_provisional=True)

    async def test_cancel_with_the_channel_up_and_clue_silent(self) -> None:
        behaviour = Behaviour()
        behaviour.clue.silent = True
        await self.cancel(behaviour, reliable_provisional=True)

    async def test_cancel_of_the_creation(self) -> None:
        alice = await self.endpoint("alice", Behaviour(withhold_prack=True), reliable_provisional=True)
        joining = alice.begin_join(self.factory)
        await alice.record.wait("channel_state", 5.0, state="open")
        self.assertEqual((await alice.cancel()).status, 200)
        self.assertEqual((await alice.finish_join(joining)).status, 487)
        await self.nothing_left()

    async def test_phone_that_cancels_at_once(self) -> None:
        """Its CANCEL meets an INVITE that may be answered already (RFC 3261 section 9.2)."""
        for number in range(5):
            phone = await self.endpoint(f"phone{number}", room=None)
            joining = phone.begin_join(self.factory)
            self.assertIn((await phone.cancel()).status, (200, 481))
            final = await phone.finish_join(joining)
            self.assertIn(final.status, (200, 487))
            if final.status == 200:
                self.assertEqual((await phone.leave()).status, 200)
        await self.nothing_left()

    async def test_ack_withheld(self) -> None:
        """The 2xx is never acknowledged: the focus repeats it, and a removal waits for the ACK (END-02)."""
        alice = await self.join("alice", self.factory)
        carol = await self.join("carol", alice.conference_uri, Behaviour(withhold_ack=True))
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await carol.record.wait("sip_received", 5.0, since, status=200, method="INVITE")
        self.assertIsNone(carol.record.find("sip_received", since, method="BYE", request=True))
        carol.agent.acknowledge(carol.invite, carol.dialog.request("ACK", carol.invite.request.cseq[0]))
        await carol.record.wait("bye_received", 5.0, since)
        await self.gone(alice)

    async def test_offerless_phone(self) -> None:
        """Jami and others ask for an offer; one that did not show CLUE is offered none."""
        phone = await self.join("phone", self.factory, room=None, offerless=True)
        offer = phone.record.find("sip_received", status=200, method="INVITE")["text"]
        self.assertIn("m=audio", offer)
        self.assertNotIn("m=application", offer)
        self.assertTrue(any(slot.line.port for slot in phone.offer_answer.slots))
        await self.gone(phone)

    async def test_offerless_telepresence_endpoint(self) -> None:
        alice = await self.join("alice", self.factory, offerless=True)
        bob = await self.join("bob", alice.conference_uri)
        self.assertEqual(alice.record.find("channel_offered")["setup"], "actpass")
        await self.settled(alice, bob)
        await self.gone(bob, alice)

    async def test_fingerprint_that_does_not_match(self) -> None:
        """The channel is refused before SCTP, the call stays (RFC 8122 section 5.1, TP-10)."""
        alice = await self.endpoint("alice")
        describe = alice.channel.describe

        def forged(setup: str = "actpass"):
            description = describe(setup)
            description.fingerprint = "sha-256 " + ":".join(["AB"] * 32)
            return description

        alice.channel.describe = forged
        self.assertEqual((await alice.join(self.factory)).status, 200)
        failed = await self.daemon.wait_record("channel.failed")
        self.assertEqual(failed["cause"], "fingerprint")
        await self.daemon.wait_census(participants=1, sctp_associations=0)
        self.assertIsNone(alice.record.find("channel_state", state="open"))
        self.assertIsNone(alice.record.find("bye_received"))
        await self.gone(alice)

    async def test_removed_while_ice_is_checking(self) -> None:
        alice = await self.join("alice", self.factory)
        carol = await self.endpoint("carol", reliable_provisional=True)
        carol.channel.pause()
        joining = carol.begin_join(alice.conference_uri)
        await carol.record.wait("sip_received", 5.0, status=183)
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        self.assertGreaterEqual((await carol.finish_join(joining)).status, 300)
        await self.daemon.wait_census(dialogs=1, ice_agents=1, participants=1)
        await self.gone(alice)

    async def test_unknown_conference(self) -> None:
        stranger = await self.endpoint("bob")
        self.assertEqual((await stranger.join(self.uri("conf-that-never-was"))).status, 404)
        await self.nothing_left()

    async def test_contact_says_isfocus_and_clue(self) -> None:
        alice = await self.join("alice", self.factory, reliable_provisional=True)
        for status in (183, 200):
            text = alice.record.find("sip_received", status=status, method="INVITE")["text"]
            contact = next(line for line in text.split("\r\n") if line.lower().startswith(("contact:", "m:")))
            self.assertIn("isfocus", contact)
            self.assertIn("+sip.clue", contact)
        self.assertNotEqual(alice.conference_uri, self.factory)
        await self.gone(alice)
