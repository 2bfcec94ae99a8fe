"""Indicators of the music as heard: pulse, tempo, key, form and activity."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from soundflow_assets.listening.activity import (
    activities,
    gain_ramps,
    onset_times,
)
from soundflow_assets.listening.density import rank_correlation
from soundflow_assets.listening.grid import CLEAR_PULSE, Grid, grid_of
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.known import Known
from soundflow_assets.listening.structure import structure_of
from soundflow_assets.listening.tempo import LEAST_S, Tempo, agrees, tempo_of
from soundflow_assets.listening.tonality import key_of, relation
from soundflow_assets.listening.verdict import Indicator, Outcome, within
from soundflow_assets.plans.key import parse_key

_MOST_REPEATED = 0.35
_ON_GRID = 0.8
_LEAST_SECTIONS = 4  # under which an order of sections says nothing
_LEAST_SECTION_S = 4.0


def judge_music(
    heard: Hearing, known: Known, pitched: Hearing | None = None
) -> Iterator[Indicator]:
    """Yield the indicators in the order of the report; the key is that of `pitched` if given."""
    tempo = heard_tempo(heard)
    if tempo is not None:
        yield from _pulse(tempo, known)
    yield from _key(pitched or heard, known)
    yield from _activity(heard, known)
    grid = grid_of(heard, known.score, tempo)
    if len(grid.bars_s) >= 3:
        yield from _form(heard, known, grid)


def heard_tempo(heard: Hearing) -> Tempo | None:
    """Return the tempo of a programme, None where it is too short to have one."""
    if heard.duration_s < LEAST_S + 1.0:
        return None
    return tempo_of(heard.flux, heard.low_flux, heard.long_bands_db)


def _pulse(tempo: Tempo, known: Known) -> Iterator[Indicator]:
    least = known.category.pulse_clarity
    low = -math.inf if least is None or known.with_drums is False else least
    yield within("music", "pulse_clarity", tempo.pulse_clarity, "", low)
    if known.bpm is None or tempo.pulse_clarity < CLEAR_PULSE:
        yield Indicator("music", "tempo", tempo.bpm, "BPM")
        return
    agreed = agrees(tempo.bpm, known.bpm, known.genre.tempo_tolerance)
    target = f"{known.bpm:g}, ×2 or ×½"
    yield Indicator("music", "tempo", tempo.bpm, "BPM", target, _outcome(agreed))


def _key(heard: Hearing, known: Known) -> Iterator[Indicator]:
    found = key_of(heard.chroma, heard.bass)
    if known.key is None:
        yield Indicator("music", "key", str(found.key))
    else:
        fits = relation(found.key, parse_key(known.key)) in ("exact", "relative")
        target = f"{known.key} or its relative"
        yield Indicator("music", "key", str(found.key), "", target, _outcome(fits))
    yield Indicator("music", "key_strength", found.strength)


def _activity(heard: Hearing, known: Known) -> Iterator[Indicator]:
    onsets = onset_times(heard.mel)
    yield Indicator("music", "onsets", round(len(onsets) / heard.duration_s, 2), "/s")
    sections = [one for one in known.sections if one.end_s - one.start_s >= _LEAST_SECTION_S]
    if len(sections) < _LEAST_SECTIONS:
        return
    busy = activities(heard.mel, [(one.start_s, one.end_s) for one in sections])
    follows = rank_correlation(busy, [one.energy for one in sections])
    if follows is None:
        return
    least = known.genre.energy_correlation
    low = -math.inf if least is None else least
    yield within("music", "density_follows_energy", follows, "", low)


def _form(heard: Hearing, known: Known, grid: Grid) -> Iterator[Indicator]:
    bars = grid.bars_s[grid.bars_s <= heard.duration_s + 1e-6]
    facts = structure_of(heard.mel, bars)
    yield Indicator("form", "bars", float(facts.bars))
    least = known.genre.sections
    # A sketch of a minute has no room for a form.
    judged = least is not None and facts.bars >= 8 * least
    low = float(least) if judged and least is not None else -math.inf
    yield within("form", "sections", float(facts.sections), "", low)
    on_grid = _ON_GRID if grid.written and judged else -math.inf
    yield within("form", "turns_on_grid", facts.on_grid_share, "", on_grid)
    yield within("form", "repeated_bars", facts.repeated_share, "", high=_MOST_REPEATED)
    yield Indicator("form", "bar_novelty", facts.mean_novelty_db, "dB")
    ramps = gain_ramps(heard.mel, onset_times(heard.mel), np.asarray(bars))
    yield within("form", "gain_ramps", float(len(ramps)), "", high=0)


def _outcome(passed: bool) -> Outcome:
    return "pass" if passed else "miss"
