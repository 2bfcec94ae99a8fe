"""Tempo, key, spectrum, waveform, structure and score on signals whose answer is known."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Chord, Note, Score
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.measure import measure
from soundflow_assets.listening.notes import (
    clash_share,
    measure_notes,
    outside_share,
    pitch_class_entropy,
    voice_motion,
)
from soundflow_assets.listening.spectrum import measure_spectrum
from soundflow_assets.listening.structure import measure_structure
from soundflow_assets.listening.tempo import agrees, measure_tempo
from soundflow_assets.listening.tonality import measure_key, relation
from soundflow_assets.listening.waveform import measure_waveform, silences
from soundflow_assets.plans.key import Key, parse_key
from soundflow_assets.plans.model import TrackPlan

RATE = 44100
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def noise(seconds: float, seed: int = 1) -> Audio:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def beat(bpm: float, seconds: float = 24.0) -> Audio:
    """Return a kick on every beat and a noise hat between."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    since_beat = (time_s * bpm / 60 % 1) * 60 / bpm
    since_hat = ((time_s * bpm / 60 + 0.5) % 1) * 60 / bpm
    kick = np.sin(2 * np.pi * 55 * since_beat) * np.exp(-12 * since_beat)
    hat = noise(seconds)[0] * np.exp(-50 * since_hat)
    return np.stack([0.4 * kick + hat] * 2).astype(np.float32)


def chords(tonic: int, minor: bool, seconds_each: float = 0.75) -> Audio:
    """Return a cadence with an emphasised tonic: I IV V I I."""
    scale = MINOR if minor else MAJOR
    time_s = np.arange(int(seconds_each * RATE)) / RATE
    parts = []
    for degree in (0, 3, 4, 0, 0):
        tones = [
            48 + tonic + scale[(degree + step) % 7] + 12 * ((degree + step) // 7)
            for step in (0, 2, 4, 7)
        ]
        if minor and degree == 4:
            tones = [tone + (tone % 12 == (tonic + 10) % 12) for tone in tones]  # leading note
        parts.append(sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time_s) for p in tones))
    wave = 0.1 * np.concatenate(parts)
    return np.stack((wave, wave)).astype(np.float32)


@pytest.mark.parametrize("bpm", [70.0, 85.0, 104.0, 122.0, 138.0, 174.0])
def test_tempo_is_found_within_one_percent_or_an_octave(bpm: float) -> None:
    tempo = measure_tempo(beat(bpm), RATE)
    assert agrees(tempo.bpm, bpm, 0.003)
    assert tempo.pulse_clarity > 0.5


def test_noise_has_no_pulse() -> None:
    assert measure_tempo(noise(20), RATE).pulse_clarity < 0.2


def test_no_tempo_is_told_from_three_seconds() -> None:
    with pytest.raises(BadInput, match=r"needs 4 s of sound; got 3\.0 s"):
        measure_tempo(noise(3), RATE)


@pytest.mark.parametrize(
    ("tonic", "minor"), [*itertools.product((0, 2, 5, 7, 9, 10), (False, True))]
)
def test_the_key_of_a_cadence_is_heard(tonic: int, minor: bool) -> None:
    heard = measure_key(chords(tonic, minor), RATE)
    assert heard.key == Key(tonic, minor)
    assert heard.strength > 0.6


@pytest.mark.parametrize(
    ("found", "planned", "expected"),
    [
        ("Am", "Am", "exact"),
        ("C", "Am", "relative"),
        ("Am", "C", "relative"),
        ("A", "Am", "parallel"),
        ("Em", "Am", "fifth"),
        ("F", "C", "fifth"),
        ("F#", "C", "other"),
        ("G", "Am", "other"),
    ],
)
def test_keys_are_related_as_theory_says(found: str, planned: str, expected: str) -> None:
    assert relation(parse_key(found), parse_key(planned)) == expected


@given(st.integers(0, 11), st.booleans())
def test_exactly_one_key_is_relative_to_each(tonic: int, minor: bool) -> None:
    keys = [Key(t, m) for t in range(12) for m in (False, True)]
    related = [key for key in keys if relation(key, Key(tonic, minor)) == "relative"]
    assert len(related) == 1
    assert relation(Key(tonic, minor), related[0]) == "relative"


def test_tilt_of_white_is_flat_and_of_pink_minus_three() -> None:
    white = noise(12)
    spectrum = np.fft.rfft(white, axis=1)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(spectrum.shape[1]))), axis=1)
    assert measure_spectrum(white, RATE).tilt_db_per_octave == pytest.approx(0, abs=0.15)
    found = measure_spectrum(pink.astype(np.float32), RATE).tilt_db_per_octave
    assert found == pytest.approx(-3, abs=0.15)


def test_shares_and_low_correlation_follow_where_the_energy_is() -> None:
    time_s = np.arange(4 * RATE) / RATE
    low = np.sin(2 * np.pi * 50 * time_s)
    high = np.sin(2 * np.pi * 3000 * time_s)
    together = measure_spectrum(np.stack((low, low)).astype(np.float32), RATE)
    against = measure_spectrum(np.stack((low + high, -low)).astype(np.float32), RATE)
    assert together.shares_db["sub"] == pytest.approx(0, abs=0.05)
    assert together.low_correlation == pytest.approx(1)
    assert against.low_correlation == pytest.approx(-1, abs=0.01)
    assert against.shares_db["presence"] == pytest.approx(10 * np.log10(1 / 3), abs=0.05)


