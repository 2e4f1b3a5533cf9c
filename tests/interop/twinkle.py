"""Twinkle 1.10 without a window: twinkle-console, which takes commands on standard input."""

from __future__ import annotations

from typing import List

from phone import Phone

# It would publish its presence to port 5060, and take the ICMP error for the answer to its call.
PROFILE = """\
user_name={name}
user_domain=127.0.0.1
user_display=Twinkle
sip_transport=udp
register_at_startup=no
pres_publish_startup=no
"""

SYSTEM = """\
dev_ringtone=alsa:null
dev_speaker=alsa:null
dev_mic=alsa:null
validate_audio_dev=no
sip_port={sip_port}
rtp_port={rtp_port}
"""


class Twinkle(Phone):
    name = "twinkle"
    program = "twinkle-console"

    def arguments(self) -> List[str]:
        settings = self.home / ".twinkle"
        settings.mkdir()
        (settings / "test.cfg").write_text(PROFILE.format(name=self.name))
        (settings / "twinkle.sys").write_text(SYSTEM.format(sip_port=self.sip_port, rtp_port=self.rtp_port))
        return ["test.cfg"]

    async def ready(self) -> None:
        await self.says("Twinkle>")

    def diary(self) -> str:
        log = self.home / ".twinkle/twinkle.log"
        return log.read_text(errors="replace")[-8000:] if log.exists() else ""

    async def call(self, uri: str) -> None:
        mark = self.type(f"call {uri}")
        await self.says("far end answered call", mark)

    async def remove(self, uri: str) -> None:
        mark = self.type(f"transfer {uri};method=BYE")
        await self.says(r"received notification\.\s+Event: +refer", mark)

    async def hold(self) -> None:
        await self._reinvite("hold")

    async def resume(self) -> None:
        await self._reinvite("retrieve")

    async def _reinvite(self, command: str) -> None:
        await self.says("re-INVITE successful", self.type(command))

    async def hang_up(self) -> None:
        self.type("bye")

    async def wait_ended(self, since: int = 0) -> None:
        await self.says("(far end|call) ended", since)

    async def quit(self) -> None:
        self.type("quit")
