"""The CLUE channels with ice: lite: the main scenario, what is still being set up, and one port for everybody."""

from __future__ import annotations

import establishing_test
import main_scenario_test
from support import SystemTest

LITE = "channel: {ice: lite}\n"


class LiteMainScenario(main_scenario_test.MainScenario):
    config_extra = LITE


class LiteOverIpv6(main_scenario_test.OverIpv6):
    config_extra = LITE


class LiteEstablishing(establishing_test.Establishing):
    """The CANCEL with the channel up is among these."""

    config_extra = LITE


class OnePort(SystemTest):
    config_extra = LITE

    async def test_all_channels_use_it_and_the_sdp_says_lite(self) -> None:
        listening = self.daemon.find("channel.listening", address="127.0.0.1")
        await self.three()
        for endpoint in self.endpoints:
            self.assertTrue(endpoint.channel.remote.ice_lite)
            self.assertEqual(endpoint.channel.remote.port, listening["udp_port"])
        established = [record for record in self.daemon.records if record.get("record") == "channel.established"]
        self.assertEqual(len(established), 3)
        pair = f"host 127.0.0.1:{listening['udp_port']} - host 127.0.0.1:"
        for record in established:
            self.assertTrue(record["pair"].startswith(pair), record)
        await self.gone(*self.endpoints)

    async def test_a_phone_is_told_nothing_of_ice(self) -> None:
        phone = await self.join("phone", self.factory, room=None)
        self.assertNotIn("a=ice", phone.record.find("sip_received", status=200)["text"])
        await self.gone(phone)

    async def test_reinvites_say_lite_as_well(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        offer = await bob.record.wait("sip_received", 5.0, since, method="INVITE", request=True)
        self.assertEqual(offer["text"].count("a=ice-lite"), 1)
        await self.settled(alice, bob)
        await self.gone(bob, alice)
