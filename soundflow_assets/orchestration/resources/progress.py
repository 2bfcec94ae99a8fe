"""Who else is told of a track's progress while a run goes on in this process.

Every stage goes to the event log anyway; the command line draws its bars from here.
"""

from __future__ import annotations

from soundflow_assets.progress import ProgressCallback, StageEvent, silent

__all__ = ["Audience"]


class Audience:
    """A progress callback in the form of a resource."""

    def __init__(self, on_event: ProgressCallback = silent) -> None:
        self._on_event = on_event

    def hear(self, event: StageEvent) -> None:
        """Pass one event on."""
        self._on_event(event)
