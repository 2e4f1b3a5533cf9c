"""The CLUE data channel on aiortc's ICE, DTLS and SCTP (RFC 8850), with every wire event of its end recorded."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from typing import Callable, Deque, List, Optional

import aioice.ice
from aiortc import (
    RTCCertificate,
    RTCDataChannel,
    RTCDataChannelParameters,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCSctpCapabilities,
    RTCSctpTransport,
)
from aiortc.rtcicetransport import RTCIceParameters, candidate_from_aioice
from aiortc.rtcsctptransport import (
    AbortChunk,
    DataChunk,
    ReconfigChunk,
    ShutdownAckChunk,
    ShutdownChunk,
    ShutdownCompleteChunk,
    StreamResetOutgoingParam,
    uint32_gt,
)

from .arrival import stamp_arrivals
from .events import Recorder
from .sdp import ChannelDescription
from .sip_message import token

STRING_PPID = 51  # RFC 8831 section 8, WebRTC String
FIRST_FRAGMENT = 0x02  # RFC 4960 section 3.3.1, the B bit of a DATA chunk
OUTGOING_RESET = 13  # RFC 6525 section 4.1, the parameter type of an Outgoing SSN Reset Request

# aiortc warns about each lost connection; here losing connections is what is tested.
logging.getLogger("aiortc").setLevel(logging.ERROR)
logging.getLogger("aioice").setLevel(logging.ERROR)


def use_only(address: str) -> None:
    """aioice never offers the loopback address; the tests need nothing but it."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]


