"""A conference's roster as a subscriber rebuilds it from NOTIFYs (RFC 4575 section 4.6). Knows nothing of how the daemon
writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List
from xml.etree import ElementTree

NAMESPACE = "{urn:ietf:params:xml:ns:conference-info}"


@dataclass
class EndpointView:
    status: str = ""
    joining_method: str = ""
    disconnection_method: str = ""
    disconnected_by: str = ""
    media: List[str] = field(default_factory=list)  # "type label status"


@dataclass
class UserView:
    display_text: str = ""
    roles: List[str] = field(default_factory=list)
    endpoints: Dict[str, EndpointView] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        return any(one.status in ("connected", "on-hold") for one in self.endpoints.values())


def local(element: ElementTree.Element) -> str:
    return element.tag.replace(NAMESPACE, "")


def text(parent: ElementTree.Element, path: str) -> str:
    found = parent.find("/".join(NAMESPACE + step for step in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


class ConferenceInfo:
    """Applies one document after the other; `faults` says what a subscriber cannot make sense of."""

    def __init__(self) -> None:
        self.version = -1  # nothing was told yet
        self.users: Dict[str, UserView] = {}
        self.user_count = 0
        self.locked = False
        self.faults: List[str] = []

    @property
    def present(self) -> Dict[str, UserView]:
        """Who is in the conference now."""
        return {entity: user for entity, user in self.users.items() if user.present}

    def apply(self, document: str) -> None:
        root = ElementTree.fromstring(document)
        if root.tag != NAMESPACE + "conference-info":
            self.faults.append(f"a document of another kind: {root.tag}")
            return
        version, state = int(root.get("version", "-1")), root.get("state", "full")
        if self.version < 0 and state != "full":
            self.faults.append(f"the first document is {state}")
        if self.version >= 0 and version != self.version + 1:
            self.faults.append(f"version {version} after {self.version}")
        self.version = version
        if state == "full":
            self.users.clear()
        for element in root:
            if local(element) == "conference-state":
                self.user_count = int(text(element, "user-count") or self.user_count)
                self.locked = (text(element, "locked") or str(self.locked)).lower() == "true"
            elif local(element) == "users":
                if element.get("state", "full") == "full":
                    self.users.clear()
                for user in element:
                    self._apply_user(user)
        if state == "full" and root.find(NAMESPACE + "users") is None:
            self.faults.append("a full document without users")
        if self.user_count != len(self.present):
            self.faults.append(f"version {version}: user-count {self.user_count}, but {len(self.present)} are present")

    def _apply_user(self, element: ElementTree.Element) -> None:
        entity, state = element.get("entity", ""), element.get("state", "full")
        if state == "deleted":
            if self.users.pop(entity, None) is None:
                self.faults.append(f"{entity} is deleted and was never there")
            if len(element):
                self.faults.append(f"{entity} is deleted and not empty")
            return
        user = self.users.setdefault(entity, UserView()) if state == "partial" else UserView()
        self.users[entity] = user
        for child in element:
            if local(child) == "display-text":
                user.display_text = (child.text or "").strip()
            elif local(child) == "roles":
                user.roles = [(entry.text or "").strip() for entry in child]
            elif local(child) == "endpoint":
                self._apply_endpoint(user, child)

    @staticmethod
    def _apply_endpoint(user: UserView, element: ElementTree.Element) -> None:
        entity, state = element.get("entity", ""), element.get("state", "full")
        if state == "deleted":
            user.endpoints.pop(entity, None)
            return
        one = user.endpoints.setdefault(entity, EndpointView()) if state == "partial" else EndpointView()
        user.endpoints[entity] = one
        one.status = text(element, "status") or one.status
        one.joining_method = text(element, "joining-method") or one.joining_method
        one.disconnection_method = text(element, "disconnection-method") or one.disconnection_method
        one.disconnected_by = text(element, "disconnection-info/by") or one.disconnected_by
        streams = element.findall(NAMESPACE + "media")
        if streams or state == "full":
            one.media = [" ".join(text(stream, name) for name in ("type", "label", "status")) for stream in streams]
