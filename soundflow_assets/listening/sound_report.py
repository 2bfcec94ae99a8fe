"""Indicators of the sound itself: file, level, wave, stereo and spectrum."""

from __future__ import annotations

import math
from collections.abc import Iterator

from soundflow_assets.listening import loudness
from soundflow_assets.listening.clicks import clicks_per_minute
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.known import Known
from soundflow_assets.listening.spectrum import spectrum_of
from soundflow_assets.listening.verdict import Indicator, Outcome, within

_ANY = (-math.inf, math.inf)
_LOUDNESS_TOLERANCE_LU = 0.5
CLICKS_TARGET = 25.0
_SILENCE_S = {True: 0.3, False: 1.0}  # with drums, without


def judge_sound(heard: Hearing, known: Known) -> Iterator[Indicator]:
    """Yield the indicators in the order of the report."""
    yield from _file(heard, known)
    yield from _level(heard, known)
    yield from _wave(heard, known)
    if heard.levels.channels == 2:
        yield from _stereo(heard, known)
    yield from _spectrum(heard, known)


def span(interval: tuple[float, float] | None) -> tuple[float, float]:
    """Return an interval's bounds, infinite where there is none."""
    return _ANY if interval is None else interval


def _file(heard: Hearing, known: Known) -> Iterator[Indicator]:
    levels = heard.levels
    duration = round(levels.duration_s, 6)
    if known.duration_s is None:
        yield Indicator("file", "duration", duration, "s")
    else:
        planned = round(known.duration_s * levels.sample_rate)
        exact: Outcome = "pass" if levels.samples == planned else "miss"
        yield Indicator("file", "duration", duration, "s", f"{known.duration_s:g}", exact)
    yield Indicator("file", "sample_rate", float(levels.sample_rate), "Hz")
    yield Indicator("file", "channels", float(levels.channels))


def _level(heard: Hearing, known: Known) -> Iterator[Indicator]:
    levels, category = heard.levels, known.category
    facts = loudness.loudness_of(levels.energies, levels.true_peak)
    target = known.target_lufs
    aim = (
        _ANY
        if target is None
        else (target - _LOUDNESS_TOLERANCE_LU, target + _LOUDNESS_TOLERANCE_LU)
    )
    yield within("loudness", "integrated", facts.integrated_lufs, "LUFS", *aim)
    yield within("loudness", "range", facts.range_lu, "LU", *span(category.range_lu))
    yield within("loudness", "momentary_max", facts.momentary_max_lufs, "LUFS")
    yield within("loudness", "short_term_max", facts.short_term_max_lufs, "LUFS")
    step = facts.short_term_step_lu
    yield within("loudness", "short_term_step", step, "LU/s", high=category.short_term_step_lu)
    yield within("loudness", "true_peak", facts.true_peak_dbtp, "dBTP", high=-1.0)
    plr = round(facts.peak_to_loudness_lu, 2)
    yield within("loudness", "peak_to_loudness", plr, "LU", *span(category.peak_to_loudness_lu))


def _wave(heard: Hearing, known: Known) -> Iterator[Indicator]:
    levels = heard.levels
    facts = levels.waveform
    yield within("waveform", "clipped_pairs", float(facts.clipped_pairs), high=0)
    yield within("waveform", "dc", facts.dc_dbfs, "dBFS", high=-55)
    rate = clicks_per_minute(heard.clicks, heard.duration_s)
    yield within("waveform", "clicks", rate, "/min", high=CLICKS_TARGET)
    ending = known.body_s if known.body_s is not None else levels.duration_s
    inner = [
        one.length_s
        for one in levels.silences(0.0)
        if one.end_s < levels.duration_s - 0.02 or one.start_s < ending - 0.02
    ]
    longest = round(max(inner, default=0.0), 2)
    most = math.inf if known.with_drums is None else _SILENCE_S[known.with_drums]
    yield within("waveform", "longest_silence", longest, "s", high=most)


def _stereo(heard: Hearing, known: Known) -> Iterator[Indicator]:
    facts = heard.levels.waveform
    sides = span(known.category.side_to_mid_db)
    yield within("stereo", "correlation", facts.correlation, "", 0.2, 0.97)
    yield within("stereo", "side_to_mid", facts.side_to_mid_db, "dB", *sides)
    yield within("stereo", "balance", facts.balance_db, "dB", -1.5, 1.5)
    loss = loudness.mono_fold_loss(heard.levels.energies, heard.mono_energies)
    yield within("stereo", "mono_fold_loss", loss, "LU", high=2.0)
    low = spectrum_of(heard.powers).low_correlation
    yield within("stereo", "low_correlation", low, "", 0.95)


def _spectrum(heard: Hearing, known: Known) -> Iterator[Indicator]:
    facts, category = spectrum_of(heard.powers), known.category
    tilt = facts.tilt_db_per_octave
    yield within("spectrum", "tilt", tilt, "dB/oct", *span(category.tilt_db_per_octave))
    for name, share in facts.shares_db.items():
        aim = span(category.presence_db) if name == "presence" else _ANY
        yield within("spectrum", f"{name}_share", share, "dB", *aim)
    yield Indicator("spectrum", "centroid", facts.centroid_hz, "Hz")
