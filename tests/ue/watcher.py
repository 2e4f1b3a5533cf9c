"""A subscriber to the conference event package (RFC 6665, RFC 4575): one subscription, and the roster that it was told."""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from . import sip_digest
from .conference_info import ConferenceInfo
from .events import EventLog, Missing, Recorder
from .sip_agent import Dialog, ServerTransaction, UserAgent
from .sip_message import Message, address_uri, response_to, token


class Watcher:
    def __init__(
        self, log: EventLog, name: str, address: str = "127.0.0.1", protocol: str = "udp",
        domain: str = "tp.example.org", asserted_identity: str = "",
    ) -> None:
        self.name = name
        self.address = address
        self.asserted_identity = asserted_identity
        self.identity = f"sip:{name}@{domain}"
        self.record = Recorder(log, name)
        self.agent = UserAgent(self.record, protocol)
        self.agent.on_request = self._on_request
        self.dialog: Optional[Dialog] = None
        self.roster = ConferenceInfo()
        self.notifies = 0
        self.ended = ""  # the reason in the last Subscription-State, once it is terminated
        self.answer = 200  # to NOTIFYs; 0: none
        self._news = asyncio.Event()

    async def start(self) -> None:
        await self.agent.start(self.address)

    @property
    def user(self) -> Optional[sip_digest.User]:
        return self.agent.user

    async def subscribe(self, conference_uri: str, expires: int = 3600, **headers: str) -> Message:
        """Begins the subscription. Headers replace those that it sends by itself (`_` for `-`); "" leaves one out."""
        local = f"<{self.identity}>;tag={token(4)}"
        self.dialog = Dialog(f"{token()}@{self.name}", local, f"<{conference_uri}>", conference_uri)
        return await self._send(expires, {name.replace("_", "-"): value for name, value in headers.items()})

    async def refresh(self, expires: int = 3600) -> Message:
        """Expires 0 ends it."""
        return await self._send(expires, {})

    async def _send(self, expires: int, replaced: dict) -> Message:
        assert self.dialog is not None
        request = self.dialog.request("SUBSCRIBE")
        headers = {
            "Event": "conference", "Accept": "application/conference-info+xml", "Expires": str(expires),
            "Contact": f"<{self.agent.contact_uri(self.name)}>",
        }
        if self.asserted_identity:
            headers["P-Asserted-Identity"] = f"<{self.asserted_identity}>"
        for name, value in {**headers, **replaced}.items():
            if value:
                request.add(name, value)
        final = await self.agent.request(request)
        if 200 <= final.status < 300:
            self._establish(final.get("To"), final.get("Contact"))
        return final

    def _establish(self, remote: str, contact: str) -> None:
        assert self.dialog is not None
        self.dialog.remote = remote
        if contact:
            self.dialog.remote_target = address_uri(contact)

    async def _on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        known = self.dialog is not None and request.method == "NOTIFY" and request.call_id == self.dialog.call_id
        if not known or self.answer == 0:
            if not known:
                transaction.respond(response_to(request, 481))
            return
        if not self.dialog.remote_tag:  # it may come before the answer to the SUBSCRIBE (RFC 6665 section 4.1.2.4)
            self._establish(request.get("From"), request.get("Contact"))
        transaction.respond(response_to(request, self.answer))
        state = request.get("Subscription-State")
        self.notifies += 1
        if request.body:
            self.roster.apply(request.body)
        if state.startswith("terminated"):
            self.ended = state.split("reason=")[-1].split(";")[0] if "reason=" in state else "terminated"
        self.record("roster", state=state, version=self.roster.version, present=sorted(self.roster.present))
        self._news.set()

    async def wait(self, predicate: Callable[[ConferenceInfo], bool], timeout: float = 10.0) -> ConferenceInfo:
        """The roster as soon as it fulfils the predicate."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not predicate(self.roster):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise Missing(f"{self.name}: the roster is still version {self.roster.version} {sorted(self.roster.present)}")
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except asyncio.TimeoutError:
                pass
        return self.roster

    async def close(self) -> None:
        await self.agent.close()
