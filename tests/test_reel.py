"""Reels give back what was put on them, and leave no file behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.reel import BLOCK, HeldPcmReel, HeldReel, PcmReel, Reel, reel_of, stretches


@settings(max_examples=30, deadline=None)
@given(samples=st.integers(1, 300), cuts=st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_what_is_written_anywhere_is_read_back(samples: int, cuts: tuple[int, int]) -> None:
    start, stop = sorted(min(cut, samples) for cut in cuts)
    audio = np.random.default_rng(samples).standard_normal((2, samples)).astype(np.float32)
    expected = np.zeros_like(audio)
    expected[:, start:stop] = audio[:, start:stop]
    for reel in (Reel(samples), HeldReel(np.zeros_like(audio))):
        assert not reel.read(0, samples).any(), "a reel is silent at first"
        reel.write(start, audio[:, start:stop])
        np.testing.assert_array_equal(reel.read(0, samples), expected)
    np.testing.assert_array_equal(reel_of(audio).read(start, stop), audio[:, start:stop])


def test_writing_back_while_reading_changes_the_reel(tmp_path: Path) -> None:
    reel = reel_of(np.ones((2, BLOCK + 7), dtype=np.float32), tmp_path)
    for start, audio in reel.blocks():
        reel.write(start, 2.0 * audio)
    assert np.all(reel.read(0, BLOCK + 7) == 2.0)
    assert list(tmp_path.iterdir()) == [], "the file has no name"


def test_what_was_read_of_a_held_reel_does_not_change_with_it() -> None:
    reel = HeldReel(np.zeros((2, 9), dtype=np.float32))
    before = reel.read(0, 9)
    reel.write(0, np.ones((2, 9), dtype=np.float32))
    assert not before.any()


@pytest.mark.parametrize("margin", [0, 12])
def test_a_stretch_comes_with_what_surrounds_it(margin: int) -> None:
    audio = np.random.default_rng(1).standard_normal((2, 2 * BLOCK + 5)).astype(np.float32)
    for reel in (reel_of(audio), HeldReel(audio)):
        end = 0
        for start, stop, first, near in reel.surrounded(margin):
            assert start == end
            assert first == max(0, start - margin)
            last = min(audio.shape[1], stop + margin)
            np.testing.assert_array_equal(near[:, : last - first], audio[:, first:last])
            end = stop
        assert end == audio.shape[1]


def test_a_held_reel_is_changed_in_place() -> None:
    reel = HeldReel(np.ones((2, BLOCK + 7), dtype=np.float32))
    for start, audio in reel.blocks():
        audio *= np.float32(2.0)
        reel.write(start, audio)
    assert np.all(reel.read(0, BLOCK + 7) == 2.0)


@pytest.mark.parametrize("reel", [PcmReel(), HeldPcmReel()])
def test_pcm_is_appended_and_read_anywhere(reel: PcmReel) -> None:
    pcm = np.arange(600, dtype=np.int16).reshape(-1, 2)
    reel.append(pcm[:100])
    assert np.array_equal(reel.read(10, 20), pcm[10:20])
    reel.append(pcm[100:])
    assert reel.samples == 300
    assert np.array_equal(reel.read(50, 250), pcm[50:250])


def test_stretches_cover_everything_once() -> None:
    spans = list(stretches(2 * BLOCK + 5))
    assert spans == [(0, BLOCK), (BLOCK, 2 * BLOCK), (2 * BLOCK, 2 * BLOCK + 5)]
    assert all(BLOCK % step == 0 for step in (32, 45, 64, 441, 4410))
