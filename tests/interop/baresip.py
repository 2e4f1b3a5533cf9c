"""baresip 1.0 by its module ctrl_tcp: commands and events as JSON in netstrings."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List, Optional

from phone import Phone

# A sine instead of a microphone, which exists with 48000 Hz and two channels only; nothing listens to ALSA's null device.
CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
rtp_ports {rtp_port}-{last_rtp_port}
audio_source ausine,440
audio_player alsa,null
audio_alert alsa,null
ausrc_srate 48000
ausrc_channels 2
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module alsa.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""


class Baresip(Phone):
    name = "baresip"
    program = "baresip"

    _writer: Optional[asyncio.StreamWriter] = None

    def arguments(self) -> List[str]:
        # It binds the port after its SIP port too, for TLS.
        self.control_port = self.sip_port + 2
        settings = self.home / ".baresip"
        settings.mkdir()
        (settings / "config").write_text(CONFIG.format(
            sip_port=self.sip_port, control_port=self.control_port, rtp_port=self.rtp_port,
            last_rtp_port=self.rtp_port + 19,
        ))
        (settings / "accounts").write_text(f'"Baresip" <{self.identity}>;regint=0\n')
        (settings / "contacts").write_text("")
        return ["-f", str(settings), "-s"]

    async def ready(self) -> None:
        await self.says("baresip is ready")
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self.control_port)
        self._readers.append(asyncio.ensure_future(self._read_control(reader)))

    async def _read_control(self, reader: asyncio.StreamReader) -> None:
        """Events and responses go into the output as one line each."""
        try:
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                text = (await reader.readexactly(length + 1))[:-1]
                self._said("control " + json.dumps(json.loads(text), sort_keys=True) + "\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    def command(self, name: str, parameters: str = "") -> int:
        assert self._writer is not None
        mark = self.mark
        message: Dict[str, Any] = {"command": name, "params": parameters, "token": name}
        text = json.dumps(message).encode()
        self._writer.write(b"%d:%s," % (len(text), text))
        return mark

    async def call(self, uri: str) -> None:
        await self.says('"type": "CALL_ESTABLISHED"', self.command("dial", uri))

    async def answer(self, since: int) -> int:
        await self.says('"type": "CALL_INCOMING"', since, 60.0)
        return self.command("accept")

    async def wait_established(self) -> None:
        await self.says('"type": "CALL_ESTABLISHED"')

    async def remove(self, uri: str) -> None:
        # It writes no angle brackets, so method=BYE becomes a parameter of the header.
        await self._answered("REFER", self.command("transfer", f"{uri};method=BYE"))

    async def hold(self) -> None:
        await self._answered("INVITE", self.command("hold"))

    async def resume(self) -> None:
        await self._answered("INVITE", self.command("resume"))

    async def _answered(self, method: str, since: int) -> None:
        """It tells nobody of the answer but shows what it receives (option -s)."""
        await self.says(rf"SIP/2\.0 200 OK[^\x1b]*CSeq: \d+ {method}", since)

    async def hang_up(self) -> None:
        self.command("hangup")

    async def wait_ended(self, since: int = 0) -> None:
        await self.says('"type": "CALL_CLOSED"', since)

    async def quit(self) -> None:
        self.command("quit")

    async def stop(self) -> None:
        await super().stop()
        if self._writer is not None:
            self._writer.close()
