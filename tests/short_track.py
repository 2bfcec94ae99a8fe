"""A track small enough to hold in the head: four sections, drums, a sub bass, chords and a bed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import Any

from soundflow_assets.composition.score import Hit, Note, PartScore, Score, Section
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.model import TrackPlan

BPM = 120.0
KIT: dict[str, dict[str, Any]] = {
    "kick": {"recipe": "kick"},
    "snare": {"recipe": "snare"},
    "hat_closed": {"recipe": "hat"},
    "hat_open": {"recipe": "hat", "t60_s": 0.4},
}
PATCHES: dict[str, dict[str, Any]] = {"sub/round": {}, "poly/warm": {}, "pad/warm": {}}


def spec(**changes: Any) -> GenreSpec:
    """Return a genre whose parts are `bass`, `chords` and `pad`; `changes` replace fields."""
    progression = {"mode": "minor", "chords": ("i9", "iv9")}
    voices = {"bass": "sub/round", "chords": "poly/warm", "pad": "pad/warm"}
    fields: dict[str, Any] = {
        "genre": "short",
        "title": "Short",
        "bpm": {"min": 100, "max": 140, "default": 120},
        "tonics": (0, 2, 4),
        "harmony": {"progressions": [{"name": f"p{i}", **progression} for i in range(6)]},
        "drums": {
            "kits": ("house",),
            "lanes": {
                "kick": {"grids": ("X...X...X...X...",)},
                "snare": {"grids": ("....X.......X...",)},
                "hat_closed": {"grids": ("..x...x...x...x.",), "pan": 0.2, "gain_db": -6},
                "hat_open": {"grids": ("..............x.",), "gain_db": -6},
            },
        },
        "parts": [part("bass"), part("chords"), part("pad")],
        "instrument_sets": [{"name": f"s{i}", "voices": voices} for i in range(3)],
        "forms": [
            {
                "name": "plain",
                "sections": [
                    {"name": "a", "bars": 2, "energy": 0.2},
                    {"name": "b", "bars": 2, "energy": 0.8, "stretch": True},
                    {"name": "c", "bars": 1, "energy": 0.3},
                ],
            }
        ],
    }
    return GenreSpec.model_validate(fields | changes)


def part(role: str, **changes: Any) -> dict[str, Any]:
    """Return one of the parts of the short genre; `changes` replace fields."""
    bass = role == "bass"
    fields: dict[str, Any] = {
        "role": role,
        "layer": {"bass": "bass", "chords": "music", "pad": "pad"}[role],
        "writer": {"bass": "pattern_bass", "chords": "comp", "pad": "held"}[role],
        "grids": ("X...X...X...X...",),
        "pitch_range": (28, 45) if bass else (52, 76),
        "loudness_lu": {"bass": -7.0, "chords": -8.0, "pad": -12.0}[role],
        "highpass_hz": 28.0 if bass else 140.0,
        "width": 0.0 if bass else 0.8,
        "reverb": 0.0 if bass else 0.2,
        "delay": 0.15 if role == "chords" else 0.0,
        "duck_db": 6.0 if role == "pad" else 0.0,
    }
    return fields | changes


def plan(seconds: float = 12.0, **changes: Any) -> TrackPlan:
    """Return a complete plan of the short genre; `changes` replace fields."""
    fields: dict[str, Any] = {
        "engine_version": "test",
        "seed": 7,
        "date": dt.date(2025, 1, 15),
        "track_id": "short",
        "category": "Deep Work",
        "title": "Short",
        "plain_title": "Short",
        "genre": "short",
        "bpm": BPM,
        "key": "Am",
        "duration_s": seconds,
        "curve": "linear",
        "energy_min": 20,
        "energy_max": 80,
        "ambience_min": 10,
        "ambience_max": 30,
        "ambience_level": 20,
        "layers": {"drums": 70, "bass": 70, "music": 70, "pad": 70},
        "synth": {"cutoff": 50, "resonance": 50, "drive": 50, "space": 50},
        "beds": (),
        "bed_loudness_lu": -20.0,
        "goal_tags": (),
        "nature_tags": (),
        "target_lufs": -14.0,
        "bitrate_kbps": 192,
        "choices": {
            "progression": "p0",
            "instrument_set": "s0",
            "form": "plain",
            "kit": "house",
            "lanes": {},
            "parts": {},
            "motif": 1,
            "swing": 50.0,
        },
        "spec": spec(),
        "patches": PATCHES,
        "kit": KIT,
    }
    return TrackPlan.model_validate(fields | changes)


def score(seconds: float = 12.0, *, energies: tuple[float, ...] = (0.2, 0.8)) -> Score:
    """Return four bars a section (two seconds a bar), as many as fit before a two-second tail."""
    bars = int((seconds - 2.0) / 2.0)
    edges = [round(bars * share / len(energies)) for share in range(len(energies) + 1)]
    sections = tuple(
        Section(
            f"section{number}", first, last - first, first * 2.0, last * 2.0, energies[number],
            ("drums", "bass", "chords", "pad"), "none",
        )
        for number, (first, last) in enumerate(itertools.pairwise(edges))
    )  # fmt: skip
    beats = bars * 4
    return Score(
        title="Short", genre="short", key="Am", bpm=BPM, swing=50.0, steps_per_bar=16,
        duration_s=seconds, body_s=bars * 2.0, bars=bars,
        beat_times_s=tuple(beat * 0.5 for beat in range(beats + 1)),
        sections=sections, chords=(),
        parts=(
            PartScore("bass", "sub/round", tuple(
                Note(beat, beat * 0.5, 0.4, 33 if beat % 8 < 4 else 38, 96) for beat in range(beats)
            )),
            PartScore("chords", "poly/warm", tuple(
                Note(beat, beat * 0.5, 0.35, pitch, 80 + 10 * (beat % 3))
                for beat in range(0, beats, 2) for pitch in (57, 60, 64, 67)
            )),
            PartScore("pad", "pad/warm", tuple(
                Note(bar * 4.0, bar * 2.0, 1.9, pitch, 70)
                for bar in range(bars) for pitch in (57, 64, 72)
            )),
        ),
        hits=tuple(_groove(beats)),
    )  # fmt: skip


def _groove(beats: int) -> list[Hit]:
    hits = []
    for beat in range(beats):
        hits.append(Hit(beat, beat * 0.5, "kick", 110))
        hits.append(Hit(beat + 0.5, beat * 0.5 + 0.25, "hat_closed", 70 + beat % 4 * 8))
        if beat % 2:
            hits.append(Hit(beat, beat * 0.5, "snare", 100))
        if beat % 4 == 3:
            hits.append(Hit(beat + 0.75, beat * 0.5 + 0.375, "hat_open", 80))
    return hits


def replace(value: Any, **changes: Any) -> Any:
    """Return a copy of a score, section or note with some fields changed."""
    return dataclasses.replace(value, **changes)
