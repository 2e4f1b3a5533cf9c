"""What the operator can decide: who may remove, when a conference ends, what is said and refreshed."""

from __future__ import annotations

import signal

from support import SystemTest


class LastLeaves(SystemTest):
    config_extra = "conference: {end_when: last-leaves, moderators: ['sip:bob@tp.example.org']}\n"

    async def test_conference_outlives_its_creator(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await alice.leave()).status, 200)
        await self.settled(bob, carol)
        self.assertIsNone(bob.record.find("bye_received", since))
        await self.gone(carol, bob)

    async def test_nobody_becomes_a_moderator_by_saying_so(self) -> None:
        """Neither From nor the P-Asserted-Identity of somebody who is not trusted counts."""
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri, asserted_identity="sip:bob@tp.example.org")
        self.assertEqual((await bob.refer(alice.identity)).status, 403)
        self.assertEqual((await bob.refer(alice.identity, in_dialog=False)).status, 403)
        await self.gone(bob, alice)


class Moderated(SystemTest):
    config_extra = LastLeaves.config_extra
    trusted_peers = "[127.0.0.1]"

    async def moderated(self, in_dialog: bool) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri, asserted_identity="sip:bob@tp.example.org")
        carol = await self.join("carol", alice.conference_uri, asserted_identity="sip:carol@tp.example.org")
        await self.settled(alice, bob, carol)
        since = self.log.mark
        self.assertEqual((await carol.refer(alice.identity, in_dialog=in_dialog)).status, 403)
        self.assertEqual((await bob.refer(alice.identity, in_dialog=in_dialog)).status, 200)
        await self.check_channel_removed(alice, since)
        await self.settled(bob, carol)
        await self.gone(carol, bob)

    async def test_moderator_removes_in_dialog(self) -> None:
        await self.moderated(in_dialog=True)

    async def test_moderator_removes_out_of_dialog(self) -> None:
        await self.moderated(in_dialog=False)


class AlwaysRefresh(SystemTest):
    config_extra = (
        "refresh: {sdp: always}\nrefer: {accept_code: 202, final_notify: none, removal_reason: Bye for now}\n"
    )

    async def test_reinvite_after_every_departure(self) -> None:
        """A phone changes no encodings, and `always` offers all the same."""
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        phone = await self.join("phone", alice.conference_uri, room=None)
        await self.told(alice, self.people(alice))
        since = self.log.mark
        self.assertEqual((await phone.leave()).status, 200)
        for one in (alice, bob):
            await one.record.wait("offer_answered", 5.0, since)
        await self.gone(bob, alice)

    async def test_what_is_said(self) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.join("bob", alice.conference_uri)
        since = self.log.mark
        self.assertEqual((await alice.refer(bob.identity)).status, 202)
        bye = await bob.record.wait("bye_received", 5.0, since)
        self.assertIn('text="Bye for now"', bye["reason"])
        await self.gone(alice)
        self.assertIsNone(alice.record.find("notified", since, body="SIP/2.0 200 OK"))


class NoClue(SystemTest):
    config_extra = "clue: {enabled: false}\n"

    async def test_telepresence_endpoint_is_an_ordinary_participant(self) -> None:
        alice = await self.join("alice", self.factory)
        self.assertIsNotNone(alice.record.find("clue_rejected"))
        contact = alice.record.find("sip_received", status=200, method="INVITE")["text"]
        self.assertNotIn("+sip.clue", contact.split("\r\n\r\n")[0])
        await self.gone(alice)


class Permanent(SystemTest):
    config_extra = "conferences: [{user: boardroom, moderators: ['sip:bob@tp.example.org'], max_participants: 2}]\n"
    trusted_peers = "[127.0.0.1]"

    async def test_survives_empty_and_is_locked_by_a_reload(self) -> None:
        bob = await self.join("bob", self.uri("boardroom"), asserted_identity="sip:bob@tp.example.org")
        self.assertIn("sip:boardroom@", bob.conference_uri)
        carol = await self.join("carol", self.uri("boardroom"))
        await self.settled(bob, carol)
        dave = await self.endpoint("dave")
        full = await dave.join(self.uri("boardroom"))
        self.assertEqual(full.status, 486)
        self.assertEqual(full.get("Retry-After"), "30")
        self.assertIn("conference is full", full.get("Reason"))
        since = len(self.daemon.records)
        path = self.write_config()
        path.write_text(path.read_text().replace("max_participants: 2", "locked: true"))
        self.daemon.process.send_signal(signal.SIGHUP)
        await self.daemon.wait_record("conference.locked", since=since, conference="boardroom")
        self.assertEqual((await carol.leave()).status, 200)
        self.assertEqual((await dave.join(self.uri("boardroom"))).status, 403)
        await self.gone(bob)
        again = await self.join("bob", self.uri("boardroom"), asserted_identity="sip:bob@tp.example.org")
        await self.gone(again)


class Restricted(SystemTest):
    config_extra = "conference: {create: [tp.example.org], subscribe: nobody}\n"
    trusted_peers = "[127.0.0.1]"

    async def test_who_may_create_and_what_is_left_of_an_ended_conference(self) -> None:
        self.assertEqual((await (await self.endpoint("eve")).join(self.factory)).status, 403)
        alice = await self.join("alice", self.factory, asserted_identity="sip:alice@tp.example.org")
        conference = alice.conference_uri
        await self.gone(alice)
        self.assertEqual((await (await self.endpoint("bob")).join(conference)).status, 410)
        self.assertEqual((await (await self.endpoint("carol")).join(self.uri("conf-never"))).status, 404)
