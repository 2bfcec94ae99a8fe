"""Promises of every instrument and patch: in tune, clean, even, alive, and always the same."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.load import load_configs
from soundflow_assets.synthesis.instruments.registry import INSTRUMENTS, NoteRequest, voice
from soundflow_assets.synthesis.kernels.loudness import loudness_of

RATE = 44100
PATCHES = Path(__file__).parents[2] / "generator_configs" / "patches"
VOICES = {
    f"{path.stem}/{name}": params
    for path in sorted(PATCHES.glob("*.yaml"))
    for name, params in yaml.safe_load(path.read_text())["patches"].items()
}
PROMISED = (
    "rhodes: warm bright soft | piano: grand felt upright | organ: house mellow perc | "
    "pluck: synth muted bell | nylon: soft bright round | muted_guitar: funk tight dry | "
    "supersaw: anthem wide soft | pad: warm glass dark air | strings: ensemble chamber disco | "
    "vibes: soft bright deep | bell: glass music_box low | flute: airy alto breathy | "
    "synth_lead: mono square glide | stab: dub deep house | poly: warm brass hollow | "
    "sub: round clean warm | house_bass: classic rubber organ | rolling_bass: trance tight dark | "
    "acid: classic square soft | reese: liquid dark wide | wobble: half growl soft | "
    "upright: jazz soft woody | ebass: round funk muted | drone: warm dark airy"
)
BASSES = {"sub", "house_bass", "rolling_bass", "acid", "reese", "wobble", "upright", "ebass"}
CENTRED = BASSES - {"reese"}
SLOW = {"pad", "drone", "strings", "supersaw"}
OSCILLATORS = (
    "supersaw/anthem", "supersaw/wide", "supersaw/soft", "pluck/synth", "pluck/open", "poly/warm",
    "poly/brass", "poly/hollow", "pad/warm", "pad/glass", "pad/dark", "synth_lead/mono",
    "synth_lead/square", "synth_lead/glide", "acid/classic", "acid/square", "acid/soft",
    "house_bass/classic", "house_bass/rubber", "rolling_bass/trance", "rolling_bass/tight",
    "sub/round", "sub/warm", "organ/house", "organ/perc", "rhodes/bright",
)  # fmt: skip
# Strings stretch their partials; a vibrato made with the breath is louder when it is sharp; two
# saws eight cents apart take their time.
FREE_IN_PITCH = {"piano/upright", "piano/grand", "flute/alto", "synth_lead/mono"}


def ranges_played() -> dict[str, tuple[int, int]]:
    """Return the lowest and highest pitch that any genre writes for an instrument."""
    found: dict[str, tuple[int, int]] = {}
    for genre in load_configs().genres.values():
        for voices in genre.instrument_sets:
            for part in genre.parts:
                instrument = voices.voices.get(part.role, "none/none").split("/")[0]
                low, high = found.get(instrument, part.pitch_range)
                found[instrument] = min(low, part.pitch_range[0]), max(high, part.pitch_range[1])
    return found


RANGES = ranges_played()


def places_in_range(name: str, count: int) -> list[int]:
    """Pitches from a twentieth of the instrument's range to its last."""
    low, high = RANGES[name.split("/")[0]]
    edge = 0.05 * (high - low)
    return [round(pitch) for pitch in np.linspace(low + edge, high - edge, count)]


def middle(name: str) -> int:
    """A pitch in the middle of the instrument's range."""
    instrument = name.split("/")[0]
    if instrument in BASSES | {"drone"}:
        return 38
    return 72 if instrument in {"bell", "flute", "synth_lead", "vibes"} else 60


@functools.cache
def note(
    name: str, offset: float = 0.0, duration_s: float = 1.0, velocity: float = 0.8, variant: int = 0
) -> np.ndarray:
    request = NoteRequest(middle(name) + offset, duration_s, velocity, variant)
    audio = voice(name, VOICES[name]).render(request)
    audio.setflags(write=False)
    return audio


