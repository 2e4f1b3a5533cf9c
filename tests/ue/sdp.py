"""Session descriptions as values, and one endpoint's side of offer/answer (RFC 3264, 8841, 8848)."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from .sip_message import token

DATA_CHANNEL = "UDP/DTLS/SCTP"
REVERSED = {"sendonly": "recvonly", "recvonly": "sendonly", "sendrecv": "sendrecv", "inactive": "inactive"}
CODECS = {
    "audio": [("0", "PCMU/8000", "")],
    "video": [("97", "H264/90000", "profile-level-id=42e01f;packetization-mode=1")],
}


@dataclass
class Media:
    """One m-line."""

    kind: str
    port: int
    protocol: str
    formats: List[str]
    attributes: List[Tuple[str, Optional[str]]] = field(default_factory=list)
    address: str = ""

    def get(self, name: str, default: str = "") -> str:
        for key, value in self.attributes:
            if key == name:
                return value or ""
        return default

    def get_all(self, name: str) -> List[str]:
        return [value or "" for key, value in self.attributes if key == name]

    @property
    def direction(self) -> str:
        for key, _ in self.attributes:
            if key in REVERSED:
                return key
        return "sendrecv"

    @property
    def mid(self) -> str:
        return self.get("mid")

    @property
    def label(self) -> str:
        return self.get("label")

    @property
    def is_data_channel(self) -> bool:
        return self.kind == "application" and "SCTP" in self.protocol


@dataclass
class Session:
    origin: str = ""
    address: str = ""
    attributes: List[Tuple[str, Optional[str]]] = field(default_factory=list)
    media: List[Media] = field(default_factory=list)

    def group(self, semantics: str) -> List[str]:
        for key, value in self.attributes:
            words = (value or "").split()
            if key == "group" and words and words[0] == semantics:
                return words[1:]
        return []

    @property
    def clue_channel(self) -> Optional[Media]:
        mids = self.group("CLUE")
        for line in self.media:
            if line.is_data_channel and line.port and line.mid in mids:
                return line
        return None

    @property
    def version(self) -> int:
        return int(self.origin.split()[2])

    def encode(self) -> str:
        lines = ["v=0", f"o={self.origin}", "s=-", connection(self.address), "t=0 0"]
        lines += [attribute_line(*pair) for pair in self.attributes]
        for line in self.media:
            lines.append(f"m={line.kind} {line.port} {line.protocol} {' '.join(line.formats)}")
            lines += [attribute_line(*pair) for pair in line.attributes]
        return "\r\n".join(lines) + "\r\n"


def attribute_line(name: str, value: Optional[str]) -> str:
    return f"a={name}" if value is None else f"a={name}:{value}"


def connection(address: str) -> str:
    return f"c=IN IP{6 if ':' in address else 4} {address}"


def parse(text: str) -> Session:
    session = Session()
    for line in text.replace("\r\n", "\n").split("\n"):
        kind, _, value = line.partition("=")
        if kind == "o":
            session.origin = value
        elif kind == "c":
            address = value.split()[2].split("/")[0]
            if session.media:
                session.media[-1].address = address
            else:
                session.address = address
        elif kind == "m":
            words = value.split()
            session.media.append(Media(words[0], int(words[1].split("/")[0]), words[2], words[3:]))
        elif kind == "a":
            name, colon, rest = value.partition(":")
            target = session.media[-1].attributes if session.media else session.attributes
            target.append((name, rest.strip() if colon else None))
    return session


def with_formats_of(offered: Media, answer: Media) -> Media:
    """RFC 3264 section 6.1: the answer keeps the payload type numbers of the offer for the codecs that both know."""
    names = {encoding.lower(): payload_type for payload_type, encoding, _ in CODECS[answer.kind]}
    kept = []
    for payload_type in offered.formats:
        rtpmap = [value for value in offered.get_all("rtpmap") if value.split()[0] == payload_type]
        encoding = rtpmap[0].split()[1].lower() if rtpmap else ""
        if encoding in names or (not encoding and payload_type in names.values()):
            kept.append(payload_type)
    if not kept:
        return Media(answer.kind, 0, answer.protocol, offered.formats, [("mid", answer.mid)])
    formats = [pair for pair in offered.attributes if pair[0] in ("rtpmap", "fmtp") and (pair[1] or "").split()[0] in kept]
    answer.attributes = formats + [pair for pair in answer.attributes if pair[0] not in ("rtpmap", "fmtp")]
    answer.formats = kept
    return answer


class RtpPort:
    """A real bound port: what an SDP names has to exist. What arrives stays in the socket's buffer and is dropped."""

    def __init__(self, host: str) -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host, 0))
        self.port = self.socket.getsockname()[1]

    def close(self) -> None:
        self.socket.close()


