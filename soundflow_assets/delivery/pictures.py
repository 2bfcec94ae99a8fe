"""Pictures of sound for operators.

One is a waveform small enough to stand in a line of text, the other a waveform over a spectrogram
for reports and documents.

Colours mark the sections of the form; a section of the same name has the same colour.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Sound
from soundflow_assets.composition.score import Section
from soundflow_assets.delivery.canvas import Canvas, colour, mix
from soundflow_assets.reel import BLOCK

Floats = npt.NDArray[np.float64]

_INK, _PAPER, _QUIET = colour("#d9dcec"), colour("#12131f"), colour("#8b90ad")
_SECTION_COLOURS = ("#5b8cff", "#2fc6b0", "#f2b05e", "#ef6a8a", "#a987f0", "#7fc45a", "#5ec3f0")
# Spectrogram colours from quiet to loud, at even steps.
_HEAT = np.array(
    [[18, 19, 31], [52, 30, 96], [122, 32, 120], [205, 64, 92], [247, 140, 66], [253, 236, 160]]
)
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 16000.0
_RANGE_DB = 66.0
_FFT = 8192
_MOST_BARS, _FEWEST_BARS, _NEAR_BARS = 64, 8, 3


def waveform_uri(
    energies: Floats, duration_s: float, sections: Sequence[Section] = (), limit: int = 690
) -> str:
    """Return a waveform as a `data:image/svg+xml;base64,` URI of at most `limit` characters.

    The Dagster UI shows markdown in place while the whole text is shorter than 1,000 characters,
    and images only in base64. As many bars are drawn as fit.

    Parameters
    ----------
    energies
        Of even stretches of the sound, such as a meter has taken them down; of any scale.
    duration_s
        Length of the sound.
    """
    places = np.arange(len(energies) + 1)
    below = np.concatenate(([0.0], np.cumsum(energies)))
    bars = _MOST_BARS
    while bars >= _FEWEST_BARS:
        edges = np.linspace(0, len(energies), bars + 1)
        level = np.sqrt(np.diff(np.interp(edges, places, below)))
        svg = _svg(level / max(1e-9, level.max()), duration_s, sections)
        uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        if len(uri) <= limit:
            return uri
        # The length goes with the bars, roughly: from far off in one leap, then one by one.
        bars = min(bars - 1, bars * limit // len(uri) + _NEAR_BARS)
    raise ValueError(f"no waveform fits into {limit} characters")


def overview_png(sound: Sound, sections: Sequence[Section] = (), title: str = "") -> bytes:
    """Return a PNG of 1000 × 460: sections, waveform, and a spectrogram on a logarithmic axis."""
    canvas = Canvas(1000, 460, _PAPER)
    left, width, top = 62, 918, 44
    duration_s = sound.samples / sound.sample_rate
    canvas.text(left, 26, title, 16, _INK, weight=0.3)
    _draw_sections(canvas, sections, (left, top, width), duration_s)
    _draw_waveform(canvas, sound, sections, (left, top + 24, width, 104))
    heat = heat_map(sound, width, 240)
    canvas.paste(left, top + 138, heat)
    _draw_axes(canvas, (left, top + 138, width, 240), duration_s)
    return canvas.png()


def section_colours(sections: Sequence[Section]) -> dict[str, str]:
    """Return a colour for each section name, in order of appearance."""
    names = list(dict.fromkeys(section.name for section in sections))
    return {name: _SECTION_COLOURS[i % len(_SECTION_COLOURS)] for i, name in enumerate(names)}


def _levels(sound: Sound, columns: int) -> tuple[Floats, Floats]:
    """Return mean square and peak of `columns` even stretches, both channels together."""
    edges = np.linspace(0, sound.samples, columns + 1).astype(np.int64)
    power, peak = np.zeros(columns), np.zeros(columns)
    # Whole columns at a time, about a stretch of the reel.
    step = max(1, columns * BLOCK // max(1, sound.samples))
    for first in range(0, columns, step):
        last = min(columns, first + step)
        start = int(edges[first])
        stop = max(start + 1, int(edges[last]))
        audio = sound.read(min(start, sound.samples - 1), stop)
        starts = np.minimum(edges[first:last] - start, audio.shape[1] - 1)
        squares = np.einsum("cn,cn->n", audio, audio)
        power[first:last] = np.add.reduceat(squares, starts, dtype=np.float64) / len(audio)
        highest, lowest = (
            extreme.reduceat(audio, starts, axis=1) for extreme in (np.maximum, np.minimum)
        )
        peak[first:last] = np.maximum(highest, -lowest).max(axis=0)
    return power / np.maximum(1, np.diff(edges)), peak


def _svg(level: Floats, duration_s: float, sections: Sequence[Section]) -> str:
    bars, colours = len(level), section_colours(sections)
    paths: dict[str, str] = {}
    # Bars of one colour are one path; pen moves are relative within it, for brevity.
    pens: dict[str, tuple[int, int]] = {}
    for i in range(bars):
        section = _section_at(sections, (i + 0.5) / bars * duration_s)
        tone = _short(colours[section.name]) if section else "#58f"
        half = max(1, round(11 * float(level[i])))
        x, y = 2 * i + 1, 12 - half
        pen = pens.get(tone)
        move = f"M{x} {y}" if pen is None else _relative(x - pen[0], y - pen[1])
        paths[tone] = paths.get(tone, "") + f"{move}v{2 * half}"
        pens[tone] = (x, y + 2 * half)
    body = "".join(f'<path stroke="{tone}" d="{path}"/>' for tone, path in paths.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * bars} 24">{body}</svg>'


def _relative(dx: int, dy: int) -> str:
    return f"m{dx}{dy}" if dy < 0 else f"m{dx} {dy}"


def _short(code: str) -> str:
    """Return the nearest three-digit colour."""
    return "#" + "".join(f"{round(part / 17):x}" for part in colour(code))


def _section_at(sections: Sequence[Section], time_s: float) -> Section | None:
    """Return the section sounding at `time_s`; the last one rings on."""
    found = [section for section in sections if section.start_s <= time_s]
    return found[-1] if found else None


def _draw_sections(
    canvas: Canvas, sections: Sequence[Section], area: tuple[int, int, int], duration_s: float
) -> None:
    left, top, width = area
    colours = section_colours(sections)
    for section in sections:
        x0 = left + width * section.start_s / duration_s
        x1 = left + width * min(section.end_s, duration_s) / duration_s
        tone = colour(colours[section.name])
        canvas.box(x0, top, x1 - 1, top + 17, mix(tone, _PAPER, 0.55))
        room = int((x1 - x0 - 8) / 6.4)
        if room >= 3:
            canvas.text(x0 + 5, top + 13, section.name[:room], 11.5, _INK)


def _draw_waveform(
    canvas: Canvas,
    sound: Sound,
    sections: Sequence[Section],
    area: tuple[int, int, int, int],
) -> None:
    """Draw peaks pale and RMS solid, as level against full scale."""
    left, top, width, height = area
    power, peaks = _levels(sound, width)
    rms = np.sqrt(power)
    middle, colours = top + height / 2, section_colours(sections)
    for i in range(width):
        section = _section_at(sections, (i / width) * sound.samples / sound.sample_rate)
        tone = colour(colours[section.name] if section else _SECTION_COLOURS[0])
        for level, fill in ((peaks[i], mix(tone, _PAPER, 0.55)), (rms[i], tone)):
            half = max(0.5, min(1.0, float(level)) * height / 2)
            canvas.box(left + i, middle - half, left + i + 1, middle + half, fill)


def heat_map(sound: Sound, columns: int, rows: int) -> npt.NDArray[np.uint8]:
    """Return uint8 (rows, columns, 3): power per band, 66 dB from quiet to loud.

    Bands are equally wide in octaves, so that pink noise has an even colour.
    """
    window = np.hanning(_FFT).astype(np.float32)
    starts = (np.arange(columns) * (sound.samples / columns)).astype(np.int64)
    edges = _LOWEST_HZ * (_HIGHEST_HZ / _LOWEST_HZ) ** (np.arange(rows + 1) / rows)
    bins = np.minimum(edges, sound.sample_rate / 2) * _FFT / sound.sample_rate
    power = np.empty((columns, rows))
    below = np.zeros(_FFT // 2 + 2)
    places = np.arange(len(below))
    for column, start in enumerate(starts):
        audio = sound.read(int(start), min(sound.samples, int(start) + _FFT))
        heard = audio.sum(axis=0) * window[: audio.shape[1]] / np.float32(len(audio))
        spectrum = np.fft.rfft(heard, _FFT)
        np.cumsum(spectrum.real**2 + spectrum.imag**2, out=below[1:])
        power[column] = np.diff(np.interp(bins, places, below))
    level = 10.0 * np.log10(np.maximum(power, 1e-12))
    loudest = np.percentile(level, 99.8)
    place = np.clip((level - loudest) / _RANGE_DB + 1.0, 0.0, 1.0) * (len(_HEAT) - 1)
    steps = np.arange(len(_HEAT))
    channels = [np.interp(place, steps, _HEAT[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8).transpose(1, 0, 2)[::-1]


def _draw_axes(canvas: Canvas, area: tuple[int, int, int, int], duration_s: float) -> None:
    left, top, width, height = area
    octaves = np.log2(_HIGHEST_HZ / _LOWEST_HZ)
    for hertz, label in (
        (60, "60 Hz"),
        (250, "250"),
        (1000, "1 k"),
        (4000, "4 k"),
        (12000, "12 k"),
    ):
        y = top + height * (1 - float(np.log2(hertz / _LOWEST_HZ) / octaves))
        canvas.box(left - 5, y, left, y + 1, _QUIET)
        canvas.text(left - 9, y + 4, label, 11.5, _QUIET, anchor="rs")
    step = next(
        s for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600) if duration_s / s <= 14 or s == 600
    )
    for second in range(0, int(duration_s) + 1, step):
        x = left + width * second / duration_s
        canvas.box(x, top + height, x + 1, top + height + 5, _QUIET)
        if x < left + width - 24:
            canvas.text(x + 3, top + height + 16, _clock(second), 11.5, _QUIET)


def _clock(second: int) -> str:
    return f"{second // 60}:{second % 60:02d}"
