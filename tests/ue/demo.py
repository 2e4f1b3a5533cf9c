"""The main scenario for people: three endpoints meet, the creator removes one, the others are refreshed.

Prints what happens while it happens, from what the endpoints see on the wire. Ends with 0 only if all of it was seen.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from . import captures
from .daemon import Daemon, free_port, is_free
from .endpoint import Endpoint
from .settings import Settings
from .events import Event, EventLog, Missing

ADDRESS = "127.0.0.1"
PATIENCE = 10.0  # seconds for each step, on a loaded machine too

# What has to be seen, in the order in which it is told when it is missing.
EXPECTED = {
    "ready": "the daemon listens",
    "joined": "three endpoints joined",
    "told": "each was told of the others' captures and chose from them",
    "refer": "the REFER was accepted",
    "bye": "the removed endpoint got a BYE with a Reason",
    "reset": "its CLUE data channel was reset after the BYE",
    "shutdown": "its SCTP association was shut down",
    "dtls": "its DTLS session was closed",
    "refreshed": "both others got an advertisement without the removed one, and then a re-INVITE",
    "settled": "both others chose anew and were confirmed",
    "notify": "the creator was notified of the result",
    "census": "the daemon holds nothing of the removed endpoint any more",
    "stopped": "the daemon ended every session at SIGTERM and exited with 0",
}


class Timeline:
    def __init__(self) -> None:
        self.start = time.monotonic()
        self.seen: Dict[str, bool] = {}

    def say(self, who: str, text: str, at: Optional[float] = None) -> None:
        print(f"{(at or time.monotonic()) - self.start:8.3f}  {who:6}  {text}", flush=True)

    def check(self, fact: str) -> None:
        assert fact in EXPECTED
        self.seen[fact] = True

    def missing(self) -> List[str]:
        return [text for fact, text in EXPECTED.items() if not self.seen.get(fact)]


class Demo:
    def __init__(self, program: str, config: Path, port: int) -> None:
        self.program, self.port = program, port
        self.shipped = config
        self.line = Timeline()
        self.log = EventLog()
        self.log.listen(self.tell)
        self.endpoints: List[Endpoint] = []
        self.daemon: Optional[Daemon] = None
        self.is_removing = False

    # --- what the endpoints see, told as it comes ---

    def tell(self, event: Event) -> None:
        text = self.words(event)
        if text:
            self.line.say(event["ue"].capitalize(), text, event["t"])

    def words(self, event: Event) -> str:
        kind = event["event"]
        if kind == "joined":
            return f"is in the conference {event['conference']}"
        if kind == "channel_state" and event["state"] == "open":
            role = "DTLS client and so Channel Initiator" if event["initiator"] else "DTLS server"
            return f"CLUE channel is up (ICE, DTLS, SCTP; {role})"
        if kind == "channel_state" and event["state"] == "closed":
            return f"CLUE channel is removed ({event.get('cause', 'by itself')})"
        if kind == "refer":
            return f"--> REFER to the focus: Refer-To: {event['target']}"
        if kind == "bye_received":
            return f"<-- BYE, Reason: {event['reason']}"
        if kind == "chunk_received" and self.is_removing and event["chunk"] in ("RE-CONFIG", "SHUTDOWN", "ABORT"):
            what = f"resets stream {event['streams']}" if event["chunk"] == "RE-CONFIG" else "of its association"
            return f"<-- SCTP {event['chunk']} {what}" if event.get("parameter", 13) == 13 else ""
        if kind == "dtls_closed":
            return "<-- DTLS close_notify"
        if kind == "clue_received" and event["message"] == "advertisement" and self.is_removing:
            return f"<-- ADVERTISEMENT {event['sequence']} with {len(event['captures'])} captures"
        if kind == "offer_answered" and self.is_removing:
            return f"<-- re-INVITE with {len(event['labels'])} encodings, answered"
        if kind == "configured" and self.is_removing:
            return f"configure confirmed: {', '.join(capture for capture, _ in event['encodings'])}"
        if kind == "notified":
            return f"<-- NOTIFY {event['state'].split(';')[0]}: {event['body']}"
        return ""

    # --- the steps ---

    async def run(self) -> int:
        with tempfile.TemporaryDirectory() as folder:
            self.daemon = Daemon(self.program, self.write_config(Path(folder)))
            try:
                await self.scenario()
            except Missing as error:
                print(f"\n{error}", file=sys.stderr)
            finally:
                await self.clean_up()
        missing = self.line.missing()
        if missing:
            print("\nNot seen:\n" + "\n".join(f"  - {text}" for text in missing))
            self.print_log()
            return 1
        print("\nAll of it was seen.")
        return 0

    def write_config(self, folder: Path) -> Path:
        """The shipped configuration with another port, and records as JSON because a program reads them."""
        text = self.shipped.read_text()
        for pattern, replacement in ((r"(?m)^(\s+port: )5060$", rf"\g<1>{self.port}"), (r"(?m)^(\s+format: )text$", r"\g<1>json")):
            text, count = re.subn(pattern, replacement, text, count=1)
            if not count:
                raise SystemExit(f"{self.shipped}: no line like {pattern}")
        path = folder / "clued.yaml"
        path.write_text(text)
        return path

    async def scenario(self) -> None:
        ready = await self.daemon.start(PATIENCE)
        self.line.say("clued", f"is listening: {ready['listening']}")
        self.line.check("ready")
        idle = await self.daemon.census()
        alice = await self.join("alice", "three-cameras", f"sip:factory@{ADDRESS}:{self.port}")
        bob = await self.join("bob", "two-cameras", alice.conference_uri)
        carol = await self.join("carol", "laptop", alice.conference_uri)
        self.line.check("joined")
        for one in self.endpoints:
            await self.settled(one, {"Alice", "Bob", "Carol"} - {one.settings.room.person})
        for one in self.endpoints:
            self.show_captures(one, "is told of")
        self.line.check("told")
        await self.removal(alice, bob, carol)
        await self.daemon.wait_census(PATIENCE, participants=2, dialogs=2, ice_agents=2, dtls_sessions=2, sctp_associations=2)
        self.line.check("census")
        left = await self.daemon.census()
        self.line.say("clued", "now holds " + ", ".join(f"{left[key]} {key}" for key in idle if left[key] and key != "rtp_packets"))
        if await self.daemon.stop() == 0:
            self.line.check("stopped")
        self.line.say("clued", "ended at SIGTERM")

    async def join(self, name: str, room: str, uri: str) -> Endpoint:
        loaded = captures.load(room, name.capitalize())
        one = Endpoint(self.log, Settings(name, room=loaded))
        self.endpoints.append(one)
        await one.start()
        told = ", ".join(f"{capture['id']} {capture['description']}" for capture in loaded.captures)
        self.line.say(loaded.person, f"{loaded.description} ({told}) --> INVITE {uri}")
        final = await asyncio.wait_for(one.join(uri), PATIENCE)
        if final.status != 200:
            raise Missing(f"{name} was answered {final.status} {final.reason}")
        await one.record.wait("clue_active", PATIENCE)
        return one

    async def settled(self, one: Endpoint, people: set, since: int = 0) -> Event:
        """The confirmation of what this one chose from an advertisement of exactly these people."""
        deadline = time.monotonic() + PATIENCE
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Missing(f"{one.settings.name} was not settled with {people}, but with {self.people(one)}")
            if one.clue.told is not None and self.people(one) == people and not one.clue.owes_configure:
                sent = one.record.all("clue_sent", message="configure", adv=one.clue.told.sequence)
                answered = sent and one.record.find(
                    "clue_received", since, message="configureResponse", conf=sent[-1]["sequence"], code=200
                )
                if answered:
                    return answered
            try:
                await self.log.wait(lambda event: True, left, "anything", self.log.mark)
            except Missing:
                pass

    @staticmethod
    def people(one: Endpoint) -> set:
        told = one.clue.told.captures.values() if one.clue.told else []
        return {capture.description.split(":")[0] for capture in told if ":" in capture.description}

    def show_captures(self, one: Endpoint, words: str) -> None:
        whose: Dict[str, List[str]] = {}
        for capture in one.clue.told.captures.values():
            person, colon, what = capture.description.partition(": ")
            whose.setdefault(person if colon else "the conference", []).append(f"{what or person} ({capture.id})")
        for person, listed in whose.items():
            self.line.say(one.settings.room.person, f"{words} {person}: {', '.join(listed)}")
        chosen = ", ".join(f"{capture} on {encoding}" for capture, encoding in one.clue.wanted)
        self.line.say(one.settings.room.person, f"   and receives {chosen}")

    async def removal(self, alice: Endpoint, bob: Endpoint, carol: Endpoint) -> None:
        gone = {one: self.ids_of("Bob", one) for one in (alice, carol)}
        since, self.is_removing = self.log.mark, True
        started = time.monotonic()
        final = await asyncio.wait_for(alice.refer(bob.identity), PATIENCE)
        self.line.say("Alice", f"<-- {final.status} {final.reason}")
        if final.status not in (200, 202):
            raise Missing(f"the REFER was answered {final.status} {final.reason}")
        self.line.check("refer")
        await self.end_of(bob, since)
        ends = [await self.settled(alice, {"Carol"}, since), await self.settled(carol, {"Alice"}, since)]
        self.line.check("settled")
        for one in (alice, carol):
            ends.append(await self.refreshed(one, since, gone[one]))
        self.line.check("refreshed")
        state = lambda text: text.startswith("terminated")  # noqa: E731
        await alice.record.wait("notified", PATIENCE, since, state=state, body="SIP/2.0 200 OK")
        self.line.check("notify")
        for one in (alice, carol):
            self.show_captures(one, "is now told of")
        last = max(event["t"] for event in ends) - started
        self.line.say("*", f"from the REFER to the last refreshed participant: {last * 1000:.0f} ms")

    async def end_of(self, removed: Endpoint, since: int) -> None:
        bye = await removed.record.wait("bye_received", PATIENCE, since, reason=bool)
        self.line.check("bye")
        steps = {"reset": {"chunk": "RE-CONFIG", "parameter": 13}, "shutdown": {"chunk": "SHUTDOWN"}}
        for fact, fields in steps.items():
            if (await removed.record.wait("chunk_received", PATIENCE, since, **fields))["n"] > bye["n"]:
                self.line.check(fact)
        await removed.record.wait("dtls_closed", PATIENCE, since)
        self.line.check("dtls")

    @staticmethod
    async def refreshed(one: Endpoint, since: int, gone: List[str]) -> Event:
        """Its answer to the re-INVITE, which came after an advertisement without the ids of who is gone."""
        adv = await one.record.wait("clue_received", PATIENCE, since, message="advertisement")
        if any(name in adv["text"] for name in gone):
            raise Missing(f"{one.settings.name} was still told of {gone}")
        offer = await one.record.wait("sip_received", PATIENCE, since, method="INVITE", request=True)
        if offer["at"] < adv["at"] and "SIP/2.0/UDP" in offer["text"]:
            raise Missing(f"the re-INVITE reached {one.settings.name} before the advertisement")
        return await one.record.wait("offer_answered", PATIENCE, offer["n"])

    @staticmethod
    def ids_of(person: str, seen_by: Endpoint) -> List[str]:
        told = seen_by.clue.told.captures.values()
        return [capture.id for capture in told if capture.description.startswith(f"{person}:")]

    async def clean_up(self) -> None:
        if self.daemon is not None and self.daemon.process is not None:
            await self.daemon.kill()
        for one in self.endpoints:
            await one.close()

    def print_log(self) -> None:
        records: List[Dict[str, Any]] = self.daemon.records if self.daemon else []
        print("\nThe daemon's last records:")
        for record in records[-30:]:
            print("  " + " ".join(f"{key}={value}" for key, value in record.items() if key != "seen"))
        for text in (self.daemon.lines if self.daemon else [])[-20:]:
            print("  " + text)


def choose_port(wanted: Optional[int]) -> int:
    if wanted is not None:
        return wanted
    if is_free(ADDRESS, 5060):
        return 5060
    port = free_port(ADDRESS)
    print(f"Port 5060 is in use on this machine; {port} is used instead (--port N chooses another).")
    return port


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="where the daemon listens (default: 5060, or a free one if that is in use)")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--config", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    return asyncio.run(Demo(options.program, options.config, choose_port(options.port)).run())


if __name__ == "__main__":
    sys.exit(main())
