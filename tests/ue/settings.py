"""What a telepresence endpoint of the tests is, and how it misbehaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from . import sip_digest
from .captures import Room
from .clue import ClueBehaviour


@dataclass
class Behaviour:
    """How this endpoint misbehaves in SIP; nothing set: it does not."""

    withhold_prack: bool = False
    withhold_ack: bool = False
    ignore_bye: bool = False
    ignore_reinvite: bool = False
    reject_reinvite: int = 0  # a status code
    reject_once: bool = True  # only the first one
    reinvite_on_advertisement: bool = False  # glare: offers the moment it is next told of a change
    collide: bool = False  # glare on both sides: it offers while the peer's next offer is under way
    answer_delay: float = 0.0  # seconds before it answers a re-INVITE
    clue: ClueBehaviour = field(default_factory=ClueBehaviour)


@dataclass
class Settings:
    name: str
    address: str = "127.0.0.1"
    protocol: str = "udp"  # or "tcp", "tls"
    tls: Optional[Tuple[str, str, str]] = None  # files: certificate, key, authorities
    sips: bool = False  # its Contact is a SIPS URI
    domain: str = "tp.example.org"
    room: Optional[Room] = None  # none: an ordinary phone that knows nothing of CLUE
    media: List[str] = field(default_factory=lambda: ["audio", "video"])
    profile: str = "RTP/AVPF"
    stream_id: int = 0  # of a=dcmap; decides who is DTLS client (RFC 8864 section 6.1)
    reliable_provisional: bool = False  # Supported: 100rel
    require_100rel: bool = False
    udp_only: bool = False  # does not listen on TCP
    asserted_identity: str = ""  # as a proxy would add it (RFC 3325)
    privacy: str = ""  # what is to be withheld from the others (RFC 3323)
    session_expires: str = ""  # of the INVITE, such as "1800;refresher=uac" (RFC 4028)
    credentials: Optional[sip_digest.User] = None  # who answers a challenge (RFC 7616)
    offerless: bool = False  # the INVITE asks for an offer (RFC 3261 section 13.2.1)
    user: str = ""  # of its address of record, when that is not its name: another device of the same user
    proxy: str = ""  # URI with ;lr of the proxy that requests outside of a dialog go through
    replaces: str = ""  # value of a Replaces header in its INVITE (RFC 3891)
    recipient_list: str = ""  # resource-lists document in its INVITE: who is to be called (RFC 5366)
