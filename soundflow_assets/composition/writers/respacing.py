"""The same chord in other places: how a held part makes a second block of bars new."""

from __future__ import annotations

from soundflow_assets.composition.voicing import CLASHING, Voicing


def reopened(voicing: Voicing, low: int, high: int, beside: Voicing = ()) -> Voicing:
    """Return the same tones in another spacing: a voice an octave away, or an inner one less.

    Kept are the range and the distance to `beside`, as in a voicing.

    >>> reopened((60, 64, 67), 55, 76)
    (64, 67, 72)
    """
    for place in (0, -1, 1, -2):
        for octave in (12, -12):
            others = [p for p in voicing if p != voicing[place]]
            moved = voicing[place] + octave
            clear = not any(abs(moved - p) in (0, *CLASHING) for p in (*others, *beside))
            opened = tuple(sorted([*others, moved]))
            if low <= moved <= high and clear and opened[1] - opened[0] != 1:
                return opened
    return (voicing[0], *voicing[2:]) if len(voicing) > 2 else voicing


def doubled(
    voicing: Voicing, low: int, high: int, beside: Voicing = (), before: Voicing = ()
) -> Voicing:
    """Return the voicing with one tone doubled at the octave, between the others where it can be.

    Kept are the range and the distance to `beside`, as in a voicing; after another voicing,
    the place is the one that is least far from a voice of that.

    >>> doubled((55, 62, 71), 48, 79)
    (55, 62, 67, 71)
    """
    places = [
        pitch + octave
        for pitch in voicing
        for octave in (12, -12)
        if low <= pitch + octave <= high
        and not any(abs(pitch + octave - p) in (0, *CLASHING) for p in (*voicing, *beside))
    ]
    if not places:
        return voicing

    def place(pitch: int) -> tuple[int, bool, int, int]:
        outside = not voicing[0] < pitch < voicing[-1]
        moved = min((abs(pitch - other) for other in before), default=0)
        return moved, outside, min(abs(pitch - other) for other in voicing), pitch

    return tuple(sorted((*voicing, min(places, key=place))))
