"""A soft phone as a process of its own: private HOME, no sound device, driven by its own commands, watched by its output."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import time
from pathlib import Path
from typing import Dict, List, Optional

from ue.events import Missing


class Phone:
    """What the tests ask of any soft phone. A subclass says how its program is started and which commands it knows."""

    name = ""  # user part of its address
    program = ""

    def __init__(self, home: Path, sip_port: int, rtp_port: int) -> None:
        """`home` is an empty folder of its own; `rtp_port` and the 19 above it are free."""
        self.home = home
        self.sip_port = sip_port
        self.rtp_port = rtp_port
        self.output = ""
        self.process: Optional[asyncio.subprocess.Process] = None
        self._news = asyncio.Event()
        self._readers: List[asyncio.Task] = []

    @classmethod
    def installed(cls) -> bool:
        return shutil.which(cls.program) is not None

    @property
    def identity(self) -> str:
        """The address in its From."""
        return f"sip:{self.name}@127.0.0.1"

    # --- what a subclass says ---

    def arguments(self) -> List[str]:
        """Writes the configuration below `home`; the arguments of the program."""
        raise NotImplementedError

    async def ready(self) -> None:
        """Waits until it takes commands."""
        raise NotImplementedError

    async def call(self, uri: str) -> None:
        """Calls, and waits until it says that the call is up."""
        raise NotImplementedError

    async def answer(self, since: int) -> int:
        """Waits until it rings, in the output after `since`, and picks up; where the output stood then."""
        raise NotImplementedError

    async def wait_established(self) -> None:
        """Waits until a call that it answered is up."""
        raise NotImplementedError

    async def remove(self, uri: str) -> None:
        """Has it send REFER for this participant, with method=BYE, within its call, and waits until it has the answer."""
        raise NotImplementedError

    async def hold(self) -> None:
        """Offers a=sendonly, and waits until it says that this was answered: only a phone that is in a call can do that."""
        raise NotImplementedError

    async def resume(self) -> None:
        """Likewise with a=sendrecv."""
        raise NotImplementedError

    async def hang_up(self) -> None:
        raise NotImplementedError

    async def wait_ended(self, since: int = 0) -> None:
        """Waits until it says that its call is over."""
        raise NotImplementedError

    async def quit(self) -> None:
        raise NotImplementedError

    def diary(self) -> str:
        """The end of its log, if it has one besides its output."""
        return ""

    # --- the process ---

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            self.program, *self.arguments(), cwd=self.home, env=self.environment(), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for stream in (self.process.stdout, self.process.stderr):
            self._readers.append(asyncio.ensure_future(self._read(stream)))
        await self.ready()

    def environment(self) -> Dict[str, str]:
        """Nothing of the user's own: no settings, no sound server, no display."""
        folders = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
        for folder in folders.values():
            Path(folder).mkdir(exist_ok=True)
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "dumb", **folders}

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while data := await stream.read(65536):
            self._said(data.decode("utf-8", "replace"))
        self._news.set()

    def _said(self, text: str) -> None:
        self.output += text
        self._news.set()

    def type(self, line: str) -> int:
        """Gives a command on standard input; where the output stood before it."""
        assert self.process is not None and self.process.stdin is not None
        mark = len(self.output)
        self.process.stdin.write(f"{line}\n".encode())
        return mark

    @property
    def mark(self) -> int:
        return len(self.output)

    async def says(self, pattern: str, since: int = 0, timeout: float = 15.0) -> "re.Match[str]":
        """Waits until the output after `since` has this regular expression."""
        deadline = time.monotonic() + timeout
        while True:
            self._news.clear()
            found = re.search(pattern, self.output[since:])
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0 or (self.process is not None and self.process.returncode is not None):
                raise Missing(f"{self.program} did not say {pattern!r} within {timeout} s:\n{self.output[-4000:]}{self.diary()}")
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except asyncio.TimeoutError:
                pass

    async def stop(self) -> None:
        """By its own command, else by a signal."""
        if self.process is None:
            return
        if self.process.returncode is None:
            try:
                await self.quit()
                await asyncio.wait_for(self.process.wait(), 5.0)
            except (asyncio.TimeoutError, OSError, Missing):
                await self._end()
        await asyncio.gather(*self._readers)

    async def _end(self) -> None:
        assert self.process is not None
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.returncode is None:
                self.process.send_signal(number)
            try:
                await asyncio.wait_for(self.process.wait(), 2.0)
                return
            except asyncio.TimeoutError:
                pass
