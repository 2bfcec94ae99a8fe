"""Bands side by side, raised rates and tones equal what is made slowly, sample by sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import noise_bits
from soundflow_assets.synthesis.nature.bands import BANDS
from soundflow_assets.synthesis.nature.coloured import (
    B0,
    CHUNK,
    GAIN,
    KEPT,
    SECTION,
    WARM_UP,
    _filtered,
)
from soundflow_assets.synthesis.nature.curves import CONTROL, POINTS, TILE
from soundflow_assets.synthesis.nature.ladder import PAST, Ladder
from soundflow_assets.synthesis.nature.space import LENGTHS, Space
from soundflow_assets.synthesis.nature.tones import Partials
from soundflow_assets.synthesis.nature.wash import (
    BROWN,
    PINK,
    WHITE,
    Band,
    Bank,
    Motion,
    banks,
    colour_at,
)


def moving(start: int) -> Motion:
    at = (start + CONTROL * np.arange(POINTS)) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * 3.0 * at)
    return Motion(900.0 * 2.0**wave, 0.5 + 0.3 * wave, 0.4 - 0.2 * wave)


BANDS_OF_A_BED = (
    Band(3, moving, PINK, 0.7, 90.0),
    Band(4, moving, BROWN, 0.2, 60.0, q=3.0, peaked=True),
    Band(5, moving, WHITE, 1.0, 400.0, q=0.5),
)


def noise_bits_of(index: np.ndarray, seed: int) -> np.ndarray:
    return np.array([int(noise_bits(int(n), seed)) for n in index])


def white_of(band: Band, samples: int) -> np.ndarray:
    chunks = []
    for first in range(0, samples, CHUNK):
        bits = noise_bits_of(first // 2 + np.arange(CHUNK // 2), band.seed)
        middle, side, late_middle, late_side = (
            ((bits >> 8 * byte & 255) ^ 128) / 128.0 - 1.0 + 1.0 / 256.0 for byte in range(4)
        )
        m = np.concatenate([middle, late_middle])
        s = band.width * np.concatenate([side, late_side])
        chunks.append(np.stack([m + s, m - s]) / np.sqrt(1.0 + band.width**2))
    return np.concatenate(chunks, axis=1)


def slow_band(band: Band, rate: int, samples: int) -> np.ndarray:
    """A band at its own rate, each filter as its formula says."""
    white = white_of(band, samples)
    poles, direct = colour_at(band.colour, rate)
    mixed = direct * white
    for keep, gain in poles:
        mixed += lfilter([gain], [1, -keep], white)
    keep = np.exp(-2 * np.pi * band.low_hz * rate / SAMPLE_RATE)
    cut = lfilter([1, -2, 1], np.convolve([1, -keep], [1, -keep]), mixed)
    motion = band.motion(0)
    per = CONTROL // rate
    out = np.zeros((2, samples))
    for c, levels in enumerate((motion.left, motion.right)):
        y1 = y2 = 0.0
        for n in range(samples):
            place = n // per
            w = np.tan(np.pi * motion.corners_hz[place] * rate / SAMPLE_RATE)
            a0 = 1 + w / band.q + w * w
            a1, a2 = 2 * (w * w - 1) / a0, (1 - w / band.q + w * w) / a0
            x = [cut[c, n - k] if n >= k else 0.0 for k in range(3)]
            if band.peaked:
                into = w / band.q / a0 * (x[0] - x[2])
            else:
                # Two taps: 1 at the bottom, at half the rate what the analogue low-pass has there.
                f = SAMPLE_RATE / (2 * rate * motion.corners_hz[place])
                top = (1 - a1 + a2) / np.hypot(f * f - 1, f / band.q)
                b0 = (1 + a1 + a2 + top) / 2
                into = b0 * x[0] + (1 + a1 + a2 - b0) * x[1]
            y1, y2 = into - a1 * y1 - a2 * y2, y1
            share = (n % per) / per
            out[c, n] = y1 * (levels[place] * (1 - share) + levels[place + 1] * share)
    return out


@pytest.mark.parametrize("rate", [1, 8])
def test_bands_side_by_side_are_each_what_their_filters_say(rate: int) -> None:
    samples = 4 * CHUNK
    gains = (1.0, 0.5, 2.0)
    bank = Bank(rate, list(zip(BANDS_OF_A_BED, gains, strict=True)))
    full, ladder = np.zeros((2, TILE), np.float32), Ladder()
    bank.add(0, ladder, full)
    out, at = ladder.rung(rate, full)
    expected = sum(
        gain * slow_band(band, rate, samples)
        for band, gain in zip(BANDS_OF_A_BED, gains, strict=True)
    )
    np.testing.assert_allclose(out[:, at : at + samples], expected, atol=2e-4)


def test_a_band_sounds_the_same_beside_others() -> None:
    def made(heard: list[tuple[Band, float]], start: int) -> np.ndarray:
        full, ladder = np.zeros((2, TILE), np.float32), Ladder()
        for bank in banks(heard):
            bank.add(start, ladder, full)
        return full

    alone = [made([(band, 1.0)], TILE) for band in BANDS_OF_A_BED]
    together = made([(band, 1.0) for band in BANDS_OF_A_BED], TILE)
    np.testing.assert_allclose(together, np.sum(alone, axis=0), atol=1e-5)


@pytest.mark.parametrize(("rate", "cuts"), [(1, 4), (1, 2), (4, 4), (8, 2)])
def test_nobody_hears_where_a_tile_was_cut(rate: int, cuts: int) -> None:
    bands = [(replace(band, rate=rate, low_hz=60.0), 1.0) for band in BANDS_OF_A_BED]
    alone = bands[: 4 // cuts]
    # Four bands are made in one piece; here all but those asked about are silent.
    uncut = alone + [(band, 0.0) for band, _ in (bands + bands)[: 4 - len(alone)]]
    assert TILE // rate // cuts >= WARM_UP
    tiles = []
    for heard in (alone, uncut):
        ladder = Ladder()
        (bank,) = banks(heard)
        out = np.zeros((2, 2 * TILE // rate), np.float32)
        for start in (0, TILE):
            full = np.zeros((2, TILE), np.float32)
            bank.add(start, ladder, full)
            rung, at = ladder.rung(rate, full)
            out[:, start // rate : (start + TILE) // rate] = rung[:, at : at + TILE // rate]
            rung[:] = 0.0
        tiles.append(out)
    error = np.square(tiles[0] - tiles[1]).reshape(2, -1, 512).mean(axis=2)
    assert 10 * np.log10(error.max() / np.square(tiles[1]).mean()) < -95.0
    assert 10 * np.log10(error.mean() / np.square(tiles[1]).mean()) < -105.0


def test_a_chunk_of_coloured_noise_follows_the_one_before() -> None:
    white = np.random.default_rng(3).standard_normal((LANES, 3 * CHUNK))
    filters = np.zeros((8, LANES), np.float32)
    filters[:, 2] = 0.99765, 0.963, 0.57, 0.099046, 0.2965164, 1.0526913, 0.1848, 0.98
    mixed = 0.1848 * white[2]
    for keep, gain in ((0.99765, 0.099046), (0.963, 0.2965164), (0.57, 1.0526913)):
        mixed += lfilter([gain], [1, -keep], white[2])
    expected = lfilter([1, -2, 1], np.convolve([1, -0.98], [1, -0.98]), mixed)
    kept, found = np.zeros((KEPT, LANES), np.float32), []
    open_section = np.zeros((SECTION, LANES), np.float32)
    open_section[[B0, GAIN]] = 1.0
    for first in range(0, 3 * CHUNK, CHUNK):
        row = np.ascontiguousarray(white[:, first : first + CHUNK].T, np.float32).ravel()
        _filtered(row, filters, open_section, CHUNK, kept)
        found.append(row.reshape(CHUNK, LANES)[:, 2])
    np.testing.assert_allclose(np.concatenate(found), expected, atol=5e-5)


def test_the_white_noise_is_white_level_and_as_wide_as_asked_for() -> None:
    noise = white_of(Band(9, moving, width=0.5), 64 * CHUNK)
    assert noise.var() == pytest.approx(1 / 3, rel=0.02)
    assert np.abs(noise.mean(axis=1)).max() < 0.012
    assert np.corrcoef(noise)[0, 1] == pytest.approx((1 - 0.25) / (1 + 0.25), abs=0.02)
    spectrum = np.abs(np.fft.rfft(noise[0])) ** 2
    eighths = [part.mean() for part in np.array_split(spectrum[1:], 8)]
    assert max(eighths) / min(eighths) < 1.2
    correlation = np.fft.irfft(spectrum)
    assert np.abs(correlation[1 : noise.shape[1] // 2]).max() / correlation[0] < 0.04


@pytest.mark.parametrize("rate", [2, 4, 8])
def test_a_slow_sine_climbs_to_the_full_rate_unbroken(rate: int) -> None:
    ladder = Ladder()
    heard = []
    for start in range(0, 2 * TILE, TILE):
        full = np.zeros((2, TILE), np.float32)
        out, at = ladder.rung(rate, full)
        n = (start + rate * np.arange(TILE // rate)) / SAMPLE_RATE
        out[:, at : at + n.size] += np.sin(2 * np.pi * 200.0 * n).astype(np.float32)
        ladder.climb(full)
        heard.append(full)
    audio = np.concatenate(heard, axis=1)
    late = 4 * (rate - 1)  # two samples of every rung
    n = np.arange(audio.shape[1]) - late
    expected = np.sin(2 * np.pi * 200.0 * n / SAMPLE_RATE)
    np.testing.assert_allclose(audio[:, 500:], np.stack([expected, expected])[:, 500:], atol=1e-3)


def test_tones_are_their_sines() -> None:
    levels = np.abs(np.sin(np.arange(2 * POINTS) / 40.0)).reshape(2, POINTS)
    partials = Partials(np.array([110.0, 330.0]), lambda start: (levels, 0.5 * levels))
    full, ladder = np.zeros((2, TILE), np.float32), Ladder()
    partials.add(TILE, 2.0, ladder, full)
    out, at = ladder.rung(4, full)
    n = 4 * np.arange(TILE // 4)
    points = CONTROL * np.arange(POINTS)
    tones = sum(
        2.0 * np.interp(n, points, level) * np.sin(2 * np.pi * hz * (TILE + n) / SAMPLE_RATE)
        for hz, level in zip(partials.freqs_hz, levels, strict=True)
    )
    np.testing.assert_allclose(out[:, at:], np.stack([tones, 0.5 * tones]), atol=1e-5)
    assert at == PAST


def test_a_bank_holds_four_bands_of_one_rate() -> None:
    many = [(Band(n, moving, rate=1 + n % 2), 1.0) for n in range(11)]
    assert len(banks(many)) == 4
    assert BANDS == 4


def slow_space(space: Space, wet: np.ndarray) -> np.ndarray:
    """A Householder network of six lines, one sample at a time."""
    samples = wet.shape[1]
    lines, out = np.zeros((6, samples + LENGTHS.max() + 2)), np.zeros((2, samples))
    past = LENGTHS.max() + 2
    kept = 10.0 ** (-3.0 * LENGTHS / (SAMPLE_RATE * space.t60_s))
    left, right = np.array([1, -1, 1, -1, 1, -1]), np.array([1, 1, -1, -1, -1, 1])
    rows = np.arange(6)
    for n in range(samples):
        at = past + n - LENGTHS
        sides = lines[rows, at - 1] + lines[rows, at + 1]
        echo = kept * ((1 - 2 * space.dullness) * lines[rows, at] + space.dullness * sides)
        out[:, n] = space.gain * (left @ echo), space.gain * (right @ echo)
        lines[:, past + n] = 0.5 * np.tile(wet[:, n], 3) + echo - echo.sum() / 3
    return out


def test_a_place_answers_as_its_lines_do_one_sample_at_a_time() -> None:
    space = Space(t60_s=0.9, dullness=0.1, gain=0.8)
    rng = np.random.default_rng(2)
    wet = np.zeros((2, TILE), np.float32)
    wet[:, :3000] = rng.standard_normal((2, 3000))
    out = np.zeros((2, TILE), np.float32)
    space.add(0, wet, out)
    expected = slow_space(space, wet[:, :24000].astype(np.float64))
    np.testing.assert_allclose(out[:, :24000], expected, atol=2e-5)
