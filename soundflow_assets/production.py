"""One track from its plan to finished, judged files in a folder: the facade of all stages.

Dagster, the command line and the service call this and nothing below it. It knows no bucket: what
happens to finished files is `publication`. A file leaves here only if every gate passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from soundflow_assets.audio import BED, MUSIC
from soundflow_assets.composition.midi import score_to_midi
from soundflow_assets.composition.programme import Passage
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.cover import cover
from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.delivery.loop import LoopCut, find_loop, write_loop
from soundflow_assets.delivery.loop_places import keeps_time
from soundflow_assets.delivery.mp3 import write_mp3
from soundflow_assets.delivery.peaks import peaks_json
from soundflow_assets.delivery.stem_pair import StemPair, write_pair
from soundflow_assets.delivery.tags import tags_of
from soundflow_assets.errors import Failed
from soundflow_assets.levelling import levelled
from soundflow_assets.listening.candidates import best_candidate
from soundflow_assets.listening.gates import (
    Expected,
    Inspection,
    expected_of,
    inspect,
)
from soundflow_assets.listening.joins import no_loop, verdict_of_loop
from soundflow_assets.listening.verdict import Rejected, Verdict
from soundflow_assets.mastering.master import Master, aim_of, premaster
from soundflow_assets.mastering.programme import render_apart, render_mix
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.progress import ProgressCallback, Stage, StageClock, silent
from soundflow_assets.reel import Reel

Progress = Callable[[float], None]
Loop = tuple[LoopCut | None, Verdict]  # None where a track is without one, and why


@dataclass(frozen=True, slots=True)
class Production:
    """A finished track. `files` maps what follows the id's first dot (`mp3`, `peaks.json`, …)."""

    plan: TrackPlan
    score: Score
    files: dict[str, Path]
    master: Master
    inspection: Inspection
    loop: LoopCut | None  # of `loop.ogg`
    loop_verdict: Verdict
    stems: StemPair | None  # of `music.ogg` and `bed.ogg`
    cpu_s: dict[Stage, float]  # of the whole process, by stage

    @property
    def pcm_sha256(self) -> str:
        """Hash of the master's samples."""
        return self.master.pcm_sha256

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict of every gate on the decoded files."""
        return (*self.inspection.verdicts, self.loop_verdict)

    def measured(self, gate: str) -> float:
        """Return the number a gate has measured."""
        return float(self.inspection[gate].value)


def produce(
    plan: TrackPlan, folder: Path, on_event: ProgressCallback = silent, license_id: str = ""
) -> Production:
    """Compose, render, master, encode and judge a track; leave its files in `folder`.

    Parameters
    ----------
    plan
        The whole recipe.
    folder
        Exists and is writable; files there are replaced.
    on_event
        Told of every stage's start, end and progress.
    license_id
        SPDX id written into the file's tags.

    Raises
    ------
    Rejected
        When a gate does not pass; the files are left for inspection.
    Failed
        When a stage fails, or the folder cannot be written.
    """
    clock = StageClock(plan.track_id, on_event)
    try:
        return _produced(plan, folder, clock, license_id)
    except OSError as error:
        raise Failed(f"{plan.id}: {folder} cannot be written: {error.strerror or error}") from error


def _produced(plan: TrackPlan, folder: Path, clock: StageClock, license_id: str) -> Production:
    with clock.stage("compose"):
        composed = best_candidate(plan)
    plan, score = composed.plan, composed.score
    premastered = _mixed(plan, composed.passages, score, folder, clock)
    picture = cover(plan, score)
    tags = tags_of(plan, picture, license_id)
    files = {ending: folder / f"{plan.id}.{ending}" for ending in _ENDINGS}
    cut_path = folder / f"{plan.id}.loop.ogg"
    expected = expected_of(plan, score)

    def encode(master: Master, on_progress: Progress) -> tuple[Inspection, Loop]:
        # Encoders leave the interpreter to others: the loop is written beside the MP3.
        with ThreadPoolExecutor(1) as beside:
            cut = beside.submit(_looped, plan, score, master, cut_path)
            heard = _encoded(plan, master, tags, files["mp3"], expected, on_progress)
        return heard, cut.result()

    master, inspection, (loop, verdict) = levelled(
        aim_of(plan), premastered, plan.bitrate_kbps, encode, clock
    )
    del premastered  # its memory serves what follows
    files["cover.png"].write_bytes(picture)
    peaks = peaks_json(master.blocks(), master.samples, master.sample_rate)
    files["peaks.json"].write_bytes(peaks)
    files["mid"].write_bytes(score_to_midi(score))
    if not inspection.passed:
        raise Rejected(plan.id, inspection.verdicts)
    if loop is not None:
        files["loop.ogg"] = cut_path
    pair = {name: folder / f"{plan.id}.{name}.ogg" for name in (MUSIC, BED)}
    stems = _apart(plan, composed.passages, pair, folder, clock)
    if stems is not None:
        files |= {path.name.removeprefix(f"{plan.id}."): path for path in pair.values()}
    return Production(plan, score, files, master, inspection, loop, verdict, stems, clock.cpu_s)


_ENDINGS = ("mp3", "peaks.json", "cover.png", "mid")


def _mixed(
    plan: TrackPlan, parts: Sequence[Passage], score: Score, folder: Path, clock: StageClock
) -> Reel:
    with clock.stage("render") as on_progress:
        reel = render_mix(plan, parts, folder, on_progress)
    with clock.stage("mix"):
        premaster(plan, score, reel)
    return reel


def _encoded(
    plan: TrackPlan,
    master: Master,
    tags: Tags,
    path: Path,
    expected: Expected,
    on_progress: Progress,
) -> Inspection:
    with path.open("wb") as file:
        write_mp3(
            file,
            master.blocks(),
            master.samples,
            master.sample_rate,
            plan.bitrate_kbps,
            tags,
            lambda share: on_progress(0.7 * share),
        )
    return inspect(path, expected)


def _looped(plan: TrackPlan, score: Score, master: Master, path: Path) -> Loop:
    """Cut, write and judge the loop, where the plan asks for one and the track has one."""
    path.unlink(missing_ok=True)
    if "loop" not in plan.outputs:
        return None, no_loop("no loop was asked for")
    steady = keeps_time(plan.spec)
    cut = find_loop(score, master.reel.read, master.energies, master.samples, steady)
    if cut is None:
        why = "the track has no loop: nothing of 8 bars or more leads back into its beginning"
        return None, no_loop(why)
    write_loop(cut, master.reel.read, path, plan.title)
    verdict = verdict_of_loop(path, cut.samples, score.bpm)
    if verdict.passed:
        return cut, verdict
    # The track itself is good: it goes out without the loop, and the verdict says why.
    path.unlink()
    return None, no_loop(f"the loop was left out: {verdict.message}")


def _apart(
    plan: TrackPlan,
    parts: Sequence[Passage],
    paths: dict[str, Path],
    folder: Path,
    clock: StageClock,
) -> StemPair | None:
    """Write music and bed apart, where the plan asks for that and has a bed."""
    for path in paths.values():
        path.unlink(missing_ok=True)
    if "stems" not in plan.outputs or not plan.beds:
        return None
    with clock.stage("encode"):
        return write_pair(render_apart(plan, parts, folder), plan.target_lufs, paths, plan.title)
