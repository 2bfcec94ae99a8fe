"""`soundflow render`: one track into a folder; no bucket, no catalogs, no Dagster."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.bars import listener
from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.cli.values import DATE, SECONDS
from soundflow_assets.errors import BadInput, Failed, Refused

if TYPE_CHECKING:
    from soundflow_assets.plans.model import TrackPlan
    from soundflow_assets.production import Production


@click.command()
@click.option("--category", metavar="C", help="The category's track of the day.")
@click.option("--genre", metavar="G", help="A track of this genre, whatever the weekday.")
@click.option("--date", type=DATE, default="today", help="Any day, in UTC.  [default: today]")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Draw everything anew from N.")
@click.option("--duration", type=SECONDS, help="Length, in seconds; the plan's own otherwise.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Folder for the files; made if it is not there.",
)
@click.option("--loop", is_flag=True, help="Also a cut that repeats without a seam (Ogg Vorbis).")
@click.option("--stems", is_flag=True, help="Also each role, music and bed as 24-bit FLAC.")
@click.option("--stems-archive", is_flag=True, help="The same as one zip.")
@click.option("--midi", is_flag=True, help="Also the score as a standard MIDI file.")
@click.option("--score", is_flag=True, help="Also plan and score as JSON.")
@json_option
@click.pass_obj
def render(
    debug: bool,
    category: str | None,
    genre: str | None,
    date: dt.date,
    seed: int | None,
    duration: float | None,
    out: Path,
    loop: bool,
    stems: bool,
    stems_archive: bool,
    midi: bool,
    score: bool,
    as_json: bool,
) -> None:
    """Make one track into a folder, without a bucket.

    Give --category or --genre, or both: then the genre with the category's layers and tone.
    """
    from soundflow_assets.settings import load_settings

    settings = load_settings()
    plan = _plan(settings.configs, category, genre, date, seed, duration)
    plan = plan.model_copy(update={"outputs": ("loop",) if loop else ()})
    from soundflow_assets import production  # the engine: nothing that is refused waits for it

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {out}: cannot be made: {error.strerror}") from error
    with listener(quiet=as_json) as bars:
        made = production.produce(plan, out, bars, settings.free_license)
    extra = _extras(made, out, midi=midi, score=score) | _stems(
        made, out, folder=stems, archive=stems_archive
    )
    _report(made, extra, as_json)
    if loop and made.loop is None:
        raise Refused(f"{plan.id}: {made.loop_verdict.message}")


def _plan(
    configs_folder: Path | None,
    category: str | None,
    genre: str | None,
    date: dt.date,
    seed: int | None,
    duration_s: float | None,
) -> TrackPlan:
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.plans.resolve import free_plan, genre_plan
    from soundflow_assets.synthesis.check import check_sounds

    if category is None and genre is None:
        raise BadInput("give --category or --genre; `soundflow render --help` shows both")
    configs = load_configs(configs_folder)
    check_sounds(configs)
    if genre is not None:
        return genre_plan(configs, genre, date, seed, duration_s, category)
    return free_plan(configs, date, str(category), duration_s, seed)


def _extras(made: Production, out: Path, *, midi: bool, score: bool) -> dict[str, Path]:
    from soundflow_assets import export

    extra: dict[str, Path] = {}
    try:
        if not midi:
            made.files.pop("mid").unlink()
        if score:
            extra |= export.write_score(made.plan, made.score, out)
    except OSError as error:
        raise Failed(f"{out}: cannot be written: {error.strerror or error}") from error
    return extra


def _stems(made: Production, out: Path, *, folder: bool, archive: bool) -> dict[str, Path]:
    """Write the stems into a folder, into an archive, or both."""
    from soundflow_assets import export

    if not (folder or archive):
        return {}
    try:
        with tempfile.TemporaryDirectory(dir=out, prefix="stems-") as scratch:
            kept = out / f"{made.plan.id}-stems" if folder else Path(scratch)
            files = export.write_stems(made.plan, kept)
            zipped = export.write_stems_archive(made.plan, files, out) if archive else {}
        return (files if folder else {}) | zipped
    except OSError as error:
        raise Failed(f"{out}: cannot be written: {error.strerror or error}") from error


def _report(made: Production, extra: dict[str, Path], as_json: bool) -> None:
    plan = made.plan
    files = {**made.files, **extra}
    if as_json:
        report: dict[str, Any] = {
            "id": plan.id,
            "title": plan.title,
            "category": plan.category,
            "genre": plan.genre,
            "bpm": plan.bpm,
            "key": plan.key,
            "duration_s": plan.duration_s,
            "seed": plan.seed,
            "engine_version": plan.engine_version,
            "pcm_sha256": made.pcm_sha256,
            "gates": {
                one.name: {"value": one.value, "passed": one.passed} for one in made.verdicts
            },
            "loop": None if made.loop is None else asdict(made.loop),
            "cpu_s": made.cpu_s,
            "files": {name: str(path) for name, path in files.items()},
        }
        print_json(report)
        return
    out = console()
    out.print(
        f"{plan.title}: {plan.spec.title}, {plan.bpm:g} BPM, {plan.key}, {plan.duration_s:g} s"
    )
    rows = table("gate", "measured", "wanted", numbers=("measured",))
    for verdict in made.verdicts:
        value = f"{verdict.value:g}" if isinstance(verdict.value, float) else str(verdict.value)
        rows.add_row(verdict.name, value, verdict.target)
    out.print(rows)
    for path in files.values():
        out.print(str(path), markup=False)
