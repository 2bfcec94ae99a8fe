"""Taking a track out of all catalogs, with a reason that stays on record; and taking that back."""

from __future__ import annotations

import datetime as dt

from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import put_sidecar, read_sidecar
from soundflow_assets.catalog.sidecar import Sidecar, Withdrawal
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.store import PreconditionFailed

_PATIENCE = 12


def withdraw(library: Library, track: str, why: str, at: dt.datetime) -> Sidecar:
    """Withdraw a track by its public id; the next commit leaves it out. Files stay in place."""
    return _replace(library, track, Withdrawal(why=why, at=at))


def restore(library: Library, track: str) -> Sidecar:
    """Take a withdrawal back; the next commit lists the track again."""
    return _replace(library, track, None)


def _replace(library: Library, track: str, withdrawn: Withdrawal | None) -> Sidecar:
    ref = TrackRef.parse(track)
    store = library.store(ref.tier)
    for _ in range(_PATIENCE):
        sidecar, found = read_sidecar(store, ref.sidecar_key)
        if (sidecar.withdrawn is None) == (withdrawn is None):
            return sidecar  # already so; the first reason stays
        new = sidecar.model_copy(update={"withdrawn": withdrawn})
        try:
            put_sidecar(store, new, found.info)
            return new
        except PreconditionFailed:
            continue
    raise Failed(f"{ref.sidecar_key}: others kept replacing it; run again")
