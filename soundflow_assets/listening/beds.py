"""Whether a nature bed could be taken for a recording: the statistics a texture is known by.

Listeners tell textures apart by statistics, not by events they remember (McDermott & Simoncelli
2011): how the level of each band is spread, how it moves, how bands and ears relate. Filtered noise
has one answer to all of them, which is why it sounds like filtered noise; a loop is given away by
its return.

==================  ===========================================================================
measure             what it is
==================  ===========================================================================
slope               of the power density in third octaves over the bed's own range, dB/octave
rumble              power below 50 Hz against the whole, dB
correlation         of the channels: 1 is mono, 0 two strangers
drift               furthest mean level of 10 s from the mean of all, dB
loudest event       highest mean level of 0.4 s against the mean of all, dB
peakedness          kurtosis of the wave from 2 to 8 kHz: 3 for noise, more where things happen
crest               highest sample against the mean power, dB
slow movement       share of the level's movement from 0.05 to 20 Hz that is slower than 1 Hz, the
                    largest of three bands; 0.05 for noise, more for all weather (1/f)
events              sudden rises a second: 5 ms that stand 6 dB above the second around them, 2 to
                    8 kHz
return              highest autocorrelation of the level of any band at 2 s and later: 1 for a loop
==================  ===========================================================================

All of it is heard on the left channel but for the correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.verdict import Indicator, within
from soundflow_assets.plans.targets import BedTargets

Floats = npt.NDArray[np.float64]
SHORTEST_S = 20.0
BANDS_HZ = ((200.0, 800.0), (800.0, 2000.0), (2000.0, 8000.0))
FRAMES_PER_S = 100
EVENT_RISE_DB = 6.0
DRIFT_S = 10.0
MOMENT_S = 0.4
_SEGMENT = 2000  # frames of a movement spectrum: 20 s
_QUIET = 1e-14


@dataclass(frozen=True, slots=True)
class BedReading:
    """What was measured; see the table above."""

    slope_db_per_octave: float
    rumble_db: float
    correlation: float
    drift_db: float
    loudest_event_db: float
    peakedness: float
    crest_db: float
    slow_movement: float
    events_per_s: float
    returning: float


def measure_bed(audio: Audio, slope_range_hz: tuple[float, float]) -> BedReading:
    """Measure a bed, float32 (2, samples) at 44100 Hz.

    Raises
    ------
    BadInput
        If it is shorter than 20 s: nothing can be said of its movement then.
    """
    if audio.shape[1] < SHORTEST_S * SAMPLE_RATE:
        raise BadInput(f"a bed must last {SHORTEST_S:g} s, found {audio.shape[1] / SAMPLE_RATE:g}")
    left = audio[0].astype(np.float64)
    hertz, density = signal.welch(left, SAMPLE_RATE, nperseg=16384)
    powers = _framed(left, SAMPLE_RATE, FRAMES_PER_S)
    bands = _bands(left)
    levels = [_level_db(_framed(band, rate, FRAMES_PER_S)) for band, rate in bands]
    upper, upper_rate = bands[-1]
    return BedReading(
        slope_db_per_octave=round(_slope(hertz, density, *slope_range_hz), 2),
        rumble_db=round(_db(density[hertz < 50.0].sum() / density.sum()), 2),
        correlation=round(float(np.asarray(np.corrcoef(audio))[0, 1]), 3),
        drift_db=round(_furthest(powers, DRIFT_S), 2),
        loudest_event_db=round(float(_windows_db(powers, MOMENT_S).max()), 2),
        peakedness=round(float(np.mean(upper**4) / np.mean(upper**2) ** 2), 2),
        crest_db=round(_db(float(np.abs(left).max()) ** 2 / float(np.mean(left**2))), 2),
        slow_movement=round(max(_slow_share(level) for level in levels), 3),
        events_per_s=round(_events_per_s(_framed(upper, upper_rate, 2 * FRAMES_PER_S)), 3),
        returning=round(max(_return(level) for level in levels), 3),
    )


def judge_bed(audio: Audio, targets: BedTargets) -> tuple[Indicator, ...]:
    """Measure a bed and hold it against its targets; raises as `measure_bed`."""
    found = measure_bed(audio, targets.slope_range_hz)
    return (
        _inside("slope", found.slope_db_per_octave, targets.slope_db_per_octave, "dB/oct"),
        within("bed", "rumble", found.rumble_db, "dB", high=targets.rumble_db),
        _inside("correlation", found.correlation, targets.correlation),
        within("bed", "drift", found.drift_db, "dB", high=targets.drift_db),
        within("bed", "loudest event", found.loudest_event_db, "dB", high=targets.event_db),
        _inside("peakedness", found.peakedness, targets.peakedness),
        _inside("crest", found.crest_db, targets.crest_db),
        _inside("slow movement", found.slow_movement, targets.slow_movement),
        _inside("events", found.events_per_s, targets.events_per_s),
        within("bed", "return", found.returning, high=targets.returning),
    )


def _inside(name: str, value: float, interval: tuple[float, float], unit: str = "") -> Indicator:
    return within("bed", name, value, unit, interval[0], interval[1])


def _db(ratio: float) -> float:
    return float(10.0 * np.log10(max(ratio, 1e-20)))


def _level_db(powers: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(powers + _QUIET))


def _bands(samples: Floats) -> list[tuple[Floats, int]]:
    """Return each of `BANDS_HZ` cut out of the spectrum, and the rate in hertz it comes at.

    A band comes at the multiple of 200 Hz that just holds it: there is nothing above it to keep.
    """
    seconds = samples.size // SAMPLE_RATE
    spectrum = np.fft.rfft(samples[: seconds * SAMPLE_RATE])
    found = []
    for low_hz, high_hz in BANDS_HZ:
        rate = int(2.5 * high_hz) // 200 * 200
        part = np.zeros(seconds * rate // 2 + 1, np.complex128)
        low, high = int(low_hz * seconds), int(high_hz * seconds)
        part[low:high] = spectrum[low:high]
        found.append((np.fft.irfft(part, seconds * rate), rate))
    return found


def _framed(samples: Floats, rate: int, per_s: int) -> Floats:
    """Return the mean power of `per_s` successive frames a second."""
    size = rate // per_s
    count = samples.size // size
    return np.asarray((samples[: count * size].reshape(count, size) ** 2).mean(axis=1))


def _windows_db(powers: Floats, length_s: float) -> Floats:
    """Return every window's mean level in dB against that of all."""
    size = round(FRAMES_PER_S * length_s)
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    means = (sums[size:] - sums[:-size]) / size
    return np.asarray(10.0 * np.log10(means / powers.mean() + _QUIET))


