"""The chords of a whole track: gapless, from the plan's progression, resting at the end."""

import datetime as dt
import itertools

import pytest
from voice_leading import mean_movement

from soundflow_assets.composition.form import fit_form
from soundflow_assets.composition.harmony import harmonise
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()
DATES = [dt.date(2026, 1, 5) + dt.timedelta(days=n) for n in range(3)]


def harmony_of(genre, date, **changes):
    plan = genre_plan(CONFIGS, genre, date).model_copy(update=changes)
    sections = fit_form(plan)
    return plan, sections, harmonise(plan, sections[-1].end_bar, sections)


@pytest.mark.parametrize("genre", sorted(CONFIGS.genres))
@pytest.mark.parametrize("date", DATES)
def test_chords_cover_every_beat_once_and_lead_smoothly(genre, date):
    _, sections, chords = harmony_of(genre, date)
    assert chords[0].beat == 0
    for one, two in itertools.pairwise(chords):
        assert one.beat + one.beats == pytest.approx(two.beat)
    assert chords[-1].beat + chords[-1].beats == pytest.approx(sections[-1].end_bar * 4)
    assert mean_movement([chord.voicing for chord in chords]) <= 2.0


@pytest.mark.parametrize("genre", sorted(CONFIGS.genres))
def test_a_track_comes_to_rest_on_its_tonic(genre):
    plan, sections, chords = harmony_of(genre, DATES[0])
    last = chords[-1]
    assert last.root == last.bass == parse_key(plan.key).tonic
    assert last.beats >= 4
    assert last.beat <= (sections[-1].end_bar - 1) * 4


def test_jazz_is_coloured_and_techno_is_not():
    def colours(genre):
        return [
            chord.roman
            for date in (DATES[0] + dt.timedelta(days=n) for n in range(8))
            for chord in harmony_of(genre, date)[2]
            if "/" in chord.roman and not chord.roman.startswith(("iiø7/", "V7b9/vi"))
        ]

    assert any(name.startswith("subV/") for name in colours("jazz"))
    assert not colours("techno")


def test_substitutions_stand_no_closer_than_their_eight_bars():
    for n in range(6):
        _, _, chords = harmony_of("jazz", DATES[0] + dt.timedelta(days=n))
        blocks = [int(c.beat // 32) for c in chords if c.roman.startswith(("subV/", "V9/"))]
        assert len(blocks) == len(set(blocks))


def test_colour_passes_and_never_takes_a_whole_long_chord():
    for n in range(12):
        _, _, chords = harmony_of("jazz", DATES[0] + dt.timedelta(days=n))
        for chord in chords:
            if chord.roman.startswith(("V9/", "V7b9/")) and chord.roman != "V7b9/vi":
                assert chord.beats <= 4


@pytest.mark.parametrize("genre", ["house", "synth", "trance", "chillout", "edm", "dance", "deep"])
def test_the_second_half_is_not_the_first_again(genre):
    varied = 0
    for n in range(6):
        _, sections, chords = harmony_of(genre, DATES[0] + dt.timedelta(days=n))
        half = sections[-1].end_bar * 2
        first = {(c.symbol, c.beats) for c in chords if c.beat < half}
        second = {(c.symbol, c.beats) for c in chords if c.beat >= half}
        varied += bool(second - first)
    assert varied >= 3


def test_a_moving_loop_reaches_its_rest_from_another_root():
    for genre in ("house", "classic", "synth", "jazz", "lofi", "trance"):
        for date in DATES:
            _, _, chords = harmony_of(genre, date)
            if len({chord.root for chord in chords}) > 3:
                assert chords[-2].root != chords[-1].root


def test_slow_chords_run_on_through_short_sections():
    plan, sections, chords = harmony_of("ambient", dt.date(2025, 3, 4))
    loop = next(
        p for p in plan.spec.harmony.progressions if p.name == plan.choices.progression
    ).chords
    assert min(section.bars for section in sections) < 16
    assert {text.partition(":")[0] for text in loop} <= {chord.roman for chord in chords}


def test_triads_suspend_their_dominant_before_they_resolve_it():
    pairs = [
        (one, two)
        for n in range(10)
        for one, two in itertools.pairwise(
            harmony_of("classic", DATES[0] + dt.timedelta(days=n))[2]
        )
        if one.roman == "Vsus"
    ]
    assert pairs
    for one, two in pairs:
        assert two.root == one.root
        assert two.roman == "V"
