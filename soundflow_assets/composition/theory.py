"""Chords and scales: Roman numerals to pitch classes, and the names a musician would give them.

Degrees
-------
A bare numeral is the mode's own degree. `b` counts from the *major* scale on the same tonic, so
that both ways of writing a minor sixth agree; `#` raises the mode's own degree, unless the mode
already has it raised (lydian IV).

=========  =============  ===================================
written    over C         why
=========  =============  ===================================
`VI`       A flat, minor  the minor scale's own sixth
`bVI`      A flat, any    the major sixth (A) lowered
`vi`       A, dorian      dorian's own sixth
`#vi`      A, minor       the minor sixth raised
`#Io7`     C sharp        the tonic raised
`viio7`    B, minor       a diminished vii is on the leading tone
=========  =============  ===================================

Case gives the third: upper major, lower minor. A figure behind the numeral inverts (`6`, `64`,
`65`, `43`, `42`); an added sixth is written `add6` or `69`. `V7/vi` is the chord of that name in
the key of the sixth degree. Nothing here knows rhythm or register.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.harmony import Mode
from soundflow_assets.plans.key import FLAT_NAMES, NATURALS, SHARP_NAMES, Key

MODES: dict[Mode, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
MINOR_MODES: frozenset[Mode] = frozenset({"minor", "dorian", "phrygian"})
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_LETTERS = "CDEFGAB"

# Quality -> intervals above the root. `3` stands for the third that the numeral's case gives.
THIRD = -1
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, THIRD, 7),
    "5": (0, 7),
    "59": (0, 7, 14),
    "o": (0, 3, 6),
    "o7": (0, 3, 6, 9),
    "ø7": (0, 3, 6, 10),
    "m7b5": (0, 3, 6, 10),
    "+": (0, 4, 8),
    "sus": (0, 5, 7),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "7sus": (0, 5, 7, 10),
    "9sus": (0, 5, 7, 10, 14),
    "13sus": (0, 5, 7, 10, 14, 21),
    "add6": (0, THIRD, 7, 9),
    "69": (0, THIRD, 7, 9, 14),
    "add9": (0, THIRD, 7, 14),
    "7": (0, THIRD, 7, 10),
    "9": (0, THIRD, 7, 10, 14),
    "11": (0, THIRD, 7, 10, 14, 17),
    "13": (0, THIRD, 7, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "7b13": (0, 4, 7, 10, 20),
    "7#5": (0, 4, 8, 10),
    "7#11": (0, 4, 7, 10, 18),
    "9#11": (0, 4, 7, 10, 14, 18),
    "13b9": (0, 4, 7, 10, 13, 21),
    "maj7": (0, THIRD, 7, 11),
    "maj9": (0, THIRD, 7, 11, 14),
    "maj13": (0, THIRD, 7, 11, 14, 21),
    "maj7#11": (0, 4, 7, 11, 18),
    "maj9#11": (0, 4, 7, 11, 14, 18),
}
# Figured bass -> (quality of the chord, which chord tone lies lowest)
FIGURES: dict[str, tuple[str, int]] = {
    "6": ("", 1),
    "64": ("", 2),
    "65": ("7", 1),
    "43": ("7", 2),
    "42": ("7", 3),
    "o6": ("o", 1),
}
_ROMAN = re.compile(r"([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)([^/]*)(?:/(.+))?")


@dataclass(frozen=True, slots=True)
class ChordShape:
    """A chord without register: pitch classes, root first, and its bass."""

    roman: str
    symbol: str
    root: int
    bass: int
    pitch_classes: tuple[int, ...]
    minor: bool

    @property
    def dominant(self) -> bool:
        """Whether it has a major third and a minor seventh."""
        return {(self.root + 4) % 12, (self.root + 10) % 12} <= set(self.pitch_classes)


@lru_cache(maxsize=1024)
def parse_roman(text: str, tonic: int, mode: Mode) -> ChordShape:
    """Return the chord of a Roman numeral (grammar above) over `tonic` (pitch class) in `mode`.

    Raises
    ------
    BadInput
        If the numeral or its quality is not known.
    """
    match = _ROMAN.fullmatch(text)
    if match is None:
        raise BadInput(
            f"{text!r} is not a Roman numeral: expected an optional b or #, then I to VII or i to "
            "vii, then a quality"
        )
    accidental, numeral, figure, applied = match.groups()
    quality, inversion = _quality(figure, text)
    home, letter = (tonic, mode), _letter(tonic, mode)
    if applied is not None:
        target = parse_roman(applied, tonic, mode)
        home = (target.root, "minor" if target.minor else "major")
        letter = _LETTERS.index(target.symbol[0])
    root = root_of(accidental, numeral, *home, diminished=quality.startswith(("o", "ø")))
    intervals = _intervals(quality, numeral, inverted=inversion > 0)
    tones = tuple((root + step) % 12 for step in intervals)
    letter += NUMERALS.index(numeral.upper())
    symbol = _named(root, letter) + _sign(quality, minor=numeral.islower())
    if inversion:
        symbol += "/" + _named(tones[inversion], letter + 2 * inversion)
    return ChordShape(text, symbol, root, tones[inversion], tones, numeral.islower())


def root_of(
    accidental: str, numeral: str, tonic: int, mode: Mode, *, diminished: bool = False
) -> int:
    """Return the pitch class of a numeral's root (table at the head of this module)."""
    degree = NUMERALS.index(numeral.upper())
    own, major = MODES[mode][degree], MODES["major"][degree]
    if accidental == "b":
        return (tonic + major - 1) % 12
    if accidental == "#":
        return (tonic + max(own, min(own, major) + 1)) % 12
    if diminished and degree == 6 and mode in MINOR_MODES:
        return (tonic + major) % 12
    return (tonic + own) % 12


