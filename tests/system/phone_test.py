"""An ordinary phone in a telepresence conference (TP-23)."""

from __future__ import annotations

from support import SystemTest


class Phone(SystemTest):
    async def test_phone_joins_and_is_represented(self) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        await self.settled(alice, bob)
        before = alice.clue.told
        since = self.log.mark
        phone = await self.join("phone", alice.conference_uri, room=None)
        for event in phone.record.all("sip_received"):
            self.assertNotIn("m=application", event["text"])
            self.assertNotIn("group:CLUE", event["text"])
        adv = await alice.record.wait("clue_received", 5.0, since, message="advertisement")
        new = set(adv["captures"]) - set(before.captures)
        self.assertTrue(new, "the others are told of a capture for the phone")
        token = next(iter(new)).split("-")[0]

        since = self.log.mark
        self.assertEqual((await phone.leave()).status, 200)
        adv = await alice.record.wait("clue_received", 5.0, since, message="advertisement")
        self.assertFalse([name for name in adv["captures"] if name.startswith(f"{token}-")])
        await self.gone(bob, alice)

    async def test_phone_is_removed(self) -> None:
        alice = await self.join("alice", self.factory)
        phone = await self.join("phone", alice.conference_uri, room=None)
        since = self.log.mark
        self.assertEqual((await alice.refer(phone.identity)).status, 200)
        bye = await phone.record.wait("bye_received", 5.0, since)
        self.assertIn("SIP;cause=200", bye["reason"])
        await alice.record.wait("notified", 5.0, since, body="SIP/2.0 200 OK")
        await self.gone(alice)

    async def test_phone_as_referrer_survives(self) -> None:
        """In-dialog and without any sign of CLUE or IMS: the final NOTIFY must not look like a transfer (auto)."""
        phone = await self.join("phone", self.factory, room=None)
        other = await self.join("other", phone.conference_uri, room=None)
        since = self.log.mark
        self.assertEqual((await phone.refer(other.identity)).status, 200)
        await other.record.wait("bye_received", 5.0, since)
        final = await phone.record.wait("notified", 5.0, since, state=lambda state: state.startswith("terminated"))
        self.assertIn("SIP/2.0 100 Trying", final["body"])
        bodies = {event["body"] for event in phone.record.all("notified", since)}
        self.assertEqual(bodies, {"SIP/2.0 100 Trying"})
        await self.gone(phone)

    async def test_phone_with_reinvite(self) -> None:
        phone = await self.join("phone", self.factory, room=None)
        self.assertEqual((await phone.reinvite()).status, 200)
        await self.gone(phone)

    async def test_the_answer_has_the_session_timer(self) -> None:
        """END-12: the focus refreshes unless the caller wants to; an interval below the minimum is refused."""
        phone = await self.join("phone", self.factory, room=None, session_expires="1200")
        answer = phone.record.all("sip_received", status=200)[0]["text"]
        self.assertIn("Session-Expires: 1200;refresher=uas", answer)
        other = await self.join("other", phone.conference_uri, room=None, session_expires="900;refresher=uac")
        answer = other.record.all("sip_received", status=200)[0]["text"]
        self.assertIn("Session-Expires: 900;refresher=uac", answer)
        self.assertIn("Require: timer", answer)
        brief = await self.endpoint("brief", room=None, session_expires="60")
        refused = await brief.join(phone.conference_uri)
        self.assertEqual(refused.status, 422)
        self.assertEqual(refused.get("Min-SE"), "90")
        await self.gone(other, phone)
