"""The endpoint against a peer made of the same parts: does it do what the system tests rely on?"""

from __future__ import annotations

import unittest
from typing import Optional

from .. import captures
from ..endpoint import Endpoint
from ..events import EventLog, Missing
from ..settings import Behaviour, Settings
from .peer import Peer


class EndpointTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.log = EventLog()

    async def meet(self, peer: Peer, behaviour: Optional[Behaviour] = None, **settings) -> Endpoint:
        uri = await peer.start()
        self.addAsyncCleanup(peer.close)
        settings.setdefault("room", captures.load("three-cameras"))
        endpoint = Endpoint(self.log, Settings("alice", **settings), behaviour)
        await endpoint.start()
        self.addAsyncCleanup(endpoint.close)
        self.uri = uri
        return endpoint

    def peer(self, **options) -> Peer:
        return Peer(self.log, captures.load("two-cameras"), **options)

    def violations(self):
        return [(event["ue"], event["rule"], event["text"]) for event in self.log.events if event["event"] == "violation"]

    async def full_session(self, protocol: str, stream_id: int) -> None:
        peer = self.peer(protocol=protocol)
        alice = await self.meet(peer, protocol=protocol, stream_id=stream_id)
        final = await alice.join(self.uri)
        self.assertEqual(final.status, 200)
        await alice.record.wait("clue_active")
        await alice.record.wait("clue_received", message="advertisement", captures=["VC0", "VC1", "AC0"])
        await alice.record.wait("clue_sent", message="ack", code=200)
        self.assertIsNone(alice.record.find("clue_sent", message="configure"), "SDP has no encodings yet")
        self.assertEqual((await peer.offer_encodings()).status, 200)
        await alice.record.wait("configured", code=200)
        self.assertEqual(alice.clue.wanted, [("VC0", "enc1"), ("VC1", "enc2"), ("AC0", "enc3")])
        await peer.record.wait("configured", code=200)
        self.assertEqual([slot.encoding for slot in alice.offer_answer.slots if slot.encoding], ["enc1", "enc2", "enc3", "enc4"])
        self.assertEqual(self.violations(), [])
        initiator = alice.record.find("channel_state", state="open")["initiator"]
        self.assertEqual(initiator, stream_id % 2 == 0)
        self.assertEqual((await alice.leave()).status, 200)
        await peer.record.wait("chunk_received", chunk="RE-CONFIG", parameter=13, streams=[stream_id])

    async def test_session_over_udp_as_initiator(self) -> None:
        await self.full_session("udp", 0)

    async def test_session_over_tcp_as_receiver(self) -> None:
        await self.full_session("tcp", 1)

    async def test_channel_is_up_before_the_final_response_and_cancel(self) -> None:
        alice = await self.meet(self.peer(reliable=True, hold_answer=True), reliable_provisional=True)
        transaction = alice.begin_join(self.uri)
        await alice.record.wait("clue_active")
        self.assertFalse(transaction.final.done())
        self.assertEqual((await alice.cancel()).status, 200)
        self.assertEqual((await alice.finish_join(transaction)).status, 487)

    async def test_reliable_provisional_then_answer(self) -> None:
        alice = await self.meet(self.peer(reliable=True), reliable_provisional=True)
        self.assertEqual((await alice.join(self.uri)).status, 200)
        await alice.record.wait("clue_active")
        self.assertIsNotNone(self.log.find(lambda event: event["ue"] == "peer" and event.get("method") == "PRACK"))

    async def test_withheld_prack(self) -> None:
        alice = await self.meet(self.peer(reliable=True), Behaviour(withhold_prack=True), reliable_provisional=True)
        await alice.join(self.uri)
        self.assertIsNone(alice.record.find("sip_sent", method="PRACK"))

    async def test_refer_is_answered_and_notified(self) -> None:
        alice = await self.meet(self.peer())
        await alice.join(self.uri)
        self.assertEqual((await alice.refer("sip:carol@tp.example.org")).status, 200)
        await alice.record.wait("notified", body="SIP/2.0 200 OK", state="terminated;reason=noresource")
        refer = alice.record.find("sip_sent", method="REFER")["text"]
        self.assertIn("Refer-To: <sip:carol@tp.example.org;method=BYE>", refer)
        await alice.refer("sip:carol@tp.example.org", in_dialog=False, method_as="header")
        refer = alice.record.all("sip_sent", method="REFER")[-1]["text"]
        self.assertIn("Refer-To: sip:carol@tp.example.org;method=BYE\r\n", refer)
        self.assertIn(f"Target-Dialog: {alice.dialog.call_id};local-tag={alice.dialog.remote_tag}", refer)

    async def test_peer_ends_the_session(self) -> None:
        peer = self.peer()
        alice = await self.meet(peer)
        await alice.join(self.uri)
        await alice.record.wait("clue_active")
        self.assertEqual((await peer.bye()).status, 200)
        await alice.record.wait("bye_received", reason='SIP;cause=200;text="Removed"')
        await peer.channel.close()
        await alice.record.wait("chunk_received", chunk="ABORT")
        await alice.record.wait("channel_state", state="closed")

    async def test_rejects_the_first_reinvite(self) -> None:
        peer = self.peer()
        alice = await self.meet(peer, Behaviour(reject_reinvite=488))
        await alice.join(self.uri)
        await alice.record.wait("clue_active")
        self.assertEqual((await peer.offer_encodings()).status, 488)
        self.assertEqual((await peer.offer_encodings()).status, 200)

    async def test_glare(self) -> None:
        peer = self.peer()
        alice = await self.meet(peer)
        await alice.join(self.uri)
        await alice.record.wait("clue_active")
        alice._offering = True
        self.assertEqual((await peer.offer_encodings()).status, 491)

    async def test_frozen_endpoint_says_nothing(self) -> None:
        peer = self.peer()
        alice = await self.meet(peer)
        await alice.join(self.uri)
        await alice.record.wait("clue_sent", message="ack")
        await peer.record.wait("clue_received", message="ack")
        alice.freeze()
        await self.silence(peer)

    async def silence(self, peer: Peer) -> None:
        """The peer speaks and hears nothing, on no layer."""
        mark = self.log.mark
        peer.clue.advertise()
        heard = ("clue_received", "sip_received", "chunk_received", "dtls_closed")
        with self.assertRaises(Missing):
            await self.log.wait(lambda e: e["ue"] == "peer" and e["event"] in heard, 1.0, "any sound", mark)

    async def test_nack(self) -> None:
        peer = self.peer()
        behaviour = Behaviour()
        behaviour.clue.nack = True
        alice = await self.meet(peer, behaviour)
        await alice.join(self.uri)
        await peer.record.wait("clue_received", message="ack", code=400)

    async def test_phone_without_clue(self) -> None:
        alice = await self.meet(self.peer(), room=None, media=["audio"], profile="RTP/AVP")
        self.assertEqual((await alice.join(self.uri)).status, 200)
        invite = alice.record.find("sip_sent", method="INVITE")["text"]
        self.assertNotIn("application", invite.split("\r\n\r\n")[1])
        self.assertNotIn("sip.clue", invite)

    async def test_cut_cable(self) -> None:
        peer = self.peer()
        alice = await self.meet(peer)
        await alice.join(self.uri)
        await alice.record.wait("clue_active")
        await peer.record.wait("clue_received", message="ack")
        alice.cut()
        await self.silence(peer)


if __name__ == "__main__":
    unittest.main()
