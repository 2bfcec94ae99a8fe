"""From generated sound to a finished, judged premium track in a folder.

The same gates as for free tracks, and one more: no click where windows or parts met. What does not
pass is never published; its files stay for inspection as long as the folder does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.delivery.cover import CoverBrief, draw_cover
from soundflow_assets.delivery.decode import decoding
from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.delivery.mp3 import write_mp3
from soundflow_assets.delivery.peaks import peaks_json
from soundflow_assets.levelling import levelled
from soundflow_assets.listening.gates import (
    SILENCE_WITHOUT_DRUMS_S,
    Expected,
    Inspection,
    inspect,
)
from soundflow_assets.listening.hearing import Hearing, hear
from soundflow_assets.listening.tonality import key_of
from soundflow_assets.listening.verdict import Rejected, Verdict
from soundflow_assets.mastering.master import HIGHEST_DBTP, Aim, Master
from soundflow_assets.mastering.premium import Finish, cut_to_length, premaster_generated
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.plans.targets import CategoryTargets
from soundflow_assets.premium.beats import beats_of
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound, admitted
from soundflow_assets.progress import StageClock
from soundflow_assets.reel import in_blocks, reel_of
from soundflow_assets.version import ENGINE_VERSION

BITRATE_KBPS = 320
TARGET_LUFS = -14.0
SEAM_S = 0.05  # a click this near a seam is the seam's
COVER_STEPS = 64
ENDINGS = ("mp3", "peaks.json", "cover.png")


@dataclass(frozen=True, slots=True)
class PremiumProduction:
    """A finished premium track. `bpm` and `key` are as heard, where they can be."""

    brief: Brief
    sound: Sound
    files: dict[str, Path]
    master: Master
    inspection: Inspection
    verdicts: tuple[Verdict, ...]
    bpm: float
    key: str
    measures: dict[str, Any]
    cpu_s: dict[Any, float]

    def measured(self, gate: str) -> float:
        """Return the number a gate has measured."""
        return float(self.inspection[gate].value)


def produce_premium(
    brief: Brief,
    sound: Sound,
    folder: Path,
    clock: StageClock,
    targets: CategoryTargets,
    license_id: str,
) -> PremiumProduction:
    """Finish generated sound; leave the MP3, peaks and cover in `folder`.

    Raises
    ------
    Refused
        When the sound cannot become a track; `Rejected` when a gate does not pass.
    """
    request = brief.request
    source = f"{request.ref.id}: {request.gpu_provider}"
    whole, seams = admitted(sound, source, request.duration, brief.model.channels)
    audio = cut_to_length(whole, request.duration)
    with clock.stage("mix"):
        raw = hear(in_blocks(audio), SAMPLE_RATE)
        beats, bpm = beats_of(raw, brief.bpm)
        mixed = reel_of(audio, folder)
        finish = _finish(brief, targets, beats)
        premaster_generated(request.ref.id, mixed, finish)
    key = _key(raw, brief)
    picture = draw_cover(_cover(brief, audio, bpm or brief.bpm, key))
    files = {ending: folder / f"{request.ref.id}.{ending}" for ending in ENDINGS}
    tags = _tags(brief, bpm or brief.bpm, key, picture, license_id)
    expected = Expected(
        samples=round(request.duration * SAMPLE_RATE),
        sample_rate=SAMPLE_RATE,
        bitrate_kbps=BITRATE_KBPS,
        target_lufs=TARGET_LUFS,
        longest_silence_s=SILENCE_WITHOUT_DRUMS_S,
        tail_start_s=request.duration - finish.fade_out_s,
    )

    def encode(master: Master, on_progress: Callable[[float], None]) -> tuple[Inspection, None]:
        with files["mp3"].open("wb") as file:
            write_mp3(
                file, master.blocks(), master.samples, SAMPLE_RATE, BITRATE_KBPS, tags, on_progress
            )
        return inspect(files["mp3"], expected), None

    dither = seed_of("dither", ENGINE_VERSION, request.ref.id) & 0x7FFFFFFF
    aim = Aim(request.ref.id, TARGET_LUFS, HIGHEST_DBTP, dither)
    master, inspection, _ = levelled(aim, mixed, BITRATE_KBPS, encode, clock)
    files["peaks.json"].write_bytes(peaks_json(master.blocks(), master.samples, SAMPLE_RATE))
    files["cover.png"].write_bytes(picture)
    verdicts = inspection.verdicts
    if inspection.heard is not None:
        verdicts = (*verdicts, _seams(files["mp3"], seams))
    if not all(verdict.passed for verdict in verdicts):
        raise Rejected(request.ref.id, verdicts)
    measures = {
        "bpmAsked": brief.bpm,
        "bpmHeard": bpm,
        "keyAsked": brief.key,
        "keyHeard": key,
        "seamsS": list(seams),
    }
    return PremiumProduction(
        brief,
        sound,
        files,
        master,
        inspection,
        verdicts,
        bpm or brief.bpm,
        key,
        measures,
        clock.cpu_s,
    )


def _finish(brief: Brief, targets: CategoryTargets, beats: tuple[float, ...]) -> Finish:
    asked = brief.finishing
    return Finish(
        targets=targets,
        beats_s=beats,
        sidechain=asked.sidechain if beats else 0.0,
        exciter=asked.exciter if brief.model.sample_rate <= 32000 else 0.0,
        binaural_hz=asked.binaural_hz or 0.0,
        binaural_base_hz=asked.binaural_base_hz,
        binaural_mix=asked.binaural_mix,
        fade_in_s=asked.fade_in_ms / 1000.0,
        fade_out_s=asked.fade_out_ms / 1000.0,
    )


def _seams(path: Path, seams: tuple[float, ...]) -> Verdict:
    """Return whether a click is heard where windows or parts of the track met."""
    with decoding(path) as (facts, blocks):
        clicks = hear(blocks, facts.sample_rate).clicks / SAMPLE_RATE
    near = [seam for seam in seams if np.any(np.abs(clicks - seam) < SEAM_S)]
    places = ", ".join(f"{seam:.2f} s" for seam in near)
    message = f"clicks at {places}" if near else f"no click at any of {len(seams)} seams"
    return Verdict("seams", len(near), "no clicks", not near, message)


def _key(raw: Hearing, brief: Brief) -> str:
    """Return the key that is heard; models do not keep to the one they were asked for."""
    found = key_of(raw.chroma, raw.bass)
    return str(found.key) if found.strength > 0.0 else brief.key


def _cover(brief: Brief, audio: Audio, bpm: float, key: str) -> CoverBrief:
    request = brief.request
    pieces = np.array_split(np.abs(audio).max(axis=0), COVER_STEPS)
    energy = np.sqrt([float(np.mean(np.square(piece))) for piece in pieces])
    scale = float(energy.max()) or 1.0
    return CoverBrief(
        title=brief.title,
        category=request.category,
        genre=brief.prompt.genre,
        facts=("Premium", f"{bpm:g} BPM" if bpm else "", key),
        energies=tuple(round(float(one) / scale, 4) for one in energy),
        seed=brief.seed,
    )


def _tags(brief: Brief, bpm: float, key: str, picture: bytes, license_id: str) -> Tags:
    request, model = brief.request, brief.model
    extra = {
        "SOUNDFLOW_ID": request.ref.id,
        "SOUNDFLOW_SEED": str(brief.seed),
        "SOUNDFLOW_ENGINE": ENGINE_VERSION,
        "SOUNDFLOW_MODEL": model.name,
        "LICENSE": license_id,
    }
    return Tags(
        title=brief.title,
        album=f"SoundFlow Premium {request.category}",
        date=request.date,
        genre=brief.enhanced.spec.genre,
        bpm=bpm or None,
        key=key,
        comment=f"Generated by {model.name}. {model.statement}",
        encoder=f"LAME 3.100, SoundFlow engine {ENGINE_VERSION}",
        cover_png=picture,
        extra=tuple(sorted(extra.items())),
    )
