"""The messages of RFC 8847 as XML trees: building ours, reading the peer's."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

CLUE = "urn:ietf:params:xml:ns:clue-protocol"
INFO = "urn:ietf:params:xml:ns:clue-info"
VCARD = "urn:ietf:params:xml:ns:vcard-4.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

for prefix, namespace in (("", CLUE), ("d", INFO), ("vc", VCARD), ("xsi", XSI)):
    ET.register_namespace(prefix, namespace)


def child(parent: ET.Element, namespace: str, name: str, text: Optional[str] = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    element.text = text
    return element


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def message(name: str, clue_id: str, sequence: int) -> ET.Element:
    root = ET.Element(f"{{{CLUE}}}{name}", {"protocol": "CLUE", "v": "1.0"})
    child(root, CLUE, "clueId", text=clue_id)
    child(root, CLUE, "sequenceNr", text=str(sequence))
    return root


def encode(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def text_of(root: ET.Element, name: str, namespace: str = CLUE) -> str:
    found = root.find(f"{{{namespace}}}{name}")
    return (found.text or "").strip() if found is not None else ""


def number_of(root: ET.Element, name: str) -> int:
    return int(text_of(root, name) or 0)


@dataclass
class Capture:
    id: str
    media: str
    scene: str
    individual: bool
    encoding_group: str
    content: List[str] = field(default_factory=list)
    description: str = ""
    xsi_type: str = ""


@dataclass
class Advertisement:
    """What a consumer needs of an advertisement, and all that the referential checks look at."""

    sequence: int
    captures: Dict[str, Capture] = field(default_factory=dict)
    encoding_groups: Dict[str, List[str]] = field(default_factory=dict)
    scenes: Dict[str, Dict[str, List[str]]] = field(default_factory=dict)  # scene -> view -> captures
    people: List[str] = field(default_factory=list)
    global_views: Dict[str, List[str]] = field(default_factory=dict)
    sets: List[Dict[str, List[str]]] = field(default_factory=list)
    ids: List[str] = field(default_factory=list)  # every xs:ID, duplicates included
    person_references: List[str] = field(default_factory=list)

    def encodings(self) -> List[str]:
        return [label for labels in self.encoding_groups.values() for label in labels]


def d(name: str) -> str:
    return f"{{{INFO}}}{name}"


def read_advertisement(root: ET.Element) -> Advertisement:
    adv = Advertisement(number_of(root, "sequenceNr"))
    for element in root.iter(d("mediaCapture")):
        capture = _read_capture(element)
        adv.captures[capture.id] = capture
        adv.ids.append(capture.id)
    for element in root.iter(d("encodingGroup")):
        name = element.get("encodingGroupID", "")
        adv.ids.append(name)
        adv.encoding_groups[name] = _texts(element, "encodingID")
    for element in root.iter(d("captureScene")):
        scene = element.get("sceneID", "")
        adv.ids.append(scene)
        views = {view.get("sceneViewID", ""): _texts(view, "mediaCaptureIDREF") for view in element.iter(d("sceneView"))}
        adv.ids.extend(views)
        adv.scenes[scene] = views
    for element in root.iter(d("simultaneousSet")):
        adv.ids.append(element.get("setID", ""))
        names = ("mediaCaptureIDREF", "sceneViewIDREF", "captureSceneIDREF")
        adv.sets.append({name: _texts(element, name) for name in names})
    for element in root.iter(d("globalView")):
        name = element.get("globalViewID", f"unnamed{len(adv.global_views)}")
        adv.ids.append(name)
        adv.global_views[name] = _texts(element, "sceneViewIDREF")
    for element in root.iter(d("person")):
        adv.people.append(element.get("personID", ""))
        adv.ids.append(element.get("personID", ""))
    adv.person_references = _texts(root, "personIDREF")
    return adv


def _texts(element: ET.Element, name: str) -> List[str]:
    return [(found.text or "").strip() for found in element.iter(d(name))]


def _read_capture(element: ET.Element) -> Capture:
    content = element.find(d("content"))
    references: List[str] = []
    if content is not None:
        references = _texts(content, "mediaCaptureIDREF") + _texts(content, "sceneViewIDREF")
    return Capture(
        id=element.get("captureID", ""),
        media=element.get("mediaType", ""),
        scene=text_of(element, "captureSceneIDREF", INFO),
        individual=text_of(element, "individual", INFO) == "true",
        encoding_group=text_of(element, "encGroupIDREF", INFO),
        content=references,
        description=text_of(element, "description", INFO),
        xsi_type=element.get(f"{{{XSI}}}type", ""),
    )


def read_capture_encodings(root: ET.Element) -> List[Tuple[str, str, str]]:
    """ID, captureID and encodingID of each capture encoding of a configure."""
    return [
        (element.get("ID", ""), text_of(element, "captureID", INFO), text_of(element, "encodingID", INFO))
        for element in root.iter(d("captureEncoding"))
    ]


def summary(root: ET.Element) -> Dict[str, Any]:
    """For the event log: the message's name and the numbers by which messages refer to each other."""
    facts: Dict[str, Any] = {"message": local(root), "sequence": number_of(root, "sequenceNr")}
    for name, key in (("responseCode", "code"), ("advSequenceNr", "adv"), ("confSequenceNr", "conf"), ("ack", "ack")):
        if text_of(root, name):
            facts[key] = number_of(root, name)
    if facts["message"] == "advertisement":
        adv = read_advertisement(root)
        facts["captures"] = list(adv.captures)
        facts["scenes"] = list(adv.scenes)
        facts["encodings"] = adv.encodings()
    if facts["message"] == "configure":
        facts["encodings"] = [[capture, encoding] for _, capture, encoding in read_capture_encodings(root)]
    return facts
