"""SIPp removes somebody by REFER, in each way of writing it (REF-01, REF-02, REF-10, REF-13, REF-15)."""

from __future__ import annotations

from sipp_support import SippTest


class Refer(SippTest):
    config_extra = "conference: {remove: participants}\n"

    async def remove(self, situation: str, refer_to: str) -> None:
        """Alice's conference has Bob, whom SIPp removes, and Carol, who stays."""
        alice = await self.join("alice", self.factory, room=None)
        bob = await self.join("bob", alice.conference_uri, room=None)
        carol = await self.join("carol", alice.conference_uri, room=None)
        since = self.log.mark
        user = alice.conference_uri.split(":", 1)[1].split("@")[0]
        await self.play(situation, service=user, keys={"refer_to": refer_to.format(bob=bob.identity)})
        await bob.record.wait("bye_received", 5.0, since)
        await self.daemon.wait_census(participants=2)
        for one in (alice, carol):
            self.assertIsNone(one.record.find("bye_received", since))
        await self.gone(carol, alice)

    async def test_within_its_call_method_in_uri(self) -> None:
        await self.remove("phone_refers_within_its_call", "<{bob};method=BYE>")

    async def test_within_its_call_method_in_header(self) -> None:
        await self.remove("phone_refers_within_its_call", "{bob};method=BYE")

    async def test_outside_of_its_call_method_in_uri(self) -> None:
        """REF-13, REF-14: the call is named by Target-Dialog."""
        await self.remove("phone_refers_outside_of_its_call", "<{bob};method=BYE>")

    async def test_outside_of_its_call_method_in_header(self) -> None:
        await self.remove("phone_refers_outside_of_its_call", "<{bob}>;method=BYE")

    async def test_without_subscription(self) -> None:
        """REF-15"""
        await self.remove("phone_refers_without_subscription", "<{bob};method=BYE>")

    async def test_refer_is_malformed(self) -> None:
        """REF-01, REF-04"""
        await self.play("refer_is_malformed", keys={"refer_to": "<sip:bob@tp.example.org;method=BYE>"})
        await self.nothing_left()
