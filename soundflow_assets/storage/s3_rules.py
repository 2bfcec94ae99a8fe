"""A bucket's own rules, as its storage tells them: CORS and lifecycle. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from soundflow_assets.settings import R2
from soundflow_assets.storage.s3_client import make_client
from soundflow_assets.storage.s3_errors import Sentences

_UNSET = {"NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration"}
_NOT_TOLD = {401, 403, 501}  # not allowed to this token, or not offered by this storage


def cors_rules(access: R2, bucket: str) -> list[Mapping[str, Any]] | None:
    """Return the CORS rules, none where nothing is set; None where they may not be read."""
    client = make_client(access)
    return _rules(access, bucket, lambda: client.get_bucket_cors(Bucket=bucket)["CORSRules"])


def lifecycle_rules(access: R2, bucket: str) -> list[Mapping[str, Any]] | None:
    """Return the lifecycle rules, none where nothing is set; None where they may not be read."""
    client = make_client(access)
    return _rules(
        access, bucket, lambda: client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    )


def _rules(access: R2, bucket: str, ask: Callable[[], Any]) -> list[Mapping[str, Any]] | None:
    say = Sentences(access, bucket, "R2_BUCKET")
    try:
        return list(ask())
    except ClientError as error:
        answer = error.response
        if answer.get("Error", {}).get("Code") in _UNSET:
            return []
        if answer.get("ResponseMetadata", {}).get("HTTPStatusCode") in _NOT_TOLD:
            return None
        raise say.of_answer(error, "read the rules of", bucket) from error
    except BotoCoreError as error:
        raise say.of_silence(error, "read the rules of", bucket) from error
