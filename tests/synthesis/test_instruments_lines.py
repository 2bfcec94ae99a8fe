"""Line voices: slides without breaks, accents, an LFO that keeps the beat."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.composition.score import Note
from soundflow_assets.synthesis.instruments.registry import INSTRUMENTS, voice
from soundflow_assets.synthesis.instruments.strokes import strokes_of

RATE = 44100
BPM = 140.0
STEP = 60.0 / BPM / 4


def sixteenth(step: int, pitch: int, velocity: int = 90, length: float = 0.8, mark="normal"):
    return Note(step / 4, step * STEP, length * STEP, pitch, velocity, mark)


RIFF = (
    sixteenth(0, 33, 120),
    sixteenth(2, 33),
    sixteenth(3, 45, 90, 1.0, "slide"),
    sixteenth(4, 33),
    sixteenth(6, 36, 110),
    sixteenth(8, 31, 70),
)


def played(name: str, notes, seconds: float = 2.0, **params) -> np.ndarray:
    out = np.zeros((2, int(seconds * RATE)), np.float32)
    voice(name, params).render_line(notes, BPM, out)
    return out


def test_only_lines_are_played_as_lines() -> None:
    assert {name for name, entry in INSTRUMENTS.items() if entry.render_line} == {
        "acid", "synth_lead", "wobble",
    }  # fmt: skip
    assert voice("synth_lead/glide", {"glide_ms": 90}).line
    mono = voice("synth_lead/mono", {"glide_ms": 0})
    assert not mono.line
    with pytest.raises(TypeError, match="plays single notes"):
        mono.render_line(RIFF, BPM, np.zeros((2, RATE), np.float32))


@pytest.mark.parametrize(
    ("name", "params"),
    [("acid/classic", {}), ("wobble/half", {}), ("synth_lead/glide", {"glide_ms": 90})],
)
def test_a_part_is_clean_bounded_and_always_the_same(name: str, params: dict) -> None:
    out = played(name, RIFF, **params)
    assert out.tobytes() == played(name, RIFF, **params).tobytes()
    assert 0.05 < np.abs(out).max() < 1.0
    assert np.abs(np.diff(out)).max() < 0.2
    assert not out[:, -RATE // 4 :].any()  # silent once the last release is over
    assert np.abs(out[:, 0]).max() < 1e-3
    for length in (0.01, 0.05, 0.3):  # a buffer shorter than the part is filled and no more
        short = played(name, RIFF, length, **params)
        assert np.abs(short - out[:, : short.shape[1]]).max() < 1e-6
    assert not played(name, (), **params).any()


def test_a_part_is_added_to_what_is_there() -> None:
    out = np.full((2, RATE), 0.25, np.float32)
    voice("acid/classic", {}).render_line(RIFF, BPM, out)
    assert np.abs(out - 0.25 - played("acid/classic", RIFF, 1.0)).max() < 1e-6


def test_slides_bridge_small_gaps_only() -> None:
    rows = strokes_of(RIFF, legato=False, velocity_octaves=0.0)
    assert rows["slide"].tolist() == [0, 0, 1, 0, 0, 0]
    assert rows["stop"][1] == rows["start"][2]
    lone = strokes_of((sixteenth(0, 33), sixteenth(9, 45, 90, 1.0, "slide")), False, 0.0)
    assert lone["slide"].tolist() == [0, 0]
    first = strokes_of((sixteenth(0, 33, 90, 1.0, "slide"),), False, 0.0)
    assert first["slide"].tolist() == [0]


def test_of_notes_that_begin_together_the_highest_is_played() -> None:
    rows = strokes_of((sixteenth(0, 40), sixteenth(0, 47), sixteenth(4, 45)), False, 0.0)
    assert rows["pitch"].tolist() == [47, 45]
    assert (np.diff(rows["start"]) > 0).all()
    assert (rows["stop"][:-1] <= rows["start"][1:]).all()


def test_touching_notes_of_a_lead_glide() -> None:
    tied = (sixteenth(0, 69, 90, 4.0), sixteenth(4, 76, 90, 4.0), sixteenth(12, 72, 90, 2.0))
    assert strokes_of(tied, True, 0.0)["slide"].tolist() == [0, 1, 0]


def brightness(out: np.ndarray, frame: int = 1024) -> np.ndarray:
    mono = out.mean(axis=0).astype(float)
    frames = np.lib.stride_tricks.sliding_window_view(mono, frame)[::128] * np.hanning(frame)
    spectrum = np.abs(np.fft.rfft(frames)) ** 2
    return np.log(spectrum[:, 6:60].sum(axis=1) + 1e-9)


def test_the_wobble_keeps_the_beat_wherever_its_notes_begin() -> None:
    """Within every beat the filter opens once, twice or three times, and is closed on the beat."""
    beat_s, late_s = 60.0 / BPM, 0.1
    hold = (Note(0.0, late_s, 16 * beat_s, 33, 100),)
    light = brightness(played("wobble/half", hold, late_s + 16 * beat_s))
    rates = []
    for beat in range(1, 15):
        centres = (late_s + (beat + np.linspace(0.05, 0.95, 60)) * beat_s) * RATE - 512
        piece = np.interp(centres / 128, np.arange(light.size), light)
        turns = np.linspace(0.05, 0.95, 60)
        fits = [np.corrcoef(piece, -np.cos(2 * np.pi * rate * turns))[0, 1] for rate in (1, 2, 3)]
        assert max(fits) > 0.6
        rates.append(1 + int(np.argmax(fits)))
    assert len(set(rates)) >= 2


def test_other_notes_wobble_otherwise() -> None:
    beat_s = 60.0 / BPM
    parts = [
        played("wobble/half", (Note(0.0, 0.0, 8 * beat_s, pitch, 100),), 8 * beat_s)
        for pitch in (31, 33, 34, 36)
    ]
    shapes = [brightness(part)[:1000] for part in parts]
    correlations = [np.corrcoef(shapes[0], shape)[0, 1] for shape in shapes[1:]]
    assert min(correlations) < 0.8
