"""The dry sound of each role: notes, hits and beds laid into a work buffer, before any bus.

Every distinct sound (pitch, timbre, variant) is rendered once, as long as its longest note, laid at
all its places with its own gain and pan, and let go, so that only one is in memory at a time.
Shorter notes are the same sound released earlier, where the instrument says that they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.composition.score import Hit, PartScore
from soundflow_assets.plans.drums import Lane
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import Bed, TrackPlan
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.drums import kit
from soundflow_assets.synthesis.effects.image import pan_gains
from soundflow_assets.synthesis.instruments.registry import NoteRequest, Voice
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, midi_to_hz
from soundflow_assets.synthesis.kernels.mixing import place
from soundflow_assets.synthesis.kernels.released import evened, place_released
from soundflow_assets.synthesis.nature.beds import NOMINAL_LUFS, has_pitch, landscape, together

WHOLE = 2**40  # longer than any sound: nothing is cut
CHOKE_S = 0.012
TOGETHER_S = 0.015  # hats closer than this are one stroke
CHOKING = {"hat_open": frozenset({"hat_closed", "hat_foot", "hat_open"})}
SPREAD = 0.7  # pan of the outermost pitches of a part of full width
BED_LUFS = -30.0  # level of one bed at 0 dB before all of them are levelled together

# (shorter than, seconds of a step): a fiftieth to a twentieth of the note
DURATION_STEPS = ((0.25, 0.01), (1.0, 0.025), (4.0, 0.1), (float("inf"), 0.25))
LONG_S = 4.0  # longer notes move by themselves: one variant serves every place

Placement = tuple[int, float, float]  # start sample, left gain, right gain


def velocity_gain(velocity: float) -> float:
    """Return the amplitude of a note at MIDI `velocity`: 127 is 1, 64 is -9.6 dB, 30 is -19 dB."""
    share = velocity / 127.0
    return share * (0.3 + 0.7 * share)


def quantised_duration(duration_s: float) -> float:
    """Round a note's length to steps the ear does not tell apart, so that notes can be shared."""
    step = next(step for below, step in DURATION_STEPS if duration_s < below)
    return max(0.03, round(duration_s / step) * step)


def lay_part(voice: Voice, part: Part, score: PartScore, bpm: float, out: Audio) -> None:
    """Add all notes of a part to `out` (2, samples)."""
    if voice.line:
        voice.render_line(score.notes, bpm, out)
        return
    sounds: dict[tuple[float, float, int, int, bool], list[tuple[Placement, float]]] = {}
    played: dict[int, int] = {}
    layers, variants = voice.velocity_layers, voice.variants
    seats = {pitch: _seat(pitch, part) for pitch in {note.pitch for note in score.notes}}
    for note in score.notes:
        turn = played.get(note.pitch, 0)
        played[note.pitch] = turn + 1
        layer = min(layers - 1, int(note.velocity / 128.0 * layers))
        duration_s = quantised_duration(note.duration_s)
        variant = 0 if duration_s >= LONG_S else turn % variants
        backwards = note.articulation == "reverse"
        shared = not backwards and voice.release_s(note.pitch) is not None
        alike = voice.attack_s(duration_s) if shared else duration_s
        key = (float(note.pitch), alike, layer, variant, backwards)
        gain, (left, right) = velocity_gain(note.velocity), seats[note.pitch]
        placement = round(note.onset_s * SAMPLE_RATE), gain * left, gain * right
        sounds.setdefault(key, []).append((placement, duration_s))
    for (pitch, _, layer, variant, backwards), placements in sounds.items():
        longest_s = max(duration_s for _, duration_s in placements)
        velocity = (layer + 0.5) / layers
        sound = voice.render(NoteRequest(pitch, longest_s, velocity, variant))
        if backwards:
            sound = np.ascontiguousarray(sound[:, ::-1])
        release_s = voice.release_s(pitch)
        gains = evened(sound, {hold_s for _, hold_s in placements} - {longest_s})
        for (start, left, right), hold_s in placements:
            if release_s is None or hold_s not in gains:
                place(out, sound, start, left, right, WHOLE, 0)
            else:
                left, right = gains[hold_s] * left, gains[hold_s] * right
                place_released(out, sound, start, left, right, hold_s, release_s)


def _seat(pitch: int, part: Part) -> tuple[float, float]:
    """Return a pitch's gains: low notes a little to the left, as a player sits at the keys."""
    low, high = part.pitch_range
    across = min(1.0, max(-1.0, 2.0 * (pitch - low) / (high - low) - 1.0))
    return pan_gains(0.0 if part.layer == "bass" else SPREAD * part.width * across)


