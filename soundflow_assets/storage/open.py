"""From settings to buckets: the local folder, or R2 where it is configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from soundflow_assets.errors import BadInput
from soundflow_assets.settings import R2, Settings
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.signing import UrlSigner
from soundflow_assets.storage.store import ObjectStore

if TYPE_CHECKING:
    from soundflow_assets.storage.s3 import S3Store

Source = Literal["local", "r2"]


def open_store(settings: Settings, source: Source | None = None) -> ObjectStore:
    """Return the bucket of free tracks and catalogs.

    `source` insists on one back end; without it R2 is taken where it is configured.
    """
    access = _access(settings, source)
    if access is None:
        return _local(settings, settings.bucket)
    return _s3(access, access.bucket, "R2_BUCKET")


def open_premium_store(settings: Settings, source: Source | None = None) -> ObjectStore:
    """Return the bucket of premium tracks, which is the other one where none is named."""
    access = _access(settings, source)
    if access is None:
        return _local(settings, settings.premium_bucket or settings.bucket)
    if access.premium_bucket is None:
        return _s3(access, access.bucket, "R2_BUCKET")
    return _s3(access, access.premium_bucket, "R2_PREMIUM_BUCKET")


def public_base_url(settings: Settings, source: Source | None = None) -> str:
    """Return the address under which the keys of free objects answer, without a final slash.

    A local bucket without FREE_PUBLIC_BASE_URL answers under its `file:` address, so that every
    free track can be played from its catalog on the machine that made it. `BadInput` for R2.
    """
    if settings.free_public_base_url is not None:
        return settings.free_public_base_url
    if _access(settings, source) is None:
        return settings.bucket.absolute().as_uri()
    raise BadInput(
        "FREE_PUBLIC_BASE_URL is not set: free tracks in R2 need the public address of the bucket, "
        "for example https://r2.example.com"
    )


def _access(settings: Settings, source: Source | None) -> R2 | None:
    if source == "local":
        return None
    if source == "r2" and settings.r2 is None:
        raise BadInput("R2 was asked for, but R2_ENDPOINT and the variables with it are not set")
    return settings.r2


def _local(settings: Settings, folder: Path) -> LocalStore:
    if settings.signing_base_url is None or settings.signing_secret is None:
        return LocalStore(folder)
    return LocalStore(folder, UrlSigner(settings.signing_base_url, settings.signing_secret))


def _s3(access: R2, bucket: str, variable: str) -> S3Store:
    # boto3 takes half a second to import; a local bucket must not pay for it.
    from soundflow_assets.storage.s3 import S3Store

    return S3Store(access, bucket, bucket_variable=variable)
