"""The charts of the page: each takes what was heard and returns SVG."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening import loudness
from soundflow_assets.listening.activity import densities, onset_times
from soundflow_assets.listening.bands import LONG_SIZE
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.known import Known
from soundflow_assets.listening.page.chart import Chart
from soundflow_assets.listening.pitches import BAND_EDGES_HZ
from soundflow_assets.listening.spectrum import BANDS_HZ, spectrum_of
from soundflow_assets.listening.structure import Structure
from soundflow_assets.listening.tonality import pitch_classes, tuning

Floats = npt.NDArray[np.float64]
_COLUMNS = 940
_TONES = 7  # section colours of the style sheet
_PITCHES = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")


def waveform_chart(heard: Hearing, known: Known) -> str:
    """Return the wave's envelope, coloured by section."""
    chart = Chart((0.0, heard.duration_s), (-1.0, 1.0), 170.0, "waveform")
    tones = _tones(known)
    for one in known.sections:
        tip = f"{one.name}: energy {one.energy:.2f}"
        end = min(one.end_s, heard.duration_s)
        chart.box(one.start_s, end, -1.0, 1.0, f"band tone{tones[one.name]}", tip)
    peaks = heard.levels.peaks
    edges = np.linspace(0, len(peaks), min(_COLUMNS, len(peaks)) + 1).astype(np.int64)
    high = np.maximum.reduceat(peaks, edges[:-1])
    times = (edges[:-1] + edges[1:]) / 2 * heard.duration_s / len(peaks)
    chart.area(times, -high, high, "wave")
    for one in known.sections:
        if one.end_s - one.start_s > 0.05 * heard.duration_s:
            chart.words(chart.x(one.start_s) + 5, 30, one.name)
    chart.y_ticks(((1.0, "1"), (0.0, "0"), (-1.0, "-1")))
    chart.time_ticks()
    return chart.svg()


