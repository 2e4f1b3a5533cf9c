"""SIP over UDP and TCP (RFC 3261 section 18) on asyncio. Knows bytes and addresses, nothing of transactions."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Callable, Dict, Optional, Tuple

from . import sip_message
from .arrival import stamp_arrivals
from .sip_message import Message

Address = Tuple[str, int]
Receiver = Callable[[Message, "Transport", Address], None]

MAX_HEADER = 64 * 1024  # What a peer may send before its end of headers: it has to end somewhere.


class Transport:
    """One listening address. `deaf` and `mute` model a participant that is there but lost its network."""

    protocol = ""
    reliable = False

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.host = ""
        self.port = 0
        self.deaf = False
        self.mute = False
        self.arrived = 0.0  # when what is being delivered came in
        self.on_garbage: Callable[[bytes, str], None] = lambda data, why: None

    def deliver(self, data: bytes, source: Address) -> None:
        if self.deaf or not data.strip():
            return
        try:
            message = sip_message.parse(data)
        except ValueError as error:
            self.on_garbage(data, str(error))
            return
        self.receiver(message, self, source)

    async def send(self, data: bytes, target: Address) -> None:
        raise NotImplementedError

    def cut(self) -> None:
        """Closes everything without a word."""
        raise NotImplementedError


class UdpTransport(Transport):
    protocol = "UDP"

    async def start(self, host: str, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._endpoint, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(host, port))
        stamp_arrivals(self._endpoint, self._received)
        self.host, self.port = self._endpoint.get_extra_info("sockname")[:2]

    def _received(self, data: bytes, source, arrived: float) -> None:
        self.arrived = arrived
        self.deliver(data, (source[0], source[1]))

    async def send(self, data: bytes, target: Address) -> None:
        if not self.mute and not self._endpoint.is_closing():
            self._endpoint.sendto(data, target)

    def cut(self) -> None:
        self._endpoint.abort()


class TcpTransport(Transport):
    """Connections are found by the peer's address; a dead one is replaced by a new one when something is to be sent."""

    protocol = "TCP"
    reliable = True

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(receiver)
        self._writers: Dict[Address, asyncio.StreamWriter] = {}
        self._tasks: set = set()

    server_tls: Optional[ssl.SSLContext] = None
    client_tls: Optional[ssl.SSLContext] = None

    async def start(self, host: str, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, host, port, ssl=self.server_tls)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        await self._read(reader, writer, writer.get_extra_info("peername")[:2])

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: Address) -> None:
        self._writers[source] = writer
        try:
            while True:
                data = await self._read_message(reader)
                self.arrived = time.monotonic()
                self.deliver(data, source)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # The connection is of no more use, whatever the reason; the next send makes a new one.
        finally:
            if self._writers.get(source) is writer:
                del self._writers[source]
            writer.close()

    @staticmethod
    async def _read_message(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        head = head.lstrip(b"\r\n")
        if not head:
            return b""
        length = int(sip_message.parse(head).get("Content-Length") or 0)
        return head + (await reader.readexactly(length) if length else b"")

    async def send(self, data: bytes, target: Address) -> None:
        if self.mute:
            return
        writer = self._writers.get(target)
        if writer is None or writer.is_closing():
            reader, writer = await asyncio.open_connection(*target, limit=MAX_HEADER, ssl=self.client_tls)
            task = asyncio.ensure_future(self._read(reader, writer, target))
            self._tasks.add(task)
            self._writers[target] = writer
        writer.write(data)

    def drop_connections(self) -> None:
        """The network lost our connections; new ones can be made."""
        for writer in list(self._writers.values()):
            writer.transport.abort()

    def cut(self) -> None:
        self._server.close()
        self.drop_connections()
        for task in self._tasks:
            task.cancel()


class TlsTransport(TcpTransport):
    """The same over TLS, with one certificate for both directions; only what `authorities` vouches for is talked to."""

    protocol = "TLS"

    def __init__(self, receiver: Receiver, certificate: str, key: str, authorities: str) -> None:
        super().__init__(receiver)
        self.server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.client_tls = ssl.create_default_context(cafile=authorities)
        for context in (self.server_tls, self.client_tls):
            context.load_cert_chain(certificate, key)
