"""The listening report: every indicator of one track, by group, against what it was meant to be.

The report informs; `gates` decides. Without a plan there are no targets, without a score no
comparison of intent with sound; both are optional so that any audio file can be measured.
"""

from __future__ import annotations

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.hearing import Hearing, hear, in_blocks
from soundflow_assets.listening.known import Known, known_of
from soundflow_assets.listening.music_report import judge_music
from soundflow_assets.listening.score_report import judge_score
from soundflow_assets.listening.sound_report import judge_sound
from soundflow_assets.listening.verdict import Report
from soundflow_assets.plans.model import TrackPlan


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


def judge_heard(heard: Hearing, known: Known) -> Report:
    """Return the report of a programme that has been heard."""
    indicators = [*judge_sound(heard, known), *judge_music(heard, known)]
    if known.score is not None:
        indicators += judge_score(known.score, known.plan)
    return Report(tuple(indicators))
