"""The pads' amplitude modulation: where it is asked for, at its rate and depth, or not at all."""

import dataclasses
import itertools

import numpy as np
import pytest
import short_track
from test_stems import stems_of

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.plans.model import Modulation
from soundflow_assets.synthesis.effects.modulation import swell_of
from soundflow_assets.synthesis.kernels.mixing import CONTROL


@pytest.fixture(scope="module")
def plain() -> dict[str, Audio]:
    return stems_of(short_track.plan())


def gain_of(modulated: Audio, plain: Audio) -> tuple[np.ndarray, np.ndarray]:
    """Return the gain between two renderings of a stem, and when: where there is sound."""
    loud = np.abs(plain[0]) > 1e-3
    return modulated[0][loud] / plain[0][loud], np.flatnonzero(loud) / SAMPLE_RATE


@pytest.mark.parametrize(
    ("asked", "hertz"),
    [
        ({"depth_percent": 30.0}, 8.0 * short_track.BPM / 60.0),
        ({"depth_percent": 12.0, "rate_hz": 15.5}, 15.5),
    ],
)
def test_the_pad_swells_at_the_rate_and_depth_that_are_asked_for(
    plain: dict[str, Audio], asked: dict[str, float], hertz: float
) -> None:
    stems = stems_of(short_track.plan(modulation=asked))
    gain, at_s = gain_of(stems["pad"], plain["pad"])
    swing = asked["depth_percent"] / (200.0 - asked["depth_percent"])
    # A pure cosine with its crest at the start: nothing that could be heard as a stutter.
    expected = 1.0 + swing * np.cos(2.0 * np.pi * hertz * at_s)
    np.testing.assert_allclose(gain, expected, atol=0.002)
    assert gain.min() / gain.max() == pytest.approx(1.0 - asked["depth_percent"] / 100.0, abs=0.003)


def test_nothing_but_the_pad_is_modulated(plain: dict[str, Audio]) -> None:
    stems = stems_of(short_track.plan(modulation={"depth_percent": 35.0}))
    assert [role for role in stems if stems[role].tobytes() != plain[role].tobytes()] == ["pad"]


def test_a_depth_of_nothing_is_the_same_bytes_as_no_field(plain: dict[str, Audio]) -> None:
    stems = stems_of(short_track.plan(modulation={"depth_percent": 0.0}))
    assert {role: audio.tobytes() for role, audio in stems.items()} == {
        role: audio.tobytes() for role, audio in plain.items()
    }


def test_locked_to_the_tempo_every_beat_is_a_crest_whatever_the_rubato() -> None:
    times = (0.0, 0.55, 1.0, 1.62, 2.0, 2.48, 3.0)
    score = dataclasses.replace(short_track.score(8.0), beat_times_s=times)
    points = swell_of(Modulation(depth_percent=30.0), score, 3 * SAMPLE_RATE)
    level = np.interp(np.arange(3 * SAMPLE_RATE) / CONTROL, np.arange(points.size), points)
    for start, stop in itertools.pairwise(times):
        at = [round((start + (stop - start) * k / 16.0) * SAMPLE_RATE) for k in range(16)]
        np.testing.assert_allclose(level[at[::2]], level.max(), rtol=2e-3)
        np.testing.assert_allclose(level[at[1::2]], level.min(), rtol=2e-3)
