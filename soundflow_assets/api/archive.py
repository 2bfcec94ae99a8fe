"""Tracks older than what the catalog files list: they stand in the shards of their months.

A shard is read when one of its tracks is asked for, and the rows found are kept for a while; the
catalogs themselves stay what they are.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from soundflow_assets.api.problems import Problem
from soundflow_assets.api.shelf import Row, Shelf, Snapshot, row_of_line
from soundflow_assets.catalog.compose import read_shard
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.shard import entries_of_shard
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import TrackRef

MOST_KEPT = 512


class Archive:
    """Finds any track by its public id, in the snapshot or in the shards behind it."""

    def __init__(self, shelf: Shelf, library: Library) -> None:
        self._shelf = shelf
        self._library = library
        self._kept: OrderedDict[tuple[str, str], Row | None] = OrderedDict()

    async def row(self, snapshot: Snapshot, track_id: str, tier: str | None = None) -> Row:
        """Return the entry with this id (and of this tier); raises 404 where there is none."""
        row = snapshot.by_id.get(track_id)
        if row is None and snapshot.root is not None and _has_older(snapshot.root):
            row = await self._older(snapshot.version, snapshot.root, track_id)
        if row is None or tier not in (None, row.tier):
            raise Problem(404, f"track {track_id!r}: there is no such track")
        return row

    async def _older(self, version: str, root: Root, track_id: str) -> Row | None:
        try:
            ref = TrackRef.parse(track_id)
        except BadInput:
            return None
        place = (version, track_id)
        if place not in self._kept:
            self._kept[place] = await asyncio.to_thread(self._read, root, ref)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[place]

    def _read(self, root: Root, ref: TrackRef) -> Row | None:
        mark = f'"id":"{ref.id}"'.encode()
        for shard in root.shards:
            if (shard.tier, shard.month) != (ref.tier, ref.month):
                continue
            for line in entries_of_shard(read_shard(self._library, shard), shard.key):
                if mark in line:
                    return row_of_line(self._shelf.served(line))
        return None


def _has_older(root: Root) -> bool:
    return root.window is not None and not root.window.complete
