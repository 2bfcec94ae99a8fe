"""The listening report: every indicator of one track, by group, against what it was meant to be.

The report informs; `gates` decides. Without a plan there are no targets, without a score no
comparison of intent with sound; both are optional so that any audio file can be measured.
"""

from __future__ import annotations

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.grid import BEATS_PER_BAR, grid_of
from soundflow_assets.listening.hearing import Hearing, hear
from soundflow_assets.listening.joins import join_of
from soundflow_assets.listening.known import Known, known_of
from soundflow_assets.listening.likeness import (
    FRESH_HARMONY,
    FRESH_RHYTHM,
    FRESH_TIMBRE,
    Character,
    character_of,
    likeness,
)
from soundflow_assets.listening.music_report import heard_tempo, judge_music
from soundflow_assets.listening.score_report import judge_score
from soundflow_assets.listening.sound_report import judge_sound
from soundflow_assets.listening.stems import Stems, judge_stems
from soundflow_assets.listening.verdict import Indicator, Outcome, Report, within
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.reel import in_blocks

_WHOLE_BARS = 0.002  # how far a loop may be off, in bars


def measure(
    audio: Audio, sample_rate: int, score: Score | None = None, plan: TrackPlan | None = None
) -> Report:
    """Measure a track.

    Parameters
    ----------
    audio
        float32 (1 or 2, samples), as decoded.
    sample_rate
        In Hz.
    score, plan
        Of the track, where they are known.

    Raises
    ------
    BadInput
        When `audio` is empty, of another shape, or not finite.
    """
    return judge_heard(hear(in_blocks(audio), sample_rate), known_of(score, plan))


def judge_heard(heard: Hearing, known: Known, stems: Stems | None = None) -> Report:
    """Return the report of a programme that has been heard, and of its stems."""
    pitched = stems.pitched if stems is not None else None
    indicators = [*judge_sound(heard, known), *judge_music(heard, known, pitched)]
    if stems is not None:
        indicators += judge_stems(stems, known)
    if known.score is not None:
        indicators += judge_score(known.score, known.plan)
    return Report(tuple(indicators))


def judge_loop(heard: Hearing, known: Known) -> Report:
    """Return the report of a loop: its sound, and how its end meets its beginning.

    Bars are counted by the bar lines of the track's score, where it is known, else by its tempo.
    """
    lines = known.score.beat_times_s[::BEATS_PER_BAR] if known.score is not None else ()
    join = join_of(heard.ends, heard.levels.energies, heard.levels.samples, known.bpm, lines)
    indicators = [
        within("loop", "step_ratio", join.step_ratio, "", high=1.0),
        within("loop", "level_step", join.level_step_db, "dB", -1.0, 1.0),
    ]
    if join.bars is not None:
        off = abs(join.bars - round(join.bars))
        whole: Outcome = "pass" if off <= _WHOLE_BARS else "miss"
        indicators.append(Indicator("loop", "bars", join.bars, "", "a whole number", whole))
    return Report((*judge_sound(heard, Known()), *indicators))


def judge_against(heard: Hearing, known: Known, other: Hearing, other_known: Known) -> Report:
    """Return how new a track is beside another one."""
    first, second = _character(heard, known), _character(other, other_known)
    found = likeness(first, second)
    fresh = "two of three"
    rows = [
        Indicator("novelty", "harmony", found.harmony, "", f">= {FRESH_HARMONY:g}, {fresh}"),
        Indicator("novelty", "rhythm", found.rhythm, "", f">= {FRESH_RHYTHM:g}, {fresh}"),
        Indicator("novelty", "timbre", found.timbre, "dB", f">= {FRESH_TIMBRE:g}, {fresh}"),
    ]
    verdict = "the same piece" if found.same else "new" if found.fresh else "too alike"
    outcome: Outcome = "pass" if verdict == "new" else "miss"
    return Report((*rows, Indicator("novelty", "verdict", verdict, "", "new", outcome)))


def _character(heard: Hearing, known: Known) -> Character:
    return character_of(heard, grid_of(heard, known.score, heard_tempo(heard)))
