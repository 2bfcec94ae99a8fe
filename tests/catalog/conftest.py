"""Libraries on local buckets, and on S3."""

import tempfile
from pathlib import Path

import pytest
from published_tracks import BASE
from s3_buckets import make_access, make_s3, s3_admin, s3_endpoint

from soundflow_assets.catalog.library import Library
from soundflow_assets.storage.local import LocalStore

__all__ = ["make_access", "make_s3", "s3_admin", "s3_endpoint"]
MEMORY = Path("/dev/shm")  # noqa: S108


@pytest.fixture
def tmp_path(tmp_path):
    """A folder in memory where there is one: these tests flush thousands of small files."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def library(tmp_path):
    store = LocalStore(tmp_path / "bucket")
    return Library(store, store, BASE)


@pytest.fixture
def two_buckets(tmp_path):
    return Library(LocalStore(tmp_path / "public"), LocalStore(tmp_path / "premium"), BASE)
