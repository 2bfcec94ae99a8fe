"""A track's cover: category gives the colours, genre the motif, the track's own energy its shape.

A picture of 640 × 640 in two fields. Above stands the motif of the genre (`motifs`), drawn with the
energies of the sections and varied by the track's seed; below, on a plain field, a strip of those
energies, the title and the facts. No two days look alike, and a row of covers reads as one series.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.canvas import Canvas, Colour, colour, mix, printable, text_width
from soundflow_assets.delivery.motifs import motif_of
from soundflow_assets.delivery.scene import Palette, Scene
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator, seed_of

SIZE = 640
FIELD = 452  # height of the motif's field
STEPS = 64  # energies a cover shows
_MARGIN = 40

# top, bottom, three accents; plain field and its ink
_CATEGORIES: dict[str, tuple[str, ...]] = {
    "Deep Work": ("#0a1030", "#22418f", "#4f86ff", "#35d0e6", "#ffc27a", "#080c22", "#eef3ff"),
    "Study": ("#f6ead6", "#ebcf9f", "#c9553a", "#4f8a8b", "#33345e", "#fbf5ea", "#2c2a3d"),
    "Relax": ("#f9c9b6", "#b489c2", "#fff0e2", "#7a549f", "#e8646c", "#3b2357", "#fdeee6"),
    "Nature": ("#0d3b33", "#4b9a68", "#c3ebc9", "#74c69d", "#f6d78b", "#0a2721", "#eefaf0"),
    "Flow State": ("#1b0036", "#8c1466", "#ff5f38", "#ffbe0b", "#ff3d9a", "#12001f", "#fff1ea"),
}


@dataclass(frozen=True, slots=True)
class CoverBrief:
    """What a cover shows. `energies` are 0 to 1, evenly over the track's time."""

    title: str
    category: str
    genre: str
    facts: tuple[str, ...]  # short texts under the title
    energies: tuple[float, ...]
    seed: int


def brief_of(plan: TrackPlan, score: Score) -> CoverBrief:
    """Return the brief for a composed track."""
    facts = (_day(plan.date), plan.spec.title, f"{plan.bpm:g} BPM", _key(plan.key))
    return CoverBrief(
        plan.title, plan.category, plan.genre, facts, score_energies(score), plan.seed
    )


def score_energies(score: Score, steps: int = STEPS) -> tuple[float, ...]:
    """Return the energy of the sections at `steps` even times; it falls to 0 over the tail."""
    times = [(step + 0.5) * score.duration_s / steps for step in range(steps)]
    return tuple(_energy_at(score, time) for time in times)


def cover(plan: TrackPlan, score: Score) -> bytes:
    """Return the cover of a composed track as a PNG file."""
    return draw_cover(brief_of(plan, score))


def draw_cover(brief: CoverBrief) -> bytes:
    """Return the cover as a PNG file; the same brief gives the same bytes."""
    palette = palette_of(brief.category)
    canvas = Canvas(SIZE, SIZE, palette.field)
    canvas.gradient(palette.top, palette.bottom, FIELD)
    rng = generator("cover", brief.seed, brief.genre)
    energies = brief.energies or (0.5,)
    motif_of(brief.genre)(Scene(canvas, palette, energies, rng, SIZE, FIELD))
    canvas.box(0, FIELD, SIZE, SIZE, palette.field)
    _strip(canvas, palette, energies)
    _lettering(canvas, palette, brief)
    return canvas.png()


def palette_of(category: str) -> Palette:
    """Return a category's colours; a category without its own gets some from its name."""
    codes = _CATEGORIES.get(category)
    if codes is None:
        known = sorted(_CATEGORIES)
        seed = seed_of("palette", category)
        codes = _CATEGORIES[known[seed % len(known)]]
        turn = 1 + seed // 7 % 2
        return Palette(*(_turned(colour(code), turn) for code in codes))
    return Palette(*map(colour, codes))


def _turned(rgb: Colour, turn: int) -> Colour:
    """Exchange the channels: another hue, the same lightness."""
    r, g, b = rgb
    return (g, b, r) if turn == 1 else (b, r, g)


def _strip(canvas: Canvas, palette: Palette, energies: tuple[float, ...]) -> None:
    """Draw the track's energy as a row of bars along the fields' border."""
    step = (SIZE - 2 * _MARGIN) / STEPS
    for i in range(STEPS):
        energy = energies[i * len(energies) // STEPS]
        height = 3 + 25 * energy
        x = _MARGIN + i * step
        tone = mix(palette.a, palette.accent(energy), energy)
        canvas.box(x, FIELD + 44 - height, x + step * 0.55, FIELD + 44, tone)


def _lettering(canvas: Canvas, palette: Palette, brief: CoverBrief) -> None:
    room: float = SIZE - 2 * _MARGIN
    size = 44.0
    while size > 24 and text_width(brief.title, size) > room:
        size -= 2
    title = printable(brief.title)
    while text_width(title, size) > room:
        title = title[:-4] + "..."
    canvas.text(_MARGIN, FIELD + 104, title, size, palette.ink, weight=0.5)
    category = brief.category.upper()
    canvas.text(SIZE - _MARGIN, FIELD + 148, category, 15, palette.a, 3.0, "rs", 0.5)
    room -= text_width(category, 15, 3.0) + 24
    facts = "  ·  ".join(fact for fact in brief.facts if fact)
    small = 18.0
    while small > 11 and text_width(facts, small) > room:
        small -= 0.5
    canvas.text(_MARGIN, FIELD + 148, facts, small, mix(palette.ink, palette.field, 0.35))


def _energy_at(score: Score, time_s: float) -> float:
    for section in score.sections:
        if section.start_s <= time_s < section.end_s:
            return round(section.energy, 4)
    last = score.sections[-1].energy if score.sections else 0.5
    tail = max(1e-9, score.duration_s - score.body_s)
    return round(max(0.0, last * (score.duration_s - time_s) / tail), 4)


def _day(date: dt.date) -> str:
    months = "January February March April May June July August September October November December"
    return f"{date.day} {months.split()[date.month - 1]} {date.year}"


def _key(key: str) -> str:
    return f"{key[:-1]} minor" if key.endswith("m") else f"{key} major"
