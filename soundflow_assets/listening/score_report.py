"""The score half of the battery: every measure of what was written, beside its target.

`aims` gives the measures with their limits as numbers, for whoever weighs scores against each
other; `judge_score` gives them as indicators of the report. A measure without a target informs
only: where the genre names none, where there is nothing to measure, and where no plan is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from soundflow_assets.composition.score import Hit, Note, Score
from soundflow_assets.composition.theory import MODES
from soundflow_assets.listening import density, feel, notes, patterns, symbolic, tune
from soundflow_assets.listening.verdict import Indicator, within
from soundflow_assets.plans.harmony import Progression
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.targets import CategoryTargets, GenreTargets

HAT_VELOCITY_DEVIATION = 8.0
SWING_TOLERANCE = 2.0  # percent of the pair
JITTER_MS = 6.0
RECALLED = 0.6  # of the opening motif, unbroken
ALMOST = 0.9999  # a groove that never changes is a loop, whatever the genre


@dataclass(frozen=True, slots=True)
class Aim:
    """A measure and the closed interval it shall lie in; None where it could not be measured."""

    name: str
    value: float | None
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf

    @property
    def judged(self) -> bool:
        """Whether there is both a value and a limit."""
        return self.value is not None and (math.isfinite(self.low) or math.isfinite(self.high))

    @property
    def met(self) -> bool:
        """Whether the value lies within the limits; true where nothing is judged."""
        return self.value is None or self.low <= self.value <= self.high

    def indicator(self) -> Indicator:
        """Return the aim as the report shows it."""
        if self.value is None:
            return Indicator("score", self.name, None, self.unit)
        return within("score", self.name, self.value, self.unit, self.low, self.high)


def judge_score(score: Score, plan: TrackPlan | None = None) -> tuple[Indicator, ...]:
    """Return the indicators of `score`; without its plan they are measured, not judged."""
    return tuple(aim.indicator() for aim in aims(score, plan))


def aims(score: Score, plan: TrackPlan | None = None) -> tuple[Aim, ...]:
    """Return all measures of `score`, in the order of the battery, with the plan's limits."""
    genre = plan.spec.listening if plan else GenreTargets()
    sounding, strokes = notes.pitched(score), symbolic.strokes(score.hits)
    found = (
        *_pitches(score, sounding, plan, genre),
        *_symbolic(sounding, strokes, genre),
        *_feel(score, strokes, plan),
        *_patterns(score, genre),
        *_melody(score, plan, genre),
        _density(score, genre),
    )
    return found if plan else tuple(replace(one, low=-math.inf, high=math.inf) for one in found)


def _pitches(
    score: Score, sounding: tuple[Note, ...], plan: TrackPlan | None, genre: GenreTargets
) -> Iterator[Aim]:
    outside = notes.outside_share(sounding, score.chords)
    yield Aim("outside_share", outside, high=genre.outside_share)
    yield Aim("chromatic_share", notes.chromatic_share(sounding, _scale(score, plan)))
    yield Aim("clash_share", notes.clash_share(sounding), high=genre.clash_share)
    progression = _progression(plan)
    # Where chords move in parallel, that is the sound and not a fault.
    most = math.inf if progression and progression.planing else genre.voice_motion_semitones
    motion = notes.voice_motion(score.parts)
    yield Aim("voice_motion", motion, "semitones", high=most)
    yield Aim("low_clusters", float(notes.low_clusters(sounding)), high=0)


def _symbolic(
    sounding: tuple[Note, ...], strokes: tuple[Hit, ...], genre: GenreTargets
) -> Iterator[Aim]:
    entropy = symbolic.pitch_class_entropy(sounding)
    yield Aim("pitch_class_entropy", entropy, "bits", *_span(genre.pitch_class_entropy_bits))
    consistency = symbolic.scale_consistency(sounding)
    yield Aim("scale_consistency", consistency, "", *_span(genre.scale_consistency))
    low, high = _span(genre.drum_groove_consistency)
    groove = symbolic.groove_consistency(strokes)
    yield Aim("drum_groove_consistency", groove, "", low, min(high, ALMOST))


def _feel(score: Score, strokes: tuple[Hit, ...], plan: TrackPlan | None) -> Iterator[Aim]:
    unit = plan.spec.feel.swing_unit if plan else "sixteenth"
    deviation = feel.hat_velocity_deviation(strokes)
    yield Aim("hat_velocity_sd", deviation, low=HAT_VELOCITY_DEVIATION)
    low, high = score.swing - SWING_TOLERANCE, score.swing + SWING_TOLERANCE
    yield Aim("swing", feel.swing_played(score, strokes, unit), "%", low, high)
    yield Aim("jitter_sd", feel.jitter_ms(score, strokes, unit), "ms", high=JITTER_MS)


def _patterns(score: Score, genre: GenreTargets) -> Iterator[Aim]:
    roles = patterns.events_by_role(score)
    drums = patterns.patterns(roles.get("drums", []))
    share = patterns.distinct_share(drums)
    yield Aim("drum_pattern_share", share, "", *_span(genre.drum_pattern_share))
    yield Aim("drum_pattern_entropy", patterns.conditional_entropy(drums))
    yield Aim("identical_blocks", float(patterns.identical_blocks(roles)), high=0)


def _melody(score: Score, plan: TrackPlan | None, genre: GenreTargets) -> Iterator[Aim]:
    part = tune.melody_of(score, plan.spec) if plan else None
    sung = part.notes if part else ()
    bars = patterns.patterns(patterns.note_events(sung))
    share = patterns.distinct_share(bars)
    yield Aim("melody_pattern_share", share, "", *_span(genre.melody_pattern_share))
    yield Aim("melody_pattern_entropy", patterns.conditional_entropy(bars))
    targets = plan.targets if plan else CategoryTargets()
    rests = tune.rest_share(part, score.sections) if part else None
    yield Aim("melody_rest_share", rests, low=_least(targets.melody_rest_share))
    tones = tune.chord_tone_share(sung, score.chords)
    yield Aim("chord_tone_share", tones, low=genre.chord_tone_share)
    yield Aim("motif_recall", tune.recall(sung, score.bars * 4.0), low=RECALLED)


def _density(score: Score, genre: GenreTargets) -> Aim:
    found = density.energy_correlation(score)
    return Aim("strokes_follow_energy", found, "", _least(genre.energy_correlation))


def _progression(plan: TrackPlan | None) -> Progression | None:
    if plan is None:
        return None
    name = plan.choices.progression
    return next((one for one in plan.spec.harmony.progressions if one.name == name), None)


def _scale(score: Score, plan: TrackPlan | None) -> frozenset[int]:
    """Return the pitch classes of the track's key in the mode of its progression."""
    key = parse_key(score.key)
    progression = _progression(plan)
    mode = progression.mode if progression else "minor" if key.minor else "major"
    return frozenset((key.tonic + step) % 12 for step in MODES[mode])


def _span(interval: tuple[float, float] | None) -> tuple[float, float]:
    return (-math.inf, math.inf) if interval is None else interval


def _least(limit: float | None) -> float:
    return -math.inf if limit is None else limit
