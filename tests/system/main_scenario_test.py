"""Three telepresence endpoints meet, one is removed by REFER, the others' captures are refreshed (Shows 2 and 3)."""

from __future__ import annotations

from support import SystemTest


class MainScenario(SystemTest):
    async def remove_carol(self, **how) -> None:
        alice, bob, carol = await self.three()
        tokens = {one: self.token_of("Carol", one) for one in (alice, bob)}
        before = {one: len(one.clue.told.encodings()) for one in (alice, bob)}
        await self.daemon.wait_census(dialogs=3, participants=3, sctp_associations=3, ice_agents=3, conferences=1)
        since = self.log.mark

        final = await alice.refer(carol.identity, **how)
        self.assertEqual(final.status, 200)

        await self.check_channel_removed(carol, since)
        bye = carol.record.find("bye_received", since)
        self.assertIn(alice.identity, bye["referred_by"], "Referred-By is copied into the BYE (REF-09)")
        for one in (alice, bob):
            await self.check_refreshed(one, "Carol", tokens[one], since)
            self.assertLess(len(one.clue.told.encodings()), before[one], "fewer captures need fewer encodings")
        await self.settled(alice, bob)
        await self.check_notified(alice, since)
        await self.daemon.wait_census(dialogs=2, participants=2, sctp_associations=2, ice_agents=2, dtls_sessions=2, open_refers=0)
        self.assertIsNone(alice.record.find("bye_received"), "the creator stays")
        self.assertIsNone(bob.record.find("bye_received"), "the others stay")
        for one in (alice, bob):
            self.check_no_trace(one, "Carol", tokens[one], since)
        await self.gone(bob, alice)

    async def check_notified(self, referrer, since: int) -> None:
        """By the book for a telepresence endpoint (RFC 3515 section 2.4.4): 100 first, the result last."""
        final = await referrer.record.wait("notified", 5.0, since, state=lambda state: state.startswith("terminated"))
        self.assertEqual(final["body"], "SIP/2.0 200 OK")
        self.assertIn("noresource", final["state"])
        first = referrer.record.find("notified", since)
        self.assertEqual(first["body"], "SIP/2.0 100 Trying")
        self.assertTrue(first["state"].startswith("active"), first)
        self.assertTrue(first["package"].startswith("refer"))

    async def test_refer_in_dialog(self) -> None:
        await self.remove_carol()

    async def test_refer_in_dialog_with_method_as_header_parameter(self) -> None:
        await self.remove_carol(method_as="header")

    async def test_refer_out_of_dialog_with_target_dialog(self) -> None:
        await self.remove_carol(in_dialog=False)

    async def test_refer_out_of_dialog_with_method_as_header_parameter(self) -> None:
        await self.remove_carol(in_dialog=False, method_as="header")


class LargeRequests(SystemTest):
    """The daemon's default: what is too large for a datagram goes by TCP first (RFC 3261 section 18.1.1)."""

    udp_mtu = 1300

    async def test_reinvites_come_over_tcp(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.settled(alice, bob)
        offer = await bob.record.wait("sip_received", 5.0, since, method="INVITE", request=True)
        self.assertIn("SIP/2.0/TCP", offer["text"])
        await self.gone(bob, alice)

    async def test_endpoints_that_do_not_listen_on_tcp(self) -> None:
        alice, bob, carol = await self.three(udp_only=True)
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.settled(alice, bob)
        await self.gone(bob, alice)


class OverTcp(SystemTest):
    async def test_refer_in_dialog_over_tcp_with_clue_receivers(self) -> None:
        """An odd stream id makes the focus DTLS client, and so the Channel Initiator that sends `options`."""
        alice, bob, carol = await self.three(protocol="tcp", stream_id=1)
        self.assertIsNotNone(bob.record.find("clue_received", message="options"))
        token, since = self.token_of("Carol", bob), self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.check_refreshed(bob, "Carol", token, since)
        await self.settled(alice, bob)
        await self.gone(bob, alice)

    async def test_bye_on_a_new_connection_when_the_old_one_is_dead(self) -> None:
        alice, bob, carol = await self.three(protocol="tcp")
        carol.agent.transport.drop_connections()
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.settled(alice, bob)
        await self.gone(bob, alice)


class OverIpv6(SystemTest):
    address = "::1"

    async def test_refer_in_dialog_over_ipv6(self) -> None:
        alice, bob, carol = await self.three()
        token, since = self.token_of("Carol", bob), self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.check_refreshed(bob, "Carol", token, since)
        await self.settled(alice, bob)
        await self.gone(bob, alice)
