"""Transactions and dialogs of one SIP user agent (RFC 3261 sections 12 and 17, RFC 3262 for reliable responses).

What to say is decided by whoever uses it (endpoint.py); this module sees to it that it is said reliably, and once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Dict, List, Optional, Tuple

from . import sip_digest, sip_message
from .events import Recorder
from .sip_message import Message, address_uri, bracketed, header_param, token, uri_parts
from .sip_transport import Address, TcpTransport, TlsTransport, Transport, UdpTransport

T1 = 0.5
T2 = 4.0
TRANSACTION_TIME = 64 * T1  # timers B, F, H and J


@dataclass
class Dialog:
    """RFC 3261 section 12, from our side of it."""

    call_id: str
    local: str  # the From or To value with our tag
    remote: str
    remote_target: str
    route_set: List[str] = field(default_factory=list)
    local_cseq: int = 0
    remote_cseq: int = 0
    confirmed: bool = False

    @property
    def local_tag(self) -> str:
        return header_param(self.local, "tag")

    @property
    def remote_tag(self) -> str:
        return header_param(self.remote, "tag")

    def request(self, method: str, cseq: Optional[int] = None) -> Message:
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        message = Message(method=method, uri=self.remote_target)
        for route in self.route_set:
            message.add("Route", route)
        message.add("From", self.local).add("To", self.remote).add("Call-ID", self.call_id)
        return message.add("CSeq", f"{cseq} {method}")


class ServerTransaction:
    """A received request and our responses to it."""

    def __init__(self, agent: "UserAgent", request: Message, transport: Transport, source: Address) -> None:
        self.agent = agent
        self.request = request
        self.transport = transport
        self.source = source
        self.last: Optional[Message] = None
        self.acknowledged = asyncio.Event()
        self.cancelled = False
        self._repeat: Optional[asyncio.Task] = None

    @property
    def answered(self) -> bool:
        return self.last is not None and self.last.status >= 200

    def respond(self, response: Message) -> None:
        self.last = response
        self.send_again()
        if self.request.method == "INVITE" and response.status >= 200:
            self._repeat = self.agent.spawn(self._until_acknowledged())

    def send_again(self) -> None:
        if self.last is not None:
            self.agent.send_soon(self.last, self.transport, self.source, repeated=False)

    async def _until_acknowledged(self) -> None:
        """Timer G for non-2xx over UDP, and for 2xx over any transport (RFC 3261 section 13.3.1.4)."""
        wait, waited = T1, 0.0
        while waited < TRANSACTION_TIME:
            try:
                await asyncio.wait_for(self.acknowledged.wait(), wait)
                return
            except asyncio.TimeoutError:
                waited += wait
                wait = min(2 * wait, T2)
                if self.last is not None and (self.last.status < 300 or not self.transport.reliable):
                    self.agent.send_soon(self.last, self.transport, self.source, repeated=True)
        self.agent.record("sip_ack_timeout", **self.request.summary())


class ClientTransaction:
    """A request of ours. `final` is set once; an INVITE's 2xx is acknowledged by who made the request."""

    def __init__(self, agent: "UserAgent", request: Message, target: Address) -> None:
        self.agent = agent
        self.request = request
        self.target = target
        self.final: asyncio.Future = asyncio.get_running_loop().create_future()
        self.provisional = asyncio.Event()
        self.on_provisional: Callable[[Message], None] = lambda response: None
        self.ack: Optional[Message] = None  # sent again whenever the final response comes again
        self.challenged = False

    async def run(self) -> Message:
        wait, waited = T1, 0.0
        await self.agent.send(self.request, self.agent.transport, self.target)
        while not self.final.done() and waited < TRANSACTION_TIME:
            # Once it is proceeding, an INVITE waits as long as the callee likes (section 17.1.1.2).
            proceeding = self.request.method == "INVITE" and self.provisional.is_set()
            try:
                await asyncio.wait_for(asyncio.shield(self.final), TRANSACTION_TIME if proceeding else wait)
            except asyncio.TimeoutError:
                waited += 0 if proceeding else wait
                invite = self.request.method == "INVITE"
                wait = 2 * wait if invite else min(2 * wait, T2)
                if not self.agent.transport.reliable and not (invite and self.provisional.is_set()):
                    await self.agent.send(self.request, self.agent.transport, self.target, repeated=True)
        if not self.final.done():
            self.final.set_result(Message(status=408, reason="Request Timeout", headers=list(self.request.headers)))
            self.agent.record("sip_timeout", **self.request.summary())
        return self.final.result()

    def receive(self, response: Message) -> None:
        if response.status < 200:
            self.provisional.set()
            self.on_provisional(response)
            return
        if self.request.method == "INVITE" and response.status >= 300:
            self.ack = self._ack_for_failure(response)
        if self.ack is not None:
            self.agent.send_soon(self.ack, self.agent.transport, self.target)
        if response.status == 401 and self.agent.user is not None and not self.challenged:
            self.agent.answer_challenge(self, response)
            return
        if not self.final.done():
            self.final.set_result(response)

    def _ack_for_failure(self, response: Message) -> Message:
        """RFC 3261 section 17.1.1.3: the same branch, so it belongs to this transaction."""
        ack = Message(method="ACK", uri=self.request.uri)
        ack.add("Via", self.request.get("Via"))
        for name in ("Route", "From", "Call-ID"):
            if self.request.get(name):
                ack.add(name, self.request.get(name))
        return ack.add("To", response.get("To")).add("CSeq", f"{self.request.cseq[0]} ACK").add("Max-Forwards", "70")


