"""Tempo, grid and key on signals whose answer is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signals import beat, chords, heard, noise

from soundflow_assets.errors import BadInput
from soundflow_assets.listening.grid import grid_of
from soundflow_assets.listening.pitches import CLASSES
from soundflow_assets.listening.tempo import Tempo, agrees, tempo_of
from soundflow_assets.listening.tonality import key_of, relation, tuning
from soundflow_assets.plans.key import Key, parse_key


def tempo_heard(audio: np.ndarray) -> Tempo:
    sound = heard(audio)
    return tempo_of(sound.flux, sound.low_flux, sound.long_bands_db)


@pytest.mark.parametrize("bpm", [70.0, 85.0, 104.0, 122.0, 138.0, 174.0])
def test_tempo_is_found_within_one_percent_or_an_octave(bpm: float) -> None:
    tempo = tempo_heard(beat(bpm))
    assert agrees(tempo.bpm, bpm, 0.003)
    assert tempo.pulse_clarity > 0.5


def test_noise_has_no_pulse() -> None:
    assert tempo_heard(noise(20)).pulse_clarity < 0.2


def test_no_tempo_is_told_from_three_seconds() -> None:
    with pytest.raises(BadInput, match=r"needs 4 s of sound; got [23]\.\d s"):
        tempo_heard(noise(3))


@pytest.mark.parametrize("bpm", [100.0, 124.3])
def test_beats_are_found_on_the_kick_and_stay_there(bpm: float) -> None:
    sound = heard(beat(bpm, 60.0))
    grid = grid_of(sound, None, tempo_of(sound.flux, sound.low_flux, sound.long_bands_db))
    assert grid.beats_s is not None
    off = (grid.beats_s * bpm / 60 + 0.5) % 1 - 0.5
    assert np.abs(off[:100] * 60 / bpm).max() < 0.03


def test_without_a_pulse_there_are_no_beats() -> None:
    sound = heard(noise(20))
    grid = grid_of(sound, None, tempo_of(sound.flux, sound.low_flux, sound.long_bands_db))
    assert grid.beats_s is None
    assert grid.bars_s.tolist() == [0, 4, 8, 12, 16]


@pytest.mark.parametrize(("tonic", "minor"), [*itertools.product(range(12), (False, True))])
def test_the_key_of_a_cadence_is_heard(tonic: int, minor: bool) -> None:
    sound = heard(chords(tonic, minor, 0.4))
    found = key_of(sound.chroma, sound.bass)
    assert found.key == Key(tonic, minor)
    assert found.strength > 0.6


@pytest.mark.parametrize(("cents", "third"), [(0, 0), (5, 0), (33, 1), (-33, -1)])
def test_a_piece_out_of_tune_keeps_its_key(cents: float, third: int) -> None:
    audio = chords(2, False)
    places = np.arange(int(audio.shape[1] / 2 ** (cents / 1200))) * 2 ** (cents / 1200)
    bent = np.interp(places, np.arange(audio.shape[1]), audio[0])
    sound = heard(np.stack((bent, bent)).astype(np.float32))
    assert tuning(sound.chroma) == third
    assert key_of(sound.chroma, sound.bass).key == Key(2, False)


def test_silence_has_no_key() -> None:
    nothing = np.zeros((4, CLASSES), np.float32)
    assert key_of(nothing, nothing).strength == 0


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


def test_tempo_and_key_do_not_depend_on_level() -> None:
    loud = beat(122.0)
    soft = (loud * np.float32(0.1)).astype(np.float32)
    assert tempo_heard(soft).bpm == pytest.approx(tempo_heard(loud).bpm, abs=0.1)
