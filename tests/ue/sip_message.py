"""SIP messages as values (RFC 3261 section 7): parsing, formatting, and the few header fields the endpoint reads."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length",
    "k": "supported", "r": "refer-to", "b": "referred-by", "o": "event", "s": "subject", "e": "content-encoding",
    "x": "session-expires",
}

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 400: "Bad Request",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 420: "Bad Extension",
    481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
    603: "Decline",
}


class BadMessage(ValueError):
    """The bytes are not a SIP message."""


def token(length: int = 8) -> str:
    return secrets.token_hex(length)


@dataclass
class Message:
    """A request when `method` is set, else a response."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: List[Tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @property
    def is_request(self) -> bool:
        return bool(self.method)

    def get(self, name: str, default: str = "") -> str:
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def get_all(self, name: str) -> List[str]:
        """All values, comma-separated ones taken apart (not for headers that may hold dates)."""
        return [part for key, value in self.headers if key.lower() == name.lower() for part in split_commas(value)]

    def add(self, name: str, value: str) -> "Message":
        self.headers.append((name, value))
        return self

    def has_option(self, tag: str) -> bool:
        return any(tag in [value.strip() for value in self.get_all(name)] for name in ("Supported", "Require"))

    def requires(self, tag: str) -> bool:
        return tag in [value.strip() for value in self.get_all("Require")]

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def cseq(self) -> Tuple[int, str]:
        number, _, method = self.get("CSeq").partition(" ")
        return int(number or 0), method.strip()

    @property
    def branch(self) -> str:
        return header_param(split_commas(self.get("Via"))[0], "branch") if self.get("Via") else ""

    @property
    def from_tag(self) -> str:
        return header_param(self.get("From"), "tag")

    @property
    def to_tag(self) -> str:
        return header_param(self.get("To"), "tag")

    def encode(self) -> bytes:
        first = f"{self.method} {self.uri} SIP/2.0" if self.is_request else f"SIP/2.0 {self.status} {self.reason}"
        body = self.body.encode()
        lines = [first] + [f"{name}: {value}" for name, value in self.headers if name.lower() != "content-length"]
        lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def summary(self) -> Dict[str, object]:
        number, method = self.cseq
        named: Dict[str, object] = {"call_id": self.call_id, "cseq": number, "method": method}
        if not self.is_request:
            named["status"] = self.status
        return named


def parse(data: bytes) -> Message:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise BadMessage("no end of the headers")
    text = head.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
    lines = text.split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 3:
        raise BadMessage(f"bad first line {lines[0]!r}")
    if words[0] == "SIP/2.0":
        message = Message(status=int(words[1]), reason=words[2])
    else:
        message = Message(method=words[0], uri=words[1])
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadMessage(f"bad header line {line!r}")
        name = name.strip()
        message.headers.append((COMPACT.get(name.lower(), name), value.strip()))
    length = message.get("Content-Length")
    message.body = (body[: int(length)] if length else body).decode("utf-8", "replace")
    return message


def split_commas(value: str) -> List[str]:
    """Splits at commas outside of quotes and angle brackets."""
    parts, current, quoted, angle = [], "", False, False
    for char in value:
        if char == '"':
            quoted = not quoted
        elif not quoted and char == "<":
            angle = True
        elif not quoted and char == ">":
            angle = False
        if char == "," and not quoted and not angle:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    return parts + [current.strip()] if current.strip() else parts


def header_param(value: str, name: str) -> str:
    """A parameter of a header field value such as Via, From or Contact, outside of the URI; "" when absent."""
    tail = value.split(">", 1)[1] if "<" in value else value.partition(";")[1] + value.partition(";")[2]
    for part in tail.split(";"):
        key, _, found = part.strip().partition("=")
        if key.strip().lower() == name.lower():
            return found.strip().strip('"')
    return ""


def has_header_param(value: str, name: str) -> bool:
    tail = value.split(">", 1)[1] if "<" in value else value.partition(";")[2]
    return any(part.strip().partition("=")[0].strip().lower() == name.lower() for part in tail.split(";"))


def address_uri(value: str) -> str:
    """The URI of a name-addr or addr-spec."""
    if "<" in value:
        return value.split("<", 1)[1].split(">", 1)[0]
    return value.split(";", 1)[0].strip()


def uri_parts(uri: str) -> Tuple[str, str, int, Dict[str, str]]:
    """user, host without brackets, port (0: none), parameters."""
    rest = uri.split(":", 1)[1] if ":" in uri else uri
    rest = rest.split("?", 1)[0]
    rest, _, tail = rest.partition(";")
    params = {}
    for part in filter(None, tail.split(";")):
        key, _, value = part.partition("=")
        params[key.lower()] = value
    user, at, hostport = rest.rpartition("@")
    if hostport.startswith("["):
        host, _, port = hostport[1:].partition("]")
        port = port.lstrip(":")
    else:
        host, _, port = hostport.partition(":")
    return (user if at else ""), host, int(port or 0), params


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def mixed_body(message: Message, parts: List[Tuple[str, str]]) -> Message:
    """Gives the message these parts, each with its header lines (RFC 2046 section 5.1)."""
    boundary = f"part-{token()}"
    message.add("Content-Type", f'multipart/mixed;boundary="{boundary}"')
    message.body = "".join(f"--{boundary}\r\n{head}\r\n\r\n{text}\r\n" for head, text in parts) + f"--{boundary}--\r\n"
    return message


def body_part(message: Message, content_type: str) -> str:
    """The body, or the part of a multipart one, of this type; "" when there is none."""
    own = message.get("Content-Type")
    if not own.lower().startswith("multipart/"):
        return message.body if own.lower().startswith(content_type) else ""
    for part in ("\r\n" + message.body).split(f"\r\n--{header_param(own, 'boundary')}")[1:-1]:
        head, _, text = part.partition("\r\n\r\n")
        if f"content-type: {content_type}" in head.lower():
            return text
    return ""


def response_to(request: Message, status: int, reason: str = "", to_tag: str = "") -> Message:
    """RFC 3261 section 8.2.6.2."""
    response = Message(status=status, reason=reason or REASONS.get(status, "Unknown"))
    for name, value in request.headers:
        lower = name.lower()
        if lower in ("via", "from", "call-id", "cseq") or (lower == "record-route" and status < 300):
            response.add(name, value)
        elif lower == "to":
            response.add("To", value if header_param(value, "tag") or not to_tag else f"{value};tag={to_tag}")
    return response
