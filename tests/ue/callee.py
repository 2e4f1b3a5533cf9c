"""An endpoint that is called: it rings, answers early or late, is busy, moved, silent, or cannot read CLUE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional

from . import sdp
from .endpoint import Endpoint
from .sip_agent import Dialog, ServerTransaction
from .sip_message import Message, address_uri, body_part, response_to, token

SDP = "application/sdp"
RESOURCE_LISTS = "application/resource-lists+xml"


@dataclass
class CallBehaviour:
    """What it does with an INVITE that begins a dialog."""

    silent: bool = False  # not even a 100
    status: int = 200  # its final response
    rings: bool = False  # 180, and the final response when answer() is called
    early_answer: bool = False  # the answer in a reliable 183
    refuses_clue: int = 0  # status for an offer with a data channel in it
    refuses_multipart: int = 0  # status for a body of several parts
    moved_to: List[str] = field(default_factory=list)  # Contacts of a 302
    ignores_cancel: bool = False  # answers the INVITE all the same


class Callee(Endpoint):
    """Made with Settings(offerless=True): the focus offers, so this side is ICE-controlled."""

    def __init__(self, *arguments, **named) -> None:
        super().__init__(*arguments, **named)
        self.calls = CallBehaviour()
        self.invitation: Optional[ServerTransaction] = None
        self._answer: str = ""
        self.agent.on_ack = self._on_ack

    @property
    def called_as(self) -> str:
        """The URI under which it can be invited."""
        return self.agent.contact_uri(self.settings.name)

    @property
    def known_as(self) -> str:
        return self.called_as

    async def _on_invite(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self.dialog is not None and request.call_id == self.dialog.call_id:
            await super()._on_invite(transaction)
            return
        offer = sdp.parse(body_part(request, SDP))
        has_clue = any(line.kind == "application" for line in offer.media)
        self.record("called", clue=has_clue, referred_by=request.get("Referred-By"), contact=request.get("Contact"),
                    sender=request.get("From"), replaces=request.get("Replaces"), history=body_part(request, RESOURCE_LISTS))
        if self.calls.silent:
            return
        if self.calls.refuses_multipart and request.get("Content-Type").startswith("multipart/"):
            self._respond(transaction, self.calls.refuses_multipart)
            return
        if has_clue and self.calls.refuses_clue:
            self._respond(transaction, self.calls.refuses_clue)
            return
        if self.calls.moved_to:
            response = response_to(request, 302, to_tag=token(4))
            response.add("Contact", ", ".join(f"<{uri}>" for uri in self.calls.moved_to))
            transaction.respond(response)
            return
        if self.calls.status >= 300 and not self.calls.rings:
            self._respond(transaction, self.calls.status)
            return
        await self._ring(transaction, offer)

    async def _ring(self, transaction: ServerTransaction, offer: sdp.Session) -> None:
        request = transaction.request
        local = f"{request.get('To')};tag={token(4)}"
        self.dialog = Dialog(request.call_id, local, request.get("From"), address_uri(request.get("Contact")))
        self.dialog.route_set = request.get_all("Record-Route")
        self.conference_uri = self.dialog.remote_target
        self.invitation = transaction
        if self.calls.early_answer:
            self._answer = self._answer_first_offer(offer).encode()
            response = response_to(request, 183, to_tag=self.dialog.local_tag)
            response.add("Contact", self.contact).add("Allow", "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE")
            response.add("Require", "100rel").add("RSeq", "1").add("Content-Type", "application/sdp")
            response.body = self._answer
            transaction.respond(response)
        self._respond(transaction, 180)
        if self.calls.rings:
            return
        if not self.calls.early_answer:
            self._answer = self._answer_first_offer(offer).encode()
        self.answer()

    def answer(self) -> None:
        """Picks up."""
        assert self.invitation is not None
        if not self._answer:
            self._answer = self._answer_first_offer(sdp.parse(body_part(self.invitation.request, SDP))).encode()
        self._respond(self.invitation, 200, "" if self.calls.early_answer else self._answer)

    def _on_ack(self, ack: Message) -> None:
        if self.dialog is not None and ack.call_id == self.dialog.call_id and not self.dialog.confirmed:
            self.dialog.confirmed = True
            self.record("joined", conference=self.conference_uri, status=200)

    async def _on_prack(self, transaction: ServerTransaction) -> None:
        self.record("pracked", rack=transaction.request.get("RAck"))
        self._respond(transaction, 200)

    async def _on_cancel(self, transaction: ServerTransaction) -> None:
        invite = self.agent.find_invite(transaction.request)
        self._respond(transaction, 200 if invite is not None else 481)
        self.record("cancelled", reason=transaction.request.get("Reason"))
        if invite is None or invite.answered:
            return
        if self.calls.ignores_cancel:
            self.answer()  # the two cross
            return
        self._respond(invite, 487)
        self.dialog = None
