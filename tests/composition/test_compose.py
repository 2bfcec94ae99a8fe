"""A plan becomes a whole score: every genre, every progression, every grid, to the last bar."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.composition.check import check_harmony, chord_problems
from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.key import Key, parse_key
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.mode import is_minor
from soundflow_assets.plans.model import Curve, TrackPlan
from soundflow_assets.plans.resolve import free_plan, genre_plan

CONFIGS = load_configs()
GENRES = sorted(CONFIGS.genres)
DAY = dt.date(2025, 1, 15)
MONDAY = dt.date(2025, 1, 13)
BASS_WRITERS = {"pattern_bass", "walking_bass", "pedal_bass", "drone", "broken"}


@functools.cache
def track(genre: str) -> tuple[TrackPlan, Score]:
    plan = genre_plan(CONFIGS, genre, DAY)
    return plan, compose(plan)


def events(score: Score) -> int:
    return len(score.hits) + sum(len(part.notes) for part in score.parts)


def test_every_chord_of_every_genre_is_understood(configs: Configs) -> None:
    check_harmony(configs)


def test_a_chord_that_is_not_understood_is_named_with_its_place(configs: Configs) -> None:
    spec = configs.genres["deep"]
    bad = spec.harmony.progressions[2].model_copy(update={"chords": ("i9", "VImaj99", "V:x")})
    harmony = spec.harmony.model_copy(
        update={"progressions": (*spec.harmony.progressions[:2], bad)}
    )
    problems = list(chord_problems(spec.model_copy(update={"harmony": harmony})))
    assert len(problems) == 2
    assert problems[0].startswith("harmony.progressions[2].chords[1]: ")
    assert "maj99" in problems[0]
    assert "'V:x' has no length in beats" in problems[1]
    genres = {**configs.genres, "deep": spec.model_copy(update={"harmony": harmony})}
    broken = Configs(configs.plan, genres, configs.kits, configs.patches, configs.nature)
    with pytest.raises(BadInput, match=r"generator_configs/genres/deep\.yaml: harmony"):
        check_harmony(broken)


@pytest.mark.parametrize("genre", GENRES)
def test_a_score_is_whole_and_in_order(genre: str) -> None:
    plan, score = track(genre)
    assert score.key == plan.key and score.bpm == plan.bpm
    assert len(score.beat_times_s) == score.bars * 4 + 1
    assert score.body_s == score.beat_times_s[-1] < score.duration_s == plan.duration_s
    assert score.sections[-1].end_s == score.body_s
    assert score.chords[0].beat == 0
    assert score.chords[-1].beat + score.chords[-1].beats == score.bars * 4
    for part in score.parts:
        spec = next(p for p in plan.spec.parts if p.role == part.role)
        onsets = [note.onset_s for note in part.notes]
        assert onsets == sorted(onsets) and onsets[0] >= 0
        for note in part.notes:
            assert spec.pitch_range[0] <= note.pitch <= spec.pitch_range[1]
            assert note.onset_s + note.duration_s <= score.body_s + 0.031
            assert 1 <= note.velocity <= 127
    assert all(0 <= hit.onset_s < score.body_s for hit in score.hits)


@pytest.mark.parametrize("genre", GENRES)
def test_the_bass_plays_until_the_last_bars(genre: str) -> None:
    plan, score = track(genre)
    low = [part.role for part in plan.spec.parts if part.writer in BASS_WRITERS]
    assert low
    last_low = max(
        note.onset_s + note.duration_s
        for part in score.parts
        if part.role in low
        for note in part.notes
    )
    holds = any(set(low) & set(section.roles) for section in score.sections[-1:])
    assert last_low > score.body_s - (4 if holds else 16) * 240 / plan.bpm


@pytest.mark.parametrize("genre", GENRES)
def test_something_sounds_in_every_bar(genre: str) -> None:
    plan, score = track(genre)
    starts = score.beat_times_s[::4]
    spans = [(n.onset_s, n.onset_s + n.duration_s) for part in score.parts for n in part.notes]
    for start, end in pairwise(starts):
        middle = (start + end) / 2
        sounding = any(a < end - 0.05 and b > start for a, b in spans)
        struck = any(start <= hit.onset_s < end for hit in score.hits)
        assert sounding or struck, (genre, start, middle)
    assert plan.spec.parts


@pytest.mark.parametrize("genre", GENRES)
def test_parts_keep_silent_where_the_form_wants_them_to(genre: str) -> None:
    _, score = track(genre)
    for section in score.sections:
        first, end = section.start_bar * 4, (section.start_bar + section.bars) * 4
        for part in score.parts:
            if part.role not in section.roles:
                assert not [note for note in part.notes if first <= note.beat < end]


def with_choice(plan: TrackPlan, **changes: object) -> TrackPlan:
    return plan.model_copy(update={"choices": plan.choices.model_copy(update=changes)})


@pytest.mark.parametrize("genre", GENRES)
def test_every_progression_composes_and_is_heard(genre: str) -> None:
    plan = genre_plan(CONFIGS, genre, DAY, duration_s=100)
    heard = set()
    for progression in plan.spec.harmony.progressions:
        tonic = parse_key(plan.key).tonic
        changed = with_choice(plan, progression=progression.name).model_copy(
            update={"key": str(Key(tonic, is_minor(progression)))}
        )
        score = compose(changed)
        assert score.parts
        heard.add((is_minor(progression), tuple((c.symbol, c.beats) for c in score.chords)))
    assert len(heard) >= len(plan.spec.harmony.progressions) - 1


@pytest.mark.parametrize("genre", GENRES)
def test_every_grid_of_every_part_composes_and_differs(genre: str) -> None:
    plan = genre_plan(CONFIGS, genre, DAY, duration_s=45).model_copy(
        update={"energy_min": 90, "energy_max": 100}
    )
    for part in plan.spec.parts:
        rhythms = set()
        for index in range(len(part.grids)):
            score = compose(with_choice(plan, parts={**plan.choices.parts, part.role: index}))
            played = score.part(part.role)
            if played is not None:
                rhythms.add(tuple((note.beat, note.pitch, note.velocity) for note in played.notes))
        assert not rhythms or len(rhythms) >= len(part.grids) - 1, part.role


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(GENRES), st.floats(10, 400), st.integers(0, 10**6))
def test_any_seed_and_duration_composes(genre: str, duration_s: float, seed: int) -> None:
    score = compose(genre_plan(CONFIGS, genre, DAY, seed, duration_s))
    assert events(score) > 0
    assert score.duration_s == duration_s
    assert score.body_s <= duration_s - 0.99


def test_a_muted_last_beat_is_silent_but_for_the_pads() -> None:
    plan, score = track("trance")
    pads = {part.role for part in plan.spec.parts if part.layer == "pad"}
    breaths = [s for s in score.sections[:-1] if s.transition == "mute_last_beat"]
    assert breaths
    for section in breaths:
        start = (section.start_bar + section.bars) * 4 - 1
        for part in score.parts:
            if part.role not in pads:
                assert not [n for n in part.notes if start <= n.beat < start + 1]
                ends = [n.onset_s + n.duration_s for n in part.notes if n.beat < start]
                assert not ends or max(ends) <= score.beat_times_s[start] + 0.05


def test_a_closing_fade_gets_softer() -> None:
    for genre in ("deep", "classic"):
        _, score = track(genre)
        last = score.sections[-1]
        assert last.transition == "fade"
        notes = [
            note.velocity
            for part in score.parts
            for note in part.notes
            if note.beat >= last.start_bar * 4
        ]
        half = len(notes) // 2
        assert notes and half
        beats = sorted(
            (note.beat, note.velocity)
            for part in score.parts
            for note in part.notes
            if note.beat >= last.start_bar * 4
        )
        early, late = beats[:half], beats[half:]
        assert sum(v for _, v in late) / len(late) < sum(v for _, v in early) / len(early)


def test_neighbouring_days_of_a_category_are_different_music(configs: Configs) -> None:
    for entry in configs.plan.tracks:
        days = [
            compose(free_plan(configs, MONDAY + dt.timedelta(days=day), entry.id, 60))
            for day in range(7)
        ]
        harmonies = [tuple((c.roman, c.beats) for c in score.chords) for score in days]
        grooves = [tuple((h.beat, h.sound) for h in score.hits) for score in days]
        melodies = [
            tuple((n.beat, n.pitch) for part in score.parts for n in part.notes) for score in days
        ]
        for day in range(6):
            assert harmonies[day] != harmonies[day + 1]
            assert melodies[day] != melodies[day + 1]
            assert not grooves[day] or grooves[day] != grooves[day + 1]


def changed(plan: TrackPlan, **changes: object) -> Score:
    return compose(plan.model_copy(update=changes))


def test_tempo_and_key_change_what_is_played() -> None:
    plan, score = track("deep")
    faster = changed(plan, bpm=118.0)
    assert faster.beat_times_s[4] == pytest.approx(240 / 118, abs=1e-5)
    assert faster.bars < score.bars
    higher = changed(plan, key="Fm")
    assert {chord.root for chord in higher.chords} == {
        (chord.root + 3) % 12 for chord in score.chords
    }


def test_the_energy_range_changes_how_much_is_played() -> None:
    for genre in GENRES:
        plan = genre_plan(CONFIGS, genre, DAY, duration_s=90)
        calm = changed(plan, energy_min=0, energy_max=15)
        full = changed(plan, energy_min=85, energy_max=100)
        assert events(full) > 1.1 * events(calm), genre


def density(score: Score, third: int) -> int:
    low, high = score.body_s * third / 3, score.body_s * (third + 1) / 3
    return sum(low <= hit.onset_s < high for hit in score.hits) + sum(
        low <= note.onset_s < high for part in score.parts for note in part.notes
    )


def test_the_curve_moves_the_weight_of_the_track() -> None:
    plan = genre_plan(CONFIGS, "house", DAY).model_copy(update={"energy_min": 20, "energy_max": 90})

    def late_share(curve: Curve) -> float:
        score = changed(plan, curve=curve)
        return density(score, 2) / max(1, density(score, 0))

    assert late_share("build") > 1.3 * late_share("drop")


def test_a_motif_is_another_melody() -> None:
    plan = genre_plan(CONFIGS, "synth", DAY, duration_s=120)
    leads = []
    for motif in (1, 2):
        part = compose(with_choice(plan, motif=motif)).part("lead")
        assert part is not None
        leads.append([(note.beat, note.pitch) for note in part.notes])
    assert leads[0] != leads[1]


SCRIPT = """
import datetime as dt, hashlib
from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.compose import compose
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan
configs = load_configs()
for genre in sorted(configs.genres):
    score = compose(genre_plan(configs, genre, dt.date(2025, 1, 15), duration_s=45))
    print(genre, hashlib.sha256(score_to_json(score).encode()).hexdigest())
"""


def test_scores_are_the_same_in_every_process_whatever_the_hash_seed() -> None:
    here = "".join(
        f"{genre} {hashlib.sha256(score_to_json(score).encode()).hexdigest()}\n"
        for genre in GENRES
        for score in [compose(genre_plan(CONFIGS, genre, DAY, duration_s=45))]
    )
    for seed in ("0", "77"):
        there = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert there == here
