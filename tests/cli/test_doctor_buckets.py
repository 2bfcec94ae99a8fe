"""What the doctor says of buckets: what strangers can fetch, CORS, rules that delete."""

import dataclasses
import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Soundflow
from s3_buckets import make_access, s3_admin, s3_endpoint

from soundflow_assets.doctor.buckets import bucket_findings
from soundflow_assets.doctor.r2_rules import check_cors, check_lifecycle
from soundflow_assets.settings import R2, load_settings

__all__ = ["make_access", "s3_admin", "s3_endpoint"]

GOOD_CORS = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["Range"],
    "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Accept-Ranges"],
    "MaxAgeSeconds": 3600,
}
GIVE_UP = {
    "ID": "uploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def public(bucket: Path) -> Iterator[str]:
    """The whole folder of the bucket, open to everybody, as a public domain opens a bucket."""
    bucket.mkdir(exist_ok=True)
    handler = functools.partial(Quiet, directory=str(bucket))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def r2(make_access: Callable[..., R2], monkeypatch: pytest.MonkeyPatch) -> R2:
    """An environment with two buckets on an S3 server, the public one open to everybody."""
    access, premium = make_access(), make_access()
    for name, value in {
        "R2_ENDPOINT": access.endpoint,
        "R2_BUCKET": access.bucket,
        "R2_PREMIUM_BUCKET": premium.bucket,
        "R2_ACCESS_KEY_ID": "id",
        "R2_SECRET_ACCESS_KEY": "secret",
        "FREE_PUBLIC_BASE_URL": f"{access.endpoint}/{access.bucket}",
    }.items():
        monkeypatch.setenv(name, value)
    return R2(
        access.endpoint, access.bucket, premium.bucket, "id", access.secret_access_key, "auto", ""
    )


def finding(soundflow: Soundflow, check: str) -> list[dict[str, Any]]:
    """Return what the doctor finds in the buckets; the machine is examined elsewhere."""
    found = bucket_findings(load_settings())
    return [dataclasses.asdict(one) for one in found if one.check == check]


def test_premium_that_anybody_can_fetch_is_a_loud_problem(
    soundflow: Soundflow, bucket: Path, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", public)
    answer = soundflow("doctor")
    assert answer.code == 2
    assert "PROBLEM  premium exposure: ANYBODY CAN FETCH PREMIUM TRACKS" in answer.out
    assert "R2_PREMIUM_BUCKET" in answer.out
    assert not list(bucket.rglob("doctor-*.txt")), "the probe is taken away again"


def test_a_premium_bucket_of_its_own_is_out_of_reach(
    soundflow: Soundflow, tmp_path: Path, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", public)
    monkeypatch.setenv("SOUNDFLOW_PREMIUM_BUCKET", str(tmp_path / "premium"))
    [found] = finding(soundflow, "premium exposure")
    assert (found["state"], found["found"]) == ("ok", "a stranger is answered 404")


def test_a_shared_bucket_is_noted_even_where_nobody_can_fetch_from_it(
    soundflow: Soundflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    [found] = finding(soundflow, "premium exposure")
    assert found["state"] == "note"
    assert "share the bucket" in found["found"]


def test_an_address_that_cannot_be_reached_is_no_verdict(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SOUNDFLOW_PREMIUM_BUCKET", str(tmp_path / "premium"))
    [found] = finding(soundflow, "premium exposure")
    assert found["state"] == "note"
    assert "nothing is known" in found["found"]


def test_a_public_address_that_does_not_serve_the_bucket_is_a_problem(
    soundflow: Soundflow, bucket: Path, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundflow("catalog", "rebuild")
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", f"{public}/elsewhere")
    [found] = finding(soundflow, "public address")
    assert found["state"] == "problem"
    assert "answers 404, though the bucket has it" in found["found"]
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", public)
    [found] = finding(soundflow, "public address")
    assert found["state"] == "ok"


def test_buckets_without_rules_are_told_what_is_missing(soundflow: Soundflow, r2: R2) -> None:
    [cors] = finding(soundflow, "CORS")
    assert cors["state"] == "problem"
    assert "methods GET, HEAD" in cors["remedy"]
    states = [one["state"] for one in finding(soundflow, "lifecycle")]
    assert states == ["note", "note"]


def test_buckets_with_good_rules_are_in_order(soundflow: Soundflow, r2: R2, s3_admin: Any) -> None:
    s3_admin.put_bucket_cors(Bucket=r2.bucket, CORSConfiguration={"CORSRules": [GOOD_CORS]})
    for name in (r2.bucket, r2.premium_bucket):
        s3_admin.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [GIVE_UP]}
        )
    assert [one["state"] for one in finding(soundflow, "CORS")] == ["ok"]
    assert [one["state"] for one in finding(soundflow, "lifecycle")] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"AllowedMethods": ["GET"]}, "method HEAD"),
        ({"ExposeHeaders": ["ETag", "Content-Length"]}, "exposed header Content-Range"),
        ({"AllowedHeaders": []}, "allowed header Range"),
        ({"AllowedOrigins": ["https://other.example"]}, "origin https://player.example"),
    ],
)
def test_what_a_rule_lacks_is_named(
    r2: R2,
    s3_admin: Any,
    change: dict[str, Any],
    missing: str,
) -> None:
    rules = [{**GOOD_CORS, **change}]
    s3_admin.put_bucket_cors(Bucket=r2.bucket, CORSConfiguration={"CORSRules": rules})
    [cors] = check_cors(r2, ["https://player.example"])
    assert cors.state == "problem"
    assert missing in cors.remedy


def test_a_rule_that_deletes_tracks_by_age_is_a_problem(r2: R2, s3_admin: Any) -> None:
    deadly = {
        "ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "audio/free/"},
        "Expiration": {"Days": 90},
    }  # fmt: skip
    harmless = {**deadly, "ID": "probes", "Filter": {"Prefix": "doctor/"}}
    for rules, state in (([deadly, GIVE_UP], "problem"), ([harmless, GIVE_UP], "ok")):
        s3_admin.put_bucket_lifecycle_configuration(
            Bucket=r2.bucket, LifecycleConfiguration={"Rules": rules}
        )
        [found] = check_lifecycle(r2, r2.bucket)
        assert found.state == state
        assert ("tidy" in found.found) == (state == "problem")
