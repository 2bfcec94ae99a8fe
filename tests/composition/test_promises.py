"""What a listener would miss first, over days and genres: groove, form, line and cadence."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from functools import cache
from itertools import pairwise
from statistics import mean

import pytest

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Chord, Note, Score
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()
GENRES = sorted(CONFIGS.genres)
DRUMMED = [genre for genre in GENRES if CONFIGS.genres[genre].drums.kits]
EFFECTS = {"riser", "downlifter", "reverse_swell", "impact"}
DAYS = range(2)


@cache
def track(genre: str, day: int) -> tuple[TrackPlan, Score]:
    plan = genre_plan(CONFIGS, genre, dt.date(2025, 6, 2) + dt.timedelta(days=day))
    return plan, compose(plan)


def chord_at(score: Score, beat: float) -> Chord:
    starts = [chord.beat for chord in score.chords]
    return score.chords[max(0, bisect_right(starts, beat + 1e-6) - 1)]


def kit_bars(score: Score) -> list[frozenset[tuple[str, float]]]:
    bars: dict[int, set[tuple[str, float]]] = defaultdict(set)
    for hit in score.hits:
        if hit.sound not in EFFECTS:
            bars[int(hit.beat // 4)].add((hit.sound, round(hit.beat % 4, 3)))
    return [frozenset(bars[bar]) for bar in sorted(bars)]


def groove_consistency(score: Score) -> float:
    """Return the mean likeness of neighbouring bars on a grid of sixteenths (Wu and Yang 2020)."""
    bars = [{round(beat * 4) for _, beat in bar} for bar in kit_bars(score)]
    return 1.0 - sum(len(one ^ two) for one, two in pairwise(bars)) / (16 * len(bars))


@pytest.mark.parametrize("genre", DRUMMED)
def test_a_groove_comes_back_and_never_stands_still(genre: str) -> None:
    low, high = CONFIGS.genres[genre].listening.drum_groove_consistency or (0.72, 0.99)
    found = [groove_consistency(track(genre, day)[1]) for day in DAYS]
    assert low <= mean(found) <= high
    assert max(found) < 1.0
    shares = [len(set(bars)) / len(bars) for bars in (kit_bars(track(genre, d)[1]) for d in DAYS)]
    assert 0.1 <= mean(shares) <= 0.5 and max(shares) <= 0.6


def blocks_alike(score: Score) -> list[tuple[str, int]]:
    """Return (role, block) wherever eight bars are those before them, note for note."""
    streams = {part.role: [(n.beat, str(n.pitch)) for n in part.notes] for part in score.parts}
    streams["drums"] = [(hit.beat, hit.sound) for hit in score.hits]
    alike = []
    for role, events in streams.items():
        blocks: dict[int, set[tuple[float, str]]] = defaultdict(set)
        for beat, what in events:
            blocks[int(beat // 32)].add((round(beat % 32, 3), what))
        full = range(score.bars // 8 - 1)
        alike += [(role, at) for at in full if blocks[at] and blocks[at] == blocks[at + 1]]
    return alike


@pytest.mark.parametrize("genre", GENRES)
def test_no_eight_bars_are_those_before_them_in_any_role(genre: str) -> None:
    assert not [found for day in DAYS for found in blocks_alike(track(genre, day)[1])]


@pytest.mark.slow
@pytest.mark.parametrize("genre", GENRES)
def test_no_eight_bars_are_those_before_them_in_forty_days(genre: str) -> None:
    assert not [found for day in range(40) for found in blocks_alike(track(genre, day)[1])]


def ranks(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) - 1) / 2 for v in values]


def correlation(one: list[float], two: list[float]) -> float:
    a, b = ([v - mean(r) for v in r] for r in (ranks(one), ranks(two)))
    return sum(x * y for x, y in zip(a, b, strict=True)) / (
        sum(x * x for x in a) * sum(y * y for y in b)
    ) ** 0.5  # fmt: skip


@pytest.mark.parametrize("genre", DRUMMED)
def test_more_is_played_where_the_plan_has_more_energy(genre: str) -> None:
    for day in DAYS:
        _, score = track(genre, day)
        density = []
        for section in score.sections:
            first, end = section.start_bar * 4, (section.start_bar + section.bars) * 4
            onsets = [{n.beat for n in p.notes if first <= n.beat < end} for p in score.parts]
            hits = sum(first <= hit.beat < end for hit in score.hits)
            density.append((hits + sum(map(len, onsets))) / section.bars)
        assert correlation(density, [s.energy for s in score.sections]) >= 0.6


def melodies(genre: str, days: range = DAYS) -> list[tuple[Score, tuple[Note, ...], str]]:
    roles = [part.role for part in CONFIGS.genres[genre].parts if part.writer == "melody"]
    found = [(track(genre, day)[1], role) for day in days for role in roles]
    return [(score, part.notes, role) for score, role in found if (part := score.part(role))]


SUNG = [g for g in GENRES if any(p.writer == "melody" for p in CONFIGS.genres[g].parts)]


@pytest.mark.parametrize("genre", SUNG)
def test_a_phrase_reaches_its_summit_once(genre: str) -> None:
    once = []
    for score, notes, role in melodies(genre):
        for section in (s for s in score.sections if role in s.roles):
            for first in range(section.start_bar, section.start_bar + section.bars, 8):
                end = min(first + 8, section.start_bar + section.bars)
                sung = [n.pitch for n in notes if first * 4 <= n.beat < end * 4]
                once += [sung.count(max(sung)) == 1] if sung else []
    assert not once or mean(once) >= 0.9


@pytest.mark.parametrize("genre", SUNG)
def test_a_melody_says_its_ideas_more_than_once(genre: str) -> None:
    shares = []
    for _, notes, _ in melodies(genre, range(6)):
        bars: dict[int, set[tuple[float, int]]] = defaultdict(set)
        for note in notes:
            bars[int(note.beat // 4)].add((round(note.beat % 4, 3), note.pitch))
        shares.append(len({frozenset(bar) for bar in bars.values()}) / len(bars))
    slow = genre == "ambient"  # its few phrases each stand over a chord of their own
    assert not shares or 0.3 <= mean(shares) <= (1.0 if slow else 0.82)


@pytest.mark.parametrize("day", DAYS)
def test_a_walking_bar_stands_on_its_chord_and_leads_into_the_next(day: int) -> None:
    _, score = track("jazz", day)
    part = score.part("bass")
    assert part is not None
    walked = {n.beat: n.pitch for n in part.notes if n.articulation != "ghost"}
    led, one_way, bars = 0, 0, 0
    for bar in range(score.bars - 1):
        quarters = [walked.get(bar * 4.0 + quarter) for quarter in range(5)]
        if None in quarters or chord_at(score, bar * 4 + 3.0).beat == bar * 4 + 3.0:
            continue  # in two, the end, or a chord on the fourth quarter, which has its root there
        one, two, three, four, ahead = (pitch or 0 for pitch in quarters)
        chord = chord_at(score, bar * 4.0)
        assert one % 12 in (chord.bass, chord.pitch_classes[1])
        bars += 1
        led += 1 <= abs(ahead - four) <= 2
        one_way += (two - one) * (three - two) > 0
    assert bars > 30
    assert led >= 0.9 * bars
    assert one_way >= 0.75 * bars
    skips = sum(note.articulation == "ghost" for note in part.notes)
    assert 0.03 <= skips / len(walked) <= 0.13


@pytest.mark.parametrize("day", range(4))
def test_classical_periods_close_on_the_dominant_then_on_the_tonic(day: int) -> None:
    plan, score = track("classic", day)
    tonic = parse_key(plan.key).tonic
    checked = 0
    for section in score.sections[:-1]:
        if "/" in chord_at(score, section.start_bar * 4.0).roman:
            continue  # in the relative key
        for bar in range(section.start_bar + 8, section.start_bar + section.bars + 1, 8):
            half, full = chord_at(score, bar * 4 - 16.5), chord_at(score, bar * 4 - 0.5)
            assert half.root == (tonic + 7) % 12, half
            assert full.root in (tonic, (tonic + 7) % 12), full
            checked += full.root == tonic
    assert checked


def test_classical_music_turns_to_its_relative_key_and_leans_into_chords() -> None:
    relative, suspended = 0, set()
    for day in range(4):
        plan, score = track("classic", day)
        key = parse_key(plan.key)
        home = (key.tonic + (3 if key.minor else 9)) % 12
        away = [c for c in score.chords if c.roman.endswith(("/vi", "/III")) and c.root == home]
        relative += bool(away)
        for one, two in pairwise(score.chords):
            if "sus" in one.roman:
                assert one.root == two.root and one.bass == two.bass
                suspended.add("4-3" if one.roman.startswith("Vsus") else "7-6")
    assert relative >= 3
    assert suspended == {"4-3", "7-6"}


@pytest.mark.parametrize("genre", ["jazz", "lounge", "synth"])
def test_a_bridge_has_chords_of_its_own(genre: str) -> None:
    fresh = 0
    for day in range(4):
        plan, score = track(genre, day)
        form = next(form for form in plan.spec.forms if form.name == plan.choices.form)
        bridges = {section.name for section in form.sections if section.harmony == "bridge"}
        for section in score.sections:
            if section.name in bridges:
                first, end = section.start_bar * 4, (section.start_bar + section.bars) * 4
                inside = {c.roman for c in score.chords if first <= c.beat < end}
                fresh += bool(inside - {c.roman for c in score.chords if c.beat < first})
    assert fresh >= 2


def test_music_speaks_half_as_often_where_the_beds_lead() -> None:
    plan, _ = track("ambient", 0)

    def struck(bed_loudness_lu: float) -> int:
        score = compose(plan.model_copy(update={"bed_loudness_lu": bed_loudness_lu}))
        parts = [score.part(role) for role in ("loops", "bells", "low_bells")]
        return sum(len(part.notes) for part in parts if part)

    assert struck(1.0) <= 0.65 * struck(-14.0)
