"""`soundflow measure`: the listening report of any audio file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.errors import BadInput

if TYPE_CHECKING:
    from soundflow_assets.listening.verdict import Report


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@json_option
def measure(files: tuple[Path, ...], as_json: bool) -> int:
    """Report on any audio file as a listener would hear it: MP3, WAV, FLAC, Ogg, M4A.

    A file that cannot be read does not keep the others from being measured.
    """
    from soundflow_assets.delivery.decode import decode
    from soundflow_assets.listening.measure import measure as measured

    reports: dict[Path, Report] = {}
    errors: dict[Path, str] = {}
    for path in files:
        try:
            decoded = decode(path)
            reports[path] = measured(decoded.audio, decoded.sample_rate)
        except BadInput as error:
            errors[path] = str(error)
    if as_json:
        print_json(_as_json(files, reports, errors))
    else:
        _show(reports)
    for sentence in errors.values():
        click.echo(f"soundflow: {sentence}", err=True)
    return 2 if errors else 0


def _as_json(
    files: tuple[Path, ...], reports: dict[Path, Report], errors: dict[Path, str]
) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": str(path),
                "error": errors.get(path),
                "indicators": reports[path].as_json() if path in reports else [],
            }
            for path in files
        ]
    }


def _show(reports: dict[Path, Report]) -> None:
    out = console()
    for path, report in reports.items():
        out.print(str(path), markup=False)
        rows = table("", "indicator", "value", "unit", "target", "verdict", numbers=("value",))
        group = ""
        for one in report.indicators:
            value = f"{one.value:g}" if isinstance(one.value, float) else str(one.value or "-")
            rows.add_row(
                one.group if one.group != group else "",
                one.name,
                value,
                one.unit,
                one.target,
                "" if one.verdict == "info" else one.verdict,
            )
            group = one.group
        out.print(rows)
