"""Digest authentication of a client (RFC 7616, RFC 8760), with the hashes of Python."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from .sip_message import Message, token

HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass
class User:
    name: str
    password: str
    algorithms: Tuple[str, ...] = ("SHA-256", "MD5")  # those it knows
    counts: Dict[str, int] = field(default_factory=dict)  # of each nonce, how often it was used


def parameters(challenge: str) -> Dict[str, str]:
    found = PARAMETER.finditer(challenge.split(" ", 1)[1])
    return {match.group(1).lower(): match.group(2) if match.group(2) is not None else match.group(3) for match in found}


def authorization(user: User, challenges: List[str], request: Message) -> Optional[str]:
    """The answer to the first challenge whose algorithm the user knows (RFC 8760 section 2.4), or nothing."""
    for challenge in challenges:
        asked = parameters(challenge)
        algorithm = asked.get("algorithm", "MD5")
        if algorithm in user.algorithms:
            return answer(user, asked, algorithm, request)
    return None


def answer(user: User, asked: Dict[str, str], algorithm: str, request: Message) -> str:
    def digest(*parts: str) -> str:
        return HASHES[algorithm](":".join(parts).encode()).hexdigest()

    count = user.counts[asked["nonce"]] = user.counts.get(asked["nonce"], 0) + 1
    nc, cnonce = f"{count:08x}", token()
    secret = digest(user.name, asked["realm"], user.password)
    response = digest(secret, asked["nonce"], nc, cnonce, "auth", digest(request.method, request.uri))
    return (
        f'Digest username="{user.name}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{request.uri}", '
        f'response="{response}", algorithm={algorithm}, cnonce="{cnonce}", nc={nc}, qop=auth'
    )
