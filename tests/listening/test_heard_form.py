"""Structure, activity and likeness on music made to order."""

from __future__ import annotations

import numpy as np
import pytest
from signals import RATE, bars_of, beat, chords, heard, noise, twice

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.activity import (
    activities,
    densities,
    gain_ramps,
    onset_times,
)
from soundflow_assets.listening.grid import Grid
from soundflow_assets.listening.likeness import Likeness, character_of, likeness
from soundflow_assets.listening.structure import structure_of


def test_a_loop_is_all_repetition_and_has_no_boundary() -> None:
    audio, times = bars_of("a" * 16)
    facts = structure_of(heard(audio).mel, times)
    assert facts.repeated_share > 0.9
    assert facts.sections == 1


def test_sections_are_found_where_the_music_turns() -> None:
    audio, times = bars_of("a" * 8 + "d" * 8 + "b" * 8)
    facts = structure_of(heard(audio).mel, times)
    assert facts.boundaries == (8, 16)
    assert facts.on_grid_share == 1.0


def test_a_section_off_the_grid_is_told() -> None:
    audio, times = bars_of("a" * 7 + "d" * 9 + "b" * 8)
    facts = structure_of(heard(audio).mel, times)
    assert facts.boundaries == (7, 16)
    assert facts.on_grid_share == 0.5


def test_structure_needs_bars() -> None:
    with pytest.raises(BadInput, match="needs two bars"):
        structure_of(heard(noise(1)).mel, [0.0, 1.0])


def test_onsets_are_counted_as_they_were_struck() -> None:
    audio = noise(16) * np.float32(0.001)
    for start in np.arange(2.0, 8.0, 0.5):  # 2 a second, then 4 a second
        audio[:, int(start * RATE) :][:, :2000] += noise(1)[:, :2000]
    for start in np.arange(8.0, 14.0, 0.25):
        audio[:, int(start * RATE) :][:, :2000] += noise(1)[:, :2000]
    density = densities(onset_times(heard(audio).mel), [1.9, 7.9, 13.9])
    assert density == pytest.approx([2, 4], rel=0.1)


def build(louder: bool, busier: bool) -> tuple[Audio, np.ndarray]:
    """Return 16 bars of 2 s that climb from bar 4 to 12, by level, by notes, or by both."""
    audio, rng = noise(32) * np.float32(0.001), np.random.default_rng(3)
    for step in range(256):
        climb = min(1.0, max(0.0, (step / 16 - 4) / 8))
        gain = 0.05 * 10 ** (climb * 9 / 20) if louder else 0.05
        if step % 4 == 0 or (busier and rng.random() < climb):
            start = int(step * RATE / 8)
            blow = noise(1, step % 4)[:, :4000] * np.exp(-np.arange(4000) / 900)
            audio[:, start : start + 4000] += (10 * gain * blow).astype(np.float32)
    return audio, np.arange(0.0, 33.0, 2.0)


@pytest.mark.parametrize(
    ("louder", "busier", "ramps"), [(True, False, 1), (True, True, 0), (False, False, 0)]
)
def test_a_build_that_is_only_louder_is_a_gain_ramp(louder: bool, busier: bool, ramps: int) -> None:
    audio, bars = build(louder, busier)
    sound = heard(audio)
    assert len(gain_ramps(sound.mel, onset_times(sound.mel), bars)) == ramps


def compared(first: Audio, second: Audio, beat_s: float) -> Likeness:
    characters = []
    for audio in (first, second):
        sound = heard(audio)
        beats = np.arange(0.0, sound.duration_s, beat_s)
        characters.append(character_of(sound, Grid(beats[::4], beats, True)))
    return likeness(*characters)


def piece(tonic: int, order: str, bpm: float = 120.0) -> Audio:
    """Return 32 beats of chords by letter, a kick and hats under them."""
    roots = {"i": 0, "f": 5, "g": 7, "r": 9, "m": 3}
    tones = [chords((tonic + roots[one]) % 12, False, 2.0)[:, : 2 * RATE] for one in order]
    audio = np.concatenate(tones, axis=1)
    return audio + beat(bpm, audio.shape[1] / RATE)


def test_a_track_is_like_itself() -> None:
    audio = piece(0, "ifgirfgi")
    found = compared(audio, (0.5 * audio).astype(np.float32), 0.5)
    assert (found.harmony, found.rhythm) == (pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.02))
    assert found.timbre < 0.5
    assert found.same
    assert not found.fresh


def test_another_key_is_no_other_piece() -> None:
    found = compared(piece(0, "ifgirfgi"), piece(3, "ifgirfgi"), 0.5)
    assert found.harmony < 0.05
    assert found.same


def test_other_chords_and_other_drums_are_another_piece() -> None:
    first = piece(0, "ifgirfgi")
    time_s = np.arange(first.shape[1]) / RATE
    dotted = np.exp(-30 * (time_s % 0.375)) * noise(first.shape[1] / RATE)[0][: len(time_s)]
    second = piece(0, "immrmgfm", 60.0) + twice(4 * dotted)
    found = compared(first, second, 0.5)
    assert found.harmony > 0.05
    assert found.rhythm is not None
    assert found.rhythm > 0.15
    assert found.fresh
    assert not found.same


def hum(roots: tuple[int, ...], bright: float) -> Audio:
    """Return chords of 4 s that melt into each other; `bright` is the share of high partials."""
    time_s = np.arange(4 * len(roots) * RATE) / RATE
    audio = 0.01 * noise(len(time_s) / RATE)
    for place, root in enumerate(roots):
        swell = np.exp(-0.5 * ((time_s - 4 * place - 2) / 1.5) ** 2)
        for tone in (0, 4, 7):
            hertz = 110 * 2 ** ((root + tone) / 12)
            tones = np.sin(2 * np.pi * hertz * time_s)
            tones += bright * np.sin(2 * np.pi * 8 * hertz * time_s)
            audio += (0.1 * swell * tones).astype(np.float32)
    return audio.astype(np.float32)


def test_music_without_a_pulse_is_told_apart_by_its_timbre() -> None:
    roots = (0, 9, 5, 7, 0, 9, 5, 7)
    again = compared(hum(roots, 0.0), 0.7 * hum(roots, 0.0), 1.0)
    assert again.rhythm is None
    assert again.same
    other = compared(hum(roots, 0.0), hum(roots, 0.5), 1.0)
    assert other.timbre > 1.0
    assert not other.same


def test_a_section_is_as_active_as_what_is_struck_in_it_whatever_rains() -> None:
    audio = 0.02 * noise(12)
    for start in np.arange(4.0, 8.0, 0.25):
        audio[:, int(start * RATE) :][:, :2000] += noise(1)[:, :2000]
    calm, busy, calm_again = activities(heard(audio).mel, [(0.2, 3.8), (3.9, 7.9), (8.2, 11.8)])
    assert busy > 4 * max(calm, calm_again)
