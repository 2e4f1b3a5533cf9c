"""What every system test needs: a daemon of its own on loopback, endpoints, and the checks that hold always."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

from ue import captures, clue_checks
from ue.daemon import Daemon
from ue.endpoint import Endpoint
from ue.events import EventLog
from ue.settings import Behaviour, Settings

TOKEN = re.compile(r"\b(p\d+)-")
ROOMS = {"alice": "three-cameras", "bob": "two-cameras", "carol": "laptop"}


class SystemTest(unittest.IsolatedAsyncioTestCase):
    """Starts a daemon before each test. Afterwards it has to end by itself, with nothing left and no fault found."""

    config_extra = ""  # YAML of further sections
    trusted_peers = "[]"  # whose P-Asserted-Identity is believed
    timer_f = 32  # seconds until an unanswered request is given up (RFC 3261 timers B, F and H)
    # Datagrams of any size, so that the kernel's clock says what came first; large requests over TCP have their own test.
    udp_mtu = 60000
    address = "127.0.0.1"
    allowed_faults: Set[str] = set()  # rules whose violation the test provokes itself

    async def asyncSetUp(self) -> None:
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on, and it slows the endpoints down
        self.log = EventLog()
        self.endpoints: List[Endpoint] = []
        self.port = 0  # the kernel chooses; the daemon says which in its daemon.ready
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.daemon = Daemon(os.environ["CLUED_PROGRAM"], self.write_config())
        self.addAsyncCleanup(self.daemon.kill)
        ready = await self.daemon.start()
        self.port = int(re.search(r":(\d+)(?:[;,]|$)", ready["listening"]).group(1))
        self.idle = await self.daemon.census()
        self.idle_descriptors = self.count_descriptors()

    def write_config(self) -> Path:
        path = self.folder / "clued.yaml"
        values = {name: getattr(self, name) for name in ("address", "timer_f", "udp_mtu", "trusted_peers")}
        path.write_text(CONFIG.format(**values) + self.config_extra)
        return path

    @property
    def factory(self) -> str:
        return self.uri("factory")

    def uri(self, user: str) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"sip:{user}@{host}:{self.port}"

    async def asyncTearDown(self) -> None:
        try:
            if self.daemon.process is not None and self.daemon.process.returncode is None:
                self.assertEqual(await self.daemon.stop(), 0, "exit status")
        finally:
            for endpoint in self.endpoints:
                await endpoint.close()
        self.check_messages()
        bugs = [record for record in self.daemon.records if str(record.get("record", "")).startswith("bug.")]
        self.assertEqual(bugs, [])
        self.assertEqual([line for line in self.daemon.lines if "ERROR: " in line or "runtime error" in line], [])

    def check_messages(self) -> None:
        """Every CLUE message of the daemon: the schemas, the references, the sequences (Shows 4)."""
        faults = [
            f"{event['ue']}: {event['rule']}: {event['text']}"
            for event in self.log.events
            if event["event"] in ("violation", "internal_error", "sip_garbage")
            and event.get("rule", event["event"]) not in self.allowed_faults
        ]
        self.assertEqual(faults, [])
        if clue_checks.schema_available():
            texts = [event["text"] for event in self.log.events if event["event"] == "clue_received"]
            self.assertEqual(clue_checks.schema_faults(texts), [])

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result is not None else 0
        outcome = super().run(result)
        if result is not None and len(result.failures) + len(result.errors) > before:
            print(f"\n--- timeline of {self.id()}\n" + self.story() + "\n--- the daemon's log\n" + self.daemon_story())
        return outcome

    # --- telling what happened ---

    def story(self) -> str:
        if not getattr(self, "log", None) or not self.log.events:
            return "(nothing)"
        start = self.log.events[0]["t"]
        hidden = ("text", "t", "n", "ue", "event", "call_id", "request", "at")
        return "\n".join(
            f"{event['t'] - start:8.3f} {event['ue']:6} {event['event']:14} "
            + " ".join(f"{key}={value}" for key, value in event.items() if key not in hidden)
            for event in self.log.events
        )

    def daemon_story(self) -> str:
        daemon = getattr(self, "daemon", None)
        if daemon is None:
            return "(not started)"
        lines = [" ".join(f"{key}={value}" for key, value in record.items() if key != "seen") for record in daemon.records]
        return "\n".join(lines[-400:] + daemon.lines[-40:])

    # --- endpoints ---

    async def endpoint(self, name: str, behaviour: Optional[Behaviour] = None, **settings: Any) -> Endpoint:
        """A started endpoint that has not called anybody. `room`: a file's name, or None for a phone."""
        kind = settings.pop("kind", Endpoint)
        room = settings.pop("room", ROOMS.get(name, "two-cameras"))
        if room is None:
            settings.setdefault("media", ["audio"])
            settings.setdefault("profile", "RTP/AVP")
        settings["room"] = captures.load(room, name.capitalize()) if room else None
        settings.setdefault("address", self.address)
        made = kind(self.log, Settings(name, **settings), behaviour)
        await made.start()
        self.endpoints.append(made)
        return made

    async def join(self, name: str, uri: str, behaviour: Optional[Behaviour] = None, **settings: Any) -> Endpoint:
        made = await self.endpoint(name, behaviour, **settings)
        final = await made.join(uri)
        self.assertEqual(final.status, 200, f"{name} could not join")
        return made

    async def three(self, behaviours: Optional[Dict[str, Behaviour]] = None, **settings: Any) -> List[Endpoint]:
        """Alice creates, Bob and Carol join, and everybody knows everybody's captures."""
        behaviours = behaviours or {}
        alice = await self.join("alice", self.factory, behaviours.get("alice"), **settings)
        others = [await self.join(name, alice.conference_uri, behaviours.get(name), **settings) for name in ("bob", "carol")]
        await self.settled(alice, *others)
        return [alice, *others]

    async def settled(self, *everybody: Endpoint, timeout: float = 10.0) -> None:
        """Each was told of exactly the others, has an encoding for what it chose, and its configure was accepted."""
        deadline = time.monotonic() + timeout
        for one in everybody:
            others = {other.settings.room.person for other in everybody if other is not one and other.settings.room}
            while not self.is_settled(one, others):
                left = deadline - time.monotonic()
                self.assertGreater(left, 0, f"{one.settings.name} did not settle with {others}: told of {self.people(one)}")
                await self.news(min(left, 0.5))

    def is_settled(self, one: Endpoint, others: Set[str]) -> bool:
        adv = one.clue.told
        if adv is None or self.people(one) != others:
            return False
        labels = one.offer_answer.remote_labels()
        sent = one.record.all("clue_sent", message="configure", adv=adv.sequence)
        if not sent or not all(label in labels for label in adv.encodings()):
            return False
        return one.record.find("clue_received", message="configureResponse", conf=sent[-1]["sequence"], code=200) is not None

    async def told(self, one: Endpoint, people: Set[str], timeout: float = 10.0) -> None:
        """Waits until this endpoint's newest advertisement has captures of exactly these."""
        deadline = time.monotonic() + timeout
        while self.people(one) != people:
            left = deadline - time.monotonic()
            self.assertGreater(left, 0, f"{one.settings.name} was told of {self.people(one)}, not of {people}")
            await self.news(min(left, 0.5))

    async def news(self, timeout: float) -> None:
        """Waits for anything to happen, at most so long."""
        since = self.log.mark
        try:
            await self.log.wait(lambda event: True, timeout, "anything", since)
        except AssertionError:
            pass

    @staticmethod
    def people(one: Endpoint) -> Set[str]:
        """Whose captures this endpoint was told of, by their descriptions."""
        adv = one.clue.told if one.clue else None
        captured = adv.captures.values() if adv else []
        return {capture.description.split(":")[0] for capture in captured if ":" in capture.description}

    @staticmethod
    def token_of(person: str, seen_by: Endpoint) -> str:
        """The conference-wide token of a person's ids, as another one was told."""
        for capture in seen_by.clue.told.captures.values():
            found = TOKEN.match(capture.id)
            if found and capture.description.startswith(f"{person}:"):
                return found.group(1)
        raise AssertionError(f"{seen_by.settings.name} was not told of {person}")

    # --- checks of a removal ---

    async def check_refreshed(self, one: Endpoint, gone: str, token: str, since: int, timeout: float = 5.0) -> None:
        """An advertisement without the removed one, then the re-INVITE, and no id of it in any later byte."""
        adv = await one.record.wait("clue_received", timeout, since, message="advertisement")
        self.assertFalse([name for name in adv["captures"] if name.startswith(f"{token}-")])
        offer = await one.record.wait("sip_received", timeout, since, method="INVITE", request=True)
        self.assertLess(adv["at"], offer["at"], "ADVERTISEMENT comes before re-INVITE (RFC 8848 section 5.3)")
        await one.record.wait("offer_answered", timeout, offer["n"])
        self.check_no_trace(one, gone, token, since)

    def check_no_trace(self, one: Endpoint, gone: str, token: str, since: int) -> None:
        pattern = re.compile(rf"\b{token}-")
        for event in one.record.log.events[since:]:
            if event["ue"] != one.settings.name or event["event"] not in ("clue_received", "sip_received"):
                continue
            self.assertIsNone(pattern.search(event["text"]), f"an id of {gone} after its removal: {event['text'][:300]}")
            if event["event"] == "clue_received":
                self.assertNotIn(gone, event["text"])

    async def check_channel_removed(self, removed: Endpoint, since: int, timeout: float = 5.0) -> None:
        """BYE with Reason, then the stream reset, SHUTDOWN, and the end of DTLS (TP-08, TP-09)."""
        bye = await removed.record.wait("bye_received", timeout, since)
        self.assertIn("SIP;cause=200", bye["reason"])
        reset = await removed.record.wait("chunk_received", timeout, since, chunk="RE-CONFIG", parameter=13)
        self.assertIn(removed.channel.stream_id, reset["streams"])
        shutdown = await removed.record.wait("chunk_received", timeout, since, chunk="SHUTDOWN")
        request = removed.record.find("sip_received", since, method="BYE", request=True)
        if removed.settings.protocol == "udp" and not removed.settings.proxy:
            # Over TCP only the moment of reading is known, and a dead connection has to be replaced first. A proxy takes
            # its time.
            self.assertLess(request["at"], reset["at"], "BYE comes before the channel's end (TP-09)")
        self.assertLess(reset["at"], shutdown["at"])
        await removed.record.wait("dtls_closed", timeout, since)

    async def gone(self, *left: Endpoint) -> None:
        """These leave; then nothing may be left of anybody."""
        await asyncio.gather(*(one.leave() for one in left))
        await self.nothing_left()

    async def nothing_left(self, timeout: float = 15.0) -> None:
        await self.daemon.wait_census(timeout, **self.idle)
        # Idle TCP connections are kept for the next request; they go when the other end closes them.
        for endpoint in self.endpoints:
            await endpoint.close()
        self.endpoints.clear()
        deadline = time.monotonic() + timeout
        while self.count_descriptors() != self.idle_descriptors:
            self.assertLess(time.monotonic(), deadline, f"{self.daemon.descriptors()}, idle: {self.idle_descriptors}")
            await asyncio.sleep(0.1)

    def count_descriptors(self) -> Dict[str, int]:
        """Sockets, event descriptors and pipes; libraries open files such as /dev/urandom at their first use."""
        kinds = [name.split(":")[0] for name in self.daemon.descriptors() if not name.startswith("/")]
        return {kind: kinds.count(kind) for kind in set(kinds)}


CONFIG = """
sip:
  listen: [{{address: "{address}", port: 0}}]
  t1x64: {timer_f}s
  udp_mtu: {udp_mtu}
  trusted_peers: {trusted_peers}
media: {{address_v4: 127.0.0.1, address_v6: "::1"}}
log: {{level: debug, format: json}}
"""
