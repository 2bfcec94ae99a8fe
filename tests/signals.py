"""Sounds whose measures are known beforehand: noise, beats, cadences, bars made to order."""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.listening.hearing import Hearing, hear
from soundflow_assets.listening.waveform import (
    Moments,
    Span,
    Waveform,
    silence_block,
    silent_spans,
)
from soundflow_assets.reel import in_blocks
from soundflow_assets.synthesis.kernels.loudness import block_peaks

RATE = 44100
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def heard(audio: Audio) -> Hearing:
    """Hear float32 (1 or 2, samples) at 44.1 kHz."""
    return hear(in_blocks(audio), RATE)


def waveform_of(audio: Audio) -> Waveform:
    """Return the facts of float32 (2, samples), measured at once."""
    moments = Moments()
    moments.feed(audio)
    return moments.waveform()


def silences(audio: Audio, sample_rate: int, at_least_s: float) -> tuple[Span, ...]:
    """Return the silent stretches of float32 (2, samples), measured at once."""
    peaks = block_peaks(audio, silence_block(sample_rate))
    return silent_spans(peaks, audio.shape[1], sample_rate, at_least_s)


def twice(wave: np.ndarray) -> Audio:
    """Return a wave (samples,) on both channels."""
    return np.stack((wave, wave)).astype(np.float32)


def noise(seconds: float, seed: int = 1) -> Audio:
    """Return white noise at -20 dBFS, the channels unrelated."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def beat(bpm: float, seconds: float = 24.0) -> Audio:
    """Return a kick on every beat and a noise hat between."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    since_beat = (time_s * bpm / 60 % 1) * 60 / bpm
    since_hat = ((time_s * bpm / 60 + 0.5) % 1) * 60 / bpm
    kick = np.sin(2 * np.pi * 55 * since_beat) * np.exp(-12 * since_beat)
    hat = noise(seconds)[0] * np.exp(-50 * since_hat)
    return twice(0.4 * kick + hat)


def chords(tonic: int, minor: bool, seconds_each: float = 0.75) -> Audio:
    """Return a cadence with an emphasised tonic, I IV V I I, over a bass of roots."""
    scale = MINOR if minor else MAJOR
    time_s = np.arange(int(seconds_each * RATE)) / RATE
    parts = []
    for degree in (0, 3, 4, 0, 0):
        tones = [
            48 + tonic + scale[(degree + step) % 7] + 12 * ((degree + step) // 7)
            for step in (0, 2, 4, 7)
        ]
        if minor and degree == 4:
            tones = [tone + (tone % 12 == (tonic + 10) % 12) for tone in tones]  # leading note
        tones.append(36 + (tonic + scale[degree]) % 12)
        parts.append(sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time_s) for p in tones))
    return twice(0.1 * np.concatenate(parts))


def bars_of(pattern: str) -> tuple[Audio, list[float]]:
    """Return a second of sound per letter: equal letters are equal bars, case is loudness."""
    bars = []
    for letter in pattern:
        seed = ord(letter.lower())
        rng = np.random.default_rng(seed)
        spectrum = np.fft.rfft(rng.standard_normal(RATE))
        hertz = np.fft.rfftfreq(RATE, 1 / RATE)
        centre = 200 * 2 ** ((seed - 97) % 6)
        wave = np.fft.irfft(spectrum / (1 + (np.log2(np.maximum(hertz, 1) / centre) * 3) ** 4))
        bars.append(wave * (0.1 if letter.isupper() else 0.05) / wave.std())
    return twice(np.concatenate(bars)), [float(i) for i in range(len(pattern) + 1)]


def plucked(release_s: float, hertz: float = 220.0, notes: int = 24) -> Audio:
    """Return two notes a second, each let go within `release_s`; 0 cuts them in mid-swing."""
    out = np.zeros(int((notes + 1) * 0.5 * RATE))
    for i in range(notes):
        length = int(0.37 * RATE) + 7 * i
        wave = 0.3 * np.sin(2 * np.pi * hertz * 2 ** (i * 5 % 12 / 12) * np.arange(length) / RATE)
        wave[:88] *= np.linspace(0, 1, 88)
        fade = int(release_s * RATE)
        wave[length - fade :] *= np.linspace(1, 0, fade)
        out[int(i * 0.5 * RATE) :][:length] += wave
    return twice(out)
