"""What stems tell beyond their mix: the bed's level, roles that are missing, the drumless key.

Stems are files of one length at 44.1 kHz, named by their role, that add up to the mix. They are
read side by side, block by block.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundflow_assets.audio import BED, MUSIC, SAMPLE_RATE, Audio
from soundflow_assets.delivery.decode import decoding
from soundflow_assets.errors import BadInput
from soundflow_assets.listening import loudness
from soundflow_assets.listening.hearing import Hearing, hear
from soundflow_assets.listening.known import Known
from soundflow_assets.listening.verdict import Indicator, within
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.synthesis.kernels.loudness import integrated_loudness
from soundflow_assets.synthesis.kernels.weighting import Weighting
from soundflow_assets.synthesis.stems import layer_gain_db

ENDINGS = (".wav", ".flac", ".ogg")
SUMS = (MUSIC,)  # files that hold the sum of others
_UNPITCHED = frozenset({BED, "drums", "rumble", "fx"})
_SPACES = frozenset({"reverb", "delay"})  # they ring after every role, the drums among them
_AUDIBLE_LUFS = -60.0
_BED_TOLERANCE_LU = 2.0
_LAYER_TOLERANCE_DB = 0.5
_LEAST_ROLES = 3  # to hold against each other


@dataclass(frozen=True, slots=True)
class Stems:
    """The stems of a track as heard: integrated loudness by role, and all pitched ones together."""

    lufs: dict[str, float]
    music_lufs: float  # of everything but the bed
    pitched: Hearing


def hear_stems(folder: Path) -> Stems:
    """Hear the stems in a folder.

    Raises
    ------
    BadInput
        When there are none, or one has another rate or length than the others.
    """
    paths = {
        path.stem: path
        for path in sorted(folder.glob("*"))
        if path.suffix in ENDINGS and path.stem not in SUMS
    }
    if not paths:
        raise BadInput(f"{folder}: no stems; expected files named by their role, ROLE.flac or .wav")
    with ExitStack() as stack:
        blocks: dict[str, Iterator[Audio]] = {}
        for role, path in paths.items():
            facts, blocks[role] = stack.enter_context(decoding(path))
            if facts.sample_rate != SAMPLE_RATE:
                raise BadInput(f"{path}: {facts.sample_rate} Hz; stems have {SAMPLE_RATE}")
        meters = {role: Weighting() for role in (*paths, *SUMS)}
        pitched = hear(_pitched(blocks, meters, folder), SAMPLE_RATE)
    lufs = {role: float(integrated_loudness(one.energies())) for role, one in meters.items()}
    return Stems({role: lufs[role] for role in paths}, lufs[MUSIC], pitched)


def judge_stems(stems: Stems, known: Known) -> Iterator[Indicator]:
    """Yield the indicators of stems: every role audible, the bed where it was planned."""
    if known.score is not None:
        missing = sorted(_written(known) - {r for r, v in stems.lufs.items() if v > _AUDIBLE_LUFS})
        yield within("stems", "missing_roles", float(len(missing)), ", ".join(missing), high=0)
    if known.plan is not None:
        yield from _layer_levels(stems, known.plan)
    bed = stems.lufs.get(BED, -math.inf)
    if math.isinf(bed) or math.isinf(stems.music_lufs):
        return
    ratio = round(bed - stems.music_lufs, 2)
    plan = known.plan
    aim = (-math.inf, math.inf)
    if plan is not None:
        aim = (plan.bed_loudness_lu - _BED_TOLERANCE_LU, plan.bed_loudness_lu + _BED_TOLERANCE_LU)
    yield within("stems", "bed_ratio", ratio, "LU", *aim)


def _layer_levels(stems: Stems, plan: TrackPlan) -> Iterator[Indicator]:
    """Yield by how much a role stands off its level in the mix, its layer's weight included.

    Roles are held against each other: files may all be lower by one headroom.
    """
    asked = {
        part.role: part.loudness_lu + layer_gain_db(weight)
        for part in plan.spec.parts
        if (weight := getattr(plan.layers, part.layer)) > 0
    }
    if plan.layers.drums:
        asked["drums"] = plan.spec.drums.loudness_lu + layer_gain_db(plan.layers.drums)
    off = {
        role: stems.lufs[role] - level
        for role, level in asked.items()
        if stems.lufs.get(role, -math.inf) > _AUDIBLE_LUFS
    }
    if len(off) < _LEAST_ROLES or plan.modulation is not None or plan.programme is not None:
        return
    middle = statistics.median_low(off.values())
    worst = max(off, key=lambda role: (abs(off[role] - middle), role))
    level = round(off[worst] - middle, 2)
    tolerance = _LAYER_TOLERANCE_DB
    yield within("stems", "layer_level", level, f"dB ({worst})", -tolerance, tolerance)


def _written(known: Known) -> set[str]:
    score = known.score
    if score is None:
        return set()
    roles = {part.role for part in score.parts if part.notes}
    return roles | ({"drums"} if known.with_drums and score.hits else set())


def _pitched(
    blocks: dict[str, Iterator[Audio]], meters: dict[str, Weighting], folder: Path
) -> Iterator[Audio]:
    """Yield the sum of the pitched stems; meter every stem and the music on the way."""
    for parts in zip(*blocks.values(), strict=True):
        stems = {role: loudness.stereo(part) for role, part in zip(blocks, parts, strict=True)}
        if len({part.shape for part in stems.values()}) > 1:
            raise BadInput(f"{folder}: stems differ in length")
        music, pitched = (np.zeros_like(next(iter(stems.values()))) for _ in range(2))
        for role, stem in stems.items():
            meters[role].feed(stem)
            if role != BED:
                music += stem
            if role not in _UNPITCHED | _SPACES:
                pitched += stem
        meters[MUSIC].feed(music)
        yield pitched
