"""What an endpoint can send: its room as a file (tests/data/captures) and as an advertisement (RFC 8846)."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List

from .clue_messages import CLUE, INFO, VCARD, XSI, child

DATA = Path(__file__).resolve().parent.parent / "data" / "captures"


@dataclass
class Room:
    """One endpoint's captures, as read; the file's keys are explained in tests/data/captures/README.md."""

    description: str
    person: str
    captures: List[Dict[str, Any]]
    scenes: List[Dict[str, Any]]
    encodings: Dict[str, List[str]]
    simultaneous: List[List[str]] = field(default_factory=list)

    def ids(self) -> List[str]:
        return [capture["id"] for capture in self.captures]

    def encoding_of_capture(self) -> Dict[str, List[str]]:
        return {capture["id"]: self.encodings[capture["media"]] for capture in self.captures}


def load(name: str, person: str = "") -> Room:
    """A file of tests/data/captures by its name without suffix, or any path."""
    path = Path(name) if Path(name).suffix else DATA / f"{name}.json"
    data = json.loads(path.read_text())
    room = Room(
        description=data["description"],
        person=person or data["person"],
        captures=data["captures"],
        scenes=data["scenes"],
        encodings=data["encodings"],
        simultaneous=data.get("simultaneous", []),
    )
    return room


def fill_advertisement(root: ET.Element, room: Room) -> None:
    """Appends the wrapper elements of RFC 8847 section 5.3 in the order of the schema."""
    captures = child(root, CLUE, "mediaCaptures")
    for capture in room.captures:
        _capture(captures, capture, room)
    groups = child(root, CLUE, "encodingGroups")
    for media, labels in room.encodings.items():
        group = child(groups, INFO, "encodingGroup", encodingGroupID=f"EG-{media}")
        child(group, INFO, "maxGroupBandwidth", text=str(len(labels) * (4_000_000 if media == "video" else 64_000)))
        listed = child(group, INFO, "encodingIDList")
        for label in labels:
            child(listed, INFO, "encodingID", text=label)
    scenes = child(root, CLUE, "captureScenes")
    for scene in room.scenes:
        _scene(scenes, scene)
    if room.simultaneous:
        sets = child(root, CLUE, "simultaneousSets")
        for number, ids in enumerate(room.simultaneous):
            one = child(sets, INFO, "simultaneousSet", setID=f"SS{number}")
            for capture_id in ids:
                child(one, INFO, "mediaCaptureIDREF", text=capture_id)
    people = child(root, CLUE, "people")
    person = child(people, INFO, "person", personID="person1")
    info = child(person, INFO, "personInfo")
    child(child(info, VCARD, "fn"), VCARD, "text", text=room.person)


def _capture(parent: ET.Element, capture: Dict[str, Any], room: Room) -> None:
    media = capture["media"]
    element = child(parent, INFO, "mediaCapture", captureID=capture["id"], mediaType=media)
    element.set(f"{{{XSI}}}type", f"d:{media}CaptureType")
    child(element, INFO, "captureSceneIDREF", text=capture["scene"])
    if "area" in capture:
        _area(child(element, INFO, "spatialInformation"), capture["area"])
    else:
        child(element, INFO, "nonSpatiallyDefinable", text="true")
    if "content" in capture:
        content = child(element, INFO, "content")
        for capture_id in capture["content"]:
            child(content, INFO, "mediaCaptureIDREF", text=capture_id)
        child(element, INFO, "policy", text=capture.get("policy", "SoundLevel:0"))
        child(element, INFO, "maxCaptures", text=str(capture.get("maxCaptures", 1)), exactNumber="false")
    else:
        child(element, INFO, "individual", text="true")
    child(element, INFO, "encGroupIDREF", text=f"EG-{media}")
    child(element, INFO, "description", text=f"{room.person}: {capture['description']}", lang="en")
    for name in ("priority", "lang", "mobility", "presentation", "view"):
        if name in capture:
            child(element, INFO, name, text=str(capture[name]))
    if capture.get("person", False):
        child(child(element, INFO, "capturedPeople"), INFO, "personIDREF", text="person1")


def _area(parent: ET.Element, area: List[float]) -> None:
    """`area` is left, right, distance, bottom, top in millimetres of a plane that faces the cameras (DM-03)."""
    left, right, distance, bottom, top = area
    corners = {
        "bottomLeft": (left, bottom), "bottomRight": (right, bottom), "topLeft": (left, top), "topRight": (right, top),
    }
    element = child(parent, INFO, "captureArea")
    for name, (x, z) in corners.items():
        point = child(element, INFO, name)
        for axis, value in (("x", x), ("y", distance), ("z", z)):
            child(point, INFO, axis, text=str(value))


def _scene(parent: ET.Element, scene: Dict[str, Any]) -> None:
    element = child(parent, INFO, "captureScene", sceneID=scene["id"], scale=scene.get("scale", "unknown"))
    child(element, INFO, "description", text=scene["description"], lang="en")
    views = child(element, INFO, "sceneViews")
    for number, ids in enumerate(scene["views"]):
        view = child(views, INFO, "sceneView", sceneViewID=f"{scene['id']}-view{number}")
        listed = child(view, INFO, "mediaCaptureIDs")
        for capture_id in ids:
            child(listed, INFO, "mediaCaptureIDREF", text=capture_id)
