"""What happened, in order, as values that tests search and as JSON lines that people read."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Callable, Dict, List, Optional, TextIO

Event = Dict[str, Any]
Predicate = Callable[[Event], bool]


class Missing(AssertionError):
    """Something that was waited for did not happen in time."""


class EventLog:
    """One ordered list of events for any number of endpoints of one event loop."""

    def __init__(self, stream: Optional[TextIO] = None) -> None:
        self.events: List[Event] = []
        self._stream = stream
        self._waiting: List[asyncio.Future] = []
        self._listeners: List[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def emit(self, who: str, kind: str, **fields: Any) -> Event:
        event = {"t": round(time.monotonic(), 6), "n": len(self.events), "ue": who, "event": kind, **fields}
        self.events.append(event)
        if self._stream is not None:
            self._stream.write(json.dumps(event, ensure_ascii=False) + "\n")
            self._stream.flush()
        for listener in self._listeners:
            listener(event)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        return event

    def find(self, predicate: Predicate, since: int = 0) -> Optional[Event]:
        for event in self.events[since:]:
            if predicate(event):
                return event
        return None

    def all(self, predicate: Predicate, since: int = 0) -> List[Event]:
        return [event for event in self.events[since:] if predicate(event)]

    async def wait(self, predicate: Predicate, timeout: float, what: str, since: int = 0) -> Event:
        """The first event from index `since` on that fulfils the predicate, those already recorded included."""
        deadline = time.monotonic() + timeout
        position = since
        while True:
            while position < len(self.events):
                event = self.events[position]
                position += 1
                if predicate(event):
                    return event
            left = deadline - time.monotonic()
            if left <= 0:
                raise Missing(f"not seen within {timeout} s: {what}")
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            try:
                await asyncio.wait_for(future, left)
            except asyncio.TimeoutError:
                pass

    @property
    def mark(self) -> int:
        """The index of the next event, to be given as `since` later."""
        return len(self.events)


class Recorder:
    """The log as one endpoint sees it."""

    def __init__(self, log: EventLog, who: str) -> None:
        self.log = log
        self.who = who

    def __call__(self, kind: str, **fields: Any) -> Event:
        return self.log.emit(self.who, kind, **fields)

    def _mine(self, kind: str, fields: Dict[str, Any]) -> Predicate:
        def matches(event: Event) -> bool:
            return (
                event["ue"] == self.who
                and event["event"] == kind
                and all(value(event.get(key)) if callable(value) else event.get(key) == value for key, value in fields.items())
            )

        return matches

    def find(self, kind: str, since: int = 0, **fields: Any) -> Optional[Event]:
        return self.log.find(self._mine(kind, fields), since)

    def all(self, kind: str, since: int = 0, **fields: Any) -> List[Event]:
        return self.log.all(self._mine(kind, fields), since)

    async def wait(self, kind: str, timeout: float = 10.0, since: int = 0, **fields: Any) -> Event:
        shown = " ".join(f"{key}={value}" for key, value in fields.items() if not callable(value))
        return await self.log.wait(self._mine(kind, fields), timeout, f"{self.who}: {kind} {shown}", since)
