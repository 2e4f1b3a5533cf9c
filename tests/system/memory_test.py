"""Memory that a flood took is given back when its transactions have run out."""

from __future__ import annotations

import asyncio
import os
import socket
import time
import unittest

from support import SystemTest


@unittest.skipIf("CLUED_SANITIZED" in os.environ, "AddressSanitizer keeps what is freed")
class Memory(SystemTest):
    timer_f = 2
    trusted_peers = '["127.0.0.1"]'  # who may flood: the worst case
    requests = 20000

    def options(self, port: int, number: int) -> bytes:
        return (
            f"OPTIONS sip:nobody@h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKf{number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:m@h>;tag=m{number}\r\nTo: <sip:nobody@h>\r\nCall-ID: f{number}\r\n"
            f"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    async def test_of_a_flood_is_given_back(self) -> None:
        before = self.daemon.resident_kb()
        most = before
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.1", 0))
            port = datagrams.getsockname()[1]
            for number in range(self.requests):
                datagrams.sendto(self.options(port, number), ("127.0.0.1", self.port))
                if number % 100 == 0:
                    await asyncio.sleep(0.002)
                    most = max(most, self.daemon.resident_kb())
        deadline = time.monotonic() + 60
        while self.daemon.resident_kb() > before + 8 * 1024 and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        after = self.daemon.resident_kb()
        print(f"resident: {before} KB before, {most} KB at the most, {after} KB after {self.requests} requests")
        self.assertGreater(most, before + 16 * 1024, "there was a flood")
        self.assertLess(after, before + 8 * 1024)
        since = len(self.daemon.records)
        await self.daemon.census()
        counters = await self.daemon.wait_record("state.counters", since=since)
        self.assertGreaterEqual(counters["heap_trims"], 1)