@dataclass
class ChannelDescription:
    """One end of a CLUE data channel as SDP tells it."""

    port: int
    ufrag: str
    password: str
    candidates: List[str]
    fingerprint: str  # "sha-256 AA:BB:..."
    setup: str = "actpass"
    stream_id: int = 0
    sctp_port: int = 5000
    max_message_size: int = 65536
    tls_id: str = ""
    has_dcmap: bool = True
    ice_lite: bool = False

    def media(self, mid: str) -> Media:
        attributes: List[Tuple[str, Optional[str]]] = [
            ("mid", mid),
            ("sctp-port", str(self.sctp_port)),
            ("max-message-size", str(self.max_message_size)),
            ("dcmap", f'{self.stream_id} subprotocol="CLUE";ordered=true'),
            ("setup", self.setup),
            ("fingerprint", self.fingerprint),
            ("ice-ufrag", self.ufrag),
            ("ice-pwd", self.password),
        ]
        if self.tls_id:
            attributes.append(("tls-id", self.tls_id))
        attributes += [("candidate", candidate) for candidate in self.candidates]
        attributes.append(("end-of-candidates", None))
        return Media("application", self.port, DATA_CHANNEL, ["webrtc-datachannel"], attributes)


def read_channel(session: Session, line: Media) -> ChannelDescription:
    def inherited(name: str) -> str:
        found = line.get(name)
        return found or next((value or "" for key, value in session.attributes if key == name), "")

    dcmap = line.get("dcmap")
    return ChannelDescription(
        port=line.port,
        ufrag=inherited("ice-ufrag"),
        password=inherited("ice-pwd"),
        candidates=line.get_all("candidate"),
        fingerprint=inherited("fingerprint"),
        setup=inherited("setup") or "actpass",
        stream_id=int(dcmap.split()[0]) if dcmap else 0,
        sctp_port=int(line.get("sctp-port", "5000")),
        max_message_size=int(line.get("max-message-size", "65536")),
        tls_id=inherited("tls-id"),
        has_dcmap=bool(dcmap) and "clue" in dcmap.lower(),
        ice_lite=any(name == "ice-lite" for name, _ in session.attributes),  # RFC 8839 section 5.3: of the session
    )


@dataclass
class Slot:
    """What an m-line is for us, for the life of the session."""

    line: Media
    rtp: Optional[RtpPort] = None
    encoding: str = ""  # the label of our own encoding that it carries


