"""Every gate passes a good file and stops the one fault it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.delivery.mp3 import encode
from soundflow_assets.delivery.transcode import export
from soundflow_assets.listening.gates import Expected, expected_of, inspect
from soundflow_assets.listening.loudness import integrated
from soundflow_assets.plans.model import TrackPlan

RATE = 44100
GATES = (
    "decodes", "duration", "bitrate", "loudness", "true_peak", "clipping", "dc", "silence",
    "stereo",
)  # fmt: skip


def file_of(audio: Audio, bitrate_kbps: int = 320) -> bytes:
    pcm = np.clip(np.rint(audio.T * 32768), -32768, 32767).astype(np.int16)
    return encode(pcm, RATE, bitrate_kbps, Tags("Test"))


@pytest.fixture(scope="module")
def expected(music: Audio) -> Expected:
    return Expected(
        samples=music.shape[1],
        sample_rate=RATE,
        bitrate_kbps=320,
        target_lufs=round(integrated(music), 2),
        longest_silence_s=0.3,
        tail_start_s=5.5,
    )


def faults(data: bytes, expected: Expected) -> set[str]:
    return {verdict.name for verdict in inspect(data, expected).verdicts if not verdict.passed}


def test_a_good_file_passes_every_gate(music: Audio, expected: Expected) -> None:
    inspection = inspect(file_of(music), expected)
    assert tuple(verdict.name for verdict in inspection.verdicts) == GATES
    assert inspection.passed, [one.message for one in inspection.verdicts if not one.passed]
    assert inspection.heard is not None
    assert inspection["loudness"].value == pytest.approx(expected.target_lufs, abs=0.1)


def hole(audio: Audio) -> Audio:
    out = audio.copy()
    out[:, 2 * RATE : int(2.5 * RATE)] = 0
    return out


def mono(audio: Audio) -> Audio:
    return np.stack((audio[0], audio[0]))


def opposite(audio: Audio) -> Audio:
    return np.stack((audio[0], -audio[0]))


def offset(audio: Audio) -> Audio:
    # Fading the offset in keeps it free of clicks; its mean stays far above the limit.
    return (audio + 0.02).astype(np.float32)


def one_sided(audio: Audio) -> Audio:
    return np.stack((1.35 * audio[0], np.zeros_like(audio[0])))


@pytest.mark.parametrize(
    ("fault", "gates"),
    [
        (hole, {"silence"}),
        (mono, {"stereo"}),
        (opposite, {"stereo"}),
        (one_sided, {"stereo"}),
        (offset, {"dc"}),
        (lambda audio: audio * np.float32(1.2), {"loudness"}),
        (lambda audio: audio * np.float32(0.85), {"loudness"}),
        (lambda audio: audio * np.float32(8.0), {"loudness", "true_peak", "clipping"}),
        (lambda audio: audio[:, :-1], {"duration"}),
        (lambda audio: np.concatenate((audio, audio[:, :1]), axis=1), {"duration"}),
    ],
)
def test_each_fault_is_stopped_by_its_gate(
    music: Audio, expected: Expected, fault: Callable[[Audio], Audio], gates: set[str]
) -> None:
    allowed = {"loudness"} if fault in (mono, opposite, one_sided) else set()
    found = faults(file_of(fault(music)), expected)
    assert found - allowed == gates


def test_the_wrong_bitrate_is_stopped(music: Audio, expected: Expected) -> None:
    assert "bitrate" in faults(file_of(music, 256), expected)
    assert faults(file_of(music, 256), replace(expected, bitrate_kbps=256)) == set()


def test_a_short_peak_is_stopped_though_loudness_is_right(music: Audio, expected: Expected) -> None:
    spiked = music.copy()
    time_s = np.arange(200) / RATE
    spiked[:, RATE : RATE + 200] = 0.99 * np.sin(2 * np.pi * 1500 * time_s)
    assert faults(file_of(spiked), expected) == {"true_peak"}


def test_the_tail_may_fade_into_silence_but_the_body_may_not(
    music: Audio, expected: Expected
) -> None:
    ending = music.copy()
    ending[:, int(5.6 * RATE) :] = 0
    late = replace(expected, longest_silence_s=0.2)
    assert faults(file_of(ending), late) == set()
    assert faults(file_of(ending), replace(late, tail_start_s=6.0)) == {"silence"}


def test_a_late_start_is_silence(music: Audio, expected: Expected) -> None:
    late = music.copy()
    late[:, : int(0.4 * RATE)] = 0
    verdict = inspect(file_of(late), expected)["silence"]
    assert not verdict.passed
    assert "from 0.00 s on" in verdict.message


@pytest.mark.parametrize("content", [b"", b"<html>no such key</html>", b"ID3\x04"])
def test_what_does_not_decode_fails_the_first_gate_with_the_reason(
    content: bytes, expected: Expected
) -> None:
    inspection = inspect(content, expected)
    assert [verdict.name for verdict in inspection.verdicts] == ["decodes"]
    assert not inspection.passed
    assert inspection.heard is None
    assert inspection["decodes"].message.startswith("audio: ")


def test_another_format_is_not_an_mp3(music: Audio, expected: Expected) -> None:
    wav = export((music.T * 32767).astype(np.int16), RATE, "wav")
    assert "wav file, not an MP3" in inspect(wav, expected)["decodes"].message


def test_a_truncated_file_does_not_decode(music: Audio, expected: Expected) -> None:
    assert faults(file_of(music)[:-5000], expected) == {"decodes"}


def test_silence_fails_without_crashing(expected: Expected) -> None:
    still = np.zeros((2, expected.samples), np.float32)
    assert faults(file_of(still), expected) == {"loudness", "silence", "stereo"}


def test_another_sample_rate_is_a_wrong_duration(music: Audio, expected: Expected) -> None:
    pcm = (music.T * 32767).astype(np.int16)
    assert "duration" in faults(encode(pcm, 48000, 320, Tags("Test")), expected)


def test_what_is_expected_comes_from_plan_and_score(plan: TrackPlan, score: Score) -> None:
    assert expected_of(plan, score) == Expected(264600, 44100, 192, -14.0, 0.3, 5.5)


def test_music_without_drums_may_pause_longer(plan: TrackPlan, score: Score) -> None:
    muted = plan.model_copy(update={"layers": plan.layers.model_copy(update={"drums": 0})})
    without = plan.model_copy(update={"choices": plan.choices.model_copy(update={"kit": None})})
    assert expected_of(muted, score).longest_silence_s == 1.0
    assert expected_of(without, score).longest_silence_s == 1.0
