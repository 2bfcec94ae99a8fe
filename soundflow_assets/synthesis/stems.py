"""Score to stems: each role played, sent through its bus, and levelled for the mix.

Order, the same for every track: `drums` and their `rumble`, the bass parts, the other parts as the
genre lists them, `fx` (effect sounds), `delay`, `reverb`, the room's answer to all of these, and
last `bed`, which brings its own place and is levelled against everything before it. The sum of the
stems is the mix. A role that is muted or never sounds has no stem.

Levels are loudness, not peaks: a stem's integrated loudness is brought to what the genre says
relative to the mix, then weighted by the plan's layer. The gate of the standard ignores the bars in
which a part rests, so a part that seldom plays is not turned up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from soundflow_assets.audio import BED, SAMPLE_RATE, Audio, Stem
from soundflow_assets.composition.score import Score
from soundflow_assets.errors import Failed
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.synthesis.drums import kit
from soundflow_assets.synthesis.dry import lay_beds, lay_hits, lay_part, tuned_kit
from soundflow_assets.synthesis.effects.automation import (
    control_points,
    energy_curve,
    kick_curve,
    presence_curve,
    throw_curve,
)
from soundflow_assets.synthesis.effects.bus import Bus, Motion
from soundflow_assets.synthesis.effects.image import image
from soundflow_assets.synthesis.effects.modulation import swell_of
from soundflow_assets.synthesis.effects.rumble import rumble
from soundflow_assets.synthesis.effects.space import DELAY_TO_REVERB, Space
from soundflow_assets.synthesis.instruments.registry import voice
from soundflow_assets.synthesis.kernels.loudness import (
    CELL,
    integrated_loudness,
    weighted_energies,
)
from soundflow_assets.synthesis.kernels.math import db_to_gain, gain_to_db
from soundflow_assets.synthesis.kernels.mixing import (
    TILE,
    Curve,
    Energies,
    Swell,
    fade_ends,
    pour,
    tile_powers,
)

STEADY: Swell = np.empty(0)
MIX_LUFS = -20.0  # the loudness that `loudness_lu` is relative to, before mastering
REFERENCE_WEIGHT = 70  # the layer weight of 0 dB
SILENT_LUFS = -200.0
FX_LU = -15.0
FX_REVERB = 0.25
BED_RISE_S = 2.0

Progress = Callable[[float], None]


def layer_gain_db(weight: int) -> float:
    """Return the gain of a layer weight 1 to 100, 20·log10(w/70) dB.

    >>> layer_gain_db(70)
    0.0
    """
    return float(gain_to_db(weight / REFERENCE_WEIGHT))


def stem_roles(plan: TrackPlan, score: Score) -> tuple[str, ...]:
    """Return the roles `render_stems` will yield, in its order, as far as the plan can tell."""
    roles = [part.role for part in sounding_parts(plan, score)]
    kinds = {"fx" if hit.sound in kit.EFFECTS else "drums" for hit in score.hits}
    if "drums" in kinds and plan.layers.drums:
        roles.insert(0, "drums")
        if plan.spec.drums.rumble is not None:
            roles.insert(1, "rumble")
    if "fx" in kinds:
        roles.append("fx")
    if plan.synth.space:
        roles += ["delay", "reverb"]
    if plan.beds:
        roles.append(BED)
    return tuple(roles)


def sounding_parts(plan: TrackPlan, score: Score) -> list[Part]:
    """Return the parts that are neither muted nor without notes: basses first, then as listed."""
    parts = [
        part
        for part in plan.spec.parts
        if getattr(plan.layers, part.layer) > 0
        and (written := score.part(part.role)) is not None
        and written.notes
    ]
    return sorted(parts, key=lambda part: part.layer != "bass")


def render_stems(
    plan: TrackPlan,
    score: Score,
    on_progress: Progress = lambda fraction: None,
) -> Iterator[Stem]:
    """Yield the stems of a track, one at a time, in one buffer that is used again for the next.

    Their sum is what `render_sum` returns.

    Parameters
    ----------
    plan, score
        The track; `score` must be composed from `plan`.
    on_progress
        Called with the share of the work done, 0 to 1.

    Raises
    ------
    Failed
        If a stem is not finite; names the stem and the section.
    """
    desk = _Desk(plan, score)
    for role, loudness in desk.told_stems(on_progress):
        yield Stem(role, desk.out, loudness)
        desk.out[:] = 0.0


def render_sum(
    plan: TrackPlan,
    score: Score,
    on_progress: Progress = lambda fraction: None,
) -> Audio:
    """Return the mix of a track, float32 (2, samples); given and raised as `render_stems` says."""
    desk = _Desk(plan, score)
    for _ in desk.told_stems(on_progress):
        pass  # each is added to the others as it is made
    return desk.out


class _Desk:
    """One track's buffers: a stem's, silent between stems, what they add up in, and the sends."""

    def __init__(self, plan: TrackPlan, score: Score) -> None:
        self.plan = plan
        self.score = score
        self.samples = round(plan.duration_s * SAMPLE_RATE)
        self.work: Audio = np.zeros((2, self.samples), dtype=np.float32)
        self.out: Audio = np.zeros((2, self.samples), dtype=np.float32)
        self.space = Space(plan, self.samples)
        length = control_points(self.samples)
        energy = energy_curve(score, length)
        self.motion = Motion(energy, kick_curve(score, length), throw_curve(score, length))
        # The room is a little larger where the music is quiet.
        self.room: Curve = np.float32(1.15) - np.float32(0.3) * energy
        self.music: Energies = np.zeros(self.samples // CELL)

    def told_stems(self, on_progress: Progress) -> Iterator[tuple[str, float]]:
        """Yield what `stems` does, telling how much of the work is done."""
        steps = len(stem_roles(self.plan, self.score))
        for done, stem in enumerate(self.stems()):
            yield stem
            on_progress(min(1.0, (done + 1) / max(1, steps)))
        on_progress(1.0)

    def stems(self) -> Iterator[tuple[str, float]]:
        """Yield role and loudness of every stem that sounds, once it is added to `out`."""
        yield from self._drums()
        yield from self._rumble()
        for part in sounding_parts(self.plan, self.score):
            yield from self._part(part)
        yield from self._effects()
        if not self.space.dry:
            self.space.write_echoes(self.work)
            yield from self._returned("delay", DELAY_TO_REVERB)
            self.space.write_reverberation(self.work)
            yield from self._returned("reverb", 0.0)
        yield from self._bed()

    def _drums(self) -> Iterator[tuple[str, float]]:
        drums = self.plan.spec.drums
        hits = [hit for hit in self.score.hits if hit.sound not in kit.EFFECTS]
        if not hits or not self.plan.layers.drums:
            return
        lay_hits(hits, tuned_kit(self.plan), drums.lanes, self.work)
        presence = presence_curve(self.score, "drums", self.room.shape[0])
        if presence.min() < 1.0:
            image(self.work, 0, self.samples, presence, presence, np.ones_like(presence))
        target = MIX_LUFS + drums.loudness_lu
        yield from self._levelled(
            "drums", target, layer_gain_db(self.plan.layers.drums), drums.reverb, 0.0
        )

    def _rumble(self) -> Iterator[tuple[str, float]]:
        settings = self.plan.spec.drums.rumble
        kicks = [hit for hit in self.score.hits if hit.sound == "kick"]
        if settings is None or not kicks or not self.plan.layers.drums:
            return
        lay_hits(kicks, tuned_kit(self.plan), {}, self.work)
        rumble(self.work, settings, self.motion.duck)
        weight = layer_gain_db(self.plan.layers.drums)
        yield from self._levelled("rumble", MIX_LUFS + settings.loudness_lu, weight, 0.0, 0.0)

    def _part(self, part: Part) -> Iterator[tuple[str, float]]:
        written = self.score.part(part.role)
        if written is None:
            return
        instrument = voice(written.instrument, self.plan.patches[written.instrument])
        lay_part(instrument, part, written, self.score.bpm, self.work)
        powers = tile_powers(self.work, TILE)
        require_finite(self.plan, self.score, f"stem {part.role!r}", powers, TILE)
        Bus(self.plan, self.score, part, self.motion).process(self.work, powers)
        weight = layer_gain_db(getattr(self.plan.layers, part.layer))
        target = MIX_LUFS + part.loudness_lu
        swell = STEADY
        if part.layer == "pad":
            swell = swell_of(self.plan.modulation, self.score, self.samples)
        yield from self._levelled(part.role, target, weight, part.reverb, part.delay, swell)

    def _effects(self) -> Iterator[tuple[str, float]]:
        hits = [hit for hit in self.score.hits if hit.sound in kit.EFFECTS]
        if not hits:
            return
        lay_hits(hits, self.plan.kit, {}, self.work)
        yield from self._levelled("fx", MIX_LUFS + FX_LU, 0.0, FX_REVERB, 0.0)

    def _bed(self) -> Iterator[tuple[str, float]]:
        if not self.plan.beds:
            return
        lay_beds(self.plan, self.plan.beds, self.work)
        fade_ends(self.work, round(BED_RISE_S * SAMPLE_RATE), self.samples, self.samples + 1)
        music_lufs = integrated_loudness(self.music)
        target = (music_lufs if music_lufs > -70.0 else MIX_LUFS) + self.plan.bed_loudness_lu
        yield from self._levelled(BED, target, 0.0, 0.0, 0.0)

    def _levelled(
        self,
        role: str,
        target_lufs: float,
        weight_db: float,
        reverb: float,
        delay: float,
        swell: Swell = STEADY,
    ) -> Iterator[tuple[str, float]]:
        """Bring the work buffer to its loudness and pour it out, unless it is silent."""
        energies, loudness = self._measured(role)
        if loudness < SILENT_LUFS:
            return
        gain = float(db_to_gain(target_lufs + weight_db - loudness))
        self._pour(
            gain,
            np.float32(self.space.gain(reverb)) * self.room,
            np.float32(self.space.gain(delay)) * self.motion.throw,
            swell,
        )
        self.music += energies * (gain * gain)
        yield role, target_lufs + weight_db

    def _returned(self, role: str, reverb: float) -> Iterator[tuple[str, float]]:
        """Pour a return out as it stands in the work buffer, unless it is silent."""
        energies, loudness = self._measured(role)
        if loudness < SILENT_LUFS:
            return
        self._pour(1.0, np.full_like(self.room, reverb), np.zeros_like(self.room), STEADY)
        self.music += energies
        yield role, loudness

    def _measured(self, role: str) -> tuple[Energies, float]:
        """Return energies and loudness of the work buffer; one that is too quiet is emptied."""
        energies = weighted_energies(self.work, CELL)
        require_finite(self.plan, self.score, f"stem {role!r}", energies, CELL)
        loudness = float(integrated_loudness(energies))
        if loudness < SILENT_LUFS:
            self.work[:] = 0.0
        return energies, loudness

    def _pour(self, gain: float, reverb: Curve, delay: Curve, swell: Swell) -> None:
        space = self.space
        pour(
            self.work, gain, swell, self.out, space.reverb_send, reverb, space.delay_send, delay
        )  # fmt: skip


def require_finite(
    plan: TrackPlan, score: Score, what: str, values: Energies, span: int, start: int = 0
) -> None:
    """Raise `Failed`, naming `what` and section, if a measurement is not finite.

    `values` holds one measurement for every `span` samples, from the track's sample `start` on.
    """
    wrong = np.flatnonzero(~np.isfinite(values))
    if not wrong.size:
        return
    at_s = (start + int(wrong[0]) * span) / SAMPLE_RATE
    where = next((s.name for s in score.sections if s.start_s <= at_s < s.end_s), "the tail")
    raise Failed(
        f"{plan.id}: {what} has samples that are not finite from {at_s:.1f} s on "
        f"(section {where!r}); this is a defect of the sound, trying again will not help"
    )
