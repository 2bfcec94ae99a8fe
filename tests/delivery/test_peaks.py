"""Peaks against a slow reference written from the format's description."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import ceil, trunc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.peaks import peaks, peaks_json

Programme = Callable[[int], Pcm]


def slow_peaks(pcm: list[tuple[int, int]], per_pixel: int) -> list[int]:
    data: list[int] = []
    for start in range(0, len(pcm), per_pixel):
        mono = [trunc((left + right) / 2) for left, right in pcm[start : start + per_pixel]]
        data += [trunc(min(mono) / 256), trunc(max(mono) / 256)]
    return data


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(-32768, 32767)] * 2), min_size=1, max_size=200),
    st.integers(1, 50),
    st.lists(st.integers(1, 200), max_size=4),
)
def test_peaks_are_those_of_the_slow_reference_however_the_programme_is_cut(
    pcm: list[tuple[int, int]], points: int, cuts: list[int]
) -> None:
    samples = np.array(pcm, dtype=np.int16)
    blocks = np.split(samples, sorted({min(cut, len(pcm)) for cut in cuts}))
    document = peaks([block for block in blocks if len(block)], len(pcm), 44100, points)
    per_pixel = ceil(len(pcm) / points)
    assert document["samples_per_pixel"] == per_pixel
    assert document["data"] == slow_peaks(pcm, per_pixel)
    assert document["length"] * 2 == len(document["data"])


def test_a_track_has_about_eighteen_hundred_points(programme: Programme) -> None:
    document = json.loads(peaks_json([programme(20 * 44100)], 20 * 44100, 44100))
    assert 1790 <= document["length"] <= 1800
    assert {key: document[key] for key in ("version", "channels", "sample_rate", "bits")} == {
        "version": 2,
        "channels": 1,
        "sample_rate": 44100,
        "bits": 8,
    }
    assert all(-128 <= value <= 127 for value in document["data"])
