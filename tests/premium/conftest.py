"""Tiny models, an empty bucket, and an environment that names nothing else."""

import os
from pathlib import Path

# Before torch is there: tiny matrices gain nothing from threads, and workers share the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from tiny_models import build_musicgen


@pytest.fixture(scope="session")
def tiny_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers", reason="the extra premium is not installed")
    return build_musicgen(tmp_path_factory.mktemp("models") / "tiny-musicgen")


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty local bucket."""
    for name in list(os.environ):
        if name.startswith(("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_")) or name == "DAGSTER_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "bucket"))
    monkeypatch.setenv("SOUNDFLOW_MANUAL_FOLDER", str(tmp_path / "jobs"))
    return tmp_path / "bucket"
