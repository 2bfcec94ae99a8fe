"""Fixtures: buckets on an S3 server of our own, over real HTTP."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from soundflow_assets.settings import R2
from soundflow_assets.storage.s3 import S3Store
from soundflow_assets.storage.s3_client import make_client

_numbers = itertools.count()
_clients = {}


def _put_one_at_a_time() -> None:
    """Make moto decide a condition and store the object in one step, as every real S3 does.

    It looks at the object and then replaces it; under load two of its threads meet in between.
    """
    lock, real = threading.Lock(), S3Response.put_object

    def put_object(self: S3Response) -> object:
        with lock:
            return real(self)

    S3Response.put_object = put_object


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    _put_one_at_a_time()
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
