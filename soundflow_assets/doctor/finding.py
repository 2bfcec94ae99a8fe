"""What one check found, and how a check that cannot be made becomes a finding too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from soundflow_assets.errors import SoundFlowError

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` says what to do, empty where nothing is to be done."""

    check: str
    state: State
    found: str
    remedy: str = ""


def guarded(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Return what a check found; an error of ours or of the system is a problem it found."""
    try:
        return list(check())
    except (SoundFlowError, OSError) as error:
        return [Finding(name, "problem", str(error))]
