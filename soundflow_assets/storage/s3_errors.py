"""What an S3 storage refuses, as sentences naming what the operator can change."""

from __future__ import annotations

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.settings import R2
from soundflow_assets.storage.store import (
    AccessDenied,
    NotFound,
    PreconditionFailed,
    Unavailable,
)

_CREDENTIALS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized"}
_ABSENT = {"NoSuchKey", "NotFound", "404"}
_THROTTLED = {"TooManyRequests", "SlowDown", "Throttling"}


class WritersMet(PreconditionFailed):
    """The storage did not decide between two writers at once: the same put may still succeed."""


class OutsideRange(BadInput):
    """Nothing of the range that was asked for exists."""


def is_throttled(error: ClientError) -> bool:
    """Whether the answer was "slower, please": R2 takes one write a second for each key."""
    return _code(error) in _THROTTLED or _status(error) == 429


class Sentences:
    """Turns a client's errors into ours, about one bucket."""

    def __init__(self, access: R2, bucket: str, bucket_variable: str) -> None:
        self._endpoint = access.endpoint
        self._bucket = bucket
        self._variable = bucket_variable

    def of_answer(self, error: ClientError, action: str, key: str) -> Exception:
        """Translate an error that the storage answered with."""
        start = f"cannot {action} {key} in bucket {self._bucket}"
        code, status = _code(error), _status(error)
        if code in _ABSENT:
            return NotFound(f"{key}: no such object in bucket {self._bucket}")
        if status == 412:
            return PreconditionFailed(f"{start}: another writer was first")
        if status == 409:
            return WritersMet(f"{start}: other writers are at work ({code})")
        if status == 416:
            return OutsideRange(f"{start}: the range lies outside of the object")
        if status >= 500 or is_throttled(error) or code == "RequestTimeout":
            return Unavailable(f"{start}: the storage answered {status} {code}; run again later")
        return self._of_access(code, status, start) or Failed(
            f"{start}: the storage answered {status} {code}"
        )

    def of_silence(self, error: Exception, action: str, key: str) -> Exception:
        """Translate an error without an answer: no connection, a timeout, a cut body."""
        start = f"cannot {action} {key} in bucket {self._bucket}"
        if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
            return Unavailable(
                f"{start}: {self._endpoint} does not answer; check R2_ENDPOINT and the network"
            )
        return Unavailable(
            f"{start}: the connection failed ({type(error).__name__}); run again later"
        )

    def _of_access(self, code: str, status: int, start: str) -> Exception | None:
        if code == "NoSuchBucket":
            return BadInput(
                f"{start}: {self._endpoint} has no such bucket; create it or correct "
                f"{self._variable}"
            )
        if code in _CREDENTIALS or status == 401:
            return AccessDenied(
                f"{start}: the credentials are refused ({code}); check R2_ACCESS_KEY_ID and "
                "R2_SECRET_ACCESS_KEY"
            )
        if code == "RequestTimeTooSkewed":
            return BadInput(f"{start}: this machine's clock is wrong; set it and run again")
        if status == 403:
            return AccessDenied(
                f"{start}: permission denied ({code}); check R2_ACCESS_KEY_ID and "
                "R2_SECRET_ACCESS_KEY: their token needs object read and write on the bucket of "
                f"{self._variable}"
            )
        return None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code") or _status(error))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
