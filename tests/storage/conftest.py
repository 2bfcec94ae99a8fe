"""Buckets of each kind: a folder, and S3."""

import pytest
from s3_buckets import make_access, make_s3, s3_admin, s3_endpoint

from soundflow_assets.storage.local import LocalStore

__all__ = ["make_access", "make_s3", "s3_admin", "s3_endpoint"]


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path):
    if request.param == "local":
        return LocalStore(tmp_path / "bucket")
    return request.getfixturevalue("make_s3")(prefix="deep/er")
