"""The creator's INVITE lists who is to be called (RFC 5366), against endpoints and SIPp as those who are."""

from __future__ import annotations

import asyncio
from typing import Any, List

from sipp_support import SippTest
from ue.callee import CallBehaviour, Callee
from ue.daemon import free_ports
from ue.endpoint import Endpoint
from ue.sip_digest import User

ALICE = "sip:alice@tp.example.org"


def list_of(*entries: str) -> str:
    """Entries are URIs, with further attributes behind a blank."""
    quoted = [entry.partition(" ") for entry in entries]
    lines = "".join(f'<entry uri="{uri}" {more}/>' for uri, _, more in quoted)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"'
        f' xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>{lines}</list></resource-lists>'
    )


class RecipientList(SippTest):
    timer_f = 3  # so that silence is known soon
    trusted_peers = "[127.0.0.1]"  # who vouches for everybody's identity

    async def callee(self, name: str, calls: CallBehaviour, **settings: Any) -> Callee:
        made = await self.endpoint(name, kind=Callee, offerless=True, **settings)
        made.calls = calls
        return made

    async def create(self, *entries: str, **settings: Any) -> Endpoint:
        settings.setdefault("asserted_identity", ALICE)
        return await self.join("alice", self.factory, recipient_list=list_of(*entries), **settings)

    async def concluded(self) -> dict:
        return await self.daemon.wait_record("list.concluded")

    async def test_the_listed_are_called_and_become_participants_like_any_other(self) -> None:
        """FOC-13: a telepresence endpoint, a telephone and somebody who is busy."""
        bob = await self.callee("bob", CallBehaviour())
        busy = await self.callee("busy", CallBehaviour(status=486), room=None)
        port = free_ports(8)
        phone = await self.begin("phone_is_called_into_a_conference", calls=2, port=port)
        alice = await self.create(bob.called_as, busy.called_as, f"sip:phone@127.0.0.1:{port}", bob.called_as)
        called = await bob.record.wait("called", 5.0)
        self.assertIn("sip:conf-", called["sender"])
        self.assertEqual(called["history"], "")
        concluded = await self.concluded()
        self.assertEqual((concluded["answered"], concluded["failed"]), (2, 1))
        accepted = await self.daemon.wait_record("list.accepted")
        self.assertEqual((accepted["entries"], accepted["to_call"], accepted["collapsed"]), (4, 3, 1))
        await self.settled_with_phone(alice, bob)
        await self.daemon.wait_census(dialogs=3, participants=3, sctp_associations=2, conferences=1)
        await alice.leave()  # who created it: the conference is over
        await bob.record.wait("bye_received", 5.0)
        await self.end(phone, "phone_is_called_into_a_conference")
        await self.nothing_left()

    async def settled_with_phone(self, *everybody: Endpoint) -> None:
        for one in everybody:
            others = {other.settings.room.person for other in everybody if other is not one}
            deadline = asyncio.get_running_loop().time() + 10.0
            while not others <= self.people(one):
                self.assertLess(asyncio.get_running_loop().time(), deadline, f"told of {self.people(one)}")
                await self.news(0.5)

    async def test_the_called_are_told_of_each_other_as_far_as_the_list_allows(self) -> None:
        """FOC-13: to, cc, bcc and anonymize; who cannot read two parts is called without the history."""
        bob = await self.callee("bob", CallBehaviour())
        carol = await self.callee("carol", CallBehaviour(refuses_multipart=415))
        dave = await self.callee("dave", CallBehaviour(refuses_multipart=488, refuses_clue=488), room=None)
        alice = await self.create(
            f'{bob.called_as} cp:copyControl="to"', f'{carol.called_as} cp:copyControl="cc" cp:anonymize="true"',
            f'{dave.called_as} cp:copyControl="bcc"',
        )
        self.assertEqual((await self.concluded())["answered"], 3)
        history = bob.record.find("called")["history"]
        self.assertIn(bob.called_as, history)
        self.assertIn('uri="sip:anonymous@anonymous.invalid" cp:copyControl="cc" cp:count="1"', history)
        self.assertNotIn("sip:carol", history)
        self.assertNotIn("sip:dave", history)
        self.assertEqual([bool(one["history"]) for one in carol.record.all("called")], [True, False])
        self.assertEqual([bool(one["clue"]) for one in carol.record.all("called")], [True, True])
        self.assertEqual([bool(one["history"]) for one in dave.record.all("called")], [True, False, False])
        self.assertEqual([bool(one["clue"]) for one in dave.record.all("called")], [True, True, False])
        await self.settled_with_phone(alice, bob)
        await alice.leave()
        await self.nothing_left()

    async def test_the_end_of_the_conference_cancels_who_rings(self) -> None:
        """An offerless INVITE with the list alone; two ring when its sender hangs up."""
        callees: List[Callee] = [
            await self.callee(name, CallBehaviour(rings=True), room=None) for name in ("bob", "carol")
        ]
        alice = await self.create(*(one.called_as for one in callees), offerless=True)
        for one in callees:
            await one.record.wait("called", 5.0)
        # A CANCEL waits for a provisional response, and these come right after the INVITE.
        await alice.leave()
        for one in callees:
            await one.record.wait("cancelled", 5.0)
        concluded = await self.concluded()
        self.assertEqual((concluded["answered"], concluded["failed"]), (0, 2))
        await self.nothing_left()

    async def test_a_list_of_a_thousand_is_refused_as_a_whole(self) -> None:
        """FOC-15."""
        bob = await self.callee("bob", CallBehaviour(), room=None)
        entries = [bob.called_as] + [f"sip:victim{number}@127.0.0.1:9" for number in range(999)]
        await self.refused(403, *entries, asserted_identity=ALICE, protocol="tcp")
        refused = await self.daemon.wait_record("invite.refused")
        self.assertEqual((refused["entries"], refused["reason"]), (1000, "too many entries in the recipient-list"))
        self.assertIsNone(bob.record.find("called"))
        await self.nothing_left()

    async def test_a_stranger_has_nobody_called(self) -> None:
        """FOC-15: the identity has to be proven."""
        bob = await self.callee("bob", CallBehaviour(), room=None)
        await self.refused(403, bob.called_as)
        self.assertIsNone(bob.record.find("called"))
        await self.nothing_left()

    async def test_a_list_for_a_conference_that_is_there_is_refused(self) -> None:
        """FOC-14."""
        alice = await self.join("alice", self.factory)
        mallory = await self.endpoint(
            "mallory", asserted_identity=ALICE, recipient_list=list_of("sip:bob@127.0.0.1:9"), room=None
        )
        final = await mallory.join(alice.conference_uri)
        self.assertEqual((final.status, final.get("Unsupported")), (420, "recipient-list-invite"))
        await self.gone(alice)

    async def refused(self, status: int, *entries: str, **settings: Any) -> None:
        caller = await self.endpoint("caller", recipient_list=list_of(*entries), room=None, **settings)
        self.assertEqual((await caller.join(self.factory)).status, status)


class RecipientListWithPassword(SippTest):
    config_extra = """
auth:
  require: untrusted
  realm: rooms
  users: [{name: alice, password: first, identity: "sip:alice@tp.example.org"}]
dialout: {domains: [127.0.0.1]}
"""

    async def test_a_password_is_proof_enough_and_calls_stay_in_their_group(self) -> None:
        """FOC-15: a proven identity, and a closed group instead of consent (RFC 5363)."""
        bob = await self.endpoint("bob", kind=Callee, offerless=True, room=None)
        bob.calls.refuses_clue = 488
        alice = await self.join(
            "alice", self.factory, credentials=User("alice", "first"),
            recipient_list=list_of("sip:victim@victim.example.com", bob.called_as),
        )
        await bob.record.wait("joined", 5.0)
        skipped = await self.daemon.wait_record("list.entry_skipped")
        self.assertEqual(skipped["reason"], "not a domain to be called")
        await alice.leave()
        await self.nothing_left()
