"""`soundflow catalog remove`, `restore` and `sweep`: out of the catalogs, back, and for good."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from soundflow_assets.cli.buckets import opened, source_option
from soundflow_assets.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from soundflow_assets.storage.open import Source


@click.command()
@click.argument("track", metavar="ID")
@click.option("--why", required=True, metavar="TEXT", help="The reason, kept in the sidecar.")
@source_option
@json_option
def remove(track: str, why: str, source: Source | None, as_json: bool) -> None:
    """Take the track ID out of all catalogs, for example free-2025-01-15-deep_work_daily.

    Its files stay until `sweep` removes them; until then `restore` takes it back.
    """
    from soundflow_assets.catalog.commit import commit_catalogs
    from soundflow_assets.catalog.withdraw import withdraw

    library = opened(source)
    sidecar = withdraw(library, track, why, dt.datetime.now(dt.UTC).replace(microsecond=0))
    done = commit_catalogs(library)
    withdrawn = sidecar.withdrawn
    if withdrawn is None:
        raise AssertionError("a track just withdrawn is withdrawn")
    if as_json:
        print_json(
            {
                "id": track,
                "why": withdrawn.why,
                "withdrawn_at": withdrawn.at.isoformat(),
                "generation": done.root.generation,
            }
        )
        return
    out = console()
    out.print(f"{track} is in no catalog (generation {done.root.generation}): {withdrawn.why}")
    out.print(f"`soundflow catalog restore {track}` takes this back until its files are swept")


@click.command()
@click.argument("track", metavar="ID")
@source_option
@json_option
def restore(track: str, source: Source | None, as_json: bool) -> None:
    """Take a removal back: the track ID is listed again."""
    from soundflow_assets.catalog.commit import commit_catalogs
    from soundflow_assets.catalog.withdraw import restore as take_back

    library = opened(source)
    take_back(library, track)
    done = commit_catalogs(library)
    if as_json:
        print_json({"id": track, "generation": done.root.generation})
    else:
        console().print(f"{track} is listed again (generation {done.root.generation})")


@click.command()
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(1, 3650),
    metavar="DAYS",
    help="Time of grace of what was removed or superseded; a month unless given.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@source_option
@json_option
def sweep(days: int | None, dry_run: bool, source: Source | None, as_json: bool) -> int:
    """Remove for good: files of removed tracks, superseded files, unused shards."""
    from soundflow_assets.catalog.sweep import GRACE
    from soundflow_assets.catalog.sweep import sweep as sweep_library

    swept = sweep_library(
        opened(source),
        now=dt.datetime.now(dt.UTC).replace(microsecond=0),
        grace=GRACE if days is None else dt.timedelta(days=days),
        dry_run=dry_run,
    )
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "removed": [{"key": key, "why": why} for key, why in swept.removed],
                "freed_bytes": swept.freed_bytes,
                "problems": swept.problems,
            }
        )
    else:
        out = console()
        for key, why in swept.removed:
            out.print(f"{key}: {why}", markup=False)
        verb = "would be removed" if dry_run else "removed"
        out.print(f"{len(swept.removed)} objects, {swept.freed_bytes / 1e6:.1f} MB {verb}")
        for problem in swept.problems:
            click.echo(f"soundflow: {problem}", err=True)
    return 1 if swept.problems else 0
