"""A drawing surface in points: shapes with smooth edges and translucent fills, and plain lettering.

Pillow draws at twice the size and halves it by averaging, all in integers, so the same shapes are
the same pixels everywhere. Lettering uses the face bundled with Pillow and its basic layout (the
other layout engine depends on what a machine has installed).
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from soundflow_assets.delivery.png import png

Colour = tuple[int, int, int]
Point = tuple[float, float]
_SCALE = 2
_REPLACED = str.maketrans(
    {"–": "-", "—": "-", "’": "'", "‘": "'", "♭": "b", "♯": "#", "“": '"', "”": '"'}
)


def colour(code: str) -> Colour:
    """Return the colour of `#rrggbb`."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour `share` of the way from `first` to `second`."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(first, second, strict=True))
    return r, g, b


class Canvas:
    """A picture of `width` × `height` points."""

    def __init__(self, width: int, height: int, fill: Colour) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), fill)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def gradient(self, top: Colour, bottom: Colour, height: float) -> None:
        """Fill the upper `height` points from `top` to `bottom`."""
        for y in range(round(height)):
            self.box(0, y, self.width, y + 1, mix(top, bottom, y / height))

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour, opacity: float = 1.0
    ) -> None:
        """Fill a rectangle, right and lower edge excluded."""
        a, b, c, d = (round(value * _SCALE) for value in (x0, y0, x1, y1))
        if c > a and d > b:
            self._draw.rectangle((a, b, c - 1, d - 1), fill=_rgba(fill, opacity))

    def disc(self, x: float, y: float, radius: float, fill: Colour, opacity: float = 1.0) -> None:
        """Fill a circle."""
        self._draw.ellipse(_bounds(x, y, radius, radius), fill=_rgba(fill, opacity))

    def ring(
        self, x: float, y: float, radius: float, width: float, ink: Colour, opacity: float = 1.0
    ) -> None:
        """Draw a circle's line, `width` inwards from `radius`."""
        thick = max(1, round(width * _SCALE))
        self._draw.ellipse(_bounds(x, y, radius, radius), outline=_rgba(ink, opacity), width=thick)

    def shape(self, points: Iterable[Point], fill: Colour, opacity: float = 1.0) -> None:
        """Fill a polygon."""
        corners = [(round(x * _SCALE), round(y * _SCALE)) for x, y in points]
        self._draw.polygon(corners, fill=_rgba(fill, opacity))

    def line(
        self, points: Sequence[Point], width: float, ink: Colour, opacity: float = 1.0
    ) -> None:
        """Draw a line through `points`."""
        corners = [(round(x * _SCALE), round(y * _SCALE)) for x, y in points]
        thick = max(1, round(width * _SCALE))
        self._draw.line(corners, fill=_rgba(ink, opacity), width=thick, joint="curve")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        ink: Colour,
        spacing: float = 0.0,
        anchor: str = "ls",
        weight: float = 0.0,
    ) -> None:
        """Write `words` from (x, y), the start of the baseline (`rs`: its end).

        `spacing` is added after each letter and `weight` around each stroke, in points.
        """
        words = printable(words)
        if anchor[0] == "r":
            x -= text_width(words, size, spacing)
        face, stroke = _face(round(size * _SCALE)), round(weight * _SCALE)
        for letter in words if spacing else [words]:
            position = (round(x * _SCALE), round(y * _SCALE))
            self._draw.text(position, letter, fill=ink, font=face, anchor="ls", stroke_width=stroke)
            x += text_width(letter, size) + spacing

    def paste(self, x: int, y: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Put uint8 (height, width, 3) with its upper left corner at (x, y)."""
        enlarged = pixels.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
        self._image.paste(Image.fromarray(enlarged), (x * _SCALE, y * _SCALE))

    def pixels(self) -> Image.Image:
        """Return the picture at its nominal size."""
        return self._image.reduce(_SCALE)

    def png(self) -> bytes:
        """Return the picture as a PNG file."""
        return png(np.asarray(self.pixels()))


def text_width(words: str, size: float, spacing: float = 0.0) -> float:
    """Return how many points `words` take at `size`."""
    length = _face(round(size * _SCALE)).getlength(printable(words)) / _SCALE
    return length + spacing * max(0, len(words) - 1)


def printable(words: str) -> str:
    """Return `words` in the letters the bundled face has: unaccented, other signs as `?`."""
    plain = unicodedata.normalize("NFKD", words.translate(_REPLACED))
    letters = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" or letter == "·" else "?" for letter in letters)


@functools.cache
def _face(size: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return face.font_variant(layout_engine=ImageFont.Layout.BASIC)


def _rgba(fill: Colour, opacity: float) -> tuple[int, int, int, int]:
    return (*fill, round(255 * opacity))


def _bounds(x: float, y: float, rx: float, ry: float) -> tuple[int, int, int, int]:
    return (
        round((x - rx) * _SCALE),
        round((y - ry) * _SCALE),
        round((x + rx) * _SCALE) - 1,
        round((y + ry) * _SCALE) - 1,
    )