def lay_hits(
    hits: Iterable[Hit],
    sounds: Mapping[str, Mapping[str, Any]],
    lanes: Mapping[str, Lane],
    out: Audio,
) -> None:
    """Add drum or effect hits to `out` (2, samples).

    `sounds` holds the kit's parameters by sound, `lanes` pan and gain where a sound has a lane. A
    ringing open hat is damped by the next hat.
    """
    ordered = sorted(hits, key=lambda hit: (hit.onset_s, hit.sound))
    lengths = _choked_lengths(ordered)
    choke = round(CHOKE_S * SAMPLE_RATE)
    distinct: dict[tuple[str, int, int, float], list[tuple[Hit, int]]] = {}
    played: dict[str, int] = {}
    for hit, length in zip(ordered, lengths, strict=True):
        turn = played.get(hit.sound, 0)
        played[hit.sound] = turn + 1
        layer = min(kit.VELOCITY_LAYERS - 1, int(hit.velocity / 128.0 * kit.VELOCITY_LAYERS))
        key = (hit.sound, layer, turn % kit.VARIANTS, round(hit.duration_s, 3))
        distinct.setdefault(key, []).append((hit, length))
    for (sound, layer, variant, duration_s), placed in distinct.items():
        velocity = (layer + 0.5) / kit.VELOCITY_LAYERS
        audio = kit.render_hit(sound, sounds.get(sound, {}), velocity, variant, duration_s)
        lane = lanes.get(sound)
        left, right = pan_gains(lane.pan) if lane else (1.0, 1.0)
        level = float(db_to_gain(lane.gain_db)) if lane else 1.0
        for hit, length in placed:
            gain = level * kit.level_of(hit.velocity / 127.0) / kit.level_of(velocity)
            start = round(hit.onset_s * SAMPLE_RATE)
            place(out, audio, start, gain * left, gain * right, length, choke)


def _choked_lengths(ordered: list[Hit]) -> list[int]:
    """Return how many samples each hit may sound before another one damps it."""
    lengths = [WHOLE] * len(ordered)
    ringing: dict[str, int] = {}
    for index, hit in enumerate(ordered):
        for sound, dampers in CHOKING.items():
            if hit.sound in dampers and sound in ringing:
                gap_s = hit.onset_s - ordered[ringing[sound]].onset_s
                if gap_s > TOGETHER_S:
                    lengths[ringing.pop(sound)] = round((gap_s + CHOKE_S) * SAMPLE_RATE)
        if hit.sound in CHOKING:
            ringing[hit.sound] = index
    return lengths


def tuned_kit(plan: TrackPlan) -> dict[str, dict[str, Any]]:
    """Return the plan's kit with the kick on the root or the fifth, whichever its drum is nearer.

    The kit itself finds the octave.
    """
    sounds: dict[str, dict[str, Any]] = {name: dict(given) for name, given in plan.kit.items()}
    kick = sounds.get("kick")
    if kick is None:
        return sounds
    tonic = parse_key(plan.key).tonic
    root, fifth = float(midi_to_hz(24.0 + tonic)), float(midi_to_hz(31.0 + tonic))
    own = float(kick.get("end_hz", kick.get("pitch_hz", 50.0)))
    kick["tune_hz"] = min((root, fifth), key=lambda hz: _octaves_apart(hz, own))
    return sounds


def _octaves_apart(one: float, other: float) -> float:
    """Return how far two frequencies are apart as a ratio of at least 1, octaves disregarded."""
    ratio = one / other
    while ratio >= ROOT_TWO:
        ratio *= 0.5
    while ratio < 0.7071067811865476:
        ratio *= 2.0
    return max(ratio, 1.0 / ratio)


def tuned_bed(plan: TrackPlan, bed: Bed) -> dict[str, Any]:
    """Return a bed's parameters; one that has a pitch sounds the tonic, in its own octave."""
    if not has_pitch(bed.name):
        return dict(bed.params)
    return dict(bed.params) | {"tune_hz": float(midi_to_hz(36.0 + parse_key(plan.key).tonic))}


def lay_beds(plan: TrackPlan, beds: Sequence[Bed], out: Audio) -> None:
    """Lay all beds over `out` (2, samples), each by its own gain; the sum is levelled later."""
    for start, tile in bed_sum(plan, beds, out.shape[1]):
        out[:, start : start + tile.shape[1]] = tile


def bed_sum(plan: TrackPlan, beds: Sequence[Bed], samples: int) -> Iterator[tuple[int, Audio]]:
    """Yield (start, tile) of all beds together, float32 (2, n); nothing of them ever repeats.

    A tile is good until the next one is asked for.
    """
    heard = [
        (
            landscape(bed.name, tuned_bed(plan, bed), _bed_seed(plan, bed)),
            float(db_to_gain(BED_LUFS - NOMINAL_LUFS + bed.gain_db)),
        )
        for bed in beds
    ]
    return together(heard, samples)


def _bed_seed(plan: TrackPlan, bed: Bed) -> int:
    return seed_of(*plan.scope("bed", bed.name)) & 0x7FFFFFFF
