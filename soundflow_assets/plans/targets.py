"""What a track is measured against: the one home of every target, by category and by genre.

The figures themselves are data: a category's stand under `listening:` of its entry in the plan, a
genre's under `listening:` of its file. What is left out is measured, but not judged. A category
says how its tracks shall sound in the room where they are heard (level, tone, width, pulse, how
much a melody may say); a genre says what its notes are made of.

Every interval is closed, `[lowest, highest]`; a lone number is the limit that its name says.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from soundflow_assets.plans.strict import Strict, Unit


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError(f"[{interval[0]:g}, {interval[1]:g}]: the first number is the lower one")
    return interval


Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]
Shares = Annotated[tuple[Unit, Unit], AfterValidator(_ordered)]
Positive = Annotated[float, Field(gt=0)]


class CategoryTargets(Strict):
    """How a category's finished mixes shall measure."""

    range_lu: Interval | None = None  # loudness range, EBU Tech 3342
    short_term_step_lu: Positive = 3.0  # most that short-term loudness may move in one second
    peak_to_loudness_lu: Interval | None = None  # true peak above integrated loudness
    tilt_db_per_octave: Interval | None = None  # power density, 100 Hz to 8 kHz; pink noise is -3
    presence_db: Interval | None = None  # 2 to 6 kHz against the whole
    side_to_mid_db: Interval | None = None
    pulse_clarity: Unit | None = None  # least; None where no pulse is promised
    melody_rest_share: Unit | None = None  # least share of a melody's time that is silent


class GenreTargets(Strict):
    """What a genre's scores shall measure; None where a measure does not apply to the genre."""

    outside_share: Unit = 0.03  # most notes that neither scale nor chord justifies
    clash_share: Unit = 0.01  # most of the time in which minor seconds or ninths sound
    voice_motion_semitones: Positive = 2.0  # most that a voice moves from chord to chord, in mean
    pitch_class_entropy_bits: Interval | None = None
    scale_consistency: Shares | None = None
    drum_groove_consistency: Shares | None = None  # exactly 1 fails wherever there are drums
    drum_pattern_share: Shares | None = None  # distinct bars of a lane / bars it plays
    melody_pattern_share: Shares | None = None  # the same of the melody
    chord_tone_share: Unit = 0.75  # least, of the melody's notes on strong beats
    energy_correlation: Annotated[float, Field(ge=-1, le=1)] | None = None  # least, of density
    tempo_tolerance: Annotated[float, Field(gt=0, le=0.1)] = 0.01  # of the heard tempo
    sections: Annotated[int, Field(ge=1)] | None = None  # least number heard


class BedTargets(Strict):
    """What a nature bed shall measure; `listening.beds` says what each measure is."""

    slope_range_hz: Interval
    slope_db_per_octave: Interval
    rumble_db: float = -12.0  # most
    correlation: Interval = (0.1, 0.8)
    drift_db: Positive = 3.0  # most, either way
    event_db: Positive = 8.0  # most above the bed
    peakedness: Interval
    crest_db: Interval
    slow_movement: Shares
    events_per_s: Interval
    returning: Unit = 0.35  # most
