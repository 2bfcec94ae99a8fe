"""`soundflow measure`: the listening report of any audio file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.beside import AUTO, is_loop, known_beside
from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.errors import BadInput, Failed

if TYPE_CHECKING:
    from soundflow_assets.listening.hearing import Hearing
    from soundflow_assets.listening.known import Known
    from soundflow_assets.listening.stems import Stems
    from soundflow_assets.listening.verdict import Indicator, Report

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command was asked to bring to every file."""

    score: Path | None
    sidecar: str
    stems: Path | None
    against: Path | None
    report: Path | None


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--against", type=_FILE, metavar="FILE", help="Also how new each file is beside FILE."
)
@click.option("--score", type=_FILE, help="The file's score.json; otherwise the one beside it.")
@click.option(
    "--sidecar",
    default=AUTO,
    show_default=True,
    metavar="FILE",
    help="The file's sidecar; auto takes the one beside it.",
)
@click.option("--stems", type=_FOLDER, help="Folder of the file's stems, named by their role.")
@click.option("--report", type=_FOLDER, help="Write one HTML page a file, and pictures, to DIR.")
@click.option("--strict", is_flag=True, help="Exit with 1 when an indicator misses its target.")
@json_option
def measure(
    files: tuple[Path, ...],
    against: Path | None,
    score: Path | None,
    sidecar: str,
    stems: Path | None,
    report: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Report on any audio file as a listener would hear it: MP3, WAV, FLAC, Ogg, M4A.

    Where plan, score or sidecar lie beside a file, it is judged against them. A file that cannot be
    read does not keep the others from being measured.
    """
    if len(files) > 1 and (score or stems or sidecar != AUTO):
        raise BadInput("--score, --sidecar and --stems belong to one file; give one FILE with them")
    asked = _Asked(score, sidecar, stems, against, report)
    reports: dict[Path, Report] = {}
    errors: dict[Path, str] = {}
    pages: dict[Path, Path] = {}
    compared = _heard(against, AUTO, None) if against else None
    for path in files:
        try:
            reports[path] = _measured(path, asked, compared, pages)
        except BadInput as error:
            errors[path] = str(error)
    if as_json:
        print_json(_as_json(files, reports, errors, pages))
    else:
        for path, one in reports.items():
            _show(path, one, pages.get(path))
    for sentence in errors.values():
        click.echo(f"soundflow: {sentence}", err=True)
    if errors:
        return 2
    return 1 if strict and any(one.misses() for one in reports.values()) else 0


def _heard(path: Path, sidecar: str, score: Path | None) -> tuple[Hearing, Known]:
    from soundflow_assets.delivery.decode import decoding
    from soundflow_assets.listening.hearing import hear

    known = known_beside(path, score, sidecar)
    with decoding(path) as (facts, blocks):
        return hear(blocks, facts.sample_rate), known


def _measured(
    path: Path, asked: _Asked, compared: tuple[Hearing, Known] | None, pages: dict[Path, Path]
) -> Report:
    from soundflow_assets.listening.measure import judge_against, judge_heard, judge_loop
    from soundflow_assets.listening.stems import hear_stems

    heard, known = _heard(path, asked.sidecar, asked.score)
    if is_loop(path):
        report = judge_loop(heard, known)
    else:
        stems: Stems | None = hear_stems(asked.stems) if asked.stems else None
        report = judge_heard(heard, known, stems)
    if compared is not None:
        report = report.joined(judge_against(heard, known, *compared))
    if asked.report is not None:
        pages[path] = _page(path, heard, known, report, asked.report)
    return report


def _page(path: Path, heard: Hearing, known: Known, report: Report, folder: Path) -> Path:
    from soundflow_assets.listening.page.page import write_page

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_page(path.name, heard, known, report, folder)
    except OSError as error:
        raise Failed(f"--report {folder}: cannot be written: {error.strerror or error}") from error


def _as_json(
    files: tuple[Path, ...],
    reports: dict[Path, Report],
    errors: dict[Path, str],
    pages: dict[Path, Path],
) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": str(path),
                "error": errors.get(path),
                "page": str(pages[path]) if path in pages else None,
                "judged": len(reports[path].judged()) if path in reports else 0,
                "misses": [one.name for one in reports[path].misses()] if path in reports else [],
                "indicators": reports[path].as_json() if path in reports else [],
            }
            for path in files
        ]
    }


def _show(path: Path, report: Report, page: Path | None) -> None:
    out = console()
    out.print(str(path), markup=False, style="bold")
    rows = table("", "indicator", "value", "unit", "target", "verdict", numbers=("value",))
    group = ""
    for one in report.indicators:
        rows.add_row(
            one.group if one.group != group else "",
            one.name,
            one.shown(),
            one.unit,
            one.target,
            _verdict(one),
            style="bold red" if one.verdict == "miss" else None,
        )
        group = one.group
    out.print(rows)
    out.print(report.closing(), markup=False)
    if page is not None:
        out.print(str(page), markup=False)
    out.print()


def _verdict(one: Indicator) -> str:
    return "" if one.verdict == "info" else one.verdict
