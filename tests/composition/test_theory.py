"""Roman numerals become the chords a musician reads in them; nothing else parses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.composition.theory import (
    FIGURES,
    MODES,
    QUALITIES,
    chord_scale,
    parse_roman,
)
from soundflow_assets.errors import BadInput

C, D, F, G, A = 0, 2, 5, 7, 9
DEGREES = ("I", "ii", "iii", "IV", "V", "vi", "bVII", "#Io", "bII", "i", "iv")


@pytest.mark.parametrize(
    ("roman", "mode", "symbol", "tones"),
    [
        ("i9", "minor", "Cm9", {0, 3, 7, 10, 2}),
        ("VImaj9", "minor", "Abmaj9", {8, 0, 3, 7, 10}),
        ("bVImaj9", "minor", "Abmaj9", {8, 0, 3, 7, 10}),
        ("IV13", "dorian", "F13", {5, 9, 0, 3, 7, 2}),
        ("V", "minor", "G", {7, 11, 2}),
        ("v7", "minor", "Gm7", {7, 10, 2, 5}),
        ("#Io7", "major", "C#o7", {1, 4, 7, 10}),
        ("ii65", "major", "Dm7/F", {2, 5, 9, 0}),
        ("V43", "major", "G7/D", {7, 11, 2, 5}),
        ("I6", "major", "C/E", {0, 4, 7}),
        ("ivadd6", "major", "Fm6", {5, 8, 0, 2}),
        ("IVmaj9#11", "major", "Fmaj9#11", {5, 9, 0, 4, 7, 11}),
        ("V7b9/vi", "major", "E7b9", {4, 8, 11, 2, 5}),
        ("iiø7/vi", "major", "Bø7", {11, 2, 5, 9}),
        ("bII", "phrygian", "Db", {1, 5, 8}),
        ("II", "lydian", "D", {2, 6, 9}),
        ("#IV", "lydian", "F#", {6, 10, 1}),
        ("#vi", "minor", "Am", {9, 0, 4}),
        ("viio7", "minor", "Bo7", {11, 2, 5, 8}),
        ("i59", "minor", "C59", {0, 7, 2}),
        ("bVII13", "minor", "Bb13", {10, 2, 5, 8, 0, 7}),
        ("i69", "minor", "Cm69", {0, 3, 7, 9, 2}),
        ("iio6", "minor", "Do/F", {2, 5, 8}),
    ],
)
def test_a_numeral_reads_as_the_chord_it_is(roman, mode, symbol, tones):
    shape = parse_roman(roman, C, mode)
    assert shape.symbol == symbol
    assert set(shape.pitch_classes) == tones
    assert shape.pitch_classes[0] == shape.root


@pytest.mark.parametrize(
    ("roman", "tonic", "mode", "symbol"),
    [
        ("bVI", D, "major", "Bb"),
        ("V/ii", G, "major", "E"),
        ("V6", A, "minor", "E/G#"),
        ("bII", 6, "phrygian", "G"),
        ("viio7", A, "minor", "G#o7"),
        ("IV", 5, "major", "Bb"),
        ("V7b9/vi", 3, "major", "G7b9"),
    ],
)
def test_a_chord_is_spelled_on_the_letter_of_its_degree(roman, tonic, mode, symbol):
    assert parse_roman(roman, tonic, mode).symbol == symbol


def test_a_figure_puts_its_tone_in_the_bass():
    assert parse_roman("I6", C, "major").bass == 4
    assert parse_roman("I64", C, "major").bass == G
    assert parse_roman("V42", C, "major").bass == F


@given(
    tonic=st.integers(0, 11),
    mode=st.sampled_from(sorted(MODES)),
    degree=st.sampled_from(("I", "II", "IV", "V", "i", "iv", "v", "vi", "bVII", "bIII")),
    quality=st.sampled_from([q for q in QUALITIES if not q.startswith(("o", "ø"))]),
)
def test_every_chord_transposes_with_its_key(tonic, mode, degree, quality):
    here = parse_roman(degree + quality, C, mode)
    there = parse_roman(degree + quality, tonic, mode)
    assert there.pitch_classes == tuple((pc + tonic) % 12 for pc in here.pitch_classes)
    assert there.bass == (here.bass + tonic) % 12


@given(
    tonic=st.integers(0, 11), mode=st.sampled_from(sorted(MODES)), degree=st.sampled_from(DEGREES)
)
def test_the_scale_of_a_chord_holds_its_tones_and_seven_notes_or_so(tonic, mode, degree):
    shape = parse_roman(degree, tonic, mode)
    scale = chord_scale(shape, tonic, mode)
    assert set(shape.pitch_classes) <= set(scale)
    assert 5 <= len(scale) <= 8


def test_the_leading_tone_is_raised_over_the_dominant_of_a_minor_key():
    scale = chord_scale(parse_roman("V", C, "minor"), C, "minor")
    assert 11 in scale
    assert 10 not in scale


def test_the_tonic_stays_under_the_leading_tone_chord():
    scale = chord_scale(parse_roman("viio7", A, "minor"), A, "minor")
    assert {8, 9} <= set(scale)
    assert 7 not in scale


@pytest.mark.parametrize("text", ["Hm", "IIII", "viii", "", "i 9", "9", "V/", "/V", "bb7"])
def test_what_is_not_a_numeral_is_refused(text):
    with pytest.raises(BadInput, match=r"not a Roman numeral|unknown quality"):
        parse_roman(text, C, "minor")


def test_an_unknown_quality_is_named_with_the_known_ones():
    with pytest.raises(BadInput, match=r"unknown quality 'maj99' in 'VImaj99'; known: .*maj9"):
        parse_roman("VImaj99", C, "minor")


def test_every_figure_is_a_known_quality():
    assert all(quality in QUALITIES for quality, _ in FIGURES.values())
