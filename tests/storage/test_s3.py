"""What S3 adds: lost replies, throttling, cut bodies, wrong credentials, unreachable servers."""

import time
import urllib.request

import pytest
from fault_proxy import FaultProxy
from moto.core import set_initial_no_auth_action_count

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.s3 import S3Store
from soundflow_assets.storage.s3_client import make_client
from soundflow_assets.storage.store import (
    AccessDenied,
    NotFound,
    PreconditionFailed,
    Unavailable,
)


@pytest.fixture
def proxy(s3_endpoint):
    proxy = FaultProxy(s3_endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
def store(make_s3, proxy):
    return make_s3(endpoint=proxy.endpoint)


def test_a_create_whose_reply_was_lost_is_known_as_our_own(store, proxy):
    proxy.script = ["drop"]
    info = store.put("a", b"mine", if_absent=True)
    assert proxy.seen == [("PUT", "drop"), ("PUT", "pass"), ("HEAD", "pass")]
    assert info.etag == store.head("a").etag


def test_a_replacement_whose_reply_was_lost_is_known_as_our_own(store, proxy):
    first = store.put("a", b"first")
    proxy.script = ["drop"]
    second = store.put("a", b"second", if_match=first.etag)
    assert second.etag == store.head("a").etag
    assert store.get("a").body == b"second"


def test_a_strangers_object_is_not_taken_for_our_own_though_the_bytes_are_equal(store, proxy):
    store.put("a", b"same")
    proxy.script = ["503"]
    with pytest.raises(PreconditionFailed):
        store.put("a", b"same", if_absent=True)


def test_a_server_that_stumbles_is_asked_again(store, proxy):
    proxy.script = ["503", "503"]
    store.put("a", b"x")
    proxy.script = ["503"]
    assert store.get("a").body == b"x"


def test_a_server_that_keeps_failing_is_unavailable_never_empty(make_s3, proxy):
    store = make_s3(attempts=1, endpoint=proxy.endpoint)
    store.put("a", b"x")
    for ask in (store.get, store.head, lambda key: list(store.list(key))):
        proxy.script = ["503"]
        with pytest.raises(Unavailable, match="503"):
            ask("a")


def test_throttling_is_answered_by_waiting_over_a_second(make_s3, proxy):
    store = make_s3(attempts=1, endpoint=proxy.endpoint)
    proxy.script = ["429"]
    started = time.monotonic()
    store.put("a", b"x")
    assert time.monotonic() - started > 1.1
    assert store.get("a").body == b"x"


@pytest.mark.parametrize("fault", ["cut", "alter"])
def test_a_body_that_arrives_damaged_is_read_again(store, proxy, fault):
    store.put("a", b"0123456789" * 1000)
    proxy.script = [fault, fault]
    assert store.get("a").body == b"0123456789" * 1000


def test_a_body_that_never_arrives_whole_is_an_error(store, proxy):
    store.put("a", b"0123456789" * 1000)
    proxy.script = ["alter"] * 4
    with pytest.raises(Unavailable, match="arrived altered"):
        store.get("a")
    proxy.script = ["cut"]
    with pytest.raises(Unavailable):
        store.open_range("a").read()


def test_requests_are_plain_enough_for_r2(store, proxy):
    store.put("a", b"x", if_absent=True)
    (sent,) = proxy.headers
    assert "Expect" not in sent
    assert sent["Content-Length"] == "1"
    assert not [name for name in sent if "checksum" in name.lower() or "trailer" in name.lower()]
    assert sent["Authorization"].startswith("AWS4-HMAC-SHA256")
    assert "/auto/s3/" in sent["Authorization"]


def test_two_prefixes_of_one_bucket_do_not_see_each_other(make_access):
    access = make_access()
    plain = S3Store(access, access.bucket, client=make_client(access))
    below = S3Store(
        make_access(prefix="p", create=False), access.bucket, client=make_client(access)
    )
    below.put("a", b"below")
    assert [info.key for info in plain.list()] == ["p/a"]
    assert [info.key for info in below.list()] == ["a"]
    with pytest.raises(NotFound):
        plain.get("a")


def test_objects_others_put_there_are_readable(make_access, s3_admin):
    access = make_access()
    s3_admin.put_object(Bucket=access.bucket, Key="hand/made.mp3", Body=b"x")
    s3_admin.put_object(Bucket=access.bucket, Key="hand/with space", Body=b"x")
    store = S3Store(access, access.bucket)
    assert store.get("hand/made.mp3").info.sha256.startswith("2d711642")
    assert [info.key for info in store.list()] == ["hand/made.mp3"]


def test_a_signed_address_opens_the_object_without_credentials(make_s3):
    store = make_s3()
    store.put("premium/a.mp3", b"sound", content_type="audio/mpeg")
    url = store.sign_get("premium/a.mp3", 600)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=600" in url
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"sound"


def test_wrong_credentials_name_the_variables_and_show_no_secret(make_access):
    access = make_access()
    store = S3Store(access, access.bucket)

    @set_initial_no_auth_action_count(0)  # from here on the server knows of no such key
    def ask_in_vain(ask):
        with pytest.raises(AccessDenied) as caught:
            ask("a")
        return str(caught.value)

    for ask in (lambda key: store.put(key, b"x"), store.get, store.head):
        assert "check R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY" in ask_in_vain(ask)
    assert "'secret'" not in repr(access)


def test_a_missing_bucket_is_bad_input_that_names_its_variable(make_access):
    access = make_access(create=False)
    store = S3Store(access, access.bucket, bucket_variable="R2_PREMIUM_BUCKET")
    for ask in (lambda: store.put("a", b"x"), lambda: store.get("a"), lambda: list(store.list())):
        with pytest.raises(BadInput, match=r"no such bucket.*R2_PREMIUM_BUCKET"):
            ask()


def test_a_server_that_is_not_there_is_unavailable_and_named(make_access):
    access = make_access(endpoint="http://127.0.0.1:9", create=False)
    store = S3Store(access, access.bucket, client=make_client(access, attempts=1))
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 does not answer; check R2_ENDPOINT"):
        store.get("a")


def test_a_key_that_is_too_long_with_its_prefix_is_refused(make_s3):
    store = make_s3(prefix="p" * 150, create=False)
    with pytest.raises(BadInput, match="R2_PREFIX"):
        store.get("a" * 180 + ("/" + "b" * 180) * 4)


def test_errors_are_failures_or_bad_input():
    assert issubclass(Unavailable, Failed)
    assert issubclass(AccessDenied, BadInput)
