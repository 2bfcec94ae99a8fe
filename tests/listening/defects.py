"""Our own engine with one defect switched in at a time: what makes generated music a toy.

Each function takes the sound or score of a good track and returns its faulty version; `rendered`
plays any score.
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.composition.score import Chord, Hit, Note, Score
from soundflow_assets.mastering.master import aim_of, level, premaster
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.reel import reel_of
from soundflow_assets.synthesis import dry
from soundflow_assets.synthesis.stems import render_sum

Event = TypeVar("Event", Note, Hit, Chord)


def rendered(plan: TrackPlan, score: Score) -> Audio:
    """Return the finished programme as players get it, float32 (2, samples)."""
    samples = round(plan.duration_s * SAMPLE_RATE)
    reel = reel_of(render_sum(plan, score))
    premaster(plan, score, reel)
    pcm = level(aim_of(plan), reel).reel.read(0, samples)
    return np.ascontiguousarray(pcm.T.astype(np.float32) / 32768.0)


def looped(score: Score, first_bar: int, bars: int = 4) -> Score:
    """Return a score that plays `bars` bars over and over; sections and energies stay."""
    beats = score.beat_times_s
    start = beats[4 * first_bar]
    length = beats[4 * (first_bar + bars)] - start
    turns = int(score.body_s / length)

    def over_and_over(events: tuple[Event, ...]) -> tuple[Event, ...]:
        inside = [one for one in events if start - 1e-4 <= one.onset_s < start + length - 1e-4]
        return tuple(
            dataclasses.replace(
                one,
                beat=one.beat + 4 * (bars * turn - first_bar),
                onset_s=one.onset_s - start + turn * length,
            )
            for turn in range(turns)
            for one in inside
        )

    everyone = tuple(dict.fromkeys(role for s in score.sections for role in s.roles))
    return dataclasses.replace(
        score,
        chords=over_and_over(score.chords),
        parts=tuple(dataclasses.replace(p, notes=over_and_over(p.notes)) for p in score.parts),
        hits=over_and_over(score.hits),
        sections=tuple(
            dataclasses.replace(section, roles=everyone, transition="none")
            for section in score.sections
        ),
    )


def transposed(score: Score, semitones: int) -> Score:
    """Return a score whose notes are elsewhere than its key and chords say."""
    return dataclasses.replace(
        score,
        parts=tuple(
            dataclasses.replace(
                part,
                notes=tuple(
                    dataclasses.replace(note, pitch=note.pitch + semitones) for note in part.notes
                ),
            )
            for part in score.parts
        ),
    )


def swelling(audio: Audio, score: Score, rise_db: float = 14.0) -> Audio:
    """Return the sound with a "build" over its second half that only turns the volume up."""
    time_s = np.arange(audio.shape[1]) / SAMPLE_RATE
    middle = score.body_s / 2
    gain_db = np.interp(time_s, [middle, score.body_s], [-rise_db, 0.0])
    return (audio * 10.0 ** (gain_db / 20.0)).astype(np.float32)


def cut_at_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every note stop dead when its written length is over, without release."""
    place = dry.place

    def cutting(out, sound, start, left, right, length, choke):  # type: ignore[no-untyped-def]
        place(out, sound, start, left, right, min(length, sound.shape[1] // 2), 0)

    def cutting_short(out, sound, start, left, right, hold_s, release_s):  # type: ignore[no-untyped-def]
        place(out, sound, start, left, right, round(hold_s * SAMPLE_RATE), 0)

    monkeypatch.setattr(dry, "place", cutting)
    monkeypatch.setattr(dry, "place_released", cutting_short)


def clipped(audio: Audio, gain_db: float = 9.0) -> Audio:
    """Return the sound driven into the end of the scale."""
    return np.clip(audio * np.float32(10.0 ** (gain_db / 20.0)), -1.0, 32767 / 32768)


def mono(audio: Audio) -> Audio:
    """Return the sound with both channels the same."""
    return np.repeat(audio.mean(axis=0, keepdims=True), 2, axis=0)
