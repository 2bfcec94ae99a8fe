"""The events of one project as they come, to any number of listeners.

A listener holds nothing but its place in the sequence, so a slow one costs no memory: it goes on
from its place, and of the progress that it missed it is told the latest only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from soundflow_assets.orchestration.generation.project import ProjectEvent, Reader


class Feed:
    """What is known of a project so far; grows until the project is over."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.cursor: str | None = None
        self.listeners = 0
        self.reading = asyncio.Lock()  # one reader of the log at a time keeps its order
        self._events: list[ProjectEvent] = []
        self._news = asyncio.Event()
        self._texts: dict[int, str] = {}

    def text(self, event: ProjectEvent, write: Callable[[ProjectEvent], str]) -> str:
        """Return an event as it is sent: written once, however many listen."""
        text = self._texts.get(event.number)
        if text is None:
            text = self._texts[event.number] = write(event)
        return text

    @property
    def is_over(self) -> bool:
        """Whether the last event is here."""
        return bool(self._events) and self._events[-1].is_last

    def add(self, events: Sequence[ProjectEvent]) -> None:
        """Add further events and wake every listener."""
        if not events:
            return
        self._events += events
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def follow(
        self, after: int = 0, idle_s: float | None = None
    ) -> AsyncIterator[ProjectEvent | None]:
        """Yield the events behind number `after`; None whenever nothing came for `idle_s`.

        Without `idle_s` it waits as long as it takes, which costs no timer for each listener.
        """
        place = after
        while True:
            while place < len(self._events):
                place = self._latest(place)
                event = self._events[place]
                place += 1
                yield event
                if event.is_last:
                    return
            if self.is_over:
                return
            if idle_s is None:
                await self._news.wait()
                continue
            try:
                await asyncio.wait_for(self._news.wait(), idle_s)
            except TimeoutError:
                yield None

    def _latest(self, place: int) -> int:
        """Return where the news is: behind progress of a stage that later progress replaces."""
        here = self._events[place]
        while here.type == "stage.progress" and place + 1 < len(self._events):
            then = self._events[place + 1]
            if (then.type, then.stage) != (here.type, here.stage):
                break
            place += 1
        return place
