"""SoundFlow's worker on RunPod serverless: one job in, sound inline or in a bucket.

RunPod keeps results of at most 20 MB, and base64 adds a third, so sounds over INLINE_BYTES go to
the S3 bucket named by RESULT_ENDPOINT, RESULT_BUCKET, RESULT_ACCESS_KEY_ID and
RESULT_SECRET_ACCESS_KEY, as an address that is good for an hour.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soundflow_assets.errors import Failed, SoundFlowError
from soundflow_assets.premium.worker import run_job

INLINE_BYTES = 8 << 20
ADDRESS_S = 3600


def handle(
    event: dict[str, Any], tell: Callable[[dict[str, Any], float], None] = lambda event, share: None
) -> dict[str, Any]:
    """Run RunPod's job `event`; an error is part of the result, as RunPod wants it."""
    last = [0.0]

    def told(share: float) -> None:
        if share - last[0] >= 0.05:
            last[0] = share
            tell(event, round(share, 3))

    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "track.flac"
            result = run_job(dict(event["input"]), path, told)
            return {**result, **_delivered(path, str(event["id"]))}
    except SoundFlowError as error:
        return {"error": str(error)}


def _delivered(path: Path, name: str) -> dict[str, str]:
    if path.stat().st_size <= INLINE_BYTES:
        return {"audio_base64": base64.b64encode(path.read_bytes()).decode()}
    bucket = os.environ.get("RESULT_BUCKET")
    if not bucket:
        raise Failed(
            f"the sound has {path.stat().st_size} bytes, over what RunPod returns inline, and "
            "RESULT_BUCKET is not set on the endpoint"
        )
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=os.environ.get("RESULT_ENDPOINT") or None,
        aws_access_key_id=os.environ["RESULT_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["RESULT_SECRET_ACCESS_KEY"],
        region_name=os.environ.get("RESULT_REGION", "auto"),
    )
    key = f"results/{name}.flac"
    client.upload_file(str(path), bucket, key, ExtraArgs={"ContentType": "audio/flac"})
    address = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=ADDRESS_S
    )
    return {"audio_url": str(address)}


if __name__ == "__main__":
    import runpod

    runpod.serverless.start(
        {"handler": lambda event: handle(event, runpod.serverless.progress_update)}
    )
