"""Beds as sound: level, width, spectrum, movement, no repetition, the same bytes every time."""

from __future__ import annotations

import functools
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import yaml

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.nature.beds import (
    BEDS,
    NOMINAL_LUFS,
    render_bed,
    render_bed_into,
    validate,
)
from soundflow_assets.synthesis.nature.curves import TILE

NATURE = yaml.safe_load(
    (Path(__file__).parents[2] / "generator_configs" / "nature.yaml").read_text(encoding="utf-8")
)
SECONDS = 24
TAGS = {
    "rain", "ocean", "forest", "water", "birds", "wind", "river", "fire", "crickets", "night",
    "library", "minimal", "electric", "synthetic",
}  # fmt: skip


@functools.cache
def bed(name: str, seed: int = 5) -> Audio:
    return render_bed(name, NATURE["beds"][name], SECONDS * SAMPLE_RATE, seed)


def levels_db(audio: Audio, window_s: float) -> np.ndarray:
    """Mean power of successive windows, in dB."""
    size = int(window_s * SAMPLE_RATE)
    count = audio.shape[1] // size
    power = (audio[:, : count * size].astype(np.float64) ** 2).reshape(2, count, size)
    return 10 * np.log10(power.mean(axis=(0, 2)) + 1e-20)


def density_db(audio: Audio, low_hz: float, high_hz: float) -> float:
    """Mean power density between two frequencies, in dB."""
    size = 8192
    frames = [
        np.abs(np.fft.rfft(audio[0, at : at + size] * np.hanning(size))) ** 2
        for at in range(0, audio.shape[1] - size, size)
    ]
    freqs = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum = np.mean(frames, axis=0)
    return float(10 * np.log10(spectrum[(freqs >= low_hz) & (freqs < high_hz)].mean() + 1e-30))


def test_the_shipped_file_has_every_bed_and_tag() -> None:
    validate(NATURE["beds"])
    assert set(NATURE["beds"]) == set(BEDS)
    assert set(NATURE["tags"]) == TAGS
    assert all(set(beds) <= set(BEDS) for beds in NATURE["tags"].values())
    assert NATURE["tags"]["minimal"] == {}


@pytest.mark.parametrize("name", BEDS)
def test_every_bed_is_finite_and_at_nominal_loudness(name: str) -> None:
    audio = bed(name)
    assert audio.dtype == np.float32 and audio.shape == (2, SECONDS * SAMPLE_RATE)
    assert np.isfinite(audio).all()
    tolerance = 3.0 if name in ("forest", "shimmer") else 1.5
    assert loudness_of(audio) == pytest.approx(NOMINAL_LUFS, abs=tolerance)
    assert np.abs(audio.mean(axis=1)).max() < 1e-3, "no DC"


@pytest.mark.parametrize("name", BEDS)
def test_every_bed_has_at_least_two_sources(name: str) -> None:
    assert 0.0 < np.corrcoef(bed(name))[0, 1] < 0.9


@pytest.mark.parametrize("name", BEDS)
def test_nothing_sounds_below_60_hz(name: str) -> None:
    audio = bed(name)
    body = max(density_db(audio, 60, 250), density_db(audio, 250, 1000))
    if name == "shimmer":
        body = density_db(audio, 1000, 6000)
    assert density_db(audio, 5, 30) < body - 6


@pytest.mark.parametrize("name", BEDS)
def test_the_level_drifts_within_its_limits(name: str) -> None:
    levels = levels_db(bed(name), 3.0)
    # Birds and grains come and go over a quiet floor; what may not happen is a bed that swells.
    limit = {"ocean": 6.0, "forest": 8.0, "shimmer": 5.0}.get(name, 3.0)
    assert np.abs(levels - 10 * np.log10(np.mean(10 ** (levels / 10)))).max() <= limit


@pytest.mark.parametrize("name", BEDS)
def test_no_event_stands_8_db_above_its_bed(name: str) -> None:
    audio = bed(name)
    loudest = max(
        loudness_of(np.ascontiguousarray(audio[:, at : at + 17640]))
        for at in range(0, audio.shape[1] - 17640, 17640)
    )
    assert loudest < loudness_of(audio) + 8


