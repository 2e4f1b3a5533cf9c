"""One end of the CLUE protocol (RFC 8847): options in both roles, Media Provider and Media Consumer.

It is strict about what the peer sends (every fault becomes a `violation` event) and can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import secrets
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Tuple

from . import clue_checks
from .captures import Room, fill_advertisement
from .clue_messages import (
    CLUE,
    INFO,
    Advertisement,
    child,
    encode,
    local,
    message,
    number_of,
    read_advertisement,
    read_capture_encodings,
    summary,
    text_of,
)
from .events import Recorder

# RFC 8847 section 5: three independent sequence streams, by the role in which a message is sent.
STREAM = {
    "options": "initiation", "optionsResponse": "initiation", "advertisement": "provider",
    "configureResponse": "provider", "configure": "consumer", "ack": "consumer",
}


@dataclass
class ClueBehaviour:
    """How this end misbehaves; nothing set: it does as the RFC says."""

    silent: bool = False  # reads everything, answers nothing
    nack: bool = False  # refuses each advertisement with 400
    delay: float = 0.0  # seconds before each answer
    withhold_options_response: bool = False
    withhold_configure: bool = False
    max_video: int = 3  # how many video captures it wants at once


class ClueSession:
    """`send(text)` puts a message on the channel; `labels()` are the encodings that the peer's SDP has."""

    def __init__(
        self, record: Recorder, room: Room, send: Callable[[str], None], labels: Callable[[], Dict[str, str]],
        behaviour: ClueBehaviour,
    ) -> None:
        self.record = record
        self.room = room
        self.behaviour = behaviour
        self.active = False
        self.told: Optional[Advertisement] = None  # the peer's latest advertisement
        self.wanted: List[Tuple[str, str]] = []  # what we configured last
        self.streamed: List[Tuple[str, str]] = []  # what the peer configured of us
        self.on_advertisement: Callable[[Advertisement], None] = lambda adv: None
        self._send = send
        self._labels = labels
        self._clue_id = f"{room.person}-{secrets.token_hex(3)}"
        self._next = {name: secrets.randbelow(2**30) + 1 for name in ("initiation", "provider", "consumer")}
        self._peer_last: Dict[str, int] = {}
        self._advertised: Optional[int] = None  # the sequence number of our latest advertisement
        self._acknowledged = False  # that one, by ack or configure+ack
        self.owes_configure = False  # acknowledged, but SDP does not have the encodings yet
        self._tasks: set = set()
        self._pending: Dict[str, int] = {}  # "configure" -> its sequence number, while its response is owed to us

    # --- the channel is up ---

    def open(self, initiator: bool) -> None:
        if initiator and not self.behaviour.silent:
            root = self._message("options")
            child(root, CLUE, "mediaProvider", text="true")
            child(root, CLUE, "mediaConsumer", text="true")
            versions = child(root, CLUE, "supportedVersions")
            child(versions, CLUE, "version", text="1.0")
            self._transmit(root)

    def receive(self, text: str, arrived: float = 0.0) -> None:
        """`arrived`: when the message began to come in, for the log."""
        faults = clue_checks.message_faults(text)
        try:
            root = ET.fromstring(text)
        except ET.ParseError:
            self.record("clue_received", message="garbage", text=text)
            self.record("violation", rule="RFC 8847", text=faults[0])
            return
        self.record("clue_received", **summary(root), text=text, at=arrived)
        faults += self._sequence_faults(root)
        for fault in faults:
            self.record("violation", rule="CLUE", text=f"{local(root)}: {fault}")
        handler = getattr(self, f"_on_{local(root)}", None)
        if handler is None or self.behaviour.silent:
            return
        if self.behaviour.delay:
            task = asyncio.ensure_future(self._later(handler, root))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            handler(root)

    async def _later(self, handler: Callable[[ET.Element], None], root: ET.Element) -> None:
        await asyncio.sleep(self.behaviour.delay)
        handler(root)

    def _sequence_faults(self, root: ET.Element) -> List[str]:
        stream = STREAM.get(local(root))
        if stream is None:
            return []
        number, last = number_of(root, "sequenceNr"), self._peer_last.get(stream)
        self._peer_last[stream] = number
        if last is not None and number != last + 1:
            return [f"sequence number {number} after {last} in the {stream} stream (RFC 8847 section 5)"]
        return []

    # --- initiation ---

    def _on_options(self, root: ET.Element) -> None:
        if self.behaviour.withhold_options_response:
            return
        root = self._message("optionsResponse")
        child(root, CLUE, "responseCode", text="200")
        child(root, CLUE, "reasonString", text="Success")
        child(root, CLUE, "mediaProvider", text="true")
        child(root, CLUE, "mediaConsumer", text="true")
        child(root, CLUE, "version", text="1.0")
        self._transmit(root)
        self._become_active()

    def _on_optionsResponse(self, root: ET.Element) -> None:
        if 200 <= number_of(root, "responseCode") < 300:
            self._become_active()

    def _become_active(self) -> None:
        if not self.active:
            self.active = True
            self.record("clue_active")
            self.advertise()

    # --- as Media Provider ---

    def advertise(self) -> None:
        root = self._message("advertisement")
        fill_advertisement(root, self.room)
        self._advertised, self._acknowledged = number_of(root, "sequenceNr"), False
        self._transmit(root)

    def _on_ack(self, root: ET.Element) -> None:
        if number_of(root, "advSequenceNr") != self._advertised:
            return
        if self._acknowledged:
            self._fault("ack for an advertisement that was acknowledged before (CP-13)")
        self._acknowledged = 200 <= number_of(root, "responseCode") < 300
        if not self._acknowledged:
            self._fault(f"our advertisement was refused: {text_of(root, 'responseCode')} {text_of(root, 'reasonString')}")

    def _on_configure(self, root: ET.Element) -> None:
        stale = number_of(root, "advSequenceNr") != self._advertised
        if text_of(root, "ack"):
            if stale:
                return  # CP-18: configure+ack for an older advertisement is ignored
            if self._acknowledged:
                self._fault("configure+ack for an advertisement that was acknowledged before (CP-13)")
            self._acknowledged = True
        elif not stale and not self._acknowledged:
            self._fault("configure without any acknowledgement of the advertisement")
        if stale:
            self._respond_to_configure(root, 404, "Advertisement expired")
            return
        wanted = read_capture_encodings(root)
        faults = clue_checks.configure_faults(wanted, self.room.encoding_of_capture())
        for fault in faults:
            self._fault(fault)
        if not faults:
            self.streamed = [(capture, encoding) for _, capture, encoding in wanted]
        self._respond_to_configure(root, 302 if faults else 200, faults[0] if faults else "Success")

    def _respond_to_configure(self, configure: ET.Element, code: int, reason: str) -> None:
        root = self._message("configureResponse")
        child(root, CLUE, "responseCode", text=str(code))
        child(root, CLUE, "reasonString", text=reason)
        child(root, CLUE, "confSequenceNr", text=text_of(configure, "sequenceNr"))
        self._transmit(root)

    # --- as Media Consumer ---

    def _on_advertisement(self, root: ET.Element) -> None:
        adv = read_advertisement(root)
        self.on_advertisement(adv)
        if self.behaviour.nack:
            self._acknowledge(adv.sequence, 400, "this endpoint refuses everything")
            return
        self.told = adv
        if not self.behaviour.withhold_configure and all(label in self._labels() for label in adv.encodings()):
            self._configure(acknowledge=True)
            return
        # The encodings come with the offer that follows (RFC 8848 section 5.3: CLUE first).
        self._acknowledge(adv.sequence, 200, "Success")
        self.owes_configure = True

    def session_changed(self) -> None:
        """An offer/answer exchange is complete: what could not be configured before can be now."""
        if self.active and self.owes_configure and not self.behaviour.silent and not self.behaviour.withhold_configure:
            self._configure(acknowledge=False)

    def _acknowledge(self, sequence: int, code: int, reason: str) -> None:
        root = self._message("ack")
        child(root, CLUE, "responseCode", text=str(code))
        child(root, CLUE, "reasonString", text=reason)
        child(root, CLUE, "advSequenceNr", text=str(sequence))
        self._transmit(root)

    def _configure(self, acknowledge: bool) -> None:
        assert self.told is not None
        self.owes_configure = False
        self.wanted = self._choose(self.told)
        root = self._message("configure")
        child(root, CLUE, "advSequenceNr", text=str(self.told.sequence))
        if acknowledge:
            child(root, CLUE, "ack", text="200")
        if self.wanted:
            encodings = child(root, CLUE, "captureEncodings")
            for number, (capture, encoding) in enumerate(self.wanted):
                one = child(encodings, INFO, "captureEncoding", ID=f"ce{number}")
                child(one, INFO, "captureID", text=capture)
                child(one, INFO, "encodingID", text=encoding)
        self._pending["configure"] = number_of(root, "sequenceNr")
        self._transmit(root)

    def _choose(self, adv: Advertisement) -> List[Tuple[str, str]]:
        """The first individual video captures as far as encodings go, else a video MCC; and the conference's audio."""
        known = self._labels()
        free = {group: [label for label in labels if label in known] for group, labels in adv.encoding_groups.items()}
        sendable = [capture for capture in adv.captures.values() if capture.encoding_group]
        video = [capture for capture in sendable if capture.media == "video" and capture.individual]
        video = video or [capture for capture in sendable if capture.media == "video"]
        audio = [capture for capture in sendable if capture.media == "audio"]
        audio.sort(key=lambda capture: capture.individual)  # the MCC before anybody's own microphone
        chosen = []
        for capture in video[: self.behaviour.max_video] + audio[:1]:
            if free.get(capture.encoding_group):
                chosen.append((capture.id, free[capture.encoding_group].pop(0)))
        return chosen

    def _on_configureResponse(self, root: ET.Element) -> None:
        code = number_of(root, "responseCode")
        expected = self._pending.get("configure")
        if number_of(root, "confSequenceNr") != expected:
            return  # for a configure that a newer one replaced
        self.record("configured", code=code, encodings=[list(pair) for pair in self.wanted])
        if code not in (200, 404):
            self._fault(f"our configure was refused: {code} {text_of(root, 'reasonString')}")

    # --- sending ---

    def _message(self, name: str) -> ET.Element:
        stream = STREAM[name]
        number = self._next[stream]
        self._next[stream] += 1
        return message(name, self._clue_id, number)

    def _transmit(self, root: ET.Element) -> None:
        text = encode(root)
        self.record("clue_sent", **summary(root), text=text)
        self._send(text)

    def _fault(self, text: str) -> None:
        self.record("violation", rule="CLUE", text=text)
