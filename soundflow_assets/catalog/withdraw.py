"""Taking a track out of all catalogs, with a reason that stays on record; and taking that back.

The next commit follows. The files stay where they are until `sweep` removes them after a time of
grace; until then the withdrawal can be taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import put_sidecar, read_sidecar
from soundflow_assets.catalog.sidecar import Sidecar, Withdrawal
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.store import NotFound, PreconditionFailed

_PATIENCE = 12
_LONGEST_WHY = 500


def withdraw(library: Library, track: str, why: str, at: dt.datetime) -> Sidecar:
    """Withdraw a track by its public id; of two reasons the first stays.

    Raises
    ------
    BadInput
        When the id is none or no track's, or the reason is empty or longer than 500 characters.
    """
    if not 1 <= len(why.strip()) <= _LONGEST_WHY:
        raise BadInput(f"why: {len(why.strip())} characters, expected 1 to {_LONGEST_WHY}")

    def withdrawn(sidecar: Sidecar) -> Withdrawal | None:
        return sidecar.withdrawn or Withdrawal(why=why.strip(), at=at)

    return _replace(library, track, withdrawn)


def restore(library: Library, track: str) -> Sidecar:
    """Take a withdrawal back.

    Raises
    ------
    BadInput
        When the track's files were removed meanwhile.
    """

    def listed(sidecar: Sidecar) -> None:
        if sidecar.withdrawn is not None:
            _check_files(library, sidecar)

    return _replace(library, track, listed)


def mark_swept(library: Library, track: str, at: dt.datetime) -> Sidecar | None:
    """Record that a withdrawn track's files are removed from now on; None if it was restored."""

    def swept(sidecar: Sidecar) -> Withdrawal | None:
        if sidecar.withdrawn is None or sidecar.withdrawn.swept_at is not None:
            return sidecar.withdrawn
        return sidecar.withdrawn.model_copy(update={"swept_at": at})

    sidecar = _replace(library, track, swept)
    return sidecar if sidecar.withdrawn is not None else None


def _check_files(library: Library, sidecar: Sidecar) -> None:
    again = "make the track again, then restore it"
    if sidecar.withdrawn is not None and sidecar.withdrawn.swept_at is not None:
        when = sidecar.withdrawn.swept_at.date()
        raise BadInput(f"{sidecar.entry.id}: its files were swept on {when}; {again}")
    for file in sidecar.files:
        try:
            library.store(sidecar.entry.tier).head(file.key)
        except NotFound:
            raise BadInput(f"{sidecar.entry.id}: {file.key} is not there; {again}") from None


def _replace(
    library: Library, track: str, decide: Callable[[Sidecar], Withdrawal | None]
) -> Sidecar:
    ref = TrackRef.parse(track)
    store = library.store(ref.tier)
    for _ in range(_PATIENCE):
        try:
            sidecar, found = read_sidecar(store, ref.sidecar_key)
        except NotFound:
            raise BadInput(f"{track}: no such track in {store.name}") from None
        withdrawn = decide(sidecar)
        if withdrawn == sidecar.withdrawn:
            return sidecar
        new = sidecar.model_copy(update={"withdrawn": withdrawn})
        try:
            put_sidecar(store, new, found.info)
            return new
        except PreconditionFailed:
            continue
    raise Failed(f"{ref.sidecar_key}: others kept replacing it; run again")