def power(audio: np.ndarray, size: int | None = None) -> np.ndarray:
    return (np.abs(np.fft.rfft(audio * np.hanning(audio.shape[1]), size)) ** 2).sum(axis=0)


every_voice = pytest.mark.parametrize("name", VOICES)


def test_the_promised_patches_are_there() -> None:
    for entry in PROMISED.split(" | "):
        instrument, patches = entry.split(": ")
        assert instrument in INSTRUMENTS
        assert {f"{instrument}/{patch}" for patch in patches.split()} <= set(VOICES)
    assert {path.stem for path in PATCHES.glob("*.yaml")} == set(INSTRUMENTS)


@every_voice
def test_notes_are_finite_even_and_without_dc(name: str) -> None:
    for offset in (-8, 0, 14):
        audio = note(name, offset)
        assert audio.dtype == np.float32
        assert audio.shape[0] in (1, 2)
        assert np.isfinite(audio).all()
        assert 0.2 < np.abs(audio).max() <= 0.501
        assert np.abs(audio.mean(axis=1)).max() < 3e-4


@every_voice
def test_notes_begin_and_end_in_silence(name: str) -> None:
    audio = note(name)
    peak = np.abs(audio).max()
    assert np.abs(audio[:, :8]).max() < 0.03 * peak
    assert np.abs(audio[:, :44]).max() < 0.6 * peak  # 1 ms
    assert np.abs(audio[:, -1]).max() == 0.0
    assert np.abs(audio[:, -4:]).max() < 1e-4 * peak
    # What the closing fade takes away was already inaudible: the tail was not cut.
    assert np.abs(audio[:, -1000:]).max() < 2e-3 * peak
    assert audio.shape[1] >= (1.0 + 0.008) * RATE


@every_voice
def test_the_release_has_no_step(name: str) -> None:
    """Around the key's release the wave moves no faster than it did while it sounded."""
    audio = note(name, 0, 0.5)
    steps = np.abs(np.diff(audio)).max(axis=0)
    release = int(0.5 * RATE)
    before = steps[: release - 200].max()
    assert steps[release - 200 : release + 400].max() <= 1.1 * before + 0.002
    assert steps.max() < 0.35


