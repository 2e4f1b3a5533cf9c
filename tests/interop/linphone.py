"""Linphone 5.1 without a window: linphonec, which takes commands on standard input."""

from __future__ import annotations

from typing import List

from phone import Phone

# No IPv6: it would take the host's own address into its SDP.
CONFIG = """\
[sip]
sip_port={sip_port}
sip_tcp_port={sip_port}
sip_tls_port=0
contact="Linphone" <{identity}>
guess_hostname=0
ipv6_migration_done=1
use_ipv6=0
[net]
mtu=1300
[rtp]
audio_rtp_port={rtp_port}
video_rtp_port={video_port}
text_rtp_port={text_port}
[misc]
config_migrated=1
"""


class Linphone(Phone):
    name = "linphone"
    program = "linphonec"

    def arguments(self) -> List[str]:
        (self.home / ".local/share/linphone").mkdir(parents=True)
        (self.home / "linphonerc").write_text(CONFIG.format(
            sip_port=self.sip_port, identity=self.identity,
            rtp_port=self.rtp_port, video_port=self.rtp_port + 2, text_port=self.rtp_port + 4,
        ))
        return ["-c", str(self.home / "linphonerc"), "-d", "6"]

    async def ready(self) -> None:
        await self.says("linphonec>")
        # Files instead of sound cards: it would fill the memory with what ALSA's null device gives it.
        mark = self.type("soundcard use files")
        await self.says("Using wav files", mark)

    async def call(self, uri: str) -> None:
        mark = self.type(f"call {uri}")
        await self.says("Media streams established", mark)

    async def remove(self, uri: str) -> None:
        # It dies of an address that it cannot read, such as one with a host of one letter.
        mark = self.type(f"transfer 1 {uri};method=BYE")
        # What is asked of it before it has its answer gets lost (its log: "cannot create [INVITE] request from dialog").
        await self.says(r"\[client\] \[REFER\] transaction .* to \[COMPLETED\]", mark)

    async def hold(self) -> None:
        mark = self.type("pause 1")
        await self.says("Call 1 .* is now paused", mark)

    async def resume(self) -> None:
        mark = self.type("resume 1")
        await self.says("Media streams established", mark)

    async def hang_up(self) -> None:
        self.type("terminate 1")

    async def wait_ended(self, since: int = 0) -> None:
        await self.says("Call 1 with .* ended", since)

    async def quit(self) -> None:
        self.type("quit")
