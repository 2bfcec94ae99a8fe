"""The buckets: that they can be written, read and listed, and are set up for their readers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from soundflow_assets.doctor.exposure import check_exposure, check_public_address
from soundflow_assets.doctor.finding import Finding, guarded
from soundflow_assets.doctor.r2_rules import check_cors, check_lifecycle
from soundflow_assets.settings import Settings
from soundflow_assets.storage.open import open_premium_store, open_store
from soundflow_assets.storage.store import ObjectStore

PROBE_FOLDER = "doctor"


def bucket_findings(settings: Settings) -> list[Finding]:
    """Check the bucket, the premium bucket where there is one, and what their readers meet."""
    found = guarded("bucket", lambda: _usable("bucket", open_store(settings)))
    if has_premium_bucket(settings):
        found += guarded(
            "premium bucket", lambda: _usable("premium bucket", open_premium_store(settings))
        )
    found += guarded("public address", lambda: check_public_address(settings))
    if any(one.state == "problem" for one in found):
        return found  # what follows needs buckets that work
    shared = not has_premium_bucket(settings)
    found += guarded("premium exposure", lambda: check_exposure(settings, shared))
    access = settings.r2
    if access is not None:
        found += guarded("CORS", lambda: check_cors(access, settings.service.cors_origins))
        for bucket in filter(None, (access.bucket, access.premium_bucket)):
            found += guarded("lifecycle", lambda: check_lifecycle(access, bucket))  # noqa: B023
    return found


def has_premium_bucket(settings: Settings) -> bool:
    """Whether premium tracks have a bucket of their own."""
    if settings.r2 is not None:
        return settings.r2.premium_bucket is not None
    return settings.premium_bucket is not None


def _usable(name: str, store: ObjectStore) -> Iterator[Finding]:
    """Write, read, list and remove one small object."""
    key = f"{PROBE_FOLDER}/{uuid.uuid4().hex}.txt"
    body = key.encode()
    store.put(key, body, if_absent=True, content_type="text/plain")
    try:
        same = store.get(key).body == body
        listed = any(info.key == key for info in store.list(PROBE_FOLDER + "/"))
    finally:
        store.delete(key)
    if same and listed:
        yield Finding(name, "ok", f"{store.name}: written, read, listed")
    else:
        what = "is not listed" if same else "comes back with other bytes"
        yield Finding(name, "problem", f"{store.name}: an object just written {what}")
