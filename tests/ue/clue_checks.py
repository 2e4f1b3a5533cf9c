"""What RFC 8845 to 8847 demand beyond the schema, as a list of sentences about what is wrong with a message."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Dict, List, Tuple

from .clue_messages import CLUE, Advertisement, local, read_advertisement

NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*\Z")
SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "spec" / "data" / "fixed" / "clue-protocol-schema.xsd"


def advertisement_faults(adv: Advertisement) -> List[str]:
    faults = [f"id {name!r} is no NCName" for name in adv.ids if not NCNAME.match(name)]
    faults += [f"id {name!r} is used twice" for name in set(adv.ids) if adv.ids.count(name) > 1]
    views = {view: ids for scene in adv.scenes.values() for view, ids in scene.items()}
    for capture in adv.captures.values():
        faults += _capture_faults(capture, adv, list(views))
    in_views = {capture_id for ids in views.values() for capture_id in ids}
    for view, ids in views.items():
        missing = [capture_id for capture_id in ids if capture_id not in adv.captures]
        faults += [f"view {view} names unknown capture {capture_id}" for capture_id in missing]
        kinds = {adv.captures[capture_id].media for capture_id in ids if capture_id in adv.captures}
        if len(kinds) > 1:
            faults.append(f"view {view} mixes {sorted(kinds)} (RFC 8845 section 7.3)")
        if not ids:
            faults.append(f"view {view} is empty")
    faults += [f"capture {name} is in no scene view" for name in adv.captures if name not in in_views]
    for one in adv.sets:
        faults += [f"set names unknown capture {name}" for name in one["mediaCaptureIDREF"] if name not in adv.captures]
        faults += [f"set names unknown view {name}" for name in one["sceneViewIDREF"] if name not in views]
        faults += [f"set names unknown scene {name}" for name in one["captureSceneIDREF"] if name not in adv.scenes]
    for name, referred in adv.global_views.items():
        faults += [f"global view {name} names unknown view {view}" for view in referred if view not in views]
    faults += [f"unknown person {name}" for name in adv.person_references if name not in adv.people]
    faults += _encoding_faults(adv)
    return faults


def _capture_faults(capture, adv: Advertisement, views: List[str]) -> List[str]:
    faults = []
    if capture.scene not in adv.scenes:
        faults.append(f"capture {capture.id} is in unknown scene {capture.scene!r} (DM-01)")
    if capture.encoding_group and capture.encoding_group not in adv.encoding_groups:
        faults.append(f"capture {capture.id} names unknown encoding group {capture.encoding_group}")
    if not capture.xsi_type.endswith(f"{capture.media}CaptureType"):
        faults.append(f"capture {capture.id} is {capture.media} of type {capture.xsi_type!r}")
    for name in capture.content:
        if name not in adv.captures and name not in views:
            faults.append(f"capture {capture.id} has unknown content {name}")
        elif name in adv.captures and adv.captures[name].media != capture.media:
            faults.append(f"capture {capture.id} has content {name} of another media type (MCU-04)")
    if capture.individual and capture.content:
        faults.append(f"capture {capture.id} is individual and has content (DM-05)")
    return faults


def _encoding_faults(adv: Advertisement) -> List[str]:
    faults = []
    labels = adv.encodings()
    faults += [f"encoding {label} is in two groups or twice in one" for label in set(labels) if labels.count(label) > 1]
    # RFC 8845 section 8 (DM-07): without simultaneous sets everything of one view must be sendable at once.
    if not adv.sets:
        for scene, scene_views in adv.scenes.items():
            for view, ids in scene_views.items():
                needed: Dict[str, int] = {}
                for capture_id in ids:
                    group = adv.captures[capture_id].encoding_group if capture_id in adv.captures else ""
                    if group:
                        needed[group] = needed.get(group, 0) + 1
                for group, count in needed.items():
                    if count > len(adv.encoding_groups.get(group, [])):
                        faults.append(f"view {view} of {scene} needs {count} encodings of {group} (DM-07)")
    return faults


def configure_faults(wanted: List[Tuple[str, str, str]], adv_captures: Dict[str, List[str]]) -> List[str]:
    """A configure against what was advertised: capture -> encodings that may carry it."""
    faults = []
    used = [encoding for _, _, encoding in wanted]
    captures = [capture for _, capture, _ in wanted]
    for _, capture, encoding in wanted:
        if capture not in adv_captures:
            faults.append(f"capture {capture} was not advertised")
        elif encoding not in adv_captures[capture]:
            faults.append(f"encoding {encoding} was not advertised for {capture}")
    faults += [f"encoding {name} is used twice (DM-09)" for name in set(used) if used.count(name) > 1]
    faults += [f"capture {name} is configured twice (DM-09)" for name in set(captures) if captures.count(name) > 1]
    return faults


def message_faults(text: str) -> List[str]:
    """Any CLUE message by itself."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        return [f"not well-formed: {error}"]
    faults = []
    if not root.tag.startswith(f"{{{CLUE}}}"):
        faults.append(f"root element {root.tag} is not in the namespace of RFC 8847")
    if root.get("protocol") != "CLUE" or root.get("v") != "1.0":
        faults.append(f"protocol={root.get('protocol')!r} v={root.get('v')!r}")
    if local(root) == "advertisement":
        faults += advertisement_faults(read_advertisement(root))
    return faults


def schema_faults(texts: List[str]) -> List[str]:
    """xmllint's verdict on all of them at once; empty when they are valid. Ask `schema_available` first."""
    if not texts:
        return []
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(texts):
            path = Path(folder) / f"message{number:04}.xml"
            path.write_text(text)
            paths.append(str(path))
        run = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", str(SCHEMA), *paths], capture_output=True, text=True, timeout=60,
            check=False,
        )
        faults = [line for line in run.stderr.splitlines() if not line.endswith("validates")]
        return faults if run.returncode else []


def schema_available() -> bool:
    """The schemas are the RFCs' and are not published with the project; a machine without them skips this check."""
    return SCHEMA.exists() and shutil.which("xmllint") is not None
