"""Patterns: how much of a part comes back, bar by bar and block by block.

A pattern is a bar's written events, what and where, without how loud. Its share of distinct bars
is 0 for a loop and 1 for music that never returns; the conditional entropy of a bar given the one
before says how well the next bar can be guessed.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from soundflow_assets.composition.score import Hit, Note, Score
from soundflow_assets.listening.symbolic import strokes

BEATS_PER_BAR = 4
BLOCK_BARS = 8
Event = tuple[float, Hashable]  # written beat, pitch or sound
Pattern = frozenset[Event]


def note_events(notes: Iterable[Note]) -> list[Event]:
    """Return what is struck where, of a part."""
    return [(note.beat, note.pitch) for note in notes]


def hit_events(hits: Iterable[Hit]) -> list[Event]:
    """Return what is struck where, of a kit."""
    return [(hit.beat, hit.sound) for hit in hits]


def events_by_role(score: Score) -> dict[str, list[Event]]:
    """Return the events of every role; the kit is the role `drums`."""
    roles = {part.role: note_events(part.notes) for part in score.parts}
    roles["drums"] = hit_events(strokes(score.hits))
    return {role: events for role, events in roles.items() if events}


def patterns(events: Iterable[Event], bars: int = 1) -> dict[int, Pattern]:
    """Return the pattern of every stretch of `bars` in which something is struck, by its number."""
    span = bars * BEATS_PER_BAR
    found: defaultdict[int, set[Event]] = defaultdict(set)
    for beat, what in events:
        number, place = _placed(beat, span)
        found[number].add((place, what))
    return {number: frozenset(found[number]) for number in sorted(found)}


@functools.lru_cache(maxsize=16384)  # all roles and candidates strike on the same beats
def _placed(beat: float, span: int) -> tuple[int, float]:
    """Return the number of the stretch of `span` beats in which a beat falls, and where in it."""
    number = int((beat + 1e-6) // span)
    return number, round(beat - number * span, 3)


def distinct_share(rows: Mapping[int, Pattern]) -> float | None:
    """Return distinct bars / bars, of the patterns of single bars."""
    return round(len(set(rows.values())) / len(rows), 4) if rows else None


def conditional_entropy(rows: Mapping[int, Pattern]) -> float | None:
    """Return the entropy of a bar given the bar before it, as a share of the most there can be.

    Of the patterns of single bars neighbours are counted; None with fewer than two pairs.
    """
    pairs = Counter((rows[n], rows[n + 1]) for n in rows if n + 1 in rows)
    count = sum(pairs.values())
    if count < 2:
        return None
    befores: Counter[Pattern] = Counter()
    for (before, _), times in pairs.items():
        befores[before] += times
    bits = math.fsum(
        sorted(
            round(times / count * math.log2(befores[before] / times), 12)
            for (before, _), times in pairs.items()
        )
    )
    return round(bits / math.log2(count), 4)


def identical_blocks(roles: Mapping[str, Sequence[Event]]) -> int:
    """Return how often, over all roles, eight bars are the very eight bars before them."""
    same = 0
    for events in roles.values():
        blocks = patterns(events, BLOCK_BARS)
        same += sum(
            later - one == 1 and blocks[one] == blocks[later]
            for one, later in itertools.pairwise(blocks)
        )
    return same
