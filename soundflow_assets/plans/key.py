"""Musical keys: tonic, optional accidental, optional `m` for minor. Nothing else parses.

An ancestor of this engine turned every key it did not know ("Dm" among them) into A; here a key
that is not understood is an error that says which keys there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from soundflow_assets.errors import BadInput

NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# Signatures with fewer accidentals read better: Eb minor over D# minor, F# minor over Gb minor.
FLAT_MAJOR = frozenset({5, 10, 3, 8, 1})
FLAT_MINOR = frozenset({2, 7, 0, 5, 10, 3})

_KEY = re.compile(r"([A-G])([#b]?)(m?)")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic pitch class (0 = C … 11 = B) and whether the mode is minor."""

    tonic: int
    minor: bool

    def __str__(self) -> str:
        """Return the usual short name: `Dm`, `F#`, `Bb`."""
        flats = self.tonic in (FLAT_MINOR if self.minor else FLAT_MAJOR)
        return (FLAT_NAMES if flats else SHARP_NAMES)[self.tonic] + ("m" if self.minor else "")


def parse_key(text: str) -> Key:
    """Parse `C`, `F#`, `Bbm`, …; raise `BadInput` on anything else."""
    match = _KEY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BadInput(
            f"unknown key {text!r}: expected a tonic A to G, an optional # or b, and m for minor, "
            "for example C, F#, Bb, Dm, C#m"
        )
    letter, accidental, minor = match.groups()
    shift = {"": 0, "#": 1, "b": -1}[accidental]
    return Key((NATURALS[letter] + shift) % 12, bool(minor))