def loudness_chart(heard: Hearing, known: Known) -> str:
    """Return momentary and short-term loudness over time, and the integrated."""
    energies = heard.levels.energies
    integrated = loudness.loudness_of(energies, 0.0).integrated_lufs
    centre = integrated if math.isfinite(integrated) else -30.0
    chart = Chart((0.0, heard.duration_s), (centre - 24.0, centre + 12.0), 200.0, "loudness")
    chart.y_ticks(
        (float(v), f"{v:g}") for v in range(6 * round((centre - 24) / 6), round(centre + 13), 6)
    )
    for values, cells, kind in (
        (loudness.momentary(energies), 4, "momentary"),
        (loudness.short_term(energies), 30, "shortterm"),
    ):
        step = max(1, len(values) // 1800)
        times = np.arange(0.05 * cells, 0.05 * cells + 0.1 * len(values), 0.1)[: len(values)]
        chart.line(times[::step], values[::step], kind)
    if math.isfinite(integrated):
        chart.rule(integrated, "integrated", f"I {integrated:.1f} LUFS")
    if known.target_lufs is not None:
        chart.rule(known.target_lufs, "target")
    chart.time_ticks()
    return chart.svg()


def spectrogram_chart(heard: Hearing, uri: str) -> str:
    """Return the spectrogram between its axes."""
    octaves = math.log2(BAND_EDGES_HZ[-1] / BAND_EDGES_HZ[0])
    chart = Chart((0.0, heard.duration_s), (0.0, octaves), 260.0, "spectrogram")
    chart.image(uri)
    names = ((60, "60"), (250, "250"), (1000, "1k"), (4000, "4k"), (12000, "12k"))
    chart.y_ticks(
        ((math.log2(hertz / BAND_EDGES_HZ[0]), name) for hertz, name in names), ruled=False
    )
    chart.time_ticks()
    return chart.svg()


def activity_chart(heard: Hearing, known: Known) -> str:
    """Return onsets per second over time, with the planned energy of the sections."""
    window = min(8.0, max(1.0, heard.duration_s / 40))
    edges = np.arange(0.0, heard.duration_s + window / 2, window)
    busy = densities(onset_times(heard.mel), edges)
    most = max(1.0, float(busy.max()) * 1.1) if busy.size else 1.0
    chart = Chart((0.0, heard.duration_s), (0.0, most), 170.0, "onset density")
    chart.y_ticks((v, f"{v:.0f}") for v in (0.0, most / 2, most))
    for start, end, value in zip(edges[:-1], edges[1:], busy, strict=True):
        tip = f"{value:.1f} onsets a second"
        chart.box(float(start), float(end) - 0.1 * window, 0.0, float(value), "bar", tip)
    highest = max((one.energy for one in known.sections), default=0.0)
    if highest > 0.0:
        steps = [
            (time, one.energy / highest * most * 0.95)
            for one in known.sections
            for time in (one.start_s, min(one.end_s, heard.duration_s))
        ]
        chart.line([s[0] for s in steps], [s[1] for s in steps], "energy")
    chart.time_ticks()
    return chart.svg()


def spectrum_chart(heard: Hearing) -> str:
    """Return the long-term power density in third octaves and the line of its tilt."""
    power = heard.powers[0] + heard.powers[1]
    hertz = np.arange(len(power)) * SAMPLE_RATE / LONG_SIZE
    centres = 31.5 * 2.0 ** (np.arange(29) / 3.0)
    levels = []
    for centre in centres:
        inside = (hertz >= centre * 2 ** (-1 / 6)) & (hertz < centre * 2 ** (1 / 6))
        density = float(power[inside].mean()) if inside.any() else 0.0
        levels.append(10.0 * math.log10(density) if density > 0.0 else -math.inf)
    shown = [one for one in levels if math.isfinite(one)] or [0.0]
    top = max(shown) + 3.0
    chart = Chart((math.log2(25.0), math.log2(22000.0)), (top - 72.0, top), 270.0, "spectrum")
    chart.y_ticks((top - 3.0 - down, f"-{down}") for down in (0, 20, 40, 60))
    octaves: Floats = np.log2(centres)
    chart.line(octaves, levels, "shortterm")
    tilt = spectrum_of(heard.powers).tilt_db_per_octave
    middle = math.log2(894.0)  # of 100 Hz to 8 kHz
    at = float(np.interp(middle, octaves, np.maximum(levels, top - 72.0)))
    ends = (math.log2(100.0), math.log2(8000.0))
    chart.line(ends, [at + tilt * (end - middle) for end in ends], "target")
    names = ((63, "63"), (250, "250"), (1000, "1k"), (4000, "4k"), (16000, "16k"))
    chart.x_ticks((math.log2(value), name) for value, name in names)
    return chart.svg()


def shares_chart(heard: Hearing) -> str:
    """Return the share of each band in dB of the whole."""
    shares = spectrum_of(heard.powers).shares_db
    chart = Chart((0.0, float(len(shares))), (-60.0, 0.0), 270.0, "band shares")
    chart.y_ticks((float(v), str(v)) for v in (-60, -40, -20, 0))
    for place, (name, share) in enumerate(shares.items()):
        low, high = BANDS_HZ[name]
        tip = f"{low:g} to {high:g} Hz: {share:.1f} dB"
        chart.box(place + 0.15, place + 0.85, -60.0, share, "bar", tip)
    chart.x_ticks((place + 0.5, name) for place, name in enumerate(shares))
    return chart.svg()


def pitch_chart(heard: Hearing) -> str:
    """Return the shares of the pitch classes, of all voices and of the bass."""
    third = tuning(heard.chroma)
    voices, bass = pitch_classes(heard.chroma, third), pitch_classes(heard.bass, third)
    most = max(0.01, float(max(voices.max(), bass.max())) * 1.08)
    chart = Chart((0.0, 12.0), (0.0, most), 270.0, "pitch classes")
    chart.y_ticks((v, f"{100 * v:.0f} %") for v in (0.0, most / 2, most))
    for k, name in enumerate(_PITCHES):
        chart.box(k + 0.12, k + 0.5, 0.0, float(voices[k]), "bar", f"{name}: {voices[k]:.1%}")
        chart.box(k + 0.52, k + 0.88, 0.0, float(bass[k]), "bar2", f"{name}, bass: {bass[k]:.1%}")
    chart.x_ticks((k + 0.5, name) for k, name in enumerate(_PITCHES))
    return chart.svg()


def similarity_chart(form: Structure, uri: str) -> str:
    """Return the matrix of bars with the heard boundaries."""
    chart = Chart((0.0, float(form.bars)), (0.0, float(form.bars)), 1130.0, "similarity")
    chart.image(uri)
    step = max(4, 4 * math.ceil(form.bars / 48))
    ticks = [(float(bar), str(bar)) for bar in range(0, form.bars, step)]
    chart.y_ticks(ticks, ruled=False)
    chart.x_ticks(ticks)
    for bar in form.boundaries:
        chart.post(float(bar), "turn")
    return chart.svg()


def _tones(known: Known) -> dict[str, int]:
    names = list(dict.fromkeys(one.name for one in known.sections))
    return {name: place % _TONES for place, name in enumerate(names)}
