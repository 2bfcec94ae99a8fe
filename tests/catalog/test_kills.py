"""SIGKILL between any two steps of publishing and committing: the next run ends alike."""

import os
import shutil
import signal

import pytest
from published_tracks import BASE, FaultyStore, contents, mp3, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.storage.local import LocalStore

STEPS = ("get", "head", "put", "list", "delete")


class Killing(FaultyStore):
    """A store that kills its process after the n-th call that reaches the bucket."""

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if name not in STEPS:
            return method

        def call(*args, **kwargs):
            result = method(*args, **kwargs)
            with self._lock:
                self.calls += 1
                if self.calls == self._fail_at:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


def prepared(folder):
    store = LocalStore(folder)
    library = Library(store, store, BASE)
    publish(library, "2025-01-14")
    publish(library, "2025-01-15", audio=mp3(b"an earlier version"))
    commit_catalogs(library)


def day(folder, kill_at=0):
    """Publish a new track, a new version and a premium track; commit. Return the calls made."""
    store = Killing(LocalStore(folder), kill_at, False)
    library = Library(store, store, BASE)
    publish(library, "2025-01-15")
    publish(library, "2025-02-01", "study_daily", category="Study")
    publish(library, "2025-02-01", "night", tier="premium", category="Relax")
    commit_catalogs(library)
    return store.calls


@pytest.mark.slow
def test_a_kill_at_every_step_is_repaired_by_the_next_run(tmp_path):
    prepared(tmp_path / "before")
    undisturbed = shutil.copytree(tmp_path / "before", tmp_path / "undisturbed")
    steps = day(undisturbed)
    assert steps > 60
    wanted = contents(LocalStore(undisturbed))
    for step in range(1, steps + 1):
        folder = shutil.copytree(tmp_path / "before", tmp_path / "run")
        child = os.fork()
        if child == 0:
            try:
                day(folder, step)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, step
        store = LocalStore(folder)
        library = Library(store, store, BASE)
        interrupted = validate_catalogs(library).violations
        assert not [one for one in interrupted if one.field in ("objectKey", "sidecar")]
        day(folder)
        assert contents(store) == wanted, step
        assert validate_catalogs(library, deep=True).violations == ()
        shutil.rmtree(folder)
