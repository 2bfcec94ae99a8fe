"""One request to an S3 storage: sent, waited for, translated; and the put that is never doubted.

A reply can be lost after the storage has done the work, and the client's own retry then meets its
own object as if it were a stranger's. Each put therefore carries an id of its own in the object's
metadata: when a condition fails, the object is read again and an own id means success.

Requests refused for being too fast are repeated here, not by boto3, whose waits are shorter than
the second R2 asks for between two writes of one key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
import time
import uuid
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from soundflow_assets.storage.s3_errors import Sentences, WritersMet, is_throttled
from soundflow_assets.storage.store import (
    RESERVED_METADATA,
    NotFound,
    ObjectInfo,
    PreconditionFailed,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_T = TypeVar("_T")
_WAIT_S = 1.1  # R2 allows one write a second for each key
_PATIENCE = 6  # tries where the storage throttles or writers meet
_CHUNK = 1 << 20
# What a body that stops arriving raises, besides the errors of the request itself.
SILENCE = (BotoCoreError, HTTPError, OSError)


class Wire:
    """A client and the bucket it talks to."""

    def __init__(self, client: S3Client, bucket: str, say: Sentences) -> None:
        self.client = client
        self.bucket = bucket
        self.say = say

    def ask(self, action: str, key: str, request: Callable[[], _T]) -> _T:
        """Send a request; wait where the storage asks for it, translate what else goes wrong."""
        for attempt in range(1, _PATIENCE + 1):
            try:
                return request()
            except ClientError as error:
                if attempt == _PATIENCE or not is_throttled(error):
                    raise self.say.of_answer(error, action, key) from error
                _wait()
            except (BotoCoreError, HTTPError) as error:
                raise self.say.of_silence(error, action, key) from error
        raise AssertionError("the last attempt returns or raises")

    def put(
        self, key: str, full: str, body: bytes | Path, request: Mapping[str, Any]
    ) -> ObjectInfo:
        """Send a put until it is decided; `request` holds its type, conditions and metadata."""
        put_id = uuid.uuid4().hex
        sha256, size = _measure(body)
        metadata = {**request["Metadata"], "sha256": sha256, "put-id": put_id}

        def send() -> Any:
            with io.BytesIO(body) if isinstance(body, bytes) else body.open("rb") as file:
                return self.client.put_object(
                    **{**request, "Bucket": self.bucket, "Key": full, "Metadata": metadata},
                    Body=file,
                )

        for attempt in range(1, _PATIENCE + 1):
            try:
                answer = self.ask("write", key, send)
            except (PreconditionFailed, NotFound) as refusal:
                landed = self._own(key, full, put_id)
                if landed is not None:
                    return landed
                if attempt < _PATIENCE and isinstance(refusal, WritersMet):
                    _wait()
                    continue
                # Replacing what is not there: AWS answers 404 where R2 answers 412.
                raise PreconditionFailed(str(refusal)) from refusal
            return ObjectInfo(
                key,
                size,
                answer["ETag"].strip('"'),
                _answered_at(answer),
                sha256,
                request["ContentType"],
                request.get("CacheControl", ""),
                _readable(request["Metadata"]),
            )
        raise AssertionError("the last attempt returns or raises")

    def _own(self, key: str, full: str, put_id: str) -> ObjectInfo | None:
        """Return the object if it was stored by the put with this id."""
        try:
            answer = self.ask(
                "read", key, lambda: self.client.head_object(Bucket=self.bucket, Key=full)
            )
        except NotFound:
            return None
        return described(key, answer) if answer["Metadata"].get("put-id") == put_id else None


def described(key: str, answer: Any, size: int | None = None) -> ObjectInfo:
    """Return what a GET or HEAD answer tells of the object."""
    metadata = answer.get("Metadata", {})
    return ObjectInfo(
        key=key,
        size=answer["ContentLength"] if size is None else size,
        etag=answer["ETag"].strip('"'),
        modified=answer["LastModified"],
        sha256=metadata.get("sha256", ""),
        content_type=answer.get("ContentType", ""),
        cache_control=answer.get("CacheControl", ""),
        metadata=_readable(metadata),
    )


def sendable(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return metadata as header values, which are ASCII: percent-encoded UTF-8."""
    return {name: quote(value) for name, value in metadata.items()}


def _readable(metadata: Mapping[str, str]) -> dict[str, str]:
    return {
        name: unquote(value) for name, value in metadata.items() if name not in RESERVED_METADATA
    }


def _measure(body: bytes | Path) -> tuple[str, int]:
    if isinstance(body, bytes):
        return hashlib.sha256(body).hexdigest(), len(body)
    digest, size = hashlib.sha256(), 0
    with body.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _answered_at(answer: Any) -> dt.datetime:
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else dt.datetime.now(tz=dt.UTC)


def _wait() -> None:
    # Jitter spreads writers that were refused together; it decides nothing that is written.
    time.sleep(_WAIT_S + random.random())  # noqa: S311
