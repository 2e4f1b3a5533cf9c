"""SIPp as the other end: what each file of tests/system/sipp plays."""

from __future__ import annotations

from sipp_support import SippTest


class Sipp(SippTest):
    async def test_phone_joins_and_leaves(self) -> None:
        await self.play("phone_joins_and_leaves")
        await self.nothing_left()

    async def test_phone_joins_and_leaves_over_tcp(self) -> None:
        await self.play("phone_joins_and_leaves", tcp=True)
        await self.nothing_left()

    async def test_many_phones_join_and_leave(self) -> None:
        await self.play("phone_joins_and_leaves", calls=40)
        await self.nothing_left()

    async def test_phone_is_removed(self) -> None:
        alice = await self.join("alice", self.factory)
        user = alice.conference_uri.split(":", 1)[1].split("@")[0]
        sipp = await self.begin("phone_is_removed", service=user)
        await self.daemon.wait_census(participants=2)
        since = self.log.mark
        final = await alice.refer("sip:sipp-phone@tp.example.org")
        self.assertEqual(final.status, 200)
        await self.end(sipp, "phone_is_removed")
        await alice.record.wait("notified", 5.0, since, body="SIP/2.0 200 OK")
        await self.gone(alice)

    async def test_telepresence_cancels_after_183(self) -> None:
        await self.play("telepresence_cancels_after_183", calls=5)
        await self.nothing_left()
