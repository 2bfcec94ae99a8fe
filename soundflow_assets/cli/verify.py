"""`soundflow verify`: whether a track is what it says it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from soundflow_assets.cli.bars import listener
from soundflow_assets.cli.output import console, json_option, print_json, table

if TYPE_CHECKING:
    from soundflow_assets.verification import Verification

_NAMES = {
    "file": "the MP3 that is there",
    "plan": "the plan",
    "pcm": "samples, made again",
    "mp3": "MP3, made again",
}


@click.command()
@click.argument("track", metavar="FILE|ID")
@json_option
def verify(track: str, as_json: bool) -> int:
    """Make a track again from its plan and compare it with what was published.

    FILE is an MP3, its sidecar or its plan.json, with the others beside it; ID is a track of the
    bucket. Exits with 0 where everything is the same, with 1 where something differs, and with 2
    where nothing says what it was made from.
    """
    from soundflow_assets.claim import claim_of
    from soundflow_assets.settings import load_settings

    claim = claim_of(track, load_settings())
    from soundflow_assets.verification import verify as verified  # the engine

    with listener(quiet=as_json) as bars:
        found = verified(claim, bars)
    if as_json:
        _print_json(found)
    else:
        _show(found)
    return 0 if found.matches else 1


def _print_json(found: Verification) -> None:
    from soundflow_assets.version import ENGINE_VERSION

    print_json(
        {
            "id": found.id,
            "matches": found.matches,
            "engine_version": {"recorded": found.made_by, "here": ENGINE_VERSION},
            "sha256": {
                one.what: {"recorded": one.recorded, "found": one.found, "same": one.same}
                for one in found.comparisons
            },
            "differs_from_s": found.differs_from_s,
            "sentences": list(found.sentences),
        }
    )


def _show(found: Verification) -> None:
    out = console()
    rows = table("", "recorded", "found", "")
    for one in found.comparisons:
        verdict = "same" if one.same else "DIFFERS"
        rows.add_row(
            _NAMES[one.what],
            "" if one.recorded is None else one.recorded[:16],
            "" if one.found is None else one.found[:16],
            "" if one.recorded is None else verdict,
        )
    out.print(rows)
    for sentence in found.sentences:
        out.print(sentence, markup=False)
    whether = "is what it says it is" if found.matches else "is NOT what it says it is"
    out.print(f"{found.id} {whether} (engine version {found.made_by})", markup=False)
