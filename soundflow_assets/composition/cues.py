"""Cues: what tells the ear that a section begins. Crashes, swells, rises, builds, a held breath."""

from __future__ import annotations

from collections.abc import Iterator

from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftHit, DraftSection
from soundflow_assets.plans.model import TrackPlan


def cue_hits(plan: TrackPlan, section: DraftSection, following: DraftSection) -> Iterator[DraftHit]:
    """Yield the events of the transition out of `section`, scaled to the energy it leads to."""
    boundary = float(following.start_bar * BEATS_PER_BAR)
    strength = _strength(max(section.energy, following.energy))
    cue = section.transition
    if cue == "crash" and "crash" in plan.kit:
        yield DraftHit(boundary, "crash", strength)
    elif cue == "impact":
        yield DraftHit(boundary, "impact", strength, 2.0 * BEATS_PER_BAR)
    elif cue == "reverse_swell":
        beats = float(min(4, section.bars * BEATS_PER_BAR))
        yield DraftHit(boundary - beats, "reverse_swell", strength, beats)
    elif cue == "noise_rise":
        beats = float(min(4, section.bars) * BEATS_PER_BAR)
        yield DraftHit(boundary - beats, "riser", strength, beats)
    elif cue == "noise_fall":
        beats = float(min(2, following.bars) * BEATS_PER_BAR)
        yield DraftHit(boundary, "downlifter", strength, beats)
    elif cue == "mute_last_beat" and "crash" in plan.kit and following.energy > 0.55:
        yield DraftHit(boundary, "crash", strength)


def mute_from(section: DraftSection, last: bool) -> float | None:
    """Return the beat from which the section holds its breath, or None."""
    if section.transition != "mute_last_beat" or last:
        return None
    return float(section.end_bar * BEATS_PER_BAR - 1)


def build_hits(plan: TrackPlan, section: DraftSection) -> Iterator[DraftHit]:
    """Yield a build: snare quarters, then eighths, then sixteenths, over rising noise.

    Half of the section goes in quarters, a quarter in eighths, the rest in sixteenths.
    """
    sound = "snare" if "snare" in plan.kit else "clap"
    start = section.start_bar * BEATS_PER_BAR
    beats = section.bars * BEATS_PER_BAR
    yield DraftHit(float(start), "riser", _strength(section.energy), float(beats))
    if sound not in plan.kit:
        return
    for step in range(beats * 4):
        place = step / (beats * 4)
        spacing = 4 if place < 0.5 else 2 if place < 0.75 else 1
        if step % spacing == 0:
            accent = 10 if step % 4 == 0 else 0
            velocity = round(42 + 55 * place * (0.6 + 0.4 * section.energy)) + accent
            yield DraftHit(start + step / 4.0, sound, min(118, velocity))


def _strength(energy: float) -> int:
    """Return a cue's velocity: quiet sections are led in, not startled."""
    return round(45 + 65 * energy)
