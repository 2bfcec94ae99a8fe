"""The boto3 client, set up for R2 and every other S3.

Four defaults of boto3 do harm here. Since 2025 it adds checksum trailers that R2 and others have
refused: both checksum options are `when_required`. It sends `Expect: 100-continue` on every upload
and waits a second where the server never answers that: the header is removed, it is not signed.
It falls back to old signatures for presigning: `s3v4` is set. And the `standard` retries have
a budget for the whole process: where many replies are lost it runs out, and from then on nothing is
tried again; `legacy` tries each request as often as it is told to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from soundflow_assets.settings import R2

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONNECTIONS = 32


def make_client(access: R2, attempts: int = 5) -> S3Client:
    """Return a client that makes up to `attempts` of each request by itself."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=access.endpoint,
        region_name=access.region,
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "legacy", "total_max_attempts": attempts},
            max_pool_connections=CONNECTIONS,
            connect_timeout=10,
            read_timeout=60,
        ),
    )
    client.meta.events.register("before-send.s3", _remove_expect)
    return client


def _remove_expect(request: Any, **_: object) -> None:
    request.headers.pop("Expect", None)