class ClueChannel:
    """One end of the channel. `on_open(initiator)`, `on_message(text)` and `on_closed(cause)` are for its user."""

    def __init__(self, record: Recorder, address: str, stream_id: int = 0, controlling: bool = True) -> None:
        use_only(address)
        self.record = record
        self.address = address
        self.stream_id = stream_id
        self.max_message_size = 65536  # what we take in one message (RFC 8841 section 6)
        self.initiator = False
        self.state = "new"
        self.on_open: Callable[[bool], None] = lambda initiator: None
        self.on_message: Callable[[str], None] = lambda text: None
        self.on_closed: Callable[[str], None] = lambda cause: None
        self._gatherer = RTCIceGatherer()
        self._gatherer._connection.ice_controlling = controlling
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._sctp: Optional[RTCSctpTransport] = None
        self._data: Optional[RTCDataChannel] = None
        self._tls_id = token(12)
        self.remote: Optional[ChannelDescription] = None  # what the peer's SDP said when we connected
        self._ending = False
        self._is_paused = False
        self._arriving = 0.0
        self._saw_abort = False
        self._connecting: Optional[asyncio.Task] = None
        self._arrivals: Deque[float] = deque()  # of the datagrams that wait in aioice's queue
        self._arrived = 0.0  # of the one that is being handled
        self._began: Deque[float] = deque()  # when each message's first piece came that is not delivered yet
        self._last_tsn: Optional[int] = None
        self.message_arrived = 0.0  # when the message that on_message is told of began to arrive

    # --- setting it up ---

    async def gather(self) -> None:
        await self._gatherer.gather()
        connection = self._gatherer._connection
        for protocol in connection._protocols:
            stamp_arrivals(protocol.transport, functools.partial(self._datagram, protocol))
        self._watch_queue(connection)

    def _datagram(self, protocol, data: bytes, address, arrived: float) -> None:
        if not self._is_paused:
            self._arriving = arrived
            protocol.datagram_received(data, address)

    def _watch_queue(self, connection) -> None:
        """aioice queues what is no STUN until DTLS asks for it; the times of arrival wait beside it."""
        data_received, receive = connection.data_received, self._ice._recv

        def queued(data: bytes, component: int) -> None:
            self._arrivals.append(self._arriving)
            data_received(data, component)

        async def taken() -> bytes:
            data = await receive()
            if self._arrivals:
                self._arrived = self._arrivals.popleft()
            return data

        connection.data_received, self._ice._recv = queued, taken

    def describe(self, setup: str = "actpass") -> ChannelDescription:
        """What the SDP says of our end. The default candidate is the first one (RFC 8839 section 4.2.1.2)."""
        candidates = self._gatherer._connection.local_candidates
        parameters = self._gatherer.getLocalParameters()
        fingerprint = self._dtls.getLocalParameters().fingerprints[0]
        return ChannelDescription(
            port=candidates[0].port,
            ufrag=parameters.usernameFragment,
            password=parameters.password,
            candidates=[candidate.to_sdp() for candidate in candidates],
            fingerprint=f"{fingerprint.algorithm} {fingerprint.value}",
            setup=setup,
            stream_id=self.stream_id,
            tls_id=self._tls_id,
            max_message_size=self.max_message_size,
        )

    def connect(self, remote: ChannelDescription, initiator: bool) -> None:
        """Starts ICE, DTLS (as client when `initiator`) and SCTP in the background. A second call changes nothing."""
        if self._connecting is None:
            self.initiator = initiator
            self.stream_id = remote.stream_id
            self.remote = remote
            self._connecting = asyncio.ensure_future(self._connect(remote))

    async def _connect(self, remote: ChannelDescription) -> None:
        self._set_state("ice")
        for line in remote.candidates:
            await self._ice.addRemoteCandidate(candidate_from_aioice(aioice.Candidate.from_sdp(line)))
        await self._ice.addRemoteCandidate(None)
        if remote.ice_lite:
            # RFC 8445 section 6.1.1: the full agent controls, whoever made the offer.
            self._gatherer._connection.ice_controlling = True
        await self._ice.start(
            RTCIceParameters(usernameFragment=remote.ufrag, password=remote.password, iceLite=remote.ice_lite)
        )
        if self._ice.state != "completed":
            self._lost("ice")
            return
        self._set_state("dtls")
        algorithm, _, value = remote.fingerprint.partition(" ")
        self._dtls._set_role("client" if self.initiator else "server")
        await self._dtls.start(RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm.lower(), value.strip())]))
        if self._dtls.state != "connected":
            self._lost("dtls")
            return
        self._dtls.on("statechange", self._dtls_changed)
        self._set_state("sctp")
        self._sctp = RTCSctpTransport(self._dtls, 5000)
        self._watch_chunks(self._sctp)
        parameters = RTCDataChannelParameters(label="CLUE", protocol="CLUE", negotiated=True, id=self.stream_id)
        self._data = RTCDataChannel(self._sctp, parameters)
        self._data.on("open", self._opened)
        self._data.on("message", self._received)
        self._data.on("close", self._data_closed)
        await self._sctp.start(RTCSctpCapabilities(remote.max_message_size), remote.sctp_port)

    def _watch_chunks(self, sctp: RTCSctpTransport) -> None:
        """aiortc tells nobody of chunks; its handlers are wrapped on this one object."""
        receive_chunk, send_chunk = sctp._receive_chunk, sctp._send_chunk

        async def receive(chunk) -> None:
            self._note_chunk(chunk, "received")
            await receive_chunk(chunk)

        async def send(chunk) -> None:
            self._note_chunk(chunk, "sent")
            await send_chunk(chunk)

        set_state = sctp._set_state

        def changed(state) -> None:
            set_state(state)
            if state == sctp.State.CLOSED and not self._ending:
                self._lost("abort" if self._saw_abort else "shutdown")

        sctp._receive_chunk, sctp._send_chunk, sctp._set_state = receive, send, changed

    def _note_chunk(self, chunk, way: str) -> None:
        kind = f"chunk_{way}"
        if isinstance(chunk, ReconfigChunk):
            for number, value in chunk.params:
                streams: List[int] = StreamResetOutgoingParam.parse(value).streams if number == OUTGOING_RESET else []
                self.record(kind, chunk="RE-CONFIG", parameter=number, streams=streams, at=self._arrived)
        elif isinstance(chunk, ShutdownChunk):
            self.record(kind, chunk="SHUTDOWN", at=self._arrived)
        elif isinstance(chunk, ShutdownAckChunk):
            self.record(kind, chunk="SHUTDOWN-ACK")
        elif isinstance(chunk, ShutdownCompleteChunk):
            self.record(kind, chunk="SHUTDOWN-COMPLETE")
        elif isinstance(chunk, AbortChunk):
            self._saw_abort = True
            self.record(kind, chunk="ABORT")
        elif isinstance(chunk, DataChunk) and way == "received":
            self._note_piece(chunk)
            unordered = bool(chunk.flags & 0x04)
            if chunk.protocol != STRING_PPID or chunk.stream_id != self.stream_id or unordered:
                self.record(
                    "violation", rule="RFC 8850 section 3.2",
                    text=f"DATA with PPID {chunk.protocol} on stream {chunk.stream_id}, unordered={unordered}",
                )

    def _note_piece(self, chunk: DataChunk) -> None:
        """A large message comes in many pieces, at the pace of our acknowledgements: it was sent when it began."""
        is_new = self._last_tsn is None or uint32_gt(chunk.tsn, self._last_tsn)
        if is_new:
            self._last_tsn = chunk.tsn
        if is_new and chunk.flags & FIRST_FRAGMENT:
            self._began.append(self._arrived)

    # --- using it ---

    def send(self, text: str) -> None:
        if self._data is not None and self._data.readyState == "open":
            self._data.send(text)

    def pause(self) -> None:
        """The network is gone in both directions, but nobody closed anything: a frozen participant."""
        consent = self._ice._connection._query_consent_handle
        if consent is not None:
            consent.cancel()
        self._is_paused = True
        for protocol in self._ice._connection._protocols:
            protocol.transport.sendto = lambda data, addr=None: None

    # --- its end ---

    def _opened(self) -> None:
        self._set_state("open")
        self.on_open(self.initiator)

    def _received(self, text: str) -> None:
        if len(text.encode()) > self.max_message_size:
            self.record("violation", rule="DC-03", text=f"{len(text.encode())} bytes, {self.max_message_size} are allowed")
        self.message_arrived = self._began.popleft() if self._began else self._arrived
        self.on_message(text)

    def _data_closed(self) -> None:
        self.record("channel_stream_closed")

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed" and not self._ending:
            self.record("dtls_closed")
            self._lost("dtls_close")

    def _set_state(self, state: str) -> None:
        self.state = state
        self.record("channel_state", state=state, initiator=self.initiator)

    def _lost(self, cause: str) -> None:
        if self.state not in ("closed", "failed"):
            self.state = "failed" if cause in ("ice", "dtls") else "closed"
            self.record("channel_state", state=self.state, cause=cause, initiator=self.initiator)
            self.on_closed(cause)

    def reset_stream(self) -> None:
        """Graceful removal by us: RFC 8831 section 6.7, an outgoing stream reset."""
        if self._data is not None:
            self._data.close()

    async def close(self) -> None:
        """The way aiortc closes: ABORT, close_notify, sockets gone."""
        self._ending = True
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()
        if self._sctp is not None:
            await self._sctp.stop()
        await self._dtls.stop()
        await self._ice.stop()
        if self.state not in ("closed", "failed"):
            self._set_state("closed")

    def cut(self) -> None:
        """The cable is pulled: nothing is said any more and the sockets are gone."""
        self._ending = True
        self.pause()
        for protocol in self._ice._connection._protocols:
            protocol.transport.abort()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._sctp is not None:
            self._sctp._t1_cancel()
            self._sctp._t2_cancel()
            self._sctp._t3_cancel()
