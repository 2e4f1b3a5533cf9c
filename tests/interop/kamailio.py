"""Kamailio with tests/interop/kamailio.cfg in front of the daemon."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Optional

from ue.daemon import free_ports
from ue.events import EventLog, Missing, Recorder
from ue.sip_agent import Dialog, UserAgent
from ue.sip_message import token

CONFIG = Path(__file__).resolve().parent / "kamailio.cfg"


def program() -> Optional[str]:
    return shutil.which("kamailio", path="/usr/sbin:/usr/bin")


class Kamailio:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_ports(1)
        self.process: Optional[asyncio.subprocess.Process] = None

    @property
    def uri(self) -> str:
        """As a Route."""
        return f"sip:127.0.0.1:{self.port};lr"

    @property
    def log(self) -> str:
        return (self.folder / "kamailio.log").read_text(errors="replace")

    async def start(self, focus_port: int, transport: str = "udp") -> None:
        """Returns when it answers."""
        found = program()
        assert found is not None
        with (self.folder / "kamailio.log").open("w") as log:
            self.process = await asyncio.create_subprocess_exec(
                found, "-f", str(CONFIG), "-DD", "-E", "-m", "16", "-M", "4", "-w", str(self.folder), "-Y", str(self.folder),
                "-A", f"EDGE_PORT={self.port}", "-A", f"FOCUS_PORT={focus_port}", "-A", f'FOCUS_TRANSPORT="{transport}"',
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        await self._answers()

    async def _answers(self, timeout: float = 15.0) -> None:
        """An OPTIONS to itself, sent until it is answered."""
        agent = UserAgent(Recorder(EventLog(), "probe"), udp_only=True)
        await agent.start("127.0.0.1")
        deadline = time.monotonic() + timeout
        uri = f"sip:127.0.0.1:{self.port}"
        dialog = Dialog(token(), f"<sip:probe@127.0.0.1>;tag={token(4)}", f"<{uri}>", uri)
        try:
            while time.monotonic() < deadline and self.process is not None and self.process.returncode is None:
                probe = agent.begin(dialog.request("OPTIONS"))
                try:
                    await asyncio.wait_for(asyncio.shield(probe.final), 0.3)
                    return
                except asyncio.TimeoutError:
                    pass
        finally:
            await agent.close()
        raise Missing(f"Kamailio does not answer within {timeout} s:\n{self.log[-4000:]}")

    async def stop(self) -> None:
        """All of its processes at once: now and then its own end at SIGTERM gets stuck on a lock, and then they stay."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
