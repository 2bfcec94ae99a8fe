"""Envelopes, partials, strings, chorus and lines against slow obvious references."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import (
    ROUNDING,
    decay_factor,
    next_level,
    samples_of,
    shape,
)
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.lines import STROKE, Line, play
from soundflow_assets.synthesis.kernels.modal import PARTIAL, ring
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.strings import Pluck, string
from soundflow_assets.synthesis.kernels.waves import BLOCK

RATE = 44100
LINE = Line(
    square=0.0, width=0.5, detune_cents=0.0, sub=0.0, glide_s=0.06, attack_s=0.003, decay_s=5.0,
    sustain=0.8, release_s=0.05, cutoff_hz=900.0, resonance=0.3, sweep_octaves=0.0,
    sweep_decay_s=0.5, accent_octaves=0.0, accent_db=6.0, accent_shortens=0.0, lfo_octaves=0.0,
    beat_s=0.5, first_beat_s=0.0, vibrato_cents=0.0, vibrato_hz=5.0, drive=0.0,
)  # fmt: skip
PLUCK = Pluck(
    t60_s=2.0, t60_high_s=0.3, position=0.2, width_s=0.0005, noise=0.2, brightness_hz=4000.0,
    hold_s=9.0, damp_t60_s=0.1,
)  # fmt: skip


def test_an_envelope_takes_60_db_in_its_t60() -> None:
    assert decay_factor(0.25) ** (0.25 * RATE) == pytest.approx(1e-3, rel=1e-6)


def test_an_envelope_is_attack_decay_and_release() -> None:
    attack, hold, decay, release = 100, 400, decay_factor(0.01), decay_factor(0.02)
    level, got = 0.0, []
    for i in range(900):
        level = next_level(level, i, attack, hold, 0.5, decay, release)
        got.append(level)
    i = np.arange(900)
    want = np.where(i < attack, (i + 1) / attack, 0.5 + 0.5 * decay ** (i - attack + 1))
    want[hold:] = want[hold - 1] * release ** (i[hold:] - hold + 1)
    assert np.abs(np.array(got) - want).max() < 1e-9


def test_a_note_let_go_in_its_attack_falls_from_where_it_was() -> None:
    audio = np.ones((1, 4000), np.float32)
    shape(audio, 0.05, 0.02, 0.03, 0.0, 0.0, 0.0)
    assert audio.max() < 0.45
    assert np.abs(np.diff(audio[0])).max() < ROUNDING
    assert audio[0, -1] < 1e-3


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("hold_s", [0.004, 0.0301, 0.2])
def test_a_note_is_shaped_as_sample_after_sample_would_be(channels: int, hold_s: float) -> None:
    audio = np.random.default_rng(3).standard_normal((channels, 5003)).astype(np.float32)
    expected, level, smooth = audio.astype(np.float64), 0.0, 0.0
    for i in range(audio.shape[1]):
        attack, hold = int(0.02 * RATE), int(hold_s * RATE)
        level = next_level(level, i, attack, hold, 1.0, 0.0, decay_factor(0.05))
        smooth += (level - smooth) * ROUNDING
        for channel in range(channels):
            part = (0.3 + 6.0 / RATE * (i + 1) + 0.25 * channel) % 1.0
            expected[channel, i] *= smooth * (1.0 - 0.4 * 4.0 * part * (1.0 - part))
    shape(audio, 0.02, hold_s, 0.05, 0.4, 6.0, 0.3)
    assert np.abs(audio - expected).max() < 1e-6 * np.abs(expected).max()


def test_finished_notes_have_one_level_no_dc_and_end_in_silence() -> None:
    t = np.arange(RATE) / RATE
    for gain in (0.01, 3.0):
        for freq in (110.0, 440.0, 1760.0):
            audio = np.tile(gain * np.sin(2 * np.pi * freq * t) + 0.3 * gain, (2, 1))
            audio = audio.astype(np.float32)
            finish(audio, 0.0, 0.2, 0.5)
            body = audio[0, 8000:-8000]
            assert np.sqrt((body**2).mean()) == pytest.approx(0.2, rel=0.3)
            assert abs(body.mean()) < 1e-3
            assert audio[0, -1] == 0.0


def test_drive_makes_a_note_denser_not_louder_than_its_peak() -> None:
    t = np.arange(RATE // 2) / RATE
    clean = (np.exp(-6 * t) * np.sin(2 * np.pi * 90 * t)).astype(np.float32)[None]
    driven = clean.copy()
    finish(clean, 0.0, 0.3, 0.5)
    finish(driven, 1.0, 0.3, 0.5)
    assert np.abs(driven).max() <= 0.501
    crest = lambda a: np.abs(a).max() / np.sqrt((a**2).mean())  # noqa: E731
    assert crest(driven) < 0.85 * crest(clean)


def test_partials_equal_decaying_sines() -> None:
    rng = np.random.default_rng(3)
    table = np.zeros(20, PARTIAL)
    table["freq_hz"] = rng.uniform(30, 19000, 20)
    table["left"], table["right"] = rng.uniform(-0.3, 0.3, (2, 20))
    table["phase"], table["t60_s"] = rng.uniform(0, 1, 20), rng.uniform(0.05, 9, 20)
    out = np.zeros((2, 30_001), np.float32)
    ring(out, table)
    i = np.arange(30_001)
    waves = [
        10 ** (-3 * i / RATE / p["t60_s"])
        * np.sin(2 * np.pi * (p["freq_hz"] / RATE * i + p["phase"]))
        for p in table
    ]
    for channel, side in enumerate(("left", "right")):
        want = sum(p[side] * wave for p, wave in zip(table, waves, strict=True))
        assert np.abs(out[channel] - want).max() < 2e-4  # partials stop at -86 dB


def test_partials_above_the_band_are_not_played() -> None:
    out = np.zeros((2, 4000), np.float32)
    ring(out, np.array([(0.46 * RATE, 1.0, 1.0, 0.0, 1.0)], PARTIAL))
    assert not out.any()


def fundamental(x: np.ndarray, near_hz: float) -> float:
    n = 1 << 19
    spectrum = np.abs(np.fft.rfft(x * np.hanning(x.size), n))
    low, high = (int(near_hz * r * n / RATE) for r in (0.97, 1.03))
    k = low + int(np.argmax(spectrum[low:high]))
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / n


@pytest.mark.parametrize("pitch", [28, 33.5, 40, 47, 55, 62, 69, 76, 83, 88, 96])
def test_strings_are_in_tune(pitch: float) -> None:
    freq = 440.0 * 2 ** ((pitch - 69) / 12)
    x = np.zeros(2 * RATE)
    string(x, freq, PLUCK, 7)
    cents = 1200 * np.log2(fundamental(x[2000:], freq) / freq)
    assert abs(cents) < 1.0


@pytest.mark.parametrize("pitch", [36, 60, 84])
def test_strings_decay_in_the_time_they_are_given(pitch: float) -> None:
    freq = 440.0 * 2 ** ((pitch - 69) / 12)
    x = np.zeros(2 * RATE)
    string(x, freq, PLUCK, 7)
    turn = np.exp(-2j * np.pi * freq * np.arange(x.size) / RATE)
    early, late = (np.abs((x * turn)[i : i + 8820].mean()) for i in (22050, 66150))
    assert 20 * np.log10(early / late) == pytest.approx(30.0, rel=0.12)  # one second of two


def test_a_scooped_string_arrives() -> None:
    x = np.zeros(RATE)
    string(x, 98.0, PLUCK._replace(bend_cents=-80.0, bend_s=0.2), 7)
    assert fundamental(x[22050:], 98.0) == pytest.approx(98.0, rel=6e-4)
    start = fundamental(x[:6000], 96.0)
    assert start < 97.0


def test_a_still_delay_is_the_input_again() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (2, 3000)).astype(np.float32)
    out = x.copy()
    swing(out, Motion(441 / RATE, 0.0, 0.5, 0.7, 0.25, 0.5, 1.0, 0.0, 0.0))
    want = x.copy()
    want[:, 441:] += 0.5 * x[:, :-441]
    assert np.abs(out - want).max() < 1e-6


def test_a_thump_is_short_and_in_its_band() -> None:
    out = np.zeros((2, RATE // 2), np.float32)
    thump(out, 0.1, 1000.0, 3.0, 0.05, 0.5, 0.5, 4)
    assert not out[:, : int(0.1 * RATE)].any()
    assert not out[:, int(0.2 * RATE) :].any()
    power = np.abs(np.fft.rfft(out[0])) ** 2
    hz = np.arange(power.size) * 2.0
    assert power[(hz > 500) & (hz < 2000)].sum() > 0.7 * power.sum()
    assert not np.array_equal(out[0], out[1])


def strokes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array([(*row, 1.0) for row in rows], dtype=STROKE)


def test_a_slide_arrives_in_its_time_without_a_new_attack() -> None:
    out = np.zeros((2, RATE), np.float32)
    change = 20_000 // BLOCK * BLOCK
    play(out, strokes((0, change, 45.0, 0, 0, 0), (change, 40_000, 57.0, 0, 1, 0)), LINE, 0.3,
         0.0, 1)  # fmt: skip
    before = fundamental(out[0, 8000:change].astype(float), 110.0)
    after = fundamental(out[0, change + 3000 : 40_000].astype(float), 220.0)
    assert before == pytest.approx(110.0, rel=1e-3)
    assert after == pytest.approx(220.0, rel=1e-3)
    # A wave broken at the change would jump; a saw below 900 Hz moves in small steps.
    around = np.abs(np.diff(out[0, change - 400 : change + 400])).max()
    assert around < 1.3 * np.abs(np.diff(out[0, 8000:12_000])).max()


def test_an_accent_is_louder() -> None:
    soft, hard = (np.zeros((2, RATE // 2), np.float32) for _ in range(2))
    play(soft, strokes((0, 16_000, 45.0, 0.0, 0, 0)), LINE, 0.3, 0.0, 1)
    play(hard, strokes((0, 16_000, 45.0, 1.0, 0, 0)), LINE, 0.3, 0.0, 1)
    ratio = np.sqrt((hard[0, 4000:15_000] ** 2).mean() / (soft[0, 4000:15_000] ** 2).mean())
    assert 4.0 < 20 * np.log10(ratio) < 7.5


def test_resonance_lifts_the_cutoff_and_never_runs_away() -> None:
    levels = []
    for resonance in (0.0, 0.9, 1.5):
        out = np.zeros((2, RATE), np.float32)
        line = LINE._replace(resonance=resonance, cutoff_hz=990.0, drive=0.5)
        play(out, strokes((0, 40_000, 33.0, 0, 0, 0)), line, 0.3, 0.0, 1)
        spectrum = np.abs(np.fft.rfft(out[0, 4000:40_000] * np.hanning(36_000)))
        levels.append(spectrum[int(960 * 36 / 44.1) : int(1020 * 36 / 44.1)].max())
        assert np.abs(out).max() < 1.5
    assert levels[1] > 4 * levels[0]


def test_release_length_covers_70_db() -> None:
    assert samples_of(1.0, 0.3) == int((1.0 + 0.351 + 0.012) * RATE)
