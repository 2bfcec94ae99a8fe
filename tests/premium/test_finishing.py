"""Generated sound to a track: rates, seams, lows, beats, air, loudness, gates."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds import BPM, music

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.delivery.decode import decode
from soundflow_assets.errors import Refused
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.verdict import Rejected
from soundflow_assets.mastering.colour import Binaural, Exciter, add_binaural, ducking
from soundflow_assets.mastering.premium import Finish, premaster_generated
from soundflow_assets.mastering.takes import at_house_rate, joined
from soundflow_assets.plans.targets import CategoryTargets
from soundflow_assets.premium.beats import beats_of
from soundflow_assets.premium.brief import Brief, brief_of
from soundflow_assets.premium.intake import Sound, admitted, read_sound
from soundflow_assets.premium.production import produce_premium
from soundflow_assets.premium.request import make_request
from soundflow_assets.progress import StageClock
from soundflow_assets.reel import in_blocks, reel_of
from soundflow_assets.settings import load_settings


def brief(duration: float = 12.0, **changes: Any) -> Brief:
    fields = {
        "track_id": "one", "category": "Deep Work", "date": dt.date(2026, 3, 1),
        "duration": duration, "finishing": {"fade_in_ms": 200, "fade_out_ms": 500},
    }  # fmt: skip
    return brief_of(make_request(fields | changes), load_settings({}))


def produced(folder: Path, audio: Any, asked: Brief, **sound: Any) -> Any:
    made = Sound((audio,), 32000, **sound)
    return produce_premium(made and asked, made, folder, StageClock("one"), CategoryTargets(), "x")


@pytest.mark.parametrize("rate", [32000, 48000])
def test_a_tone_keeps_its_pitch_and_leaves_no_image(rate: int) -> None:
    times = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 15000 * times).astype(np.float32)
    made = at_house_rate(np.stack([tone, tone]), rate)
    assert abs(made.shape[1] - SAMPLE_RATE) <= 1
    power = np.abs(np.fft.rfft(made[0, 2000:42000] * np.hanning(40000))) ** 2
    hz = np.fft.rfftfreq(40000, 1 / SAMPLE_RATE)
    assert abs(hz[power.argmax()] - 15000) < 2
    elsewhere = power[np.abs(hz - 15000) > 50].max()
    assert 10 * np.log10(elsewhere / power.max()) < -80


def test_parts_are_joined_where_they_fit_at_equal_power() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.standard_normal((2, 2, 5 * SAMPLE_RATE)).astype(np.float32) * 0.1
    whole, [seam] = joined([first, second], SAMPLE_RATE)
    assert seam == 4 * SAMPLE_RATE
    levels = [
        float(np.sqrt(np.mean(np.square(whole[:, at : at + SAMPLE_RATE]))))
        for at in (SAMPLE_RATE, seam, seam + SAMPLE_RATE)
    ]
    assert max(levels) / min(levels) < 1.05
    # The same music, late by 10 ms: the shift is found and nothing doubles.
    late = 441
    one = at_house_rate(music(8.0), 32000)
    again, _ = joined([one[:, : 5 * SAMPLE_RATE], one[:, 4 * SAMPLE_RATE - late :]], SAMPLE_RATE)
    at = slice(4 * SAMPLE_RATE + SAMPLE_RATE // 2 - 100, 4 * SAMPLE_RATE + SAMPLE_RATE // 2 + 100)
    same = np.sqrt(2.0) * one[:, at]  # equal power adds 3 dB where signals are equal
    assert float(np.abs(again[:, at] - same).max()) < 0.02


@pytest.mark.parametrize("bpm", [92.0, 126.0])
def test_beats_are_those_of_the_music_not_of_the_request(bpm: float) -> None:
    audio = at_house_rate(music(14.0, bpm=bpm), 32000)
    offset = round(0.13 * SAMPLE_RATE)
    heard = hear(in_blocks(np.ascontiguousarray(audio[:, offset:])), SAMPLE_RATE)
    beats, tempo = beats_of(heard, asked_bpm=bpm + 1.0)
    assert tempo == pytest.approx(bpm, rel=0.01)
    away = (np.asarray(beats) + 0.13) % (60 / bpm)
    away = np.minimum(away, 60 / bpm - away)
    assert float(np.median(away)) < 0.03
    assert len(beats) >= 14 * bpm / 60 - 4


def test_sound_without_a_beat_has_none() -> None:
    times = np.arange(12 * SAMPLE_RATE) / SAMPLE_RATE
    rng = np.random.default_rng(4)
    wash = rng.standard_normal((2, len(times))) * (0.05 + 0.03 * np.sin(times / 3.0))
    drone = (wash + 0.1 * np.sin(2 * np.pi * 110 * times)).astype(np.float32)
    beats, tempo = beats_of(hear(in_blocks(drone), SAMPLE_RATE))
    assert (beats, tempo) == ((), 0.0)


def test_ducking_is_deepest_on_the_beat_and_never_jumps() -> None:
    gains = ducking(2 * SAMPLE_RATE, np.array([0.5, 1.0, 1.5]), 1.0)
    assert gains[: round(0.49 * SAMPLE_RATE)].min() == 1.0
    assert gains[SAMPLE_RATE] == pytest.approx(10 ** (-9 / 20), abs=0.01)
    assert gains[round(1.49 * SAMPLE_RATE)] == pytest.approx(1.0, abs=0.001)
    assert float(np.abs(np.diff(gains)).max()) < 0.01


def test_the_exciter_adds_only_above_the_codecs_top() -> None:
    rng = np.random.default_rng(2)
    noise = at_house_rate(rng.standard_normal((2, 32000)).astype(np.float32) * 0.1, 32000)
    made = noise.copy()
    Exciter(1.0).process(made)

    def level(audio: Any, low: float, high: float) -> float:
        power = np.abs(np.fft.rfft(audio[0])) ** 2
        hz = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE)
        return float(10 * np.log10(power[(hz > low) & (hz < high)].mean() + 1e-20))

    assert level(made, 17000, 20000) > level(noise, 17000, 20000) + 20
    assert level(made, 17000, 20000) < level(noise, 8000, 11000) + 3
    assert abs(level(made, 100, 14000) - level(noise, 100, 14000)) < 0.1


def test_binaural_tones_differ_by_the_beat_and_rise_slowly() -> None:
    audio = np.zeros((2, 20 * SAMPLE_RATE), dtype=np.float32)
    tones = Binaural(10.0, 200.0, 0.1)
    half = audio.shape[1] // 2
    for start in (0, half):  # in stretches it is the same tone
        add_binaural(audio[:, start : start + half], start, audio.shape[1], tones)
    spectra = np.abs(np.fft.rfft(audio[:, 5 * SAMPLE_RATE : 15 * SAMPLE_RATE]))
    hz = np.fft.rfftfreq(10 * SAMPLE_RATE, 1 / SAMPLE_RATE)
    assert [float(hz[row.argmax()]) for row in spectra] == [195.0, 205.0]
    assert float(np.abs(audio[:, :2000]).max()) < 0.001


def test_lows_end_in_the_middle() -> None:
    """Models pan bass to one side; a phone then plays none of it."""
    times = np.arange(8 * SAMPLE_RATE) / SAMPLE_RATE
    audio = at_house_rate(music(8.0), 32000) * 0.3
    audio[0] += (0.3 * np.sin(2 * np.pi * 50 * times)).astype(np.float32)
    reel = reel_of(audio)
    premaster_generated("one", reel, Finish(fade_in_s=0.1, fade_out_s=0.1))
    made = reel.read(SAMPLE_RATE, 7 * SAMPLE_RATE)
    spectra = np.abs(np.fft.rfft(made))
    hz = np.fft.rfftfreq(made.shape[1], 1 / SAMPLE_RATE)
    left, right = (float(row[np.abs(hz - 50) < 1].max()) for row in spectra)
    assert abs(20 * np.log10(left / right)) < 1.0


def test_a_take_becomes_a_track_that_passes_every_gate(tmp_path: Path) -> None:
    asked = brief(
        finishing={
            "sidechain": 0.5,
            "exciter": 0.4,
            "binaural_hz": 10,
            "fade_in_ms": 200,
            "fade_out_ms": 500,
        }
    )
    made = produced(tmp_path, music(12.02), asked, seams_s=(4.0, 8.0))
    assert all(verdict.passed for verdict in made.verdicts)
    found = decode(made.files["mp3"])
    assert (found.bitrate_kbps, found.constant_bitrate) == (320, True)
    assert (found.samples, found.sample_rate) == (12 * SAMPLE_RATE, SAMPLE_RATE)
    assert made.measured("loudness") == pytest.approx(-14.0, abs=0.5)
    assert made.measured("true_peak") <= -1.0
    assert made.bpm == pytest.approx(BPM, rel=0.01)
    assert made.files["cover.png"].read_bytes()[:4] == b"\x89PNG"


def test_the_same_take_gives_the_same_bytes(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made = produced(tmp_path / name, music(10.0), brief(10.0))
        hashes.add(made.files["mp3"].read_bytes())
    assert len(hashes) == 1


def test_a_click_at_a_seam_keeps_a_track_from_being_published(tmp_path: Path) -> None:
    audio = music(12.0)
    audio[:, 6 * 32000] += 0.9
    with pytest.raises(Rejected, match=r"seams: clicks at 6\.00 s"):
        produced(tmp_path, audio, brief(), seams_s=(6.0,))


def test_a_hole_keeps_a_track_from_being_published(tmp_path: Path) -> None:
    audio = music(12.0)
    audio[:, 5 * 32000 : 7 * 32000] = 0.0
    with pytest.raises(Rejected, match="silence: silent for"):
        produced(tmp_path, audio, brief())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda audio: audio * 0.0, "the sound is silent"),
        (lambda audio: audio[:1], "the sound is mono"),
        (lambda audio: np.stack([audio[0], audio[0]]), "both channels are the same"),
        (lambda audio: audio[:, : 11 * 32000], "is 11.00 s long; 12 s were asked"),
        (lambda audio: audio * np.float32("nan"), "not numbers"),
    ],
)
def test_what_cannot_become_a_track_is_refused(spoil: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        admitted(Sound((spoil(music(12.0)),), 32000), "one: runpod", 12.0)


def test_a_page_of_html_is_refused_as_such(tmp_path: Path) -> None:
    page = tmp_path / "received"
    page.write_text("<!doctype html><title>502 Bad Gateway</title>")
    with pytest.raises(Refused, match="runpod: what came back is not audio"):
        read_sound(page, "runpod")
