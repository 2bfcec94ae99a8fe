"""Music and bed as two files: together they are the mix, and either may be louder or softer."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from week import MONDAY, library_in, make

from soundflow_assets.audio import BED, MUSIC, SAMPLE_RATE
from soundflow_assets.delivery.stem_pair import CEILING_DBFS, StemPair, write_pair
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.reel import reel_of

SECONDS = 4
TIMES = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
RAIN = np.convolve(np.random.default_rng(5).normal(0, 0.5, len(TIMES)), np.ones(64) / 64, "same")


def stereo(wave: np.ndarray) -> np.ndarray:
    return np.stack((wave, 0.8 * wave)).astype(np.float32)


STEMS = {
    "chords": stereo(0.06 * sum(np.sin(2 * np.pi * hz * TIMES) for hz in (220, 277, 330))),
    "drums": stereo(0.2 * np.sin(2 * np.pi * 60 * TIMES) * np.exp(-8 * (TIMES % 0.5))),
    BED: stereo(0.3 * RAIN),
}


def written(folder: Path, target_lufs: float) -> tuple[StemPair, dict[str, np.ndarray]]:
    paths = {name: folder / f"{name}.ogg" for name in (MUSIC, BED)}
    reels = {role: reel_of(audio) for role, audio in STEMS.items()}
    pair = write_pair(reels, target_lufs, paths, "Short")
    return pair, {name: soundfile.read(path)[0] for name, path in paths.items()}


@pytest.mark.parametrize("target_lufs", [-24.0, -20.0])
def test_both_files_together_are_the_mix_at_one_gain(tmp_path: Path, target_lufs: float) -> None:
    pair, found = written(tmp_path, target_lufs)
    mix = sum(STEMS.values()).T
    together = found[MUSIC] + found[BED]
    assert together.shape == mix.shape
    gain = np.sum(together * mix) / np.sum(mix * mix)
    assert np.std(together - gain * mix) < 0.1 * np.std(gain * mix)  # the codec's error
    assert pair.loudness_lufs == pytest.approx(target_lufs, abs=0.02)
    bed = np.sum(found[BED] * STEMS[BED].T) / np.sum(STEMS[BED].T ** 2)
    assert bed == pytest.approx(gain, rel=0.1)


def test_loudness_gives_way_to_the_ceiling(tmp_path: Path) -> None:
    pair, _ = written(tmp_path, -2.0)
    assert pair.peak_dbfs == pytest.approx(CEILING_DBFS, abs=0.01)
    assert pair.loudness_lufs < -6


def test_a_plan_that_asks_for_stems_has_both_files_published(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    library = library_in(tmp_path / "bucket")
    plan = free_plan(load_configs(), MONDAY, "nature_daily", 10.0)
    made = make(library, plan.model_copy(update={"outputs": ("stems",)}), tmp_path / "scratch")
    entry = made.published.sidecar.entry
    assert entry.stems is not None
    assert entry.loop is None
    for key in (entry.stems.music_key, entry.stems.bed_key):
        assert key in set(entry.keys())
        with soundfile.SoundFile(io.BytesIO(library.public.get(key).body)) as file:
            assert (file.frames, file.samplerate) == (10 * SAMPLE_RATE, SAMPLE_RATE)
    assert entry.stems.peak_dbfs <= CEILING_DBFS
    assert entry.stems.loudness_lufs == pytest.approx(plan.target_lufs, abs=3)