class UserAgent:
    """Sends requests, answers retransmissions, tells `on_request` of everything that is new."""

    def __init__(
        self, record: Recorder, protocol: str = "udp", udp_only: bool = False, tls: Optional[Tuple[str, str, str]] = None
    ) -> None:
        """`tls`: the files of certificate, key and authorities, for protocol "tls"."""
        self.record = record
        self.sips = False  # what its Contact is (RFC 5630)
        self.transport: Transport
        if protocol == "tls":
            assert tls is not None
            self.transport = TlsTransport(self._receive, *tls)
        else:
            self.transport = TcpTransport(self._receive) if protocol == "tcp" else UdpTransport(self._receive)
        self.transports = [self.transport]
        if protocol == "udp" and not udp_only:
            # RFC 3261 section 18.2.1: whoever listens on UDP does on TCP too, because large requests come that way.
            self.transports.append(TcpTransport(self._receive))
        for transport in self.transports:
            transport.on_garbage = self._garbage
        self.on_request: Callable[[ServerTransaction], Awaitable[None]] = self._refuse
        self.on_ack: Callable[[Message], None] = lambda ack: None
        self.user: Optional[sip_digest.User] = None  # who answers a challenge
        self._clients: Dict[Tuple[str, str], ClientTransaction] = {}
        self._servers: Dict[Tuple[str, str], ServerTransaction] = {}
        self._tasks: set = set()

    async def start(self, host: str, port: int = 0) -> None:
        """With port 0 the kernel chooses one that is free for every transport."""
        for attempt in range(20):
            await self.transport.start(host, port)
            try:
                for other in self.transports[1:]:
                    await other.start(host, self.transport.port)
                return
            except OSError:
                self.transport.cut()
                if port or attempt == 19:
                    raise

    def _garbage(self, data: bytes, why: str) -> None:
        self.record("sip_garbage", why=why, text=data.decode("utf-8", "replace"))

    def isolate(self) -> None:
        """Nothing gets in or out any more, but all sockets stay open."""
        for transport in self.transports:
            transport.deaf = transport.mute = True

    def spawn(self, work: Awaitable) -> asyncio.Task:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.record("internal_error", text=repr(task.exception()))

    # --- what goes out ---

    def via(self) -> str:
        host = bracketed(self.transport.host)
        return f"SIP/2.0/{self.transport.protocol} {host}:{self.transport.port};branch=z9hG4bK{token()};rport"

    def contact_uri(self, user: str) -> str:
        if self.sips:
            return f"sips:{user}@{bracketed(self.transport.host)}:{self.transport.port}"
        suffix = f";transport={self.transport.protocol.lower()}" if self.transport.reliable else ""
        return f"sip:{user}@{bracketed(self.transport.host)}:{self.transport.port}{suffix}"

    @staticmethod
    def next_hop(request: Message) -> Address:
        """The topmost Route or the Request-URI; the tests' hosts are addresses, names are not looked up."""
        routes = request.get_all("Route")
        _, host, port, params = uri_parts(address_uri(routes[0]) if routes else request.uri)
        return params.get("maddr", host), port or 5060

    async def send(self, message: Message, transport: Transport, target: Address, repeated: bool = False) -> None:
        data = message.encode()
        self.record(
            "sip_sent", first=data.split(b"\r\n", 1)[0].decode(), request=message.is_request, repeated=repeated,
            **message.summary(), text=data.decode(),
        )
        try:
            await transport.send(data, target)
        except OSError as error:
            self.record("sip_send_failed", reason=str(error), **message.summary())

    def send_soon(self, message: Message, transport: Transport, target: Address, repeated: bool = False) -> None:
        self.spawn(self.send(message, transport, target, repeated))

    def begin(self, request: Message, target: Optional[Address] = None) -> ClientTransaction:
        """Starts a client transaction; Via and Max-Forwards are added here."""
        if not request.get("Via"):
            request.headers.insert(0, ("Via", self.via()))
        if not request.get("Max-Forwards"):
            request.add("Max-Forwards", "70")
        transaction = ClientTransaction(self, request, target or self.next_hop(request))
        self._clients[(request.branch, request.method)] = transaction
        self.spawn(transaction.run())
        return transaction

    def answer_challenge(self, transaction: ClientTransaction, response: Message) -> None:
        """The same request once more with credentials: the next CSeq and another branch (RFC 3261 section 22.2)."""
        challenges = [value for name, value in response.headers if name.lower() == "www-authenticate"]
        authorization = sip_digest.authorization(self.user, challenges, transaction.request)
        if authorization is None:
            transaction.final.set_result(response)
            return
        old = transaction.request
        number, method = old.cseq
        again = Message(method=old.method, uri=old.uri, body=old.body)
        for name, value in old.headers:
            if name not in ("Via", "CSeq", "Authorization"):
                again.add(name, value)
        again.headers.insert(0, ("Via", self.via()))
        again.add("CSeq", f"{number + 1} {method}").add("Authorization", authorization)
        transaction.request, transaction.challenged, transaction.ack = again, True, None
        self._clients[(again.branch, method)] = transaction
        self.send_soon(again, self.transport, transaction.target)

    async def request(self, request: Message, target: Optional[Address] = None) -> Message:
        """The final response; 408 made by us when none comes."""
        return await asyncio.shield(self.begin(request, target).final)

    def acknowledge(self, transaction: ClientTransaction, ack: Message) -> None:
        """ACK for a 2xx: a transaction of its own that is repeated with the 2xx (section 13.2.2.4)."""
        ack.headers.insert(0, ("Via", self.via()))
        ack.add("Max-Forwards", "70")
        transaction.ack = ack
        transaction.target = self.next_hop(ack)
        self.send_soon(ack, self.transport, transaction.target)

    # --- what comes in ---

    def _receive(self, message: Message, transport: Transport, source: Address) -> None:
        data = message.encode()
        self.record(
            "sip_received", first=data.split(b"\r\n", 1)[0].decode(), request=message.is_request, **message.summary(),
            text=data.decode(), at=transport.arrived,
        )
        if not message.is_request:
            number, method = message.cseq
            transaction = self._clients.get((message.branch, method))
            if transaction is not None and transaction.request.cseq[0] == number:
                transaction.receive(message)
        elif message.method == "ACK":
            self._receive_ack(message)
        else:
            self._receive_request(message, transport, source)

    def _receive_ack(self, ack: Message) -> None:
        for transaction in self._servers.values():
            request = transaction.request
            if request.method == "INVITE" and request.call_id == ack.call_id and request.cseq[0] == ack.cseq[0]:
                if not transaction.acknowledged.is_set():
                    transaction.acknowledged.set()
                    if transaction.last is not None and transaction.last.status < 300:
                        self.on_ack(ack)

    def _receive_request(self, request: Message, transport: Transport, source: Address) -> None:
        key = (request.branch, request.method)
        known = self._servers.get(key)
        if known is not None:
            known.send_again()
            return
        transaction = ServerTransaction(self, request, transport, source)
        self._servers[key] = transaction
        self.spawn(self.on_request(transaction))

    def find_invite(self, cancel: Message) -> Optional[ServerTransaction]:
        return self._servers.get((cancel.branch, "INVITE"))

    @staticmethod
    async def _refuse(transaction: ServerTransaction) -> None:
        transaction.respond(sip_message.response_to(transaction.request, 501, to_tag=token()))

    def cut(self) -> None:
        for transport in self.transports:
            transport.cut()
        for task in list(self._tasks):
            task.cancel()

    async def close(self) -> None:
        """Lets what is being sent go out, then closes the sockets."""
        await asyncio.sleep(0)
        self.cut()
