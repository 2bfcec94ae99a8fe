"""Measures of the score against answers worked out by hand."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.composition.score import Chord, Hit, Note, PartScore, Score, Section
from soundflow_assets.listening.density import densities, energy_correlation, rank_correlation
from soundflow_assets.listening.feel import hat_velocity_deviation, jitter_ms, swing_played
from soundflow_assets.listening.notes import (
    chromatic_share,
    clash_share,
    low_clusters,
    outside_share,
    voice_motion,
)
from soundflow_assets.listening.patterns import (
    conditional_entropy,
    distinct_share,
    hit_events,
    identical_blocks,
    note_events,
    patterns,
)
from soundflow_assets.listening.symbolic import (
    groove_consistency,
    pitch_class_entropy,
    scale_consistency,
    strokes,
)
from soundflow_assets.listening.tune import chord_tone_share, recall, rest_share
from tests.short_track import replace

MAJOR = (0, 2, 4, 5, 7, 9, 11)
C_MAJOR = Chord(0, 4, 0, 4, "I", "C", 0, 0, (0, 4, 7), MAJOR, (60, 64, 67))
A_MAJOR = Chord(4, 4, 4, 4, "V/ii", "A", 9, 9, (9, 1, 4), (0, 1, 2, 4, 5, 7, 9), (57, 61, 64))


def note(onset_s: float, duration_s: float, pitch: int) -> Note:
    return Note(onset_s, onset_s, duration_s, pitch, 90)


def line(*pitches: int, beats: float = 1.0, start: float = 0.0) -> tuple[Note, ...]:
    return tuple(note(start + i * beats, beats, pitch) for i, pitch in enumerate(pitches))


def chords(*voicings: tuple[int, ...], beats: float = 4.0) -> PartScore:
    notes = [note(i * beats, beats, p) for i, voicing in enumerate(voicings) for p in voicing]
    return PartScore("keys", "rhodes/warm", tuple(notes))


def grid(marks: str, sound: str = "kick", steps: int = 16) -> tuple[Hit, ...]:
    """Return a stroke for every x, at one beat a second."""
    places = (4.0 * i / steps for i, mark in enumerate(marks) if mark == "x")
    return tuple(Hit(beat, beat, sound, 90) for beat in places)


def test_a_note_is_outside_unless_its_scale_or_its_chord_has_it() -> None:
    notes = line(60, 61, 65, 70, 61)
    assert outside_share(notes, [C_MAJOR]) == 0.6
    assert outside_share(notes, [C_MAJOR, A_MAJOR]) == 0.4  # the last C sharp is its chord's third
    assert outside_share([], [C_MAJOR]) is None
    assert chromatic_share(notes, MAJOR) == 0.6


def test_an_anticipation_of_the_chord_to_come_is_inside() -> None:
    assert outside_share([note(3.5, 0.5, 61)], [C_MAJOR, A_MAJOR]) == 0.0
    assert outside_share([note(3.25, 0.5, 61)], [C_MAJOR, A_MAJOR]) == 1.0


def test_clashes_are_the_time_minor_seconds_and_ninths_sound() -> None:
    assert clash_share([note(0, 2, 60), note(1, 1, 61)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 73)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 71)]) == 0.0
    assert clash_share([note(0, 1, 60), note(1, 1, 61)]) == 0.0


def test_low_clusters_are_thirds_and_seconds_below_c3_that_sound_together() -> None:
    assert low_clusters([note(0, 1, 40), note(0, 1, 44)]) == 1
    assert low_clusters([note(0, 1, 40), note(0, 1, 45)]) == 0  # a fourth is clear
    assert low_clusters([note(0, 1, 45), note(0, 1, 48)]) == 0  # one of them is not low
    assert low_clusters([note(0, 1.05, 40), note(1, 1, 43)]) == 0  # legato


def test_voices_move_as_far_as_their_semitones_in_order() -> None:
    assert voice_motion([chords((60, 64, 67), (60, 65, 69))]) == 1.0
    assert voice_motion([chords((60, 64, 67), (62, 66, 69), (60, 64, 67))]) == 2.0
    assert voice_motion([chords((60, 64, 67), (64, 67, 72))]) is None  # the same chord, turned
    assert voice_motion([PartScore("lead", "flute/alto", line(60, 72, 48))]) is None


def test_tones_tied_over_belong_to_the_next_voicing() -> None:
    tied = (note(0, 8, 60), note(0, 4, 64), note(0, 4, 67), note(4, 4, 65), note(4, 4, 69))
    assert voice_motion([PartScore("pad", "pad/warm", tied)]) == 1.0


def test_a_tail_that_fades_under_the_next_chord_does_not() -> None:
    tail = [replace(one, duration_s=5.0) for one in chords((60, 64, 67)).notes]
    after = [replace(one, beat=4.0, onset_s=4.0) for one in chords((62, 66, 69)).notes]
    assert voice_motion([PartScore("pad", "pad/warm", (*tail, *after))]) == 2.0


def test_entropy_counts_notes_not_their_length() -> None:
    assert pitch_class_entropy(line(60, 62, 64, 65)) == 2.0
    assert pitch_class_entropy([note(0, 9, 60), note(0, 1, 67)]) == 1.0
    assert pitch_class_entropy(line(48, 60, 72)) == 0.0
    assert pitch_class_entropy(()) is None


@given(st.lists(st.integers(36, 84), min_size=1, max_size=40), st.integers(-12, 12))
def test_symbolic_measures_do_not_know_the_key(pitches: list[int], up: int) -> None:
    notes, moved = line(*pitches), line(*(pitch + up for pitch in pitches))
    entropy, consistency = pitch_class_entropy(notes), scale_consistency(notes)
    assert entropy == pitch_class_entropy(moved)
    assert consistency == scale_consistency(moved)
    assert entropy is not None and 0 <= entropy <= round(math.log2(12), 4)
    assert consistency is not None and 7 / 12 - 1e-4 <= consistency <= 1


def test_scale_consistency_is_that_of_the_best_major_or_minor_scale() -> None:
    assert scale_consistency(line(60, 62, 64, 65, 67, 69, 71, 72)) == 1.0
    assert scale_consistency(line(60, 62, 64, 65, 67, 69, 71, 61)) == 0.875
    assert scale_consistency(()) is None


def test_groove_consistency_is_one_less_the_steps_that_change_from_bar_to_bar() -> None:
    bar, other = "x...x...x...x...", "x...x...x...x.x."
    assert groove_consistency(grid(bar * 4)) == 1.0
    assert groove_consistency(grid(bar + other)) == 0.9375
    assert groove_consistency(grid(bar + other + bar)) == 0.9375
    assert groove_consistency(grid(bar)) is None
    empty = "." * 16
    assert groove_consistency(grid(bar + empty + bar)) == 0.75
    assert groove_consistency(()) is None


def test_effects_are_no_strokes() -> None:
    hits = (*grid("x..."), Hit(0, 0, "riser", 90, 8.0))
    assert strokes(hits) == grid("x...")


def swung_score(percent: float, shift_s: float = 0.0) -> Score:
    """Return sixteen beats of hats whose off-beat sixteenths come at `percent` of the pair."""
    hits = [
        Hit(i / 4, i // 2 * 0.5 + (i % 2) * 0.5 * percent / 100 + shift_s, "hat_closed", 90)
        for i in range(64)
    ]
    return Score(
        title="", genre="", key="C", bpm=60, swing=percent, steps_per_bar=16, duration_s=18,
        body_s=16, bars=4, beat_times_s=tuple(map(float, range(17))), sections=(), chords=(),
        parts=(), hits=tuple(hits),
    )  # fmt: skip


@pytest.mark.parametrize("percent", [50.0, 58.0, 66.0])
@pytest.mark.parametrize("shift_s", [0.0, 0.02])
def test_swing_is_heard_whatever_the_drummers_offset(percent: float, shift_s: float) -> None:
    score = swung_score(percent, shift_s)
    assert swing_played(score, score.hits, "sixteenth") == pytest.approx(percent, abs=0.01)
    assert jitter_ms(score, score.hits, "sixteenth") == pytest.approx(0.0, abs=1e-3)


def test_jitter_is_the_deviation_that_nothing_explains() -> None:
    score = swung_score(50.0)
    pushed = [
        replace(hit, onset_s=hit.onset_s + 0.004 * (-1) ** (i // 2))
        for i, hit in enumerate(score.hits)
    ]
    assert jitter_ms(score, pushed, "sixteenth") == pytest.approx(4.0, abs=1e-3)
    assert swing_played(score, pushed[:8], "sixteenth") is None


def test_the_stiffest_hat_that_plays_often_counts() -> None:
    hits = [Hit(i, i, "hat_closed", 70 + 20 * (i % 2)) for i in range(20)]
    assert hat_velocity_deviation(hits) == 10.0
    assert hat_velocity_deviation([*hits, *(Hit(i, i, "hat_open", 80) for i in range(16))]) == 0.0
    assert hat_velocity_deviation([*hits, *(Hit(i, i, "hat_open", 80) for i in range(15))]) == 10.0
    assert hat_velocity_deviation(hits[:8]) is None


def test_a_loop_has_one_bar_and_surprises_nobody() -> None:
    loop = hit_events(grid("x...x.......x..." * 8))
    assert distinct_share(patterns(loop)) == 0.125
    assert conditional_entropy(patterns(loop)) == 0.0
    assert identical_blocks({"drums": hit_events(grid("x..............." * 24))}) == 2


def test_bars_that_follow_each_other_by_chance_are_hard_to_guess() -> None:
    a, b = "x...............", "....x..........."
    assert distinct_share(patterns(hit_events(grid(a + b + a + a)))) == 0.5
    # After a: b, a, b; after b: a, a. Entropy 3/5 · 0.918 bits of at most log2 5.
    rows = hit_events(grid(a + b + a + a + b + a))
    expected = 0.6 * (-(1 / 3) * math.log2(1 / 3) - (2 / 3) * math.log2(2 / 3)) / math.log2(5)
    assert conditional_entropy(patterns(rows)) == pytest.approx(expected, abs=1e-4)


def test_blocks_differ_when_a_single_note_does() -> None:
    block = line(*([60] * 32))
    again = line(*([60] * 32), start=32.0)
    assert identical_blocks({"lead": note_events(block + again)}) == 1
    other = (*again[:-1], note(63.0, 1.0, 62))
    assert identical_blocks({"lead": note_events((*block, *other))}) == 0


def test_a_melody_rests_where_it_is_silent_in_its_sections() -> None:
    def section(start: int, bars: int) -> Section:
        return Section("a", start, bars, start * 4.0, (start + bars) * 4.0, 0.5, ("lead",), "none")

    part = PartScore("lead", "flute/alto", (note(0, 2, 60), note(1, 2, 64), note(4, 1, 65)))
    assert rest_share(part, [section(0, 2), section(2, 8)]) == 0.5
    assert rest_share(part, [section(5, 2)]) is None


def test_chord_tones_are_wanted_on_the_first_and_third_beats_alone() -> None:
    assert chord_tone_share(line(60, 61, 64, 61), [C_MAJOR]) == 1.0
    assert chord_tone_share(line(62, 60, 64, 60), [C_MAJOR]) == 0.5
    assert chord_tone_share(line(61, start=1.0), [C_MAJOR]) is None


def test_a_motif_is_recalled_by_its_rhythm_and_direction_on_any_degree() -> None:
    motif = line(60, 64, 62, 67, beats=0.5)
    other = line(72, 71, 69, beats=1.5, start=12.0)
    moved = line(65, 69, 67, 72, beats=0.5, start=40.0)
    slower = line(65, 69, 67, 72, beats=0.75, start=40.0)
    assert recall((*motif, *other, *moved), 48.0) == 1.0
    assert recall((*motif, *other, *slower), 48.0) == 0.0
    assert recall((*motif, *other), 48.0) is None


def test_density_is_counted_in_strokes_a_second_of_each_section(score: Score) -> None:
    assert densities(score) == [4.0]  # a note and a hat each half second
    assert energy_correlation(score) is None


@given(st.lists(st.floats(0, 1), min_size=3, max_size=9, unique=True))
def test_rank_correlation_knows_order_and_nothing_else(values: list[float]) -> None:
    ranks = [float(sorted(values).index(value)) for value in values]
    assert rank_correlation(values, ranks) == 1.0
    assert rank_correlation(values, [-value for value in values]) == -1.0


def test_ties_share_their_rank() -> None:
    assert rank_correlation([1, 1, 2, 3], [5, 5, 6, 7]) == 1.0
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
    assert all(
        rank_correlation(one, other) == rank_correlation(other, one)
        for one, other in itertools.product([[1, 2, 2, 4], [4, 3, 1, 1]], repeat=2)
    )
