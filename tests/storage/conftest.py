"""Buckets of each kind: a folder, S3, and in the slower run Cloudflare's own simulator of R2."""

import itertools

import pytest
import simulator as r2
from pydantic import SecretStr
from s3_buckets import make_access, make_s3, s3_admin, s3_endpoint

from soundflow_assets.settings import R2
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.s3 import S3Store
from soundflow_assets.storage.s3_client import make_client

__all__ = ["make_access", "make_s3", "s3_admin", "s3_endpoint"]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def simulator():
    yield from r2.serve()


@pytest.fixture(scope="session")
def simulator_client(simulator):
    return make_client(_access(simulator, "", r2.SECRET))


@pytest.fixture
def make_r2(simulator, simulator_client):
    """A folder of its own in a bucket of the simulator."""
    folder = f"test-{next(_numbers)}"

    def make(bucket: str = r2.BUCKETS[0], endpoint: str = "", secret: str = r2.SECRET) -> S3Store:
        access = _access(simulator, folder, secret, endpoint)
        plain = not endpoint and secret == r2.SECRET
        client = simulator_client if plain else make_client(access)
        return S3Store(access, bucket, client=client)

    return make


def _access(simulator, prefix, secret, endpoint=""):
    return R2(
        endpoint=endpoint or simulator.endpoint,
        bucket=r2.BUCKETS[0],
        premium_bucket=r2.BUCKETS[1],
        access_key_id=r2.KEY_ID,
        secret_access_key=SecretStr(secret),
        region="auto",
        prefix=prefix,
    )


@pytest.fixture(params=["local", "s3", pytest.param("r2", marks=pytest.mark.slow)])
def store(request, tmp_path):
    if request.param == "local":
        return LocalStore(tmp_path / "bucket")
    if request.param == "r2":
        return request.getfixturevalue("make_r2")()
    return request.getfixturevalue("make_s3")(prefix="deep/er")
