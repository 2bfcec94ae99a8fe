"""`soundflow premium`: one premium track through Dagster, then the catalogs, in this process."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.bars import Bars, Lines, listener
from soundflow_assets.cli.output import console, json_option, print_json
from soundflow_assets.cli.values import DATE, SECONDS, today_utc
from soundflow_assets.errors import BadInput

if TYPE_CHECKING:
    from soundflow_assets.orchestration.launch import RunOutcome
    from soundflow_assets.settings import Settings

FINISHING = ("binaural_hz", "sidechain", "exciter", "fade_in_ms", "fade_out_ms")


@click.command()
@click.option("--category", metavar="C", help="Deep Work, Study, Relax, Nature or Flow State.")
@click.option("--track-id", metavar="ID", help="1 to 64 of a-z, 0-9, underscore and hyphen.")
@click.option("--duration", type=SECONDS, help="10 to 900 seconds.  [default: 180]")
@click.option(
    "--model", metavar="M", help="A model's name, its hub id or a folder; see docs/premium.md."
)
@click.option(
    "--gpu-provider",
    metavar="P",
    help="local, manual, modal, replicate or runpod.  [default: local]",
)
@click.option("--backend", metavar="B", help="auto, transformers, audiocraft or acestep.")
@click.option("--prompt", metavar="TEXT", help="What the music should be, in your own words.")
@click.option("--prompt-id", metavar="ID", help="A prompt of the book: soundflow prompts list.")
@click.option("--enhance", metavar="HOW", help="offline, llm or off.  [default: offline]")
@click.option("--title", help="Shown in catalogs; from prompt or id otherwise.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Draw everything anew from N.")
@click.option("--bpm", type=float, help="Tempo to ask for; 0: no beat.")
@click.option("--key", help="Key to ask for, such as Dm.")
@click.option("--date", type=DATE, help="Day to publish under, in UTC.  [default: today]")
@click.option("--binaural-hz", type=float, help="Beat of a soft tone pair, for headphones.")
@click.option("--sidechain", type=float, help="0 to 1: duck on the measured beat.")
@click.option("--exciter", type=float, help="0 to 1: harmonics above 16 kHz.")
@click.option("--fade-in-ms", type=int, help="Length of the fade at the start.")
@click.option("--fade-out-ms", type=int, help="Length of the fade at the end.")
@click.option("--revision", type=int, help="Replace the request that is stored under this id.")
@click.option(
    "--acknowledge-noncommercial",
    is_flag=True,
    help="Go on with weights whose licence forbids commercial use.",
)
@click.option("--resume", metavar="ID", help="Make the stored request of this id (again).")
@json_option
@click.pass_obj
def premium(debug: bool, /, resume: str | None, as_json: bool, **options: Any) -> int:
    """Make a premium track, and list it in the catalogs.

    The request is stored first; the same request again changes nothing.
    """
    from soundflow_assets.settings import load_settings

    settings = load_settings()
    track_id, request = _asked(resume, options)
    with listener(quiet=as_json) as bars:
        made, catalogs = _run(settings, track_id, request, debug, bars)
    report = _report(settings, track_id, made, catalogs)
    if as_json:
        print_json(report)
    else:
        _show(report)
    return int(report["exit_code"])


def _asked(resume: str | None, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the track's id and the request's fields, none to take what is stored."""
    from soundflow_assets.premium.request import make_request
    from soundflow_assets.storage.keys import check_track_id

    given = {name: value for name, value in options.items() if value not in (None, False)}
    if resume is not None:
        if given:
            raise BadInput(
                f"--resume {resume}: takes the stored request as it is; leave out "
                + ", ".join(f"--{name.replace('_', '-')}" for name in given)
            )
        return check_track_id(resume), {}
    for name in ("category", "track_id"):
        if name not in given:
            raise BadInput(f"give --{name.replace('_', '-')}; `soundflow premium --help` shows all")
    finishing = {name: given.pop(name) for name in FINISHING if name in given}
    if finishing:
        given["finishing"] = finishing
    if "model" in given and Path(given["model"]).expanduser().is_dir():
        given["model"] = str(Path(given["model"]).expanduser().absolute())
    date: dt.date = given.setdefault("date", today_utc())
    make_request(given, "premium")  # what is wrong is said before anything starts
    track_id = given.pop("track_id")
    return track_id, {**given, "date": date.isoformat()}


def _run(
    settings: Settings, track_id: str, request: dict[str, Any], debug: bool, bars: Bars | Lines
) -> tuple[RunOutcome, RunOutcome | None]:
    from soundflow_assets.build import build_definitions
    from soundflow_assets.orchestration.instance import open_instance
    from soundflow_assets.orchestration.launch import make_catalogs, make_premium_track
    from soundflow_assets.orchestration.resources.progress import Audience

    level = logging.DEBUG if debug else logging.CRITICAL
    definitions = build_definitions(
        settings=settings, resource_overrides={"audience": Audience(bars)}
    )
    with open_instance() as opened:
        made = make_premium_track(definitions, opened, track_id, request, level)
        # What was not made needs no listing.
        catalogs = make_catalogs(definitions, opened, level) if made.succeeded else None
        return made, catalogs


def _report(
    settings: Settings, track_id: str, made: RunOutcome, catalogs: RunOutcome | None
) -> dict[str, Any]:
    [step] = made.steps
    listed = catalogs.steps if catalogs is not None else ()
    errors = [one for one in (step, *listed) if one.error]
    failed_checks = [*made.failed_checks, *(catalogs.failed_checks if catalogs else ())]
    broken = any(not one.refused for one in errors)
    track = {name: value for name, value in step.metadata.items() if name != "picture"}
    if "object_key" in track and settings.r2 is None:
        folder = settings.premium_bucket or settings.bucket
        track["file"] = str(folder / str(track["object_key"]))
    return {
        "track_id": track_id,
        "track": track,
        "error": step.error or None,
        "catalogs": [
            {"asset": one.key.to_user_string(), "error": one.error or None, **one.metadata}
            for one in listed
        ],
        "failed_checks": failed_checks,
        "exit_code": 1 if broken else 2 if errors or failed_checks else 0,
    }


def _show(report: dict[str, Any]) -> None:
    out, track = console(), report["track"]
    if report["error"]:
        click.echo(f"soundflow: {report['track_id']}: {report['error']}", err=True)
    for catalog in report["catalogs"]:
        if catalog["error"]:
            click.echo(f"soundflow: catalogs: {catalog['error']}", err=True)
            break
    for check in report["failed_checks"]:
        click.echo(f"soundflow: check failed: {check}", err=True)
    if not track:
        return
    beat = f"{track['bpm']:g} BPM, " if track["bpm"] else ""
    out.print(
        f"{track['title']}: {beat}{track['key']}, {track['duration_s']:g} s, "
        f"{track['loudness_lufs']:.2f} LUFS, {track['true_peak_dbtp']:.2f} dBTP, "
        f"{track['model']} by {track['provider']}"
    )
    out.print(str(track.get("file") or track["object_key"]), markup=False)
    out.print(f"Rights: {track['license']}. {track['rights']}", markup=False)
