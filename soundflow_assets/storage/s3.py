"""A bucket in Cloudflare R2 or any other S3-compatible storage."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundflow_assets.errors import BadInput
from soundflow_assets.settings import R2
from soundflow_assets.storage.keys import MAX_KEY_BYTES, check_key, is_key
from soundflow_assets.storage.s3_client import make_client
from soundflow_assets.storage.s3_errors import OutsideRange, Sentences
from soundflow_assets.storage.s3_wire import SILENCE, Wire, described, sendable
from soundflow_assets.storage.store import (
    DEFAULT_CONTENT_TYPE,
    ObjectInfo,
    RangeRead,
    StoredObject,
    Unavailable,
    check_expiry,
    check_put,
    check_range,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_READS = 4  # whole reads of a body that arrives cut or altered
_CHUNK = 1 << 18


class S3Store:
    """One bucket, below one prefix."""

    def __init__(
        self,
        access: R2,
        bucket: str,
        *,
        bucket_variable: str = "R2_BUCKET",
        client: S3Client | None = None,
    ) -> None:
        self._client = client or make_client(access)
        self._bucket = bucket
        self._prefix = f"{access.prefix}/" if access.prefix else ""
        self._say = Sentences(access, bucket, bucket_variable)
        self._wire = Wire(self._client, bucket, self._say)

    @property
    def name(self) -> str:
        """`s3://bucket/prefix`."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def get(self, key: str) -> StoredObject:
        """Return an object whole; a body cut or altered on the way is read again."""
        full = self._full(key)
        problem: Exception | None = None
        for _ in range(_READS):
            answer = self._wire.ask(
                "read", key, lambda: self._client.get_object(Bucket=self._bucket, Key=full)
            )
            info = described(key, answer)
            try:
                body = answer["Body"].read()
            except SILENCE as error:
                problem = self._say.of_silence(error, "read", key)
                continue
            sha256 = hashlib.sha256(body).hexdigest()
            if len(body) == info.size and info.sha256 in ("", sha256):
                return StoredObject(replace(info, sha256=sha256), body)
            problem = Unavailable(
                f"{key} in {self.name} arrived altered: sha256 {sha256}, recorded {info.sha256}"
            )
        raise problem or AssertionError("at least one read was made")

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of an object."""
        full = self._full(key)
        answer = self._wire.ask(
            "read", key, lambda: self._client.head_object(Bucket=self._bucket, Key=full)
        )
        return described(key, answer)

    def put(
        self,
        key: str,
        body: bytes | Path,
        *,
        if_absent: bool = False,
        if_match: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        cache_control: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """Store an object atomically."""
        request: dict[str, Any] = {
            "ContentType": content_type,
            "Metadata": sendable(check_put(if_absent, if_match, metadata)),
        }
        if cache_control:
            request["CacheControl"] = cache_control
        if if_absent:
            request["IfNoneMatch"] = "*"
        if if_match is not None:
            request["IfMatch"] = f'"{if_match}"'
        return self._wire.put(key, self._full(key), body, request)

    def list(self, prefix: str = "", *, suffix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield what lies under `prefix`, in the order of keys."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        if after:
            request["StartAfter"] = self._prefix + after
        while True:
            page = self._wire.ask(
                "list", prefix or "everything", lambda: self._client.list_objects_v2(**request)
            )
            for found in page.get("Contents", []):
                key = found["Key"].removeprefix(self._prefix)
                if key.endswith(suffix) and is_key(key):
                    etag = found["ETag"].strip('"')
                    yield ObjectInfo(key, found["Size"], etag, found["LastModified"])
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def open_range(self, key: str, start: int = 0, stop: int | None = None) -> RangeRead:
        """Open a part of an object."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": self._full(key)}
        if start < 0 or (stop is not None and stop <= start):
            # HTTP cannot ask for an empty or reversed range; the object's size decides.
            info = self.head(key)
            start, stop = check_range(key, info.size, start, stop)
            return RangeRead(info, start, stop, iter(()))
        if (start, stop) != (0, None):
            request["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        try:
            answer = self._wire.ask("read", key, lambda: self._client.get_object(**request))
        except OutsideRange:
            info = self.head(key)
            start, stop = check_range(key, info.size, start, stop)
            return RangeRead(info, start, stop, iter(()))
        whole = answer.get("ContentRange", "").rpartition("/")[2]
        info = described(key, answer, size=int(whole) if whole else None)
        start, stop = check_range(key, info.size, start, stop)
        return RangeRead(info, start, stop, self._chunks(key, answer["Body"], stop - start))

    def sign_get(self, key: str, expires_s: int = 3600) -> str:
        """Return a presigned address on the S3 endpoint."""
        return str(
            self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": self._full(key)},
                ExpiresIn=check_expiry(expires_s),
            )
        )

    def delete(self, key: str) -> None:
        """Remove an object."""
        full = self._full(key)
        self._wire.ask(
            "delete", key, lambda: self._client.delete_object(Bucket=self._bucket, Key=full)
        )

    def _full(self, key: str) -> str:
        full = self._prefix + check_key(key)
        if len(full) > MAX_KEY_BYTES:
            raise BadInput(f"object key {full!r}: with R2_PREFIX longer than {MAX_KEY_BYTES}")
        return full

    def _chunks(self, key: str, body: Any, expected: int) -> Iterator[bytes]:
        arrived = 0
        with contextlib.closing(body):
            try:
                for chunk in body.iter_chunks(_CHUNK):
                    arrived += len(chunk)
                    yield chunk
            except SILENCE as error:
                raise self._say.of_silence(error, "read", key) from error
        if arrived != expected:
            raise Unavailable(f"{key} in {self.name}: {arrived} of {expected} bytes arrived")
