"""The focus calls others because a participant asked it to (RFC 4579 section 5.5), against an endpoint that is called."""

from __future__ import annotations

from typing import Any

from support import SystemTest
from ue.callee import CallBehaviour, Callee


class Referring(SystemTest):
    timer_f = 3  # so that silence is known soon

    async def callee(self, name: str, calls: CallBehaviour, **settings: Any) -> Callee:
        made = await self.endpoint(name, kind=Callee, offerless=True, **settings)
        made.calls = calls
        return made

    async def invite(self, referrer, callee: Callee, status: int = 200) -> int:
        since = self.log.mark
        final = await referrer.refer_to(f"<{callee.called_as};method=INVITE>")
        self.assertEqual(final.status, status)
        return since

    async def outcome(self, referrer, since: int, timeout: float = 10.0) -> str:
        last = await referrer.record.wait("notified", timeout, since, state=lambda state: state.startswith("terminated"))
        return last["body"]


class DialOut(Referring):
    async def test_a_telepresence_endpoint_is_called_and_becomes_a_participant_like_any_other(self) -> None:
        """REF-07, FOC-10, REF-09, REF-10, TP-22."""
        alice = await self.join("alice", self.factory)
        bob = await self.callee("bob", CallBehaviour())
        since = await self.invite(alice, bob)
        self.assertIn("200", await self.outcome(alice, since))
        called = bob.record.find("called", since)
        self.assertIn(alice.identity, called["referred_by"])
        self.assertIn("isfocus", called["contact"])
        self.assertIn("+sip.clue", called["contact"])
        self.assertIn("sip:conf-", called["sender"])
        await self.settled(alice, bob)
        await self.daemon.wait_census(dialogs=2, participants=2, sctp_associations=2, conferences=1)
        self.assertEqual((await alice.refer(bob.called_as)).status, 200)
        await self.check_channel_removed(bob, since)
        await self.gone(alice)

    async def test_a_channel_that_came_up_before_the_answer_is_removed_with_the_cancel(self) -> None:
        """TP-02, OA-08, END-03."""
        alice = await self.join("alice", self.factory)
        bob = await self.callee("bob", CallBehaviour(rings=True, early_answer=True))
        since = await self.invite(alice, bob)
        await bob.record.wait("pracked", 5.0, since)
        await self.daemon.wait_census(dialogs=2, sctp_associations=2)
        self.assertEqual((await alice.refer(bob.called_as)).status, 200)
        cancelled = await bob.record.wait("cancelled", 5.0, since)
        self.assertIn("SIP;cause=200", cancelled["reason"])
        await bob.record.wait("dtls_closed", 5.0, since)
        self.assertIn("487", await self.outcome(alice, since))
        await self.daemon.wait_census(dialogs=1, participants=1, sctp_associations=1, ice_agents=1, open_refers=0)
        await self.gone(alice)

    async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended(self) -> None:
        """END-03."""
        alice = await self.join("alice", self.factory)
        bob = await self.callee("bob", CallBehaviour(rings=True, ignores_cancel=True), room=None)
        bob.calls.refuses_clue = 488
        since = await self.invite(alice, bob)
        await alice.record.wait("notified", 5.0, since, body=lambda body: "180" in body)
        self.assertEqual((await alice.refer(bob.called_as)).status, 200)
        await bob.record.wait("joined", 5.0, since)
        await bob.record.wait("bye_received", 5.0, since)
        await self.gone(alice)

    async def test_a_phone_that_cannot_read_clue_is_called_once_more_without(self) -> None:
        alice = await self.join("alice", self.factory)
        for status in (400, 488):
            phone = await self.callee(f"phone{status}", CallBehaviour(refuses_clue=status), room=None)
            since = await self.invite(alice, phone)
            self.assertIn("200", await self.outcome(alice, since))
            self.assertEqual([one["clue"] for one in phone.record.all("called")], [True, False])
            await phone.record.wait("joined", 5.0, since)
        await self.daemon.wait_census(participants=3, dialogs=3)
        await alice.leave()
        await self.nothing_left()

    async def test_who_is_busy_silent_or_moved_is_reported(self) -> None:
        alice = await self.join("alice", self.factory)
        busy = await self.callee("busy", CallBehaviour(status=486), room=None)
        self.assertIn("486", await self.outcome(alice, await self.invite(alice, busy)))
        silent = await self.callee("silent", CallBehaviour(silent=True), room=None)
        self.assertIn("408", await self.outcome(alice, await self.invite(alice, silent), 15.0))
        target = await self.callee("target", CallBehaviour(refuses_clue=488), room=None)
        moved = await self.callee("moved", CallBehaviour(moved_to=[target.called_as]), room=None)
        self.assertIn("200", await self.outcome(alice, await self.invite(alice, moved)))
        await target.record.wait("joined", 5.0)
        await alice.leave()
        await self.nothing_left()

    async def test_nobody_leads_the_conference_back_to_itself(self) -> None:
        """REF-07: every target passes the same checks, the first and those of redirections, under whatever name."""
        alice = await self.join("alice", self.factory, room=None)
        user = alice.conference_uri.split(":")[1].split("@")[0]
        ours = [
            alice.conference_uri, self.factory, self.uri("somebody"), f"sip:somebody@localhost:{self.port}",
            f"sip:somebody@127.0.0.1.:{self.port}", f"sip:somebody@[::ffff:127.0.0.1]:{self.port}",
            f"sip:somebody@example.com:{self.port};maddr=127.0.0.1", f"sip:{user.replace('c', '%63')}@elsewhere.example.com",
            f"sips:{user}@{self.address}:{self.port}", f"sip:somebody@0.0.0.0:{self.port}",
        ]
        for number, target in enumerate(ours):
            moved = await self.callee(f"moved{number}", CallBehaviour(moved_to=[target]), room=None)
            since = await self.invite(alice, moved)
            outcome = await self.outcome(alice, since)
            # A name that is none of ours by the letter is looked up, or is not one at all.
            self.assertRegex(outcome, r"SIP/2.0 (403|404|503)", target)
        self.assertFalse([record for record in self.daemon.records if record.get("record") == "participant.invited"][1:])
        refused = [record for record in self.daemon.records if record.get("record") == "call.redirection_refused"]
        self.assertGreaterEqual(len(refused), 3)
        await self.gone(alice)

    async def test_the_conference_that_ends_cancels_its_calls(self) -> None:
        alice = await self.join("alice", self.factory)
        bob = await self.callee("bob", CallBehaviour(rings=True), room=None)
        since = await self.invite(alice, bob)
        await alice.record.wait("notified", 5.0, since, body=lambda body: "180" in body)
        await alice.leave()
        await bob.record.wait("cancelled", 5.0, since)
        await self.nothing_left()


class DialOutWithDomains(Referring):
    config_extra = "dialout: {domains: [127.0.0.1]}\n"

    async def test_a_redirection_out_of_them_is_not_followed(self) -> None:
        alice = await self.join("alice", self.factory, room=None)
        moved = await self.callee("moved", CallBehaviour(moved_to=["sip:bob@127.0.0.2:5080"]), room=None)
        since = await self.invite(alice, moved)
        self.assertIn("403", await self.outcome(alice, since))
        await self.gone(alice)