class OfferAnswer:
    """Our side of a session: which stream is in which m-line."""

    def __init__(self, host: str, user: str, encodings: Dict[str, List[str]], profile: str = "RTP/AVPF") -> None:
        self.host = host
        self.user = user
        self.profile = profile
        self.encodings = encodings
        self.slots: List[Slot] = []
        self.remote: Optional[Session] = None
        self._session_id = str(int(token(4), 16))
        self._version = 0
        self._clue_mids: List[str] = []

    # --- offers ---

    def first_offer(self, kinds: List[str], channel: Optional[ChannelDescription]) -> Session:
        for mid, kind in enumerate(kinds):
            rtp = RtpPort(self.host)
            self.slots.append(Slot(self._rtp_line(kind, rtp.port, str(mid), "sendrecv"), rtp))
        if channel is not None:
            mid = str(len(kinds))
            self.slots.append(Slot(channel.media(mid)))
            self._clue_mids = [mid]
        return self._description()

    def same_again(self, channel: Optional[ChannelDescription]) -> Session:
        """An offer that says what is signalled already: a refresh (RFC 4028) or somebody in a hurry."""
        for slot in self.slots:
            if channel is not None and slot.line.is_data_channel and slot.line.port:
                slot.line = channel.media(slot.line.mid)
        return self._description()

    def add_lines(self, wanted: List[Tuple[str, str, str]]) -> Session:
        """Appends CLUE-controlled m-lines (kind, direction, label) as a focus does; for the self-test."""
        for kind, direction, label in wanted:
            rtp, mid = RtpPort(self.host), str(len(self.slots))
            slot = Slot(self._rtp_line(kind, rtp.port, mid, direction, label), rtp, label)
            self.slots.append(slot)
            self._clue_mids.append(mid)
        return self._description()

    # --- answers ---

    def answer(self, offer: Session, channel: Optional[ChannelDescription]) -> Session:
        self.remote = offer
        group = offer.group("CLUE")
        free = {kind: [label for label in labels if not self._carries(label)] for kind, labels in self.encodings.items()}
        for index, line in enumerate(offer.media):
            old = self.slots[index] if index < len(self.slots) else None
            slot = self._answer_line(line, old, line.mid in group, channel, free)
            if old is None:
                self.slots.append(slot)
            else:
                self.slots[index] = slot
        enabled = [slot.line.mid for slot in self.slots if slot.line.port]
        self._clue_mids = [mid for mid in group if mid in enabled]
        return self._description()

    def _carries(self, label: str) -> bool:
        return any(slot.encoding == label and slot.line.port for slot in self.slots)

    def _answer_line(
        self, line: Media, old: Optional[Slot], clue: bool, channel: Optional[ChannelDescription], free: Dict[str, List[str]]
    ) -> Slot:
        usable = line.is_data_channel and clue and channel is not None or line.protocol in ("RTP/AVP", "RTP/AVPF")
        if not line.port or not usable:
            if old is not None and old.rtp is not None:
                old.rtp.close()
            mid = [("mid", line.mid)] if line.mid else []
            return Slot(Media(line.kind, 0, line.protocol, line.formats, mid))
        if line.is_data_channel:
            return Slot(channel.media(line.mid))
        rtp = old.rtp if old is not None and old.rtp is not None else RtpPort(self.host)
        encoding = old.encoding if old is not None and old.line.port else ""
        direction = REVERSED[line.direction]
        if clue and direction == "sendonly":
            if not encoding and free.get(line.kind):
                encoding = free[line.kind].pop(0)
            direction = "sendonly" if encoding else "inactive"
        answer = self._rtp_line(line.kind, rtp.port, line.mid, direction, encoding, line.protocol)
        return Slot(with_formats_of(line, answer), rtp, encoding)

    def receive_answer(self, answer: Session) -> None:
        self.remote = answer
        enabled = {line.mid for line in answer.media if line.port}
        self._clue_mids = [mid for mid in answer.group("CLUE") if mid in enabled]
        for slot, line in zip(self.slots, answer.media):
            if not line.port:
                slot.line = Media(slot.line.kind, 0, slot.line.protocol, slot.line.formats, [("mid", slot.line.mid)])
                if slot.rtp is not None:
                    slot.rtp.close()
                    slot.rtp = None

    # --- what is signalled ---

    def remote_labels(self) -> Dict[str, str]:
        """Labels of the encodings that the peer may send to us, with their kind (RFC 8848 section 4.4.1)."""
        if self.remote is None:
            return {}
        mids = self.remote.group("CLUE")
        return {
            line.label: line.kind
            for line in self.remote.media
            if line.port and line.label and line.mid in mids and line.direction in ("sendonly", "sendrecv")
        }

    def own_labels(self) -> List[str]:
        return [slot.encoding for slot in self.slots if slot.encoding and slot.line.port]

    def close(self) -> None:
        for slot in self.slots:
            if slot.rtp is not None:
                slot.rtp.close()

    def _rtp_line(self, kind: str, port: int, mid: str, direction: str, label: str = "", protocol: str = "") -> Media:
        line = Media(kind, port, protocol or self.profile, [codec[0] for codec in CODECS[kind]])
        for payload_type, encoding, fmtp in CODECS[kind]:
            line.attributes.append(("rtpmap", f"{payload_type} {encoding}"))
            if fmtp:
                line.attributes.append(("fmtp", f"{payload_type} {fmtp}"))
        line.attributes.append((direction, None))
        if mid:
            line.attributes.append(("mid", mid))
        if label:
            line.attributes.append(("label", label))
        return line

    def _description(self) -> Session:
        self._version += 1
        family = 6 if ":" in self.host else 4
        session = Session(f"{self.user} {self._session_id} {self._version} IN IP{family} {self.host}", self.host)
        if self._clue_mids:
            session.attributes.append(("group", "CLUE " + " ".join(self._clue_mids)))
        session.media = [slot.line for slot in self.slots]
        return session