@pytest.mark.parametrize("name", sorted(set(BEDS) - {"hum", "shimmer"}))
def test_no_bed_repeats_itself(name: str) -> None:
    """The waveform resembles no later part of itself: it is not a loop."""
    mono = bed(name)[0].astype(np.float64)
    size = 1 << (2 * mono.size - 1).bit_length()
    spectrum = np.fft.rfft(mono - mono.mean(), size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, size)
    later = correlation[SAMPLE_RATE : mono.size * 3 // 4]
    assert np.abs(later).max() / correlation[0] < 0.15


@pytest.mark.parametrize("name", ["hum", "shimmer"])
def test_tonal_beds_never_hold_still(name: str) -> None:
    """Their tones stay, so look at how loud each band is from moment to moment."""
    audio = bed(name)
    frames = np.stack(
        [
            np.abs(np.fft.rfft(audio[0, at : at + 8192]))
            for at in range(0, audio.shape[1] - 8192, 8192)
        ]
    )
    strongest = frames[:, np.argsort(frames.mean(axis=0))[-12:]]
    frames_db = 20 * np.log10(strongest + 1e-6)
    assert frames_db.std(axis=0).mean() > 1.0


@pytest.mark.parametrize("name", BEDS)
def test_a_bed_begins_the_same_however_long_it_lasts(name: str) -> None:
    short = render_bed(name, {}, TILE + 12345, 9)
    long = render_bed(name, {}, 3 * TILE + 77, 9)
    assert long[:, : short.shape[1]].tobytes() == short.tobytes()


@pytest.mark.parametrize("name", BEDS)
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(name: str) -> None:
    one, again, other = (render_bed(name, {}, SAMPLE_RATE, seed) for seed in (3, 3, 4))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


def test_beds_are_the_same_in_a_process_with_another_hash_seed() -> None:
    script = (
        "import hashlib\n"
        "from soundflow_assets.synthesis.nature.beds import BEDS, render_bed\n"
        "digest = hashlib.sha256()\n"
        "for name in BEDS:\n"
        "    digest.update(render_bed(name, {}, 40000, 3).tobytes())\n"
        "print(digest.hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("name", ["rain", "ocean", "forest", "crickets"])
def test_working_memory_does_not_grow_with_length(name: str) -> None:
    out = np.empty((2, 90 * SAMPLE_RATE), np.float32)
    render_bed_into(name, {}, out[:, :TILE].copy(), 1)
    tracemalloc.start()
    render_bed_into(name, {}, out, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_rain_falls_off_by_three_and_a_half_decibels_an_octave() -> None:
    audio = render_bed("rain", {"roof_db": -60, "drops_per_s": 150}, 12 * SAMPLE_RATE, 2)
    octaves = np.arange(4)
    levels = [density_db(audio, 500 * 2.0**n, 1000 * 2.0**n) for n in octaves]
    slope = np.polyfit(octaves, levels, 1)[0]
    assert -4.5 < slope < -2.5


def test_the_sea_breaks_every_seven_to_thirteen_seconds() -> None:
    """Between two waves the treble falls far below what it is when one breaks."""
    audio = bed("ocean")
    high = audio - np.roll(audio, 1, axis=1)
    levels = levels_db(high, 0.25)
    assert np.percentile(levels, 95) - np.percentile(levels, 5) > 8


def test_leaves_follow_the_gusts_of_the_wind() -> None:
    """On average: a minute may have few gusts."""
    size = SAMPLE_RATE
    found = []
    for seed in (4, 5, 6, 7):
        audio = render_bed("wind", {"gust_db": 6}, 60 * SAMPLE_RATE, seed)
        spectrum = np.abs(np.fft.rfft(audio[0].reshape(60, size))) ** 2
        low = np.log(spectrum[:, 250:900].sum(axis=1))
        high = np.log(spectrum[:, 2500:6000].sum(axis=1))
        found.append(np.corrcoef(low, high)[0, 1])
    assert min(found) > 0.2 and np.mean(found) > 0.5


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("wind", (250, 900), (4000, 9000)), ("river", (300, 2500), (6000, 12000)),
     ("fire", (60, 120), (2000, 6000)), ("crickets", (4000, 5000), (1500, 3000)),
     ("shimmer", (900, 6000), (100, 500)), ("room", (100, 400), (3000, 9000)),
     ("hum", (90, 500), (1500, 6000)), ("white", (200, 3000), (12000, 16000))],
)  # fmt: skip
def test_every_bed_has_its_power_where_it_belongs(
    name: str, low: tuple[int, int], high: tuple[int, int]
) -> None:
    assert density_db(bed(name), *low) > density_db(bed(name), *high) + 6


def test_hum_is_in_tune_with_what_it_is_told() -> None:
    audio = render_bed("hum", {"tune_hz": 97.0}, 4 * SAMPLE_RATE, 1)
    spectrum = np.abs(np.fft.rfft(audio[0] * np.hanning(audio.shape[1])))
    strongest = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE)[int(np.argmax(spectrum))]
    assert strongest / 97.0 == pytest.approx(round(strongest / 97.0), abs=0.005)


def test_what_is_unknown_or_out_of_range_is_named() -> None:
    with pytest.raises(BadInput, match=r"nature\.yaml: beds\.hail: unknown bed; known: rain"):
        render_bed("hail", {}, 100, 0)
    with pytest.raises(BadInput, match=r"beds\.rain\.drops: unknown field; known: .*drops_per_s"):
        render_bed("rain", {"drops": 3}, 100, 0)
    with pytest.raises(BadInput, match=r"beds\.rain\.drops_per_s: .*600, found 9000"):
        validate({"rain": {"drops_per_s": 9000}})
