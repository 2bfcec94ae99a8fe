"""From beats to seconds: swing, rubato, feel, and nothing past the end."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.composition.draft import DraftHit, DraftNote
from soundflow_assets.composition.perform import (
    Clock,
    beat_times,
    clock_of,
    perform_hits,
    perform_notes,
    swung,
)
from soundflow_assets.plans.choices import swing_percent
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()
DAY = dt.date(2025, 1, 15)
BEATS = st.floats(0, 400, allow_nan=False)
SWINGS = st.floats(50, 75)


def plan_of(genre: str) -> TrackPlan:
    return genre_plan(CONFIGS, genre, DAY)


def still(plan: TrackPlan, **feel: object) -> TrackPlan:
    """Return the plan without jitter and offsets."""
    changed = plan.spec.feel.model_copy(update={"jitter_ms": 0.0, "offsets_ms": {}, **feel})
    return plan.model_copy(update={"spec": plan.spec.model_copy(update={"feel": changed})})


@given(BEATS, BEATS, SWINGS, st.sampled_from([0.5, 1.0]))
def test_swing_keeps_the_order_of_events(a: float, b: float, swing: float, pair: float) -> None:
    low, high = sorted((a, b))
    assert swung(low, swing, pair) <= swung(high, swing, pair) + 1e-9


@given(st.integers(0, 400), SWINGS)
def test_swing_moves_the_odd_sixteenth_by_its_share_of_an_eighth(pair: int, swing: float) -> None:
    assert swung(pair / 2, swing, 0.5) == pytest.approx(pair / 2)
    late = swung(pair / 2 + 0.25, swing, 0.5) - (pair / 2 + 0.25)
    assert late == pytest.approx((swing - 50) / 100 * 0.5, abs=1e-9)


@pytest.mark.parametrize(("bpm", "short_s"), [(104, 0.1442), (120, 0.125), (144, 0.1042)])
def test_a_jazz_eighth_is_short_by_the_drummers_rule(bpm: float, short_s: float) -> None:
    swing = swing_percent(CONFIGS.genres["jazz"], bpm, 0)
    assert (1 - swing / 100) * 60 / bpm == pytest.approx(short_s, abs=0.0006)


def test_above_150_bpm_the_short_eighth_keeps_100_ms() -> None:
    swing = swing_percent(CONFIGS.genres["jazz"], 200, 0)
    assert (1 - swing / 100) * 60 / 200 == pytest.approx(0.1, abs=0.0005)


@given(st.integers(8, 400), st.floats(40, 200), st.floats(0, 0.08))
def test_rubato_breathes_without_changing_the_length(beats: int, bpm: float, rubato: float) -> None:
    times = beat_times(beats, bpm, rubato)
    assert len(times) == beats + 1
    assert times[-1] == pytest.approx(beats * 60 / bpm, abs=1e-4)
    assert all(end > start for start, end in itertools.pairwise(times))


def test_rubato_pushes_mid_phrase_and_holds_back_at_the_cadence() -> None:
    lengths = [b - a for a, b in itertools.pairwise(beat_times(64, 72, 0.04))]
    assert lengths[16] < lengths[0] < lengths[31]
    assert lengths[31] / lengths[16] == pytest.approx(1.04 / 0.92, rel=0.01)
    assert (
        len({round(v, 5) for v in [b - a for a, b in itertools.pairwise(beat_times(8, 60, 0))]})
        == 1
    )


@given(
    st.lists(
        st.builds(
            DraftNote,
            beat=st.floats(0, 33),
            beats=st.floats(0.05, 40),
            pitch=st.integers(30, 40),
            velocity=st.integers(1, 127),
            delay_ms=st.floats(-30, 60),
        ),
        max_size=40,
    )
)
def test_every_note_lies_inside_the_body_and_never_over_itself(notes: list[DraftNote]) -> None:
    plan = plan_of("deep")
    clock = clock_of(plan, 8)
    played = perform_notes(plan, "bass", notes, clock)
    assert list(played) == sorted(played, key=lambda note: note.onset_s)
    last: dict[int, float] = {}
    for note in played:
        assert note.onset_s >= 0
        assert note.duration_s > 0
        assert note.onset_s + note.duration_s <= clock.body_s + 0.031
        assert note.onset_s >= last.get(note.pitch, 0.0) - 1e-6
        last[note.pitch] = note.onset_s + note.duration_s
        assert round(note.onset_s, 6) == note.onset_s


def test_fixed_offsets_carry_the_feel() -> None:
    plan = still(plan_of("lofi"), offsets_ms={"snare": 17.0})
    clock = clock_of(plan, 8)
    kick, snare = perform_hits(
        plan, [DraftHit(4.0, "kick", 100), DraftHit(4.0, "snare", 100)], clock
    )
    assert snare.onset_s - kick.onset_s == pytest.approx(0.017, abs=2e-6)


def test_what_is_struck_together_stays_together() -> None:
    plan = plan_of("techno")
    clock = clock_of(plan, 8)
    bare = plan.spec.feel.model_copy(update={"offsets_ms": {}})
    plan = plan.model_copy(update={"spec": plan.spec.model_copy(update={"feel": bare})})
    hits = [DraftHit(b, s, 100) for b in range(16) for s in ("kick", "hat_closed")]
    played = perform_hits(plan, hits, clock)
    by_beat: dict[float, set[float]] = {}
    for hit in played:
        by_beat.setdefault(hit.beat, set()).add(hit.onset_s)
    assert all(len(onsets) == 1 for onsets in by_beat.values())
    deviations = [hit.onset_s - clock.seconds(hit.beat) for hit in played]
    assert max(map(abs, deviations)) <= 3.001 * plan.spec.feel.jitter_ms / 1000
    assert len({round(d, 6) for d in deviations}) > 8


def test_jitter_is_small_and_correlated() -> None:
    plan = plan_of("jazz")
    plan = still(plan, jitter_ms=4.0)
    clock = clock_of(plan, 400)
    notes = [DraftNote(float(b), 0.9, 40 + b % 7, 90) for b in range(1600)]
    played = perform_notes(plan, "bass", notes, clock)
    shifts = [note.onset_s - clock.seconds(note.beat) for note in played][1:]
    sigma = (sum(s * s for s in shifts) / len(shifts)) ** 0.5
    assert 0.0033 < sigma < 0.0045
    product = sum(a * b for a, b in itertools.pairwise(shifts)) / (len(shifts) - 1)
    assert 0.5 < product / sigma**2 < 0.7


def test_a_rolled_chord_keeps_its_roll() -> None:
    plan = still(plan_of("lofi"))
    clock = clock_of(plan, 8)
    chord = [
        DraftNote(4.0, 2.0, pitch, 90, delay_ms=15.0 * i) for i, pitch in enumerate((60, 64, 67))
    ]
    onsets = [note.onset_s for note in perform_notes(plan, "keys", chord, clock)]
    assert [round(b - a, 4) for a, b in itertools.pairwise(onsets)] == [0.015, 0.015]


def test_the_clock_goes_on_rising_through_swing_and_rubato() -> None:
    clock = Clock(beat_times(32, 70, 0.04), 66.0, 0.5)
    times = [clock.seconds(step / 16) for step in range(32 * 16 + 1)]
    assert all(b > a for a, b in itertools.pairwise(times))
    assert times[-1] == clock.body_s
