"""Charts as inline SVG, drawn in classes that the page's style sheet colours for light and dark."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WIDTH = 1000.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 16.0, 28.0


@dataclass
class Chart:
    """A plot of `height` points whose x runs over `x_range` and y over `y_range`."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    height: float = 180.0
    label: str = ""
    _parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Return where a value lies across."""
        low, high = self.x_range
        share = (value - low) / max(1e-9, high - low)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        """Return where a value lies down, held within the plot."""
        low, high = self.y_range
        share = min(1.0, max(0.0, (value - low) / max(1e-9, high - low)))
        return round(self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM), 1)

    def box(self, x0: float, x1: float, y0: float, y1: float, kind: str, tip: str = "") -> None:
        """Fill a rectangle in the plot's own units; `tip` shows under the pointer."""
        left, right, upper, lower = self.x(x0), self.x(x1), self.y(y1), self.y(y0)
        title = f"<title>{html.escape(tip)}</title>" if tip else ""
        self._parts.append(
            f'<rect class="{kind}" x="{left}" y="{upper}" width="{max(0.5, right - left):.1f}" '
            f'height="{max(0.5, lower - upper):.1f}">{title}</rect>'
        )

    def line(self, xs: Sequence[float] | Floats, ys: Sequence[float] | Floats, kind: str) -> None:
        """Draw a line; where y is not finite, it is interrupted."""
        pen, path = "M", []
        for x, y in zip(xs, ys, strict=True):
            if not math.isfinite(y):
                pen = "M"
                continue
            path.append(f"{pen}{self.x(float(x))} {self.y(float(y))}")
            pen = "L"
        self._parts.append(f'<path class="{kind}" d="{"".join(path)}"/>')

    def area(self, xs: Floats, low: Floats, high: Floats, kind: str) -> None:
        """Fill between two lines."""
        there = [f"{self.x(float(x))} {self.y(float(y))}" for x, y in zip(xs, high, strict=True)]
        back = [f"{self.x(float(x))} {self.y(float(y))}" for x, y in zip(xs, low, strict=True)]
        self._parts.append(f'<path class="{kind}" d="M{"L".join(there + back[::-1])}Z"/>')

    def rule(self, y: float, kind: str, words: str = "") -> None:
        """Draw a horizontal line with words at its end."""
        at = self.y(y)
        self._parts.append(
            f'<line class="{kind}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
        )
        if words:
            self.words(WIDTH - _RIGHT - 4, at - 4, words, "end")

    def post(self, x: float, kind: str) -> None:
        """Draw a vertical line."""
        at = self.x(x)
        self._parts.append(
            f'<line class="{kind}" x1="{at}" x2="{at}" y1="{_TOP}" y2="{self.height - _BOTTOM}"/>'
        )

    def words(self, x: float, y: float, words: str, anchor: str = "start") -> None:
        """Write at a place in points."""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'
        )

    def image(self, uri: str) -> None:
        """Fill the plot with a picture."""
        self._parts.append(
            f'<image x="{_LEFT}" y="{_TOP}" width="{WIDTH - _LEFT - _RIGHT}" '
            f'height="{self.height - _TOP - _BOTTOM}" preserveAspectRatio="none" href="{uri}"/>'
        )

    def y_ticks(self, ticks: Iterable[tuple[float, str]], ruled: bool = True) -> None:
        """Label the left edge."""
        for value, words in ticks:
            if ruled:
                self.rule(value, "grid")
            self.words(_LEFT - 6, self.y(value) + 4, words, "end")

    def x_ticks(self, ticks: Iterable[tuple[float, str]]) -> None:
        """Label the lower edge."""
        for value, words in ticks:
            self.words(self.x(value), self.height - 7, words, "middle")

    def time_ticks(self) -> None:
        """Label the lower edge with minutes and seconds."""
        low, high = self.x_range
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
        step = next((one for one in steps if (high - low) / one <= 14), 600)
        room = 0.02 * (high - low)
        self.x_ticks(
            (float(s), f"{s // 60}:{s % 60:02d}") for s in range(0, int(high - room) + 1, step)
        )

    def svg(self) -> str:
        """Return the drawing."""
        body = "".join(self._parts)
        return (
            f'<svg viewBox="0 0 {WIDTH:g} {self.height:g}" role="img" '
            f'aria-label="{html.escape(self.label)}">{body}</svg>'
        )
