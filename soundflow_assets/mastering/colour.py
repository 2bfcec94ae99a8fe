"""What premium tracks may have on top of the house chain: beat-locked ducking, air, binaural beat.

Each works block by block on a whole programme and is off unless asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from soundflow_assets.audio import SAMPLE_RATE, Audio

Floats = npt.NDArray[np.float64]

DUCK_DEPTH_DB = 9.0  # at full depth; the kick is not in a stem of its own
DUCK_ATTACK_S = 0.004
DUCK_RELEASE = 0.55  # share of a beat after which the music is back
CODEC_TOP_HZ = 16000.0
AIR_SOURCE_HZ = (7800.0, 10800.0)  # squared, it lands between 15.6 and 21.6 kHz: no aliases
AIR_DB = -2.0  # of the new band against its source, at full depth
BINAURAL_RISE_S = 4.0


@dataclass(frozen=True, slots=True)
class Binaural:
    """Two tones that differ by `beat_hz` between the ears. `level` is their amplitude."""

    beat_hz: float
    base_hz: float
    level: float


def ducking(samples: int, beats_s: Floats, depth: float) -> Floats:
    """Return the gain of every sample for music that gives way on each beat.

    Parameters
    ----------
    samples
        Length of the programme.
    beats_s
        When the beats are, as measured in the music itself, rising.
    depth
        0 to 1.
    """
    gain_db = np.zeros(samples)
    if depth <= 0.0 or len(beats_s) < 2:
        return np.ones(samples)
    lengths = np.append(np.diff(beats_s), np.median(np.diff(beats_s)))
    for at, length in zip(beats_s, lengths, strict=True):
        first = round((at - DUCK_ATTACK_S) * SAMPLE_RATE)
        attack = round(DUCK_ATTACK_S * SAMPLE_RATE)
        release = round(DUCK_RELEASE * length * SAMPLE_RATE)
        # Down in a straight line, back in half a cosine: no corner that could click.
        down = np.linspace(0.0, 1.0, attack, endpoint=False)
        back = 0.5 + 0.5 * np.cos(np.pi * np.arange(release) / max(1, release))
        shape = np.concatenate([down, back])
        start, stop = max(0, first), min(samples, first + len(shape))
        if start < stop:
            own = shape[start - first : stop - first]
            gain_db[start:stop] = np.minimum(gain_db[start:stop], -DUCK_DEPTH_DB * depth * own)
    gains: Floats = 10.0 ** (gain_db / 20.0)
    return gains


class Exciter:
    """Harmonics above what a 32 kHz codec keeps, made from the octave below.

    The band is squared, which doubles its frequencies, and high-passed again; the result follows
    the source's level, because it is divided by the source's envelope.
    """

    def __init__(self, depth: float) -> None:
        """Set up for `depth` 0 to 1."""
        self._gain = depth * 10.0 ** (AIR_DB / 20.0)
        self._source = signal.butter(6, AIR_SOURCE_HZ, "bandpass", fs=SAMPLE_RATE, output="sos")
        self._air = signal.butter(8, CODEC_TOP_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
        self._slow = signal.butter(1, 60.0, fs=SAMPLE_RATE, output="sos")
        self._states = [
            np.zeros((sos.shape[0], 2, 2)) for sos in (self._source, self._air, self._slow)
        ]

    def process(self, audio: Audio) -> None:
        """Add air to the next stretch (2, n), in place."""
        source, air, slow = self._states
        band, source = signal.sosfilt(self._source, audio, axis=-1, zi=source)
        square = band * band
        power, slow = signal.sosfilt(self._slow, square, axis=-1, zi=slow)
        shaped = square / np.sqrt(np.maximum(power, 1e-9))
        new, air = signal.sosfilt(self._air, shaped, axis=-1, zi=air)
        self._states = [source, air, slow]
        audio += (self._gain * np.sqrt(2.0) * new).astype(np.float32)


def add_binaural(audio: Audio, start: int, total: int, tones: Binaural) -> None:
    """Add the tones to a stretch (2, n) that begins at sample `start` of `total`, in place.

    They rise and fall over some seconds, because a tone that starts at once is heard as a fault.
    """
    times = (start + np.arange(audio.shape[1])) / SAMPLE_RATE
    left_s = total / SAMPLE_RATE - times
    edge = np.clip(np.minimum(times, left_s) / min(BINAURAL_RISE_S, total / SAMPLE_RATE / 4), 0, 1)
    level = tones.level * np.sin(0.5 * np.pi * edge) ** 2
    for channel, sign in ((0, -0.5), (1, 0.5)):
        phase = 2.0 * np.pi * (tones.base_hz + sign * tones.beat_hz) * times
        audio[channel] += (level * np.sin(phase)).astype(np.float32)