@every_voice
def test_notes_are_in_tune_over_the_whole_range(name: str) -> None:
    """The centre of power of the first three partials lies within 3 cents of the pitch."""
    tolerance = 5.0 if name in FREE_IN_PITCH else 3.0
    for pitch in places_in_range(name, 3):
        freq = 440.0 * 2 ** ((pitch - 69) / 12)
        audio = note(name, pitch - middle(name), 3.0)[:, RATE // 10 :][:, : 3 * RATE].astype(float)
        spectrum = power(audio, 1 << 18)
        hz = np.arange(spectrum.size) * RATE / (1 << 18)
        moment = weight = 0.0
        for partial in (1, 2, 3):
            near = np.abs(hz / (freq * partial) - 1.0) < 0.024
            cents = 1200 * np.log2(hz[near] / (freq * partial))
            share = min(1.0, spectrum[near].sum() / spectrum.max())
            moment += share * (spectrum[near] * cents).sum() / spectrum[near].sum()
            weight += share
        assert abs(moment / weight) < tolerance, pitch


@every_voice
def test_a_harder_note_is_brighter(name: str) -> None:
    """Either the partials above the third gain a decibel, or the centroid rises by 5 percent."""

    def light(velocity: float) -> tuple[float, float]:
        audio = note(name, 0, 1.0, velocity)[:, :RATE].astype(float)
        spectrum = power(audio)
        hz = np.arange(spectrum.size) * RATE / audio.shape[1]
        freq = 440.0 * 2 ** ((middle(name) - 69) / 12)
        upper_db = 10 * np.log10(spectrum[hz > 3.5 * freq].sum() / spectrum.sum())
        return upper_db, (np.sqrt(spectrum) * hz).sum() / np.sqrt(spectrum).sum()

    (soft_db, soft_hz), (hard_db, hard_hz) = light(0.25), light(1.0)
    assert hard_db > soft_db + 1.0 or hard_hz > 1.05 * soft_hz


@every_voice
def test_variants_differ_and_a_note_is_always_the_same(name: str) -> None:
    request = NoteRequest(middle(name), 0.4)
    this = voice(name, VOICES[name])
    first = this.render(request)
    assert first.tobytes() == this.render(request).tobytes()
    assert this.velocity_layers >= 2
    for variant in range(1, this.variants):
        other = this.render(NoteRequest(middle(name), 0.4, 0.8, variant))
        length = min(first.shape[1], other.shape[1])
        difference = np.abs(first[:, :length] - other[:, :length]).max()
        assert difference > 0.005


@every_voice
def test_nothing_sounds_at_the_edge_of_the_band(name: str) -> None:
    spectrum = power(note(name, 24)[:, : 2 * RATE].astype(float))
    edge = int(0.47 * 2 * spectrum.size)
    assert 10 * np.log10(spectrum[edge:].sum() / spectrum.sum() + 1e-30) < -60


@every_voice
def test_high_and_low_notes_are_equally_loud(name: str) -> None:
    """Within 3 dB of the range's middle: as heard, for basses as power, which moves the cone."""
    levels = []
    for pitch in places_in_range(name, 4):
        audio = note(name, pitch - middle(name))[:, : int(1.2 * RATE)]
        both = np.ascontiguousarray(np.broadcast_to(audio, (2, audio.shape[1])))
        window = int(0.4 * RATE)
        pieces = [both[:, at : at + window] for at in range(0, 2 * window, window // 4)]
        if name.split("/")[0] in BASSES:
            levels.append(max(10 * np.log10((piece.astype(float) ** 2).mean()) for piece in pieces))
        else:
            levels.append(max(loudness_of(np.ascontiguousarray(piece)) for piece in pieces))
    beating = 4.0 if name.startswith("reese/") else 3.0  # three saws apart: no two moments alike
    assert np.abs(np.array(levels) - np.median(levels)).max() < beating


@pytest.mark.parametrize("name", OSCILLATORS)
def test_what_oscillators_play_does_not_alias(name: str) -> None:
    """On their highest notes nothing between the harmonics passes -60 dB."""
    pitch = RANGES[name.split("/")[0]][1]
    freq = 440.0 * 2 ** ((pitch - 69) / 12)
    audio = note(name, pitch - middle(name), 1.0)[:, 8000:40_000].astype(float)
    audio *= np.blackman(audio.shape[1])
    spectrum = (np.abs(np.fft.rfft(audio)) ** 2).sum(axis=0)
    hz = np.arange(spectrum.size) * RATE / audio.shape[1]
    partial = np.maximum(np.round(hz / freq * 2) / 2, 0.5)  # the octave below is in some patches
    between = np.abs(hz / (partial * freq) - 1) * partial > 0.02 + 0.035 * partial
    heard = between & (hz > 300) & (hz < 16_000)
    assert 10 * np.log10(spectrum[heard].max() / spectrum.max()) < -60


@pytest.mark.parametrize("instrument", sorted(INSTRUMENTS))
def test_patches_of_an_instrument_sound_different(instrument: str) -> None:
    names = [name for name in VOICES if name.split("/")[0] == instrument]
    assert len(names) >= 3
    pictures = []
    for name in names:
        audio = note(name, 0, 1.0).mean(axis=0).astype(float)[:RATE]
        frames = audio[: RATE // 4410 * 4410].reshape(-1, 4410) * np.hanning(4410)
        spectrum = np.abs(np.fft.rfft(frames)) ** 2
        edges = np.geomspace(5, spectrum.shape[1] - 1, 25).astype(int)
        bands = np.add.reduceat(spectrum, edges, axis=1)
        pictures.append(10 * np.log10(bands / bands.max() + 1e-8))
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert np.abs(one - other).mean() > 0.8  # dB per band and tenth of a second


@every_voice
def test_basses_stay_in_the_centre_and_others_have_width(name: str) -> None:
    instrument = name.split("/")[0]
    audio = note(name, 0, 1.0, 0.8)
    if instrument in CENTRED:
        assert audio.shape[0] == 1
        return
    left, right = audio.astype(float)
    if instrument == "reese":
        low = [np.fft.rfft(side)[: int(120 * audio.shape[1] / RATE)] for side in (left, right)]
        alike = np.abs(np.vdot(low[0], low[1])) / np.linalg.norm(low[0]) / np.linalg.norm(low[1])
        assert alike > 0.97
    correlation = np.corrcoef(left, right)[0, 1]
    assert 0.1 < correlation < 0.9999
    balance = 10 * np.log10((left**2).sum() / (right**2).sum())
    assert abs(balance) < 4.5  # slow beats lean a section to one side for a while


@every_voice
def test_extreme_notes_are_still_notes(name: str) -> None:
    this = voice(name, VOICES[name])
    for pitch, duration_s, velocity in ((16, 0.005, 1.0), (112, 0.05, 0.0), (24, 0.3, 0.0)):
        audio = this.render(NoteRequest(pitch, duration_s, velocity, 1))
        assert np.isfinite(audio).all()
        assert 0.05 < np.abs(audio).max() <= 0.501
        assert audio.shape[1] >= (duration_s + 0.008) * RATE


def test_a_minute_of_drone_stays_alive_to_its_end() -> None:
    audio = voice("drone/warm", VOICES["drone/warm"]).render(NoteRequest(38, 60.0))
    assert audio.shape[1] > 60 * RATE
    seconds = audio[:, 5 * RATE : 59 * RATE].reshape(2, 54, RATE)
    levels = 10 * np.log10((seconds.astype(float) ** 2).mean(axis=(0, 2)))
    assert levels.max() - levels.min() < 9.0
    assert levels.std() > 0.2
    assert levels[-1] > levels.max() - 9.0


def test_notes_do_not_depend_on_the_process() -> None:
    names = ("rhodes/warm", "supersaw/anthem", "upright/jazz", "piano/felt", "flute/airy")
    code = (
        "import hashlib, yaml, pathlib\n"
        "from soundflow_assets.synthesis.instruments.registry import voice, NoteRequest\n"
        f"root = pathlib.Path({str(PATCHES)!r})\n"
        f"for name in {names!r}:\n"
        "    i, p = name.split('/')\n"
        "    params = yaml.safe_load((root / f'{i}.yaml').read_text())['patches'][p]\n"
        "    audio = voice(name, params).render(NoteRequest(50.0, 0.3, 0.8, 1))\n"
        "    print(hashlib.sha256(audio.tobytes()).hexdigest())\n"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "77",
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX2 FMA3",
        "PYTHONPATH": str(PATCHES.parents[1]),
    }
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    here = [
        hashlib.sha256(
            voice(name, VOICES[name]).render(NoteRequest(50.0, 0.3, 0.8, 1)).tobytes()
        ).hexdigest()
        for name in names
    ]
    assert there == here


def test_unknown_instruments_and_fields_are_named_with_what_is_allowed() -> None:
    with pytest.raises(BadInput, match=r"no instrument 'rodes'; did you mean 'rhodes'\?"):
        voice("rodes/warm", {})
    with pytest.raises(BadInput) as unknown:
        voice("sub/round", {"drvie": 0.3})
    assert "generator_configs/patches/sub.yaml: patches.round: drvie" in str(unknown.value)
    assert "'drive'" in str(unknown.value)
    assert "cutoff_hz" in str(unknown.value)
    with pytest.raises(BadInput, match=r"sub.yaml: patches.loud: drive: 3 .* less than or equal"):
        voice("sub/loud", {"drive": 3})
    with pytest.raises(BadInput, match="need as many"):
        voice("bell/odd", {"ratios": [1, 2, 3], "levels_db": [0, 0], "t60_s": [1, 1, 1]})
