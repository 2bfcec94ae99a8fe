"""`soundflow daily`: a day's tracks through Dagster, then the catalogs, in this process."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.bars import Bars, Lines, listener
from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.cli.values import DATE, SECONDS, today_utc

if TYPE_CHECKING:
    from soundflow_assets.orchestration.launch import RunOutcome, StepOutcome
    from soundflow_assets.settings import Settings


PICTURES = ("picture", "spectrogram")  # for the UI; on a terminal they are noise


@click.command()
@click.option("--date", type=DATE, default="today", help="Day to make, in UTC.  [default: today]")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="C",
    help="Only this category, by name or track id; may be given several times.",
)
@click.option("--duration", type=SECONDS, help="Length, in seconds; the plan's own otherwise.")
@json_option
@click.pass_obj
def daily(
    debug: bool,
    date: dt.date,
    categories: tuple[str, ...],
    duration: float | None,
    as_json: bool,
) -> int:
    """Make a day's tracks and the catalogs, through Dagster.

    The same date again changes nothing. With DAGSTER_HOME set, the runs show in Dagster's UI.
    """
    from soundflow_assets.settings import load_settings

    settings = load_settings()
    with listener(quiet=as_json) as bars:
        tracks, catalogs = _run(settings, date, categories, duration, debug, bars)
    report = _report(settings, date, tracks, catalogs)
    if as_json:
        print_json(report)
    else:
        _show(settings, report)
    return int(report["exit_code"])


def _run(
    settings: Settings,
    date: dt.date,
    categories: tuple[str, ...],
    duration_s: float | None,
    debug: bool,
    bars: Bars | Lines,
) -> tuple[RunOutcome, RunOutcome]:
    from soundflow_assets.build import build_definitions
    from soundflow_assets.orchestration.instance import open_instance
    from soundflow_assets.orchestration.launch import check_date, make_catalogs, make_day
    from soundflow_assets.orchestration.resources.progress import Audience
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.plans.resolve import find_entry, free_plan

    check_date(date, today_utc())
    # The whole configuration and every plan: what is wrong is said once, before anything starts.
    configs = load_configs(settings.configs)
    wanted = {find_entry(configs, one).id for one in categories}
    ids = [entry.id for entry in configs.plan.tracks if not wanted or entry.id in wanted]
    for track_id in ids:
        free_plan(configs, date, track_id, duration_s)
    bars.expect(len(ids))
    level = logging.DEBUG if debug else logging.CRITICAL
    definitions = build_definitions(
        settings=settings, resource_overrides={"audience": Audience(bars)}
    )
    with open_instance() as opened:
        tracks = make_day(definitions, opened, date, ids, duration_s, level)
        return tracks, make_catalogs(definitions, opened, level)


def _report(
    settings: Settings, date: dt.date, tracks: RunOutcome, catalogs: RunOutcome
) -> dict[str, Any]:
    failed = [step for step in (*tracks.steps, *catalogs.steps) if step.error]
    # A refusal is the operator's to mend, a failure may be nobody's fault: the latter wins.
    broken = any(not step.refused for step in failed)
    refused = bool(failed or tracks.failed_checks or catalogs.failed_checks)
    return {
        "date": date.isoformat(),
        "bucket": settings.r2.bucket if settings.r2 else str(settings.bucket),
        "tracks": [_track(settings, step) for step in tracks.steps],
        "catalogs": [
            {"asset": step.key.to_user_string(), "error": step.error or None, **step.metadata}
            for step in catalogs.steps
        ],
        "failed_checks": [*tracks.failed_checks, *catalogs.failed_checks],
        "exit_code": 1 if broken else 2 if refused else 0,
    }


def _track(settings: Settings, step: StepOutcome) -> dict[str, Any]:
    shown = {name: value for name, value in step.metadata.items() if name not in PICTURES}
    track: dict[str, Any] = {"asset": step.key.path[-1], "error": step.error or None, **shown}
    if "object_key" in shown and settings.r2 is None:
        track["file"] = str(settings.bucket / str(shown["object_key"]))
    return track


def _show(settings: Settings, report: dict[str, Any]) -> None:
    out = console()
    rows = table(
        "category", "title", "genre", "BPM", "key", "length", "LUFS", "dBTP",
        numbers=("BPM", "length", "LUFS", "dBTP"),
    )  # fmt: skip
    made = [track for track in report["tracks"] if not track["error"]]
    for track in made:
        rows.add_row(
            str(track["category"]),
            str(track["title"]),
            str(track["genre"]),
            f"{track['bpm']:g}",
            str(track["key"]),
            f"{track['duration_s']:g} s",
            f"{track['loudness_lufs']:.2f}",
            f"{track['true_peak_dbtp']:.2f}",
        )
    if made:
        out.print(rows)
    for track in made:
        out.print(str(track.get("file") or track["listen"]), markup=False)
    _show_problems(report)
    listed = [one for one in report["catalogs"] if not one["error"]]
    out.print(
        f"{len(made)} of {len(report['tracks'])} tracks, {len(listed)} catalogs, "
        f"in {report['bucket']}"
    )
    if made and settings.r2 is None:
        out.print("Any player plays them; in a browser: make serve")


def _show_problems(report: dict[str, Any]) -> None:
    for track in report["tracks"]:
        if track["error"]:
            click.echo(f"soundflow: {track['asset']}: {track['error']}", err=True)
    for sentence in sorted({one["error"] for one in report["catalogs"] if one["error"]}):
        click.echo(f"soundflow: catalogs: {sentence}", err=True)
    for check in report["failed_checks"]:
        click.echo(f"soundflow: check failed: {check}", err=True)
