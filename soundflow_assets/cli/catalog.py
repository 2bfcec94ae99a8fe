"""`soundflow catalog`: rebuild the catalogs from the sidecars, validate them, show them.

Taking tracks out of them is `takedown`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from soundflow_assets.cli.buckets import opened, source_option
from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.cli.takedown import remove, restore, sweep
from soundflow_assets.cli.values import DATE

if TYPE_CHECKING:
    from soundflow_assets.catalog.library import Library
    from soundflow_assets.storage.open import Source

tier_option = click.option(
    "--tier", type=click.Choice(["free", "premium", "all"]), default="all", show_default=True
)


@click.group()
def catalog() -> None:
    """Rebuild, validate and show the catalogs; take tracks out of them."""


for command in (remove, restore, sweep):
    catalog.add_command(command)


@catalog.command()
@click.option(
    "--from-sidecars",
    is_flag=True,
    help="Trust nothing but the sidecars: the way out when root.json or a shard is damaged.",
)
@source_option
@json_option
def rebuild(from_sidecars: bool, source: Source | None, as_json: bool) -> None:
    """Bring all catalogs up to the sidecars in the bucket; without news nothing is written."""
    from soundflow_assets.catalog.commit import commit_catalogs

    with _counted("sidecars read", quiet=as_json) as on_read:
        done = commit_catalogs(
            opened(source), complete=True, from_sidecars=from_sidecars, on_read=on_read
        )
    if as_json:
        print_json(
            {
                "generation": done.root.generation,
                "commit": done.root.commit_id,
                "changed": done.changed,
                "written": list(done.written),
                "counts": done.counts,
                "problems": [problem.model_dump() for problem in done.problems],
            }
        )
        return
    out = console()
    for name, count in sorted(done.counts.items()):
        out.print(f"{count:>7}  {name}")
    news = "new" if done.changed else "as before"
    out.print(f"generation {done.root.generation} ({news}), {len(done.written)} objects written")
    for problem in done.problems:
        kept = "its last good entry stays listed" if problem.listed else "it is not listed"
        click.echo(f"soundflow: {problem.key}: {problem.problem}; {kept}", err=True)


@catalog.command()
@tier_option
@source_option
@click.option("--deep", is_flag=True, help="Read every audio file and compare its hash.")
@click.option("--date", type=DATE, help="Every site category must have a free track of this day.")
@json_option
def validate(
    tier: Any, source: Source | None, deep: bool, date: dt.date | None, as_json: bool
) -> int:
    """Check the stored catalogs against their schema, each other and the bucket.

    Each violation is one line with file, index, id, field, found and expected; any gives exit
    code 2.
    """
    from soundflow_assets.catalog.validate import validate_catalogs

    with _counted("files checked", quiet=as_json) as on_check:
        validation = validate_catalogs(
            opened(source), tier=tier, deep=deep, expect_date=date, on_check=on_check
        )
    if as_json:
        print_json(
            {
                "passed": validation.passed,
                "generation": validation.generation,
                "counts": dict(validation.counts),
                "objects": validation.objects,
                "violations": [
                    {
                        "file": one.file,
                        "index": one.index,
                        "id": one.id,
                        "field": one.field,
                        "found": one.found,
                        "expected": one.expected,
                    }
                    for one in validation.violations
                ],
            }
        )
    else:
        for violation in validation.violations:
            click.echo(str(violation))
        click.echo(
            f"{len(validation.counts)} catalogs, {validation.objects} audio files, "
            f"{len(validation.violations)} violations"
        )
    return 0 if validation.passed else 2


@catalog.command()
@tier_option
@source_option
@click.option("--category", metavar="C", help="Only this category, by name or slug.")
@click.option("--date", type=DATE, help="Only this day.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
def show(
    tier: str,
    source: Source | None,
    category: str | None,
    date: dt.date | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what the catalogs list, newest first."""
    from soundflow_assets.catalog.root import read_root

    library = opened(source)
    entries = _listed(library, tier, category)
    if date is not None:
        entries = [entry for entry in entries if entry["date"] == date.isoformat()]
    if as_json:
        print_json({"count": len(entries), "tracks": entries[:limit]})
        return
    rows = table(
        "date", "category", "title", "tier", "genre", "BPM", "key", "length",
        numbers=("BPM", "length"),
    )  # fmt: skip
    for entry in entries[:limit]:
        rows.add_row(
            entry["date"],
            entry["category"],
            entry["title"],
            entry["tier"],
            entry["genre"],
            f"{entry['bpm']:g}",
            entry["key"],
            f"{entry['durationSec']:g} s",
        )
    out = console()
    if rows.row_count:
        out.print(rows)
    out.print(f"{rows.row_count} of {len(entries)} tracks")
    current = read_root(library)
    window = current[0].window if current is not None else None
    if window is not None and not window.complete:
        out.print(f"the catalogs list the newest {window.limit} of {window.total} tracks")


def _listed(library: Library, tier: str, category: str | None) -> list[dict[str, Any]]:
    """Return the entries of a catalog file; one that was never made is an error that says so."""
    from soundflow_assets.errors import BadInput, Failed
    from soundflow_assets.storage.keys import category_slug
    from soundflow_assets.storage.store import NotFound

    slug = None if category is None else category_slug(category.replace("_", " "))
    key = library.catalog_key(tier if slug is None else f"by-category/{slug}")
    try:
        entries: list[dict[str, Any]] = json.loads(library.public.get(key).body)
    except NotFound:
        if slug is not None and _has_catalogs(library):
            raise BadInput(
                f"category {category!r}: there is no {key}; known: {', '.join(_slugs(library))}"
            ) from None
        raise Failed(
            f"{library.public.name} has no {key} yet; `soundflow catalog rebuild` makes it"
        ) from None
    except ValueError as error:
        raise Failed(
            f"{key} is damaged ({error}); `soundflow catalog rebuild` repairs it"
        ) from None
    return [entry for entry in entries if tier in ("all", entry["tier"])]


def _has_catalogs(library: Library) -> bool:
    from soundflow_assets.catalog.root import read_root

    return read_root(library) is not None


def _slugs(library: Library) -> list[str]:
    from soundflow_assets.catalog.root import read_root

    current = read_root(library)
    names = current[0].files if current is not None else {}
    prefix = "by-category/"
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


@contextmanager
def _counted(what: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback for "so many of so many"; a bar on a terminal, nothing elsewhere."""
    screen = Console(stderr=True)
    if quiet or not screen.is_terminal:
        yield lambda _done, _all: None
        return
    with Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), console=screen, transient=True
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
