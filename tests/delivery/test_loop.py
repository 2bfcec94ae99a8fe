"""A loop repeats without a seam: level, wave, bars and length, whatever the track."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import short_track
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.oggvorbis import OggVorbis

from soundflow_assets.audio import SAMPLE_RATE, Pcm
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.excerpt import ends_of
from soundflow_assets.delivery.loop import LoopCut, find_loop, loop_blocks, write_loop
from soundflow_assets.delivery.loop_places import keeps_time
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.joins import join_of, verdict_of_loop
from soundflow_assets.mastering.master import aim_of, level, premaster
from soundflow_assets.reel import in_blocks, reel_of
from soundflow_assets.synthesis.kernels.loudness import weighted_energies
from soundflow_assets.synthesis.stems import render_sum

SECONDS = 60.0
BAR = 2 * SAMPLE_RATE
ENERGIES = (0.3, 0.6, 0.6, 0.3)


def energies(pcm: Pcm) -> np.ndarray:
    audio = (pcm.T / 32768.0).astype(np.float32)
    return weighted_energies(np.ascontiguousarray(audio), 4410)


def reader(pcm: Pcm):
    return lambda start, stop: pcm[start:stop]


@pytest.fixture(scope="module")
def score() -> Score:
    return short_track.score(SECONDS, energies=ENERGIES)


@pytest.fixture(scope="module")
def pcm(score: Score) -> Pcm:
    plan = short_track.plan(SECONDS)
    reel = reel_of(render_sum(plan, score))
    premaster(plan, score, reel)
    return level(aim_of(plan), reel).pcm


@pytest.fixture(scope="module")
def cut(score: Score, pcm: Pcm) -> LoopCut:
    found = find_loop(score, reader(pcm), energies(pcm), len(pcm), steady=True)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def frames(cut: LoopCut, pcm: Pcm) -> np.ndarray:
    return np.concatenate(list(loop_blocks(cut, reader(pcm))))


def rms_db(part: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64))))


def test_a_loop_is_whole_phrases_between_opening_and_ending(cut: LoopCut, score: Score) -> None:
    assert cut.bars is not None
    assert cut.bars % 8 == 0
    assert cut.samples == cut.bars * BAR
    assert 0 <= -cut.start % BAR <= 0.01 * SAMPLE_RATE
    assert cut.start + cut.bar > score.sections[0].end_s * SAMPLE_RATE
    assert cut.end <= score.sections[-1].start_s * SAMPLE_RATE


def test_the_file_is_exactly_the_loop_and_says_so(
    cut: LoopCut, score: Score, pcm: Pcm, frames: np.ndarray, tmp_path: Path
) -> None:
    path, again = tmp_path / "one.ogg", tmp_path / "two.ogg"
    for target in (path, again):
        write_loop(cut, reader(pcm), target, "Harbour")
    assert path.read_bytes() == again.read_bytes()
    heard = decode(path).audio.T
    assert heard.shape == frames.shape == (cut.samples, 2)
    assert rms_db(heard - frames) < rms_db(frames) - 15
    tags = OggVorbis(path)
    assert (tags["loopstart"], tags["looplength"]) == (["0"], [str(cut.samples)])
    assert verdict_of_loop(path, cut.samples, score.bpm).passed


def test_the_ends_tell_what_the_whole_file_does(
    cut: LoopCut, score: Score, pcm: Pcm, tmp_path
) -> None:
    path = tmp_path / "loop.ogg"
    write_loop(cut, reader(pcm), path, "Harbour")
    whole = decode(path).audio
    ends = ends_of(path, BAR)
    assert ends.samples == whole.shape[1]
    np.testing.assert_allclose(ends.head, whole[:, :BAR], atol=1e-6)
    np.testing.assert_allclose(ends.tail, whole[:, -BAR:], atol=1e-6)
    heard = hear(in_blocks(whole), SAMPLE_RATE)
    join = join_of(heard.ends, heard.levels.energies, whole.shape[1], score.bpm)
    verdict = verdict_of_loop(path, cut.samples, score.bpm)
    assert verdict.value == pytest.approx(join.level_step_db, abs=0.03)


def test_a_loop_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.ogg"
    path.write_bytes(b"OggS" + bytes(100))
    with pytest.raises(BadInput, match=r"loop\.ogg: cannot be read"):
        verdict_of_loop(path, 100, 120.0)


def test_the_join_is_a_place_of_the_track_itself(
    cut: LoopCut, pcm: Pcm, frames: np.ndarray
) -> None:
    """What leads into the beginning is what led into it in the track, so nothing can jump."""
    np.testing.assert_allclose(frames[-200:], pcm[cut.start - 200 : cut.start] / 32768.0, atol=2e-4)
    np.testing.assert_array_equal(
        frames[: cut.samples - cut.blend], pcm[cut.start : cut.end - cut.blend] / np.float32(32768)
    )
    assert abs(rms_db(frames[-BAR:]) - rms_db(frames[:BAR])) <= 1.0


def test_the_pulse_goes_on_through_the_join(frames: np.ndarray) -> None:
    """A bar across the join sounds like a bar elsewhere: its beats lie where they did."""
    across = np.concatenate((frames[-BAR // 2 :], frames[: BAR // 2]))
    inside = frames[BAR // 2 : BAR // 2 + BAR]
    beats = [np.square(part).reshape(100, -1).sum(axis=1) for part in (across, inside)]
    assert np.corrcoef(*beats)[0, 1] > 0.8


@settings(max_examples=30, deadline=None)
@given(likeness=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_blend_keeps_its_power_whatever_it_blends(likeness: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.standard_normal((2, BAR, 2)) * 1500
    other = likeness * one + np.sqrt(1 - likeness**2) * other
    whole = np.concatenate((other, one, one)).astype(np.int16)
    cut = LoopCut(BAR, 3 * BAR, None, BAR, BAR)
    blend = list(loop_blocks(cut, reader(whole)))[-1]
    thirds = [rms_db(part) for part in np.array_split(blend, 3)]
    assert max(thirds) - min(thirds) < 0.7


def test_a_blend_is_not_louder_than_what_it_blends_where_peaks_meet() -> None:
    beat = np.zeros((BAR, 2), np.int16)
    beat[:: BAR // 4] = 32000
    noise = np.random.default_rng(1).integers(-8000, 8000, (BAR, 2))
    whole = np.concatenate((beat, noise, np.maximum(beat, noise))).astype(np.int16)
    blend = list(loop_blocks(LoopCut(BAR, 3 * BAR, None, BAR, BAR), reader(whole)))[-1]
    assert np.abs(blend).max() <= 32000 / 32768 + 1e-6


def test_music_without_a_beat_is_cut_at_any_bar_and_blended_for_longer(
    score: Score, pcm: Pcm, cut: LoopCut
) -> None:
    free = find_loop(score, reader(pcm), energies(pcm), len(pcm), steady=False)
    assert free is not None
    assert free.bars is None
    assert free.blend > cut.blend
    assert free.samples >= cut.samples


def test_only_genres_without_beat_and_phrases_are_free_of_bars() -> None:
    beatless = {"drums": {}}
    assert keeps_time(short_track.spec())
    assert not keeps_time(short_track.spec(**beatless))
    rubato = {"min": 60, "max": 140, "default": 72, "rubato": 0.04}
    assert keeps_time(short_track.spec(**beatless, bpm=rubato))


def test_a_track_too_short_for_eight_bars_has_no_loop() -> None:
    score = short_track.score(20.0, energies=ENERGIES)
    silence = np.ones((20 * SAMPLE_RATE, 2), np.int16)
    assert find_loop(score, reader(silence), energies(silence), len(silence), steady=True) is None


def test_a_track_whose_level_never_fits_has_no_loop(score: Score) -> None:
    """Rising by 3 dB every bar: no bar is level with one before it."""
    rise = 10 ** (3 * np.arange(60 * SAMPLE_RATE)[:, None] / BAR / 20)
    noise = np.random.default_rng(2).standard_normal((60 * SAMPLE_RATE, 2))
    pcm = (0.4 * rise * noise).clip(-32768, 32767).astype(np.int16)
    assert find_loop(score, reader(pcm), energies(pcm), len(pcm), steady=True) is None


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda pcm: pcm[:-1], "instead of"),
        (lambda pcm: (pcm * np.linspace(0.5, 1, len(pcm))[:, None]).astype(np.int16), "level"),
        (lambda pcm: np.concatenate((pcm[:-1], pcm[:1] * 0 + 30000)), "wave [0-9]"),
    ],
)
def test_a_bad_join_is_told(cut: LoopCut, frames: np.ndarray, tmp_path: Path, spoil, said) -> None:
    from soundflow_assets.delivery.transcode import export

    pcm = np.rint(frames * 32767).astype(np.int16)
    path = tmp_path / "bad.flac"
    path.write_bytes(export(spoil(pcm), SAMPLE_RATE, "flac"))
    verdict = verdict_of_loop(path, cut.samples, short_track.BPM)
    assert not verdict.passed
    assert re.search(said, verdict.message)
