"""Fixtures: buckets on an S3 server of our own, over real HTTP."""

import itertools
import os
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from soundflow_assets.settings import R2
from soundflow_assets.storage.s3 import S3Store
from soundflow_assets.storage.s3_client import make_client

_numbers = itertools.count()
_clients = {}


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def s3_admin(s3_endpoint):
    """A plain client: moto creates no bucket in the region "auto"."""
    return boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="secret",
    )


@pytest.fixture
def make_access(s3_endpoint, s3_admin) -> Callable[..., R2]:
    """Access to a bucket of its own on the S3 server."""

    def make(endpoint: str = s3_endpoint, prefix: str = "", create: bool = True) -> R2:
        bucket = f"bucket-{os.getpid()}-{next(_numbers)}"
        if create:
            s3_admin.create_bucket(Bucket=bucket)
        return R2(endpoint, bucket, None, "id", SecretStr("secret"), "auto", prefix)

    return make


@pytest.fixture
def make_s3(make_access):
    """An S3 bucket; one attempt a request makes a test of failure quick."""

    def make(attempts: int = 5, **access) -> S3Store:
        found = make_access(**access)
        # Making a client takes longer than most tests.
        shared = (found.endpoint, attempts)
        client = _clients.get(shared) or make_client(found, attempts)
        _clients[shared] = client
        return S3Store(found, found.bucket, client=client)

    return make
