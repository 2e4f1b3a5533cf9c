"""The smallest other end that an endpoint can have a session with: answers one INVITE and speaks CLUE with it."""

from __future__ import annotations

from typing import Optional

from .. import sdp
from ..captures import Room
from ..channel import ClueChannel
from ..clue import ClueBehaviour, ClueSession
from ..events import EventLog, Recorder
from ..sip_agent import Dialog, ServerTransaction, UserAgent
from ..sip_message import Message, address_uri, response_to, token


class Peer:
    def __init__(self, log: EventLog, room: Room, protocol: str = "udp", reliable: bool = False, hold_answer: bool = False) -> None:
        self.record = Recorder(log, "peer")
        self.agent = UserAgent(self.record, protocol)
        self.agent.on_request = self._on_request
        self.room = room
        self.reliable = reliable
        self.hold_answer = hold_answer
        self.tag = token(4)
        self.dialog: Optional[Dialog] = None
        self.channel: Optional[ClueChannel] = None
        self.clue: Optional[ClueSession] = None
        self.pending: Optional[ServerTransaction] = None
        self.offer_answer = sdp.OfferAnswer("127.0.0.1", "peer", room.encodings)

    async def start(self) -> str:
        await self.agent.start("127.0.0.1")
        return self.agent.contact_uri("room")

    async def _on_request(self, transaction: ServerTransaction) -> None:
        handler = getattr(self, f"_on_{transaction.request.method.lower()}", None)
        if handler is None:
            transaction.respond(response_to(transaction.request, 200))
        else:
            await handler(transaction)

    async def _on_invite(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        offer = sdp.parse(request.body)
        if self.dialog is not None:
            self._respond(transaction, 200, self.offer_answer.answer(offer, self._description()).encode())
            return
        self.dialog = Dialog(
            request.call_id, f"{request.get('To')};tag={self.tag}", request.get("From"), address_uri(request.get("Contact"))
        )
        line = offer.clue_channel
        if line is not None:
            remote = sdp.read_channel(offer, line)
            self.channel = ClueChannel(self.record, "127.0.0.1", remote.stream_id, controlling=False)
            self.clue = ClueSession(
                self.record, self.room, self.channel.send, self.offer_answer.remote_labels, ClueBehaviour()
            )
            self.channel.on_open, self.channel.on_message = self.clue.open, self.clue.receive
            await self.channel.gather()
            self.channel.connect(remote, initiator=remote.stream_id % 2 == 1)
        self.pending = transaction
        answer = self.offer_answer.answer(offer, self._description()).encode()
        if self.reliable:
            self._respond(transaction, 183, answer, rseq=1)
        if not self.hold_answer:
            self._respond(transaction, 200, "" if self.reliable else answer)

    def _description(self) -> Optional[sdp.ChannelDescription]:
        return self.channel.describe("active" if self.channel.initiator else "passive") if self.channel else None

    def _respond(self, transaction: ServerTransaction, status: int, body: str = "", rseq: int = 0) -> None:
        response = response_to(transaction.request, status, to_tag=self.tag)
        response.add("Contact", f"<{self.agent.contact_uri('room')}>;isfocus;+sip.clue")
        if rseq:
            response.add("Require", "100rel").add("RSeq", str(rseq))
        if body:
            response.add("Content-Type", "application/sdp")
            response.body = body
        transaction.respond(response)

    async def _on_cancel(self, transaction: ServerTransaction) -> None:
        transaction.respond(response_to(transaction.request, 200))
        invite = self.agent.find_invite(transaction.request)
        if invite is not None and not invite.answered:
            self._respond(invite, 487)

    async def _on_refer(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 200)
        await self.notify_refer("SIP/2.0 100 Trying", "active;expires=60")
        await self.notify_refer("SIP/2.0 200 OK", "terminated;reason=noresource")

    async def notify_refer(self, line: str, state: str) -> None:
        assert self.dialog is not None
        notify = self.dialog.request("NOTIFY").add("Event", "refer").add("Subscription-State", state)
        notify.add("Content-Type", "message/sipfrag;version=2.0")
        notify.body = line + "\r\n"
        await self.agent.request(notify)

    async def offer_encodings(self) -> Message:
        """As a focus does: our encodings sendonly with labels, and a recvonly line for each that the peer may have."""
        assert self.dialog is not None and self.channel is not None
        lines = [(kind, "sendonly", label) for kind, labels in self.room.encodings.items() for label in labels]
        lines += [(kind, "recvonly", "") for kind in ("video", "video", "video", "audio")]
        offer = self.offer_answer.add_lines(lines)
        request = self.dialog.request("INVITE").add("Contact", f"<{self.agent.contact_uri('room')}>;isfocus")
        request.add("Content-Type", "application/sdp")
        request.body = offer.encode()
        transaction = self.agent.begin(request)
        final = await transaction.final
        if final.status == 200:
            self.agent.acknowledge(transaction, self.dialog.request("ACK", request.cseq[0]))
            self.offer_answer.receive_answer(sdp.parse(final.body))
            assert self.clue is not None
            self.clue.session_changed()
        return final

    async def bye(self) -> Message:
        assert self.dialog is not None
        return await self.agent.request(self.dialog.request("BYE").add("Reason", 'SIP;cause=200;text="Removed"'))

    async def close(self) -> None:
        if self.channel is not None:
            await self.channel.close()
        self.offer_answer.close()
        await self.agent.close()
