"""A track taken apart and put together again: stems, the pair of music and bed, the archive."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import short_track
from mutagen.flac import FLAC

from soundflow_assets.composition.compose import compose
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.stem_files import StemReel, write_archive, write_stem_files
from soundflow_assets.export import write_stems
from soundflow_assets.plans.model import Bed
from soundflow_assets.reel import reel_of
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.stems import render_sum

PLAN = short_track.plan(beds=(Bed(name="rain", gain_db=0.0),), bed_loudness_lu=-6.0)
SCORE = compose(PLAN)
SAMPLES = 12 * 44100
ROLES = ["drums", "bass", "chords", "pad", "delay", "reverb", "bed"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_stems(PLAN, tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def heard(files: dict[str, Path]) -> dict[str, np.ndarray]:
    flacs = {name: path for name, path in files.items() if path.suffix == ".flac"}
    return {path.stem: decode(path).audio.astype(np.float64) for path in flacs.values()}


@pytest.fixture(scope="module")
def told(files: dict[str, Path]) -> dict[str, Any]:
    return json.loads(files["stems/stems.json"].read_text())


def peak_db(audio: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(audio).max() + 1e-12))


def test_every_role_is_a_flac_of_24_bits_as_long_as_the_track(
    files: dict[str, Path], told: dict[str, Any]
) -> None:
    assert [stem["role"] for stem in told["stems"]] == ROLES
    assert {f"{name}.flac" for name in (*ROLES, "music")} | {"stems.json"} == {
        name.removeprefix("stems/") for name in files
    }
    for path in files.values():
        if path.suffix == ".flac":
            info = FLAC(path).info
            assert (info.bits_per_sample, info.sample_rate, info.total_samples) == (
                24, 44100, SAMPLES,
            )  # fmt: skip


def test_stems_add_up_to_the_music_to_the_last_bit(
    heard: dict[str, np.ndarray], told: dict[str, Any]
) -> None:
    summed = sum(heard[Path(name).stem] for name in told["music"]["files"])
    np.testing.assert_array_equal(summed, heard["music"])


def test_music_and_bed_are_the_mix_before_the_master_bus(
    heard: dict[str, np.ndarray], told: dict[str, Any]
) -> None:
    mixed = render_sum(PLAN, SCORE)
    assert told["mix"]["files"] == ["music.flac", "bed.flac"]
    assert told["headroomDb"] == 0
    assert peak_db(heard["music"] + heard["bed"] - mixed) < -90
    assert told["mix"]["loudnessLufs"] == pytest.approx(loudness_of(mixed), abs=0.02)


def test_the_music_has_nothing_of_the_bed_nor_of_its_room(heard: dict[str, np.ndarray]) -> None:
    alone = render_sum(PLAN.model_copy(update={"beds": ()}), SCORE)
    assert peak_db(heard["music"] - alone) < -90


def test_each_stem_is_described_as_it_was_mixed(
    heard: dict[str, np.ndarray], told: dict[str, Any]
) -> None:
    for stem in told["stems"]:
        loudness = loudness_of(heard[stem["role"]].astype(np.float32))
        assert stem["loudnessLufs"] == pytest.approx(loudness, abs=0.05)
    layers = {stem["role"]: (stem["layer"], stem["gainDb"]) for stem in told["stems"]}
    assert layers["chords"] == ("music", 0.0)
    assert layers["bed"] == ("ambience", 0.0)
    assert layers["reverb"] == ("space", 0.0)


def test_an_archive_is_the_same_bytes_again_and_holds_the_files_as_they_are(
    files: dict[str, Path], tmp_path: Path
) -> None:
    again = write_stems(PLAN, tmp_path / "again")
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    write_archive(files, one)
    write_archive(again, two)
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("stems/bass.flac") == files["stems/bass.flac"].read_bytes()


def test_stems_that_are_too_loud_are_all_halved_and_still_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    reels = [
        StemReel(role, "music", 0.0, reel_of(rng.uniform(-0.9, 0.9, (2, 5000)).astype(np.float32)))
        for role in ("one", "two", "three", "bed")
    ]
    files = write_stem_files(reels, "Loud", tmp_path)
    told = json.loads(files["stems.json"].read_text())
    assert told["headroomDb"] == pytest.approx(12.04)
    music, bed = (decode(files[name]).audio for name in told["mix"]["files"])
    whole = sum(one.reel.read(0, 5000) for one in reels)
    assert peak_db(4 * (music + bed) - whole) < -90


def test_a_bed_alone_is_a_mix_without_music(tmp_path: Path) -> None:
    bed = StemReel("bed", "ambience", 0.0, reel_of(np.full((2, 5000), 0.1, np.float32)))
    files = write_stem_files([bed], "Rain", tmp_path)
    assert files.keys() == {"bed.flac", "stems.json"}
    assert json.loads(files["stems.json"].read_text())["mix"]["files"] == ["bed.flac"]
