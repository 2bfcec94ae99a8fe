"""Many writers, each of which may die around every put: nothing is lost, nothing is doubled."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from published_tracks import FaultyStore, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.root import read_root
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.storage.keys import sidecar_ref

WRITERS, PUBLISHES, TRACKS, CRASHES = 8, 12, 2, 0.03
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 21))]


class Crash(Exception):
    """The end of a writer's process."""


class Mortal(FaultyStore):
    """A store whose user dies, by chance, before or after a put or a deletion."""

    def __init__(self, store, seed):
        super().__init__(store, 0, False)
        self._chance = random.Random(seed)
        self.crashes = 0

    def _die(self):
        with self._lock:
            if self._chance.random() < CRASHES:
                self.crashes += 1
                raise Crash

    def put(self, *args, **kwargs):
        self._die()
        result = self._store.put(*args, **kwargs)
        self._die()
        return result

    def delete(self, key):
        self._die()
        self._store.delete(key)
        self._die()


@pytest.mark.parametrize("seed", SEEDS)
def test_writers_that_die_lose_no_track(library, seed):
    def work(writer):
        store = Mortal(library.public, f"{seed} {writer}")
        mortal = replace(library, public=store, premium=store)
        finished = set()
        for number in range(PUBLISHES):
            # Nobody comes back for what a dead writer left: others have to find it.
            try:
                for track in range(TRACKS):
                    tier = "premium" if track else "free"
                    day = f"2025-{number % 3 + 1:02}-{number + 1:02}"
                    publish(mortal, day, f"writer{writer}-{track}", tier=tier)
                    finished.add(f"{tier}-{day}-writer{writer}-{track}")
                commit_catalogs(mortal)
            except Crash:
                continue
        return finished, store.crashes

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(work, range(WRITERS)))
    assert sum(crashes for _, crashes in results) > 10
    commit_catalogs(library)
    stored = {
        ref.id
        for info in library.public.list("audio/", suffix=".json")
        if (ref := sidecar_ref(info.key)) is not None
    }
    assert set().union(*(finished for finished, _ in results)) <= stored
    listed = [entry["id"] for entry in json.loads(library.public.get("catalog/all.json").body)]
    assert len(listed) == len(set(listed))
    assert set(listed) == stored
    root = read_root(library)[0]
    generations = {
        library.public.head(file.key).metadata["generation"] for file in root.files.values()
    }
    assert generations == {str(root.generation)}
    assert validate_catalogs(library, deep=True).violations == ()
