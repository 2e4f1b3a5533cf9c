"""When the kernel got a datagram, not when this busy process came to read it: what came first on the wire is asked for."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import Callable, Tuple

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; the socket module does not name it
MAX_DATAGRAM = 65536


def stamp_arrivals(endpoint: asyncio.DatagramTransport, receive: Callable[[bytes, Tuple, float], None]) -> None:
    """Hands each datagram of this endpoint to `receive(data, address, monotonic time of arrival)`.

    asyncio reads without ancillary data, so its reader is replaced by one that asks the kernel for the time.
    """
    loop = asyncio.get_running_loop()
    # The endpoint's own socket, which it closes itself; a duplicate would keep the port open after that.
    own = endpoint.get_extra_info("socket")._sock
    own.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def read() -> None:
        try:
            data, ancillary, _, address = own.recvmsg(MAX_DATAGRAM, 64)
        except OSError:
            return  # nothing there, or an ICMP error of an earlier datagram
        receive(data, address, _arrived(ancillary))

    loop._remove_reader(own.fileno())
    loop._add_reader(own.fileno(), read)


def _arrived(ancillary) -> float:
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@qq", value[:16])
            return time.monotonic() - (time.time() - seconds - nanoseconds / 1e9)
    return time.monotonic()