def _quality(text: str, whole: str) -> tuple[str, int]:
    if text in QUALITIES:
        return text, 0
    if text in FIGURES:
        return FIGURES[text]
    known = ", ".join([q for q in QUALITIES if q] + list(FIGURES))
    raise BadInput(f"unknown quality {text!r} in {whole!r}; known: {known}")


def _intervals(quality: str, numeral: str, *, inverted: bool) -> tuple[int, ...]:
    third = 3 if numeral.islower() else 4
    if quality == "7" and inverted and numeral not in ("V", "v") and third == 4:
        return (0, 4, 7, 11)  # I65, IV65: the scale's own seventh
    return tuple(third if step == THIRD else step for step in QUALITIES[quality])


def _sign(quality: str, *, minor: bool) -> str:
    """Return what follows the root in a chord symbol."""
    shown = quality.removeprefix("add") if quality == "add6" else quality
    plain = quality.startswith(("o", "ø", "m7b5", "sus", "5")) or "sus" in quality
    return ("m" if minor and not plain else "") + shown


def _letter(tonic: int, mode: Mode) -> int:
    return _LETTERS.index(str(Key(tonic % 12, mode in MINOR_MODES))[0])


def _named(pitch_class: int, letter: int) -> str:
    """Return the name of a pitch class on a letter (0 = C … 6 = B), or its simplest name."""
    name = _LETTERS[letter % 7]
    shift = (pitch_class - NATURALS[name] + 6) % 12 - 6
    if abs(shift) > 1:
        return (FLAT_NAMES if shift < 0 else SHARP_NAMES)[pitch_class % 12]
    return name + ("b" if shift < 0 else "#" if shift else "")


def chord_scale(shape: ChordShape, tonic: int, mode: Mode) -> tuple[int, ...]:
    """Return the pitch classes a melody may use over a chord, rising from the tonic.

    The mode's own scale, in which each foreign chord tone takes the place of the degree it alters:
    over V in C minor B stands for B flat, over iv in C major A flat stands for A. Raised are the
    chord's major third, seventh and augmented fifth, and the root of a diminished chord or of a
    numeral with a sharp.
    """
    tones = set(shape.pitch_classes)
    raised_root = shape.roman.startswith("#") or (shape.root + 6) % 12 in tones
    scale = {(tonic + step) % 12 for step in MODES[mode]}
    for tone in sorted(tones - scale):
        interval = (tone - shape.root) % 12
        raised = interval in (4, 8, 11) or (interval == 0 and raised_root)
        first, second = (
            ((tone - 1) % 12, (tone + 1) % 12) if raised else ((tone + 1) % 12, (tone - 1) % 12)
        )
        altered = first if first in scale and first not in tones else second
        if altered not in tones:
            scale.discard(altered)
        scale.add(tone)
    return tuple(sorted(scale, key=lambda pc: (pc - tonic) % 12))
