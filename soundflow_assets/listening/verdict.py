"""What a measurement comes to: an indicator with its target, or a gate's verdict.

An `Indicator` informs: it may pass, miss its target, or have none. A `Verdict` decides whether a
track is published.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from soundflow_assets.errors import Refused

Outcome = Literal["pass", "miss", "info"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One blocking check. `value` and `target` are as shown to people; `message` is a sentence."""

    name: str
    value: float | str | bool
    target: str
    passed: bool
    message: str


class Rejected(Refused):
    """A finished track that does not pass its gates; `verdicts` has all of them."""

    def __init__(self, track: str, verdicts: tuple[Verdict, ...]) -> None:
        failing = "; ".join(f"{one.name}: {one.message}" for one in verdicts if not one.passed)
        super().__init__(f"{track} is not published: {failing}")
        self.verdicts = verdicts


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measured number (or name, such as a key), None where it could not be measured."""

    group: str
    name: str
    value: float | str | None
    unit: str = ""
    target: str = ""
    verdict: Outcome = "info"

    def shown(self) -> str:
        """Return the value as people read it, `-` where there is none."""
        if self.value is None:
            return "-"
        return f"{self.value:g}" if isinstance(self.value, float) else self.value


@dataclass(frozen=True, slots=True)
class Report:
    """All indicators of one track, in the order of the battery."""

    indicators: tuple[Indicator, ...]

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an indicator called `name`."""
        return any(one.name == name for one in self.indicators)

    def value(self, name: str) -> float | str | None:
        """Return the value of the indicator called `name`; KeyError when there is none."""
        for indicator in self.indicators:
            if indicator.name == name:
                return indicator.value
        raise KeyError(name)

    def misses(self) -> tuple[Indicator, ...]:
        """Return the indicators that miss their targets."""
        return tuple(one for one in self.indicators if one.verdict == "miss")

    def judged(self) -> tuple[Indicator, ...]:
        """Return the indicators that have a target."""
        return tuple(one for one in self.indicators if one.verdict != "info")

    def joined(self, other: Report) -> Report:
        """Return both reports as one."""
        return Report((*self.indicators, *other.indicators))

    def closing(self) -> str:
        """Return how it went in a line."""
        judged, misses = self.judged(), self.misses()
        if not judged:
            return "nothing to judge by"
        line = f"passed {len(judged) - len(misses)} of {len(judged)}"
        names = ", ".join(f"{one.name} {one.shown()} (want {one.target})" for one in misses)
        return f"{line}; misses: {names}" if names else line

    def as_json(self) -> list[dict[str, Any]]:
        """Return plain lists and dicts; infinite and undefined numbers become null."""
        return [
            {key: _finite(value) for key, value in asdict(one).items()} for one in self.indicators
        ]


def within(
    group: str,
    name: str,
    value: float,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
) -> Indicator:
    """Return an indicator judged against an interval; without bounds it only informs.

    >>> within("level", "loudness", -14.1, "LUFS", -14.5, -13.5).verdict
    'pass'
    """
    if math.isinf(low) and math.isinf(high):
        return Indicator(group, name, value, unit)
    if math.isinf(low):
        target = f"<= {high:g}"
    elif math.isinf(high):
        target = f">= {low:g}"
    else:
        target = f"{low:g} to {high:g}"
    return Indicator(group, name, value, unit, target, "pass" if low <= value <= high else "miss")


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
