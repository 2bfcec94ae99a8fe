"""What lies beside an audio file and says what it was meant to be.

`ID.mp3` may have `ID.plan.json` and `ID.score.json` (of `soundflow render --score`) or, as in a
bucket, the sidecar `ID.json`; `ID.loop.ogg` shares them. What is named on the command line must be
readable; what is merely found is left alone where it is something else.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soundflow_assets.errors import BadInput

if TYPE_CHECKING:
    from soundflow_assets.composition.score import Score
    from soundflow_assets.listening.known import Known
    from soundflow_assets.plans.model import TrackPlan

AUTO = "auto"


def is_loop(audio: Path) -> bool:
    """Tell whether a file is a track's loop cut, by its name."""
    return audio.suffixes[-2:-1] == [".loop"]


def known_beside(audio: Path, score: Path | None, sidecar: str) -> Known:
    """Return what is known of a file; `sidecar` is a path, or `auto`.

    Raises
    ------
    BadInput
        When a document that was named, or a plan or score that was found, cannot be read.
    """
    from soundflow_assets.listening.known import known_of

    stem = audio.with_name(audio.name.split(".")[0])
    known = known_of(
        _score(score or _found(stem, ".score.json")), _plan(_found(stem, ".plan.json"))
    )
    path = Path(sidecar) if sidecar != AUTO else _found(stem, ".json")
    return known if path is None else _with_sidecar(known, path, sidecar != AUTO)


def _found(stem: Path, ending: str) -> Path | None:
    path = stem.with_name(stem.name + ending)
    return path if path.is_file() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None


def _score(path: Path | None) -> Score | None:
    from soundflow_assets.composition.codec import score_from_json

    if path is None:
        return None
    try:
        return score_from_json(_text(path))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def _plan(path: Path | None) -> TrackPlan | None:
    from pydantic import ValidationError

    from soundflow_assets.catalog.document import field_problems
    from soundflow_assets.plans.model import TrackPlan

    if path is None:
        return None
    try:
        return TrackPlan.model_validate_json(_text(path))
    except ValidationError as error:
        raise BadInput(f"{path}: {'; '.join(field_problems(error)[:3])}") from None


def _with_sidecar(known: Known, path: Path, named: bool) -> Known:
    """Add what a sidecar says where plan and score say nothing."""
    from soundflow_assets.catalog.document import parse_document
    from soundflow_assets.catalog.sidecar import Sidecar
    from soundflow_assets.listening.known import KnownSection

    try:
        entry = parse_document(Sidecar, _text(path).encode(), str(path)).entry
    except BadInput:
        if named:
            raise
        return known
    return replace(
        known,
        title=known.title or entry.title,
        bpm=known.bpm or entry.bpm or None,
        key=known.key or entry.key,
        duration_s=known.duration_s or entry.duration_sec,
        sections=known.sections
        or tuple(
            KnownSection(one.name, one.start_sec, one.end_sec, one.energy)
            for one in entry.sections or ()
        ),
    )
