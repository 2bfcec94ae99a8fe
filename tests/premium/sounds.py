"""Sound for providers to bring: a beat with chords, stereo, at a known tempo."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

BPM = 120.0


def music(seconds: float, rate: int = 32000, bpm: float = BPM) -> npt.NDArray[np.float32]:
    """Return float32 (2, n): kicks on the beat, a minor chord between them, a little noise."""
    samples = round(seconds * rate)
    times = np.arange(samples) / rate
    rng = np.random.default_rng(1)
    beat = 60.0 / bpm
    phase = times % beat
    kick = np.sin(2 * np.pi * 55 * phase) * np.exp(-phase * 18) * 0.6
    hat = rng.standard_normal(samples) * np.exp(-((times + beat / 2) % beat) * 60) * 0.1
    out = np.zeros((2, samples))
    for channel, detune in ((0, 0.997), (1, 1.003)):
        chord = sum(np.sin(2 * np.pi * f * detune * times) for f in (220.0, 261.63, 329.63))
        swell = 0.8 + 0.2 * np.sin(2 * np.pi * times / 7.0)
        out[channel] = kick + hat * (0.7 + 0.3 * channel) + 0.08 * chord * swell
    out += 0.002 * rng.standard_normal(out.shape)
    return out.astype(np.float32)


def flac(audio: npt.NDArray[np.float32], rate: int = 32000) -> bytes:
    """Return a FLAC file of float32 (channels, n)."""
    file = io.BytesIO()
    soundfile.write(file, audio.T, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def wav(audio: npt.NDArray[np.float32], rate: int = 32000) -> bytes:
    """Return a WAV file of float32 (channels, n)."""
    file = io.BytesIO()
    soundfile.write(file, audio.T, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def write(path: Path, body: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path