def _furthest(powers: Floats, length_s: float) -> float:
    return float(np.abs(_windows_db(powers, length_s)).max())


def _slope(hertz: Floats, density: Floats, low_hz: float, high_hz: float) -> float:
    """Fit a line to the third-octave densities within a range."""
    thirds = np.arange(0.0, np.log2(high_hz / low_hz) - 1.0 / 6.0, 1.0 / 3.0) + 1.0 / 6.0
    edges = low_hz * 2.0 ** (thirds[:, None] + np.array([-1.0 / 6.0, 1.0 / 6.0]))
    levels = [_db(density[(hertz >= a) & (hertz < b)].mean()) for a, b in edges]
    return float(np.polyfit(thirds, levels, 1)[0])


def _slow_share(level_db: Floats) -> float:
    hertz, density = signal.welch(level_db - level_db.mean(), FRAMES_PER_S, nperseg=_SEGMENT)
    heard = (hertz >= 0.045) & (hertz < 20.0)
    return float(density[heard & (hertz < 1.0)].sum() / density[heard].sum())


def _events_per_s(powers: Floats) -> float:
    level = _level_db(powers)
    second = 2 * FRAMES_PER_S
    count = level.size // second
    around = np.repeat(np.median(level[: count * second].reshape(count, second), axis=1), second)
    above = level[: count * second] > around + EVENT_RISE_DB
    rises = np.flatnonzero(above[1:] & ~above[:-1])
    return float(rises.size / count)


def _return(level_db: Floats) -> float:
    """Return the highest autocorrelation at lags from 2 s to half the length.

    What moves over more than a second or two is taken out first: weather is not a loop.
    """
    width = FRAMES_PER_S
    smooth = np.convolve(level_db, np.ones(width) / width, "same")
    quick = (level_db - smooth)[width:-width]
    size = 1 << (2 * quick.size).bit_length()
    spectrum = np.fft.rfft(quick, size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, size)
    lags = np.arange(2 * FRAMES_PER_S, quick.size // 2)
    # A product sum over fewer samples is smaller: put each lag on the footing of the first.
    return float((correlation[lags] / (1.0 - lags / quick.size)).max() / correlation[0])
