"""Voices move as little as they can, in range, without mud."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voice_leading import mean_movement

from soundflow_assets.composition.theory import parse_roman
from soundflow_assets.composition.voicing import voice_progression
from soundflow_assets.plans.load import load_configs

CONFIGS = load_configs()
PROGRESSIONS = [
    pytest.param(progression, id=f"{name}-{progression.name}")
    for name, spec in CONFIGS.genres.items()
    for progression in spec.harmony.progressions
]


@pytest.mark.parametrize("progression", PROGRESSIONS)
def test_voices_of_every_shipped_progression_move_by_less_than_two_semitones(progression):
    for tonic in range(12):
        shapes = [
            parse_roman(text.partition(":")[0], tonic, progression.mode)
            for text in progression.chords
        ] * 2
        voicings = voice_progression(shapes)
        if not progression.planing:
            assert mean_movement(voicings) <= 2.0, (tonic, voicings)
        for voicing, shape in zip(voicings, shapes, strict=True):
            assert {pitch % 12 for pitch in voicing} <= set(shape.pitch_classes)
            assert voicing == tuple(sorted(set(voicing)))
            assert len(voicing) >= min(3, len(shape.pitch_classes))


@given(
    chords=st.lists(
        st.sampled_from(("i9", "iv9", "bVImaj9", "V7", "bVII", "iiø7", "i")),
        min_size=2,
        max_size=12,
    ),
    tonic=st.integers(0, 11),
    low=st.integers(36, 60),
    width=st.integers(20, 30),
)
@settings(max_examples=60, deadline=None)
def test_a_voicing_stays_in_its_range_and_clear_below_c3(chords, tonic, low, width):
    shapes = [parse_roman(text, tonic, "minor") for text in chords]
    for voicing in voice_progression(shapes, low, low + width):
        assert low <= voicing[0] <= voicing[-1] <= low + width
        for below, above in itertools.pairwise(voicing):
            assert not (above - below == 1 and below == voicing[0])


def test_a_planed_progression_keeps_its_shape():
    shapes = [parse_roman(text, 0, "minor") for text in ("i9", "bvii9", "i9")]
    one, two, three = voice_progression(shapes, planing=True)
    assert {a - b for a, b in zip(one, two, strict=True)} == {2}
    assert three == one


def test_the_bass_player_has_the_root():
    (voicing,) = voice_progression([parse_roman("i9", 0, "minor")], rootless=True)
    assert 0 not in {pitch % 12 for pitch in voicing}
