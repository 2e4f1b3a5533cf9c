"""The daemon as a process: its configuration, its log records, its census of live objects."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from .events import Missing

Record = Dict[str, Any]


def free_port(address: str = "127.0.0.1") -> int:
    """A port that is free for UDP and TCP right now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(100):
        with socket.socket(family, socket.SOCK_STREAM) as stream, socket.socket(family, socket.SOCK_DGRAM) as datagram:
            stream.bind((address, 0))
            port = stream.getsockname()[1]
            try:
                datagram.bind((address, port))
            except OSError:
                continue
            return port
    raise OSError("no port is free for UDP and TCP alike")


def is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as stream, socket.socket(family, socket.SOCK_DGRAM) as datagram:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stream.bind((address, port))
            datagram.bind((address, port))
            return True
    except OSError:
        return False


def free_ports(count: int, address: str = "127.0.0.1") -> int:
    """The first of so many consecutive ports that are free for UDP and TCP.

    Foreign programs want to be told their ports. These lie below those that the kernel gives away by itself.
    """
    for _ in range(1000):
        first = random.randrange(10000, 32000 - count, 2)
        if all(is_free(address, port) for port in range(first, first + count)):
            return first
    raise OSError(f"no {count} consecutive ports are free")


class Daemon:
    """One running clued. Its log has to be in JSON, on standard error or output."""

    def __init__(self, program: str, config: Path) -> None:
        self.program = program
        self.config = config
        self.records: List[Record] = []
        self.lines: List[str] = []  # what is no JSON: startup errors, sanitizer reports
        self.process: Optional[asyncio.subprocess.Process] = None
        self.listener: Callable[[Record], None] = lambda record: None
        self._news = asyncio.Event()
        self._readers: List[asyncio.Task] = []

    async def start(self, timeout: float = 10.0) -> Record:
        """The record daemon.ready, which says where it listens."""
        self.process = await asyncio.create_subprocess_exec(
            self.program, "--config", str(self.config), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        for stream in (self.process.stdout, self.process.stderr):
            self._readers.append(asyncio.ensure_future(self._read(stream)))
        return await self.wait_record("daemon.ready", timeout)

    async def _read(self, stream) -> None:
        while True:
            line = (await stream.readline()).decode("utf-8", "replace").rstrip("\n")
            if not line and stream.at_eof():
                self._news.set()
                return
            try:
                record = json.loads(line)
            except ValueError:
                self.lines.append(line)
            else:
                record["seen"] = time.monotonic()
                self.records.append(record)
                self.listener(record)
            self._news.set()

    def find(self, name: str, since: int = 0, **fields: Any) -> Optional[Record]:
        for record in self.records[since:]:
            if record.get("record") == name and all(record.get(key) == value for key, value in fields.items()):
                return record
        return None

    async def wait_record(self, name: str, timeout: float = 10.0, since: int = 0, **fields: Any) -> Record:
        deadline = time.monotonic() + timeout
        while True:
            found = self.find(name, since, **fields)
            if found is not None:
                return found
            left = deadline - time.monotonic()
            gone = self.process is not None and self.process.returncode is not None
            if left <= 0 or gone:
                why = f"the daemon ended with {self.process.returncode}" if gone and self.process else f"in {timeout} s"
                raise Missing(f"no log record {name} {fields or ''}: {why}\n" + "\n".join(self.lines[-20:]))
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except asyncio.TimeoutError:
                pass

    async def census(self, timeout: float = 5.0) -> Dict[str, int]:
        """Live objects by kind, as the daemon counts them at SIGUSR1."""
        assert self.process is not None
        since = len(self.records)
        self.process.send_signal(signal.SIGUSR1)
        record = await self.wait_record("state.census", timeout, since)
        return {key: value for key, value in record.items() if isinstance(value, int)}

    async def wait_census(self, timeout: float = 10.0, **expected: int) -> Dict[str, int]:
        """Asks until the counts are as expected: what the daemon holds on to for a while is not yet a leak."""
        deadline = time.monotonic() + timeout
        while True:
            counts = await self.census()
            if all(counts.get(key) == value for key, value in expected.items()):
                return counts
            if time.monotonic() > deadline:
                raise Missing(f"census is {counts}, expected {expected} within {timeout} s")
            await asyncio.sleep(0.2)

    def descriptors(self) -> List[str]:
        """What the process has open, by kind; sockets with their number."""
        assert self.process is not None
        folder = f"/proc/{self.process.pid}/fd"
        names = []
        for entry in os.listdir(folder):
            try:
                names.append(os.readlink(f"{folder}/{entry}"))
            except FileNotFoundError:
                pass  # closed between listing and looking
        return names

    def resident_kb(self) -> int:
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    async def stop(self, timeout: float = 15.0) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), timeout)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
                raise Missing(f"the daemon did not end within {timeout} s of SIGTERM") from None
        await asyncio.gather(*self._readers)
        assert self.process.returncode is not None
        return self.process.returncode

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        await asyncio.gather(*self._readers)
