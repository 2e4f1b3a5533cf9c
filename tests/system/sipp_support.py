"""SIPp as the other end: an independent SIP stack, one situation per file of tests/system/sipp."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Dict, Optional

from support import SystemTest
from ue.daemon import free_ports

SCENARIOS = Path(__file__).resolve().parent / "sipp"


def is_bound(port: int) -> bool:
    """Whether somebody listens on this UDP port; trying to bind it could be in the way of who is about to."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)


class SippTest(SystemTest):
    """A system test that can let SIPp play a situation."""

    async def begin(
        self, situation: str, service: str = "factory", calls: int = 1, tcp: bool = False,
        keys: Optional[Dict[str, str]] = None, port: int = 0,
    ):
        """SIPp playing this file; `service` is the user part that it calls, `keys` are words of the file. With a `port` it is
        the one who is called there, and listens when this returns."""
        is_called = port != 0
        port = port or free_ports(8)  # it binds media ports with gaps
        words = [word for name, value in (keys or {}).items() for word in ("-key", name, value)]
        sipp = await asyncio.create_subprocess_exec(
            "sipp", "-sf", str(SCENARIOS / f"{situation}.xml"), f"127.0.0.1:{self.port}", "-s", service, "-i", "127.0.0.1",
            "-p", str(port), "-m", str(calls), "-r", "20", "-l", str(calls), "-timeout", "20s", "-timeout_error",
            "-nostdin", "-t", "t1" if tcp else "u1", "-mi", "127.0.0.1", "-mp", str(port + 2),
            "-trace_err", "-error_file", str(self.folder / f"{situation}.log"),
            "-trace_msg", "-message_file", str(self.folder / f"{situation}.messages"), *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=self.folder,
        )
        deadline = time.monotonic() + 10.0
        while is_called and not is_bound(port):
            self.assertLess(time.monotonic(), deadline, f"SIPp does not listen on {port}")
            await asyncio.sleep(0.05)
        return sipp

    async def end(self, sipp, situation: str) -> None:
        output, _ = await asyncio.wait_for(sipp.communicate(), 30.0)
        errors = self.folder / f"{situation}.log"
        said = errors.read_text() if errors.exists() else output.decode("utf-8", "replace")[-2000:]
        if sipp.returncode != 0:
            said += "\n" + (self.folder / f"{situation}.messages").read_text(errors="replace")[-12000:]
        self.assertEqual(sipp.returncode, 0, said)

    async def play(self, situation: str, **how) -> None:
        await self.end(await self.begin(situation, **how), situation)