def test_waveform_facts_are_those_of_the_construction() -> None:
    left, right = noise(5, 1)[0], noise(5, 2)[0]
    mixed = np.stack((left, 0.6 * left + 0.8 * right)).astype(np.float32)
    facts = measure_waveform(mixed + np.float32(0.01))
    assert facts.correlation == pytest.approx(0.6, abs=0.02)
    assert facts.dc_dbfs == pytest.approx(-40, abs=1)
    assert facts.side_to_mid_db == pytest.approx(10 * np.log10(0.4 / 1.6), abs=0.2)
    assert facts.clipped_pairs == 0


def test_clipping_counts_neighbours_of_one_sign_only() -> None:
    audio = np.zeros((2, 20), np.float32)
    audio[0, 3:6] = 1.0  # two pairs
    audio[1, 9] = -1.0  # a lone sample
    audio[1, 14], audio[1, 15] = 1.0, -1.0  # no pair
    assert measure_waveform(audio).clipped_pairs == 2


def test_silences_are_found_where_they_were_put() -> None:
    audio = noise(4)
    audio[:, RATE : 2 * RATE] = 0
    audio[:, int(3.9 * RATE) :] = 0.0005
    found = silences(audio, RATE, 0.05)
    assert [(span.start_s, span.end_s) for span in found] == [(1.0, 2.0), (3.9, 4.0)]


def bars_of(pattern: str) -> tuple[Audio, list[float]]:
    """Return a second of sound per letter: equal letters are equal bars, case is loudness."""
    bars = []
    for letter in pattern:
        seed = ord(letter.lower())
        rng = np.random.default_rng(seed)
        spectrum = np.fft.rfft(rng.standard_normal(RATE))
        hertz = np.fft.rfftfreq(RATE, 1 / RATE)
        centre = 200 * 2 ** ((seed - 97) % 6)
        wave = np.fft.irfft(spectrum / (1 + (np.log2(np.maximum(hertz, 1) / centre) * 3) ** 4))
        bars.append(wave * (0.1 if letter.isupper() else 0.05) / wave.std())
    audio = np.concatenate(bars)
    return np.stack((audio, audio)).astype(np.float32), [float(i) for i in range(len(pattern) + 1)]


def test_a_loop_is_all_repetition_and_has_no_boundary() -> None:
    audio, times = bars_of("a" * 16)
    facts = measure_structure(audio, RATE, times)
    assert facts.repeated_share > 0.9
    assert facts.boundaries == ()


def test_sections_are_found_where_the_music_turns() -> None:
    audio, times = bars_of("a" * 8 + "d" * 8 + "b" * 8)
    facts = measure_structure(audio, RATE, times)
    assert facts.boundaries == (8, 16)
    assert facts.on_grid_share == 1.0


def test_structure_needs_bars() -> None:
    with pytest.raises(BadInput, match="needs two bars"):
        measure_structure(noise(1), RATE, [0.0, 1.0])


def note(onset_s: float, duration_s: float, pitch: int) -> Note:
    return Note(onset_s, onset_s, duration_s, pitch, 90)


def test_notes_outside_chord_and_scale_are_counted() -> None:
    chord = Chord(0, 4, 0, 4, "I", "C", 0, 0, (0, 4, 7), MAJOR, (60, 64, 67))
    notes = [note(0, 1, 60), note(1, 1, 61), note(2, 1, 65), note(3, 1, 70)]
    assert outside_share(notes, [chord]) == 0.5
    assert outside_share([], [chord]) is None


def test_clashes_are_the_time_minor_seconds_and_ninths_sound() -> None:
    assert clash_share([note(0, 2, 60), note(1, 1, 61)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 73)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 71)]) == 0.0
    assert clash_share([note(0, 1, 60), note(1, 1, 61)]) == 0.0


@given(st.lists(st.integers(36, 84), min_size=1, max_size=40))
def test_entropy_lies_between_none_and_twelve_equal_classes(pitches: list[int]) -> None:
    entropy = pitch_class_entropy([note(i, 1, pitch) for i, pitch in enumerate(pitches)])
    assert entropy is not None
    assert 0 <= entropy <= 3.585


def test_voice_motion_is_small_where_tones_are_held() -> None:
    def voiced(*voicing: int) -> Chord:
        return Chord(0, 4, 0, 4, "", "", 0, 0, (), (), voicing)

    assert voice_motion([voiced(60, 64, 67), voiced(60, 65, 69)]) == 1.0
    assert voice_motion([voiced(60, 64, 67)]) is None


def test_the_report_judges_against_plan_and_score(
    music: Audio, plan: TrackPlan, score: Score
) -> None:
    report = measure(music, RATE, score, plan)
    assert report.value("duration") == 6.0
    assert report.value("outside_share") == 0.0
    assert report.value("hat_velocity_sd") == 10.0
    assert measure_notes(score).low_clusters == 0
    assert {one.group for one in report.indicators} == {
        "file", "loudness", "waveform", "stereo", "spectrum", "music", "form", "score",
    }  # fmt: skip
    loud = measure(music * np.float32(4), RATE, score, plan)
    assert "integrated" in {one.name for one in loud.misses()}


def test_any_sound_can_be_measured_without_plan_or_score() -> None:
    for audio in (noise(0.5), noise(5)[:1], np.zeros((2, 5 * RATE), np.float32)):
        report = measure(audio, RATE)
        document = json.loads(json.dumps(report.as_json(), allow_nan=False))
        assert [one["name"] for one in document] == [one.name for one in report.indicators]
    assert measure(noise(6), 48000).value("duration") == pytest.approx(6 * 44100 / 48000, abs=0.01)


def test_an_indicator_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        measure(noise(1), RATE).value("groove")
