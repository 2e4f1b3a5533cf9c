"""A telepresence endpoint: SIP session, CLUE channel and CLUE protocol tied together (RFC 8848)."""

from __future__ import annotations

import asyncio
from typing import Callable, List, Optional

from . import sdp
from .channel import ClueChannel
from .clue import ClueSession
from .events import EventLog, Recorder
from .settings import Behaviour, Settings
from .sip_agent import ClientTransaction, Dialog, ServerTransaction, UserAgent
from .sip_message import Message, address_uri, mixed_body, response_to, token

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY"


class Endpoint:
    """One endpoint with one session."""

    def __init__(self, log: EventLog, settings: Settings, behaviour: Optional[Behaviour] = None) -> None:
        self.settings = settings
        self.behaviour = behaviour or Behaviour()
        self.record = Recorder(log, settings.name)
        self.agent = UserAgent(self.record, settings.protocol, settings.udp_only, settings.tls)
        self.agent.user = settings.credentials
        self.agent.sips = settings.sips
        self.agent.on_request = self._on_request
        self.dialog: Optional[Dialog] = None
        self.channel: Optional[ClueChannel] = None
        self.clue: Optional[ClueSession] = None
        self.conference_uri = ""
        self.invite: Optional[ClientTransaction] = None
        self.on_advertisement: Callable[[object], None] = lambda adv: None
        encodings = settings.room.encodings if settings.room else {}
        self.offer_answer = sdp.OfferAnswer(settings.address, settings.name, encodings, settings.profile)
        self._offering = False  # our own re-INVITE is pending
        self._pracked: set = set()
        self._ending: Optional[asyncio.Task] = None

    @property
    def identity(self) -> str:
        return f"sip:{self.settings.user or self.settings.name}@{self.settings.domain}"

    @property
    def known_as(self) -> str:
        """Its entity in a conference's roster."""
        return self.identity

    @property
    def contact(self) -> str:
        suffix = ";+sip.clue" if self.settings.room else ""
        return f"<{self.agent.contact_uri(self.settings.name)}>{suffix}"

    async def start(self) -> None:
        await self.agent.start(self.settings.address)
        if self.settings.room:
            # Who makes the first offer is controlling (RFC 8445 section 6.1.1).
            controlling = not self.settings.offerless
            self.channel = ClueChannel(self.record, self.settings.address, self.settings.stream_id, controlling)
            self.clue = ClueSession(
                self.record, self.settings.room, self.channel.send, self.offer_answer.remote_labels, self.behaviour.clue
            )
            self.clue.on_advertisement = self._advertised
            self.channel.on_open = self.clue.open
            self.channel.on_message = lambda text: self.clue.receive(text, self.channel.message_arrived)
            await self.channel.gather()

    # --- joining ---

    async def join(self, uri: str) -> Message:
        """INVITE up to the final response, its ACK included (unless withheld)."""
        return await self.finish_join(self.begin_join(uri))

    def begin_join(self, uri: str) -> ClientTransaction:
        local = f"<{self.identity}>;tag={token(4)}"
        call_id = f"{token()}@{self.settings.name}"
        self.dialog = Dialog(call_id, local, remote=f"<{uri}>", remote_target=uri, route_set=self._preset_route())
        invite = self.dialog.request("INVITE")
        self._common_headers(invite)
        if self.settings.reliable_provisional or self.settings.require_100rel:
            invite.add("Require" if self.settings.require_100rel else "Supported", "100rel")
        if self.settings.session_expires:
            invite.add("Supported", "timer").add("Session-Expires", self.settings.session_expires)
        if self.settings.replaces:
            invite.add("Require", "replaces").add("Replaces", self.settings.replaces)
        offer = ""
        if not self.settings.offerless:
            channel = self.channel.describe() if self.channel else None
            offer = self.offer_answer.first_offer(self.settings.media, channel).encode()
        self._add_body(invite, offer)
        self.invite = self.agent.begin(invite)
        self.invite.on_provisional = self._on_provisional
        return self.invite

    def _add_body(self, invite: Message, offer: str) -> None:
        if not self.settings.recipient_list:
            if offer:
                invite.add("Content-Type", "application/sdp")
                invite.body = offer
            return
        invite.add("Require", "recipient-list-invite")
        parts = [("Content-Type: application/sdp", offer)] if offer else []
        listed = "Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list"
        mixed_body(invite, parts + [(listed, self.settings.recipient_list)])

    def _preset_route(self) -> List[str]:
        """RFC 3261 section 8.1.1.1; the dialog's own route set replaces it."""
        return [f"<{self.settings.proxy}>"] if self.settings.proxy else []

    def _common_headers(self, request: Message) -> None:
        request.add("Contact", self.contact).add("Allow", ALLOW).add("Accept", "application/sdp")
        if self.settings.asserted_identity:
            request.add("P-Asserted-Identity", f"<{self.settings.asserted_identity}>")
        if self.settings.privacy:
            request.add("Privacy", self.settings.privacy)
        request.add("Supported", "replaces, norefersub, tdialog").add("User-Agent", "clue-test-endpoint/1")

    async def finish_join(self, transaction: ClientTransaction) -> Message:
        final = await asyncio.shield(transaction.final)
        if 200 <= final.status < 300:
            self._establish(final)
            assert self.dialog is not None
            self.dialog.confirmed = True
            self.dialog.local_cseq = transaction.request.cseq[0]  # a challenge may have moved it
            ack = self.dialog.request("ACK", transaction.request.cseq[0])
            if self.settings.offerless:
                ack.add("Content-Type", "application/sdp")
                ack.body = self._answer_first_offer(sdp.parse(final.body)).encode()
            if not self.behaviour.withhold_ack:
                self.agent.acknowledge(transaction, ack)
            self.record("joined", conference=self.conference_uri, status=final.status)
        else:
            self.record("refused", status=final.status, reason=final.reason)
        return final

    def _establish(self, response: Message) -> None:
        """Dialog and session from a response with To tag (RFC 3261 section 12.1.2)."""
        assert self.dialog is not None
        self.dialog.remote = response.get("To")
        if response.get("Contact"):
            self.dialog.remote_target = address_uri(response.get("Contact"))
            self.conference_uri = self.dialog.remote_target
        self.dialog.route_set = list(reversed(response.get_all("Record-Route")))
        if response.body and self.offer_answer.remote is None and not self.settings.offerless:
            self._apply_answer(sdp.parse(response.body))

    def _answer_first_offer(self, offer: sdp.Session) -> sdp.Session:
        """The focus offered actpass; active is RECOMMENDED (RFC 8842 section 5.3), so we are DTLS client."""
        self._check_offer(offer)
        line = offer.clue_channel
        if self.channel is None or line is None:
            return self.offer_answer.answer(offer, None)
        remote = sdp.read_channel(offer, line)
        self.record("channel_offered", setup=remote.setup, stream_id=remote.stream_id)
        self.channel.stream_id = remote.stream_id
        answer = self.offer_answer.answer(offer, self.channel.describe("active"))
        self.channel.connect(remote, initiator=True)
        return answer

    def _on_provisional(self, response: Message) -> None:
        if response.to_tag:
            self._establish(response)
        if response.requires("100rel") and not self.behaviour.withhold_prack:
            self.agent.spawn(self._prack(response))

    async def _prack(self, response: Message) -> None:
        """RFC 3262 section 4: once for each RSeq."""
        rseq, number = response.get("RSeq"), response.cseq[0]
        if rseq in self._pracked or self.dialog is None:
            return
        self._pracked.add(rseq)
        await self.agent.request(self.dialog.request("PRACK").add("RAck", f"{rseq} {number} INVITE"))

    def _apply_answer(self, answer: sdp.Session) -> None:
        self.offer_answer.receive_answer(answer)
        if self.channel is None:
            for line in answer.media:
                if line.kind == "application":
                    self.record("violation", rule="TP-23", text="an application m-line that was not offered")
            return
        line = answer.clue_channel
        if line is None:
            self.record("clue_rejected")
            return
        remote = sdp.read_channel(answer, line)
        self.record("channel_answer", setup=remote.setup, stream_id=remote.stream_id)
        # We offered actpass: who answers passive leaves it to us to be DTLS client, and so Channel Initiator.
        self.channel.connect(remote, initiator=remote.setup == "passive")

    # --- requests of ours within the session ---

    async def refer(self, target: str, in_dialog: bool = True, method_as: str = "uri", extra: Optional[dict] = None) -> Message:
        """REFER with method=BYE; `method_as`: "uri" for <sip:x;method=BYE>, "header" for sip:x;method=BYE."""
        value = f"<{target};method=BYE>" if method_as == "uri" else f"{target};method=BYE"
        return await self.refer_to(value, in_dialog, extra)

    async def refer_to(self, value: str, in_dialog: bool = True, extra: Optional[dict] = None) -> Message:
        """REFER with this value of Refer-To."""
        assert self.dialog is not None
        if in_dialog:
            request = self.dialog.request("REFER")
        else:
            local = f"<{self.identity}>;tag={token(4)}"
            focus = self.conference_uri
            outside = Dialog(f"{token()}@refer", local, f"<{focus}>", focus, self._preset_route())
            request = outside.request("REFER").add("Require", "tdialog").add("Target-Dialog", self._target_dialog())
        request.add("Refer-To", value).add("Referred-By", f"<{self.identity}>")
        request.add("Contact", self.contact).add("Accept", "message/sipfrag").add("Allow", ALLOW)
        if self.settings.asserted_identity:
            request.add("P-Asserted-Identity", f"<{self.settings.asserted_identity}>")
        for name, value in (extra or {}).items():
            request.add(name, value)
        self.record("refer", target=value, in_dialog=in_dialog)
        return await self.agent.request(request)

    def _target_dialog(self) -> str:
        """RFC 4538 section 7: the tags as the recipient sees them."""
        assert self.dialog is not None
        dialog = self.dialog
        return f"{dialog.call_id};local-tag={dialog.remote_tag};remote-tag={dialog.local_tag}"

    def as_replaced(self) -> str:
        """RFC 3891 section 6.1: a Replaces value for this dialog, the tags as the focus sees them."""
        assert self.dialog is not None
        return f"{self.dialog.call_id};to-tag={self.dialog.remote_tag};from-tag={self.dialog.local_tag}"

    async def leave(self) -> Message:
        """BYE, then the CLUE channel is removed (stream reset, and ABORT if the peer does not shut down)."""
        assert self.dialog is not None
        final = await self.agent.request(self.dialog.request("BYE"))
        self.record("left", status=final.status)
        if self.channel is not None:
            self.channel.reset_stream()
        return final

    async def cancel(self) -> Message:
        """CANCEL of the pending INVITE (RFC 3261 section 9.1); the INVITE's own final response comes separately."""
        assert self.invite is not None
        invite = self.invite.request
        request = Message(method="CANCEL", uri=invite.uri)
        for name in ("Via", "Route", "From", "To", "Call-ID"):
            if invite.get(name):
                request.add(name, invite.get(name))
        request.add("CSeq", f"{invite.cseq[0]} CANCEL").add("Max-Forwards", "70")
        return await self.agent.request(request, self.invite.target)

    async def reinvite(self) -> Message:
        """An offer that changes nothing. On 491 it is tried once more after the caller's band (section 14.1)."""
        final = await self._reinvite_once()
        if final.status == 491:
            await asyncio.sleep(2.1)
            final = await self._reinvite_once()
        return final

    async def _reinvite_once(self) -> Message:
        assert self.dialog is not None
        channel = self.channel.describe() if self.channel else None
        request = self.dialog.request("INVITE")
        self._common_headers(request)
        request.add("Content-Type", "application/sdp")
        request.body = self.offer_answer.same_again(channel).encode()
        self._offering = True
        transaction = self.agent.begin(request)
        final = await asyncio.shield(transaction.final)
        self._offering = False
        if 200 <= final.status < 300:
            self.agent.acknowledge(transaction, self.dialog.request("ACK", request.cseq[0]))
            self.offer_answer.receive_answer(sdp.parse(final.body))
            if self.clue is not None:
                self.clue.session_changed()
        self.record("reinvite_answered", status=final.status)
        return final

    # --- requests of the peer ---

    async def _on_request(self, transaction: ServerTransaction) -> None:
        method = transaction.request.method
        handler = getattr(self, f"_on_{method.lower()}", None)
        if handler is None:
            self._respond(transaction, 405)
            return
        await handler(transaction)

    def _respond(self, transaction: ServerTransaction, status: int, body: str = "") -> None:
        response = response_to(transaction.request, status, to_tag=self.dialog.local_tag if self.dialog else token(4))
        if transaction.request.method in ("INVITE", "UPDATE", "OPTIONS", "REFER") and status < 300:
            response.add("Contact", self.contact).add("Allow", ALLOW)
        if body:
            response.add("Content-Type", "application/sdp")
            response.body = body
        transaction.respond(response)

    async def _on_invite(self, transaction: ServerTransaction) -> None:
        """A re-INVITE of the focus; an INVITE out of the blue is none of this endpoint's business."""
        request = transaction.request
        if self.dialog is None or request.call_id != self.dialog.call_id or not self.dialog.confirmed:
            self._respond(transaction, 481)
            return
        if self.behaviour.ignore_reinvite:
            return
        if self.behaviour.collide:
            self.behaviour.collide = False
            self._offering = True
            self.agent.spawn(self.reinvite())
        if self._offering:
            self.record("glare", side="uas")
            self._respond(transaction, 491)
            return
        if self.behaviour.reject_reinvite:
            self._respond(transaction, self.behaviour.reject_reinvite)
            if self.behaviour.reject_once:
                self.behaviour.reject_reinvite = 0
            return
        if self.behaviour.answer_delay:
            await asyncio.sleep(self.behaviour.answer_delay)
        self._answer_offer(transaction)

    async def _on_update(self, transaction: ServerTransaction) -> None:
        if transaction.request.body:
            self._answer_offer(transaction)
        else:
            self._respond(transaction, 200)

    def _answer_offer(self, transaction: ServerTransaction) -> None:
        offer = sdp.parse(transaction.request.body)
        self._check_offer(offer)
        channel = None
        if self.channel is not None:
            channel = self.channel.describe("active" if self.channel.initiator else "passive")
        answer = self.offer_answer.answer(offer, channel)
        self._respond(transaction, 200, answer.encode())
        self.record(
            "offer_answered", version=offer.version, labels=list(self.offer_answer.remote_labels()),
            own=self.offer_answer.own_labels(), lines=len(offer.media),
        )
        if self.clue is not None:
            self.clue.session_changed()

    def _check_offer(self, offer: sdp.Session) -> None:
        previous = self.offer_answer.remote
        if previous is not None and len(offer.media) < len(previous.media):
            self.record("violation", rule="OA-05", text=f"{len(offer.media)} m-lines after {len(previous.media)}")
        enabled = {line.mid for line in offer.media if line.port}
        for mid in offer.group("CLUE"):
            if mid not in enabled:
                self.record("violation", rule="OA-10", text=f"mid {mid} of a disabled m-line is in the CLUE group")
        labels = [line.label for line in offer.media if line.port and line.label]
        if len(labels) != len(set(labels)):
            self.record("violation", rule="SIG-02", text=f"labels are not unique: {labels}")
        if self.channel is None and any(line.kind == "application" for line in offer.media):
            self.record("violation", rule="TP-23", text="an application m-line for a phone")

    async def _on_bye(self, transaction: ServerTransaction) -> None:
        if self.behaviour.ignore_bye:
            return
        self._respond(transaction, 200)
        if self.dialog is not None and transaction.request.call_id == self.dialog.call_id:
            self.record(
                "bye_received", reason=transaction.request.get("Reason"), referred_by=transaction.request.get("Referred-By")
            )

    async def _on_cancel(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 481)

    async def _on_options(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 200)

    async def _on_notify(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        self._respond(transaction, 200)
        self.record(
            "notified", package=request.get("Event"), state=request.get("Subscription-State"), body=request.body.strip(),
            contact=request.get("Contact"),
        )

    def _advertised(self, adv) -> None:
        self.on_advertisement(adv)
        if self.behaviour.reinvite_on_advertisement and not self._offering:
            self.behaviour.reinvite_on_advertisement = False
            self.agent.spawn(self.reinvite())

    # --- the network fails us, or the test is over ---

    def freeze(self) -> None:
        """Nothing goes in or out any more, and nobody is told."""
        self.record("frozen")
        self.agent.isolate()
        if self.channel is not None:
            self.channel.pause()

    def cut(self) -> None:
        """The cable is pulled: all sockets are gone, without a word."""
        self.record("cut")
        self.agent.cut()
        if self.channel is not None:
            self.channel.cut()
        self.offer_answer.close()

    async def close(self) -> None:
        if self.channel is not None:
            await self.channel.close()
        self.offer_answer.close()
        await self.agent.close()
