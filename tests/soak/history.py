"""Thousands of random events against one daemon: joins, leaves, cancels, removals, invitations, holds, watchers that come
and go. After each batch everybody's roster has to be the truth; at the end nothing may be left.

    scripts/soak [--events N] [--seed S] [--telepresence SHARE]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set, Tuple, Type

from ue import captures
from ue.callee import CallBehaviour, Callee
from ue.daemon import Daemon
from ue.endpoint import Endpoint
from ue.events import Event, EventLog
from ue.settings import Behaviour, Settings
from ue.sip_message import Message
from ue.watcher import Watcher

CONFIG = """
sip:
  listen: [{address: 127.0.0.1, port: 0}]
  udp_mtu: 60000
  max_rate_per_source: 0
conference: {end_when: last-leaves, remove: participants, invite: participants, subscribe: anyone}
conference_event: {min_interval: 50ms}
session: {channel_wait: 1s}
log: {level: info, format: json}
"""
LARGEST = 12  # participants of the conference
WATCHERS = 5
BATCH = 6  # events that happen at once


class ShortMemory(EventLog):
    """Tells its listeners and forgets: a long history does not fit into memory."""

    def emit(self, who: str, kind: str, **fields: Any) -> Event:
        event = super().emit(who, kind, **fields)
        if len(self.events) > 4000:
            del self.events[:2000]
        return event


class History:
    def __init__(self, daemon: Daemon, factory: str, chance: random.Random, telepresence: float) -> None:
        self.daemon = daemon
        self.factory = factory
        self.chance = chance
        self.telepresence = telepresence
        self.log = ShortMemory()
        self.log.listen(self._heard)
        self.conference = ""
        self.present: Dict[str, Endpoint] = {}  # by identity
        self.watchers: List[Watcher] = []
        self.ended: Set[str] = set()  # names whose session the focus ended
        self.seen: Set[Tuple[str, str]] = set()  # (name, "called" | "joined" | "cancelled") of those who are invited
        self.busy: Set[str] = set()  # identities that something is happening to in this batch
        self.retired: List[Endpoint] = []
        self.number = 0
        self.done: Dict[str, int] = {}
        self.faults: List[str] = []
        self.notifies = 0

    def _heard(self, event: Event) -> None:
        if event["event"] == "bye_received":
            self.ended.add(event["ue"])
        elif event["event"] in ("called", "joined", "cancelled"):
            self.seen.add((event["ue"], event["event"]))
        elif event["event"] in ("violation", "internal_error", "sip_garbage"):
            self.faults.append(f"{event['ue']}: {event.get('rule', event['event'])}: {event.get('text', '')[:300]}")

    # --- what can happen ---

    async def new_endpoint(self, kind: Type[Endpoint] = Endpoint, **behaviour: Any) -> Endpoint:
        self.number += 1
        room = captures.load("laptop", f"U{self.number}") if self.chance.random() < self.telepresence else None
        settings = Settings(f"u{self.number}", room=room, reliable_provisional=room is not None, offerless=kind is Callee)
        if room is None:
            settings.media, settings.profile = ["audio"], "RTP/AVP"
        made = kind(self.log, settings, Behaviour(**behaviour))
        await made.start()
        return made

    async def join(self) -> None:
        one = await self.new_endpoint()
        final = await one.join(self.conference)
        await self._joined(one, final)

    async def _joined(self, one: Endpoint, final: Message) -> None:
        if final.status == 200:
            self.present[one.known_as] = one
        else:
            self.faults.append(f"{one.identity}: INVITE answered with {final.status}")
            await one.close()

    async def cancel(self) -> None:
        """CANCEL as soon as it may be sent; it can come too late."""
        one = await self.new_endpoint(withhold_prack=True)
        transaction = one.begin_join(self.conference)
        joining = asyncio.ensure_future(one.finish_join(transaction))
        waiting = [joining, asyncio.ensure_future(transaction.provisional.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        waiting[1].cancel()
        if not joining.done():
            await one.cancel()
        final = await joining
        if final.status == 200:
            await one.leave()
        elif final.status != 487:
            self.faults.append(f"{one.identity}: cancelled INVITE answered with {final.status}")
        await one.close()

    def somebody(self, keep: int = 1) -> Optional[Endpoint]:
        free = [identity for identity in self.present if identity not in self.busy]
        if len(free) <= keep:
            return None
        identity = self.chance.choice(free)
        self.busy.add(identity)
        return self.present[identity]

    async def leave(self) -> None:
        one = self.somebody()
        if one is not None:
            await one.leave()
            await self._gone(one)

    async def _gone(self, one: Endpoint) -> None:
        self.present.pop(one.known_as, None)
        await one.close()

    async def remove(self) -> None:
        referrer, target = self.somebody(2), self.somebody(1)
        if referrer is None or target is None:
            return
        final = await referrer.refer(target.known_as, in_dialog=self.chance.random() < 0.5)
        if final.status != 200:
            self.faults.append(f"REFER of {referrer.identity} answered with {final.status}")
            return
        await self._until(lambda: target.settings.name in self.ended, f"{target.identity} is removed")
        await self._gone(target)

    async def invite(self) -> None:
        """The focus is asked to call somebody who answers, is busy, or rings until the call is withdrawn."""
        referrer = self.somebody(0)
        if referrer is None:
            return
        callee = await self.new_endpoint(Callee)
        name, outcome = callee.settings.name, self.chance.choice(("answers", "answers", "busy", "rings"))
        callee.calls = CallBehaviour(
            status=486 if outcome == "busy" else 200, rings=outcome == "rings",
            refuses_clue=0 if callee.settings.room else 488,
        )
        final = await referrer.refer_to(f"<{callee.called_as};method=INVITE>", self.chance.random() < 0.5)
        if final.status != 200:
            self.faults.append(f"REFER with INVITE answered with {final.status}")
        await self._until(lambda: (name, "called") in self.seen, f"{name} is called")
        if outcome == "answers":
            await self._until(lambda: (name, "joined") in self.seen, f"{name} is in the conference")
            self.present[callee.known_as] = callee
            return
        if outcome == "rings":
            await self._until(lambda: callee.invitation is not None, f"{name} rings")
            await referrer.refer(callee.called_as)
            await self._until(lambda: (name, "cancelled") in self.seen, f"the call of {name} is withdrawn")
        self.retired.append(callee)  # its sockets stay until the batch is over, for what is repeated

    async def hold(self) -> None:
        one = self.somebody(0)
        if one is not None and one.settings.room is None:
            final = await one.reinvite()
            if final.status not in (200, 491, 500):
                self.faults.append(f"re-INVITE of {one.identity} answered with {final.status}")

    async def watch(self) -> None:
        if len(self.watchers) >= WATCHERS:
            gone = self.watchers.pop(self.chance.randrange(len(self.watchers)))
            if self.chance.random() < 0.5:
                await gone.refresh(0)
                await self._until(lambda: bool(gone.ended), f"{gone.name}: its last NOTIFY")
            else:
                gone.answer = 481  # it forgot its subscription: the next NOTIFY tells
                self._count(gone)
                return
            self._count(gone)
            await gone.close()
            return
        self.number += 1
        one = Watcher(self.log, f"w{self.number}")
        await one.start()
        final = await one.subscribe(self.conference)
        if final.status != 200:
            self.faults.append(f"SUBSCRIBE answered with {final.status}")
        self.watchers.append(one)

    async def refresh_watch(self) -> None:
        if self.watchers:
            await self.chance.choice(self.watchers).refresh()

    # --- the run ---

    async def _until(self, predicate: Callable[[], bool], what: str, timeout: float = 15.0) -> None:
        deadline = time.monotonic() + timeout
        while not predicate():
            if time.monotonic() > deadline:
                self.faults.append(f"not in {timeout:.0f} s: {what}")
                return
            await asyncio.sleep(0.01)

    def _count(self, watcher: Watcher) -> None:
        self.notifies += watcher.notifies
        self.faults += [f"{watcher.name}: {fault}" for fault in watcher.roster.faults]

    def choose(self) -> Callable[[], Awaitable[None]]:
        grow = 6 if len(self.present) < LARGEST else 1
        actions = [
            (grow, self.join), (1, self.cancel), (2, self.leave), (3, self.remove), (1, self.hold), (1, self.watch),
            (1, self.refresh_watch), (3, self.invite),
        ]
        return self.chance.choices([action for _, action in actions], [weight for weight, _ in actions])[0]

    async def begin(self) -> None:
        first = await self.new_endpoint()
        await self._joined(first, await first.join(self.factory))
        self.conference = first.conference_uri
        await self.watch()

    async def batch(self) -> None:
        self.busy.clear()
        chosen = [self.choose() for _ in range(BATCH)]
        for action in chosen:
            self.done[action.__name__] = self.done.get(action.__name__, 0) + 1
        await asyncio.gather(*(action() for action in chosen))
        for one in [one for one in self.present.values() if one.settings.name in self.ended]:
            self.faults.append(f"{one.identity} was sent away and nobody asked for it")
            await self._gone(one)
        for one in self.retired:
            await one.close()
        self.retired.clear()
        expected = set(self.present)
        for watcher in self.watchers:
            what = lambda: f"{watcher.name} sees {sorted(watcher.roster.present)}, there are {sorted(expected)}"
            try:
                await watcher.wait(lambda roster: set(roster.present) == expected)
            except AssertionError:
                self.faults.append(what())

    async def end(self) -> None:
        for watcher in self.watchers:
            self._count(watcher)
        await asyncio.gather(*(one.leave() for one in self.present.values()))
        for watcher in self.watchers:
            await self._until(lambda: watcher.ended == "noresource", f"{watcher.name}: the end of the conference")
        for one in [*self.present.values(), *self.watchers]:
            await one.close()


def resident(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


async def run(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "clued.yaml"
        config.write_text(CONFIG)
        daemon = Daemon(arguments.program, config)
        ready = await daemon.start()
        port = int(re.search(r":(\d+)(?:[;,]|$)", ready["listening"]).group(1))
        idle = await daemon.census()
        started, events, memory = time.monotonic(), 0, []
        faults: List[str] = []
        chance = random.Random(arguments.seed)
        total: Dict[str, int] = {}
        notifies = 0
        while events < arguments.events and not faults:
            history = History(daemon, f"sip:factory@127.0.0.1:{port}", chance, arguments.telepresence)
            await history.begin()
            for _ in range(50):
                await history.batch()
                events += BATCH
                if history.faults or events >= arguments.events:
                    break
            await history.end()
            faults += history.faults
            notifies += history.notifies
            for name, count in history.done.items():
                total[name] = total.get(name, 0) + count
            memory.append(resident(daemon.process.pid))
            print(f"{events:6} events, {time.monotonic() - started:6.1f} s, {memory[-1]} KB resident", flush=True)
        try:
            left = await daemon.wait_census(timeout=60.0, **idle)
        except AssertionError as error:
            faults.append(str(error))
            left = await daemon.census()
        status = await daemon.stop()
        if status != 0:
            faults.append(f"the daemon ended with {status}")
        faults += [str(one) for one in daemon.records if str(one.get("record", "")).startswith("bug.")]
        faults += [line for line in daemon.lines if "ERROR" in line or "runtime error" in line]
        print("events: " + ", ".join(f"{name} {count}" for name, count in sorted(total.items())))
        print(f"NOTIFYs: {notifies}; census at the start {idle}, at the end {left}")
        print("\n".join(faults[:40]) if faults else "Every roster was the truth; nothing is left.")
        return 1 if faults else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/soak")
    parser.add_argument("--program", default="build/server/clued")
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--telepresence", type=float, default=0.1, help="share of endpoints with CLUE")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
