"""What every bucket promises, asked of the folder and of S3 alike."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundflow_assets.errors import BadInput
from soundflow_assets.storage.store import NotFound, ObjectStore, PreconditionFailed


def at_once(count, work):
    """Run `work(0) … work(count-1)` in as many threads; return results or exceptions."""

    def guarded(number):
        try:
            return work(number)
        except PreconditionFailed as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(guarded, range(count)))


def test_what_is_put_is_got_back_with_all_that_was_said_of_it(store: ObjectStore):
    said = {"content_type": "audio/mpeg", "cache_control": "public, max-age=31536000, immutable"}
    put = store.put("audio/a.mp3", b"\x00sound", metadata={"title": "Später Regen ☂ 100 %"}, **said)
    got = store.get("audio/a.mp3")
    assert got.body == b"\x00sound"
    for info in (put, got.info, store.head("audio/a.mp3")):
        assert (info.key, info.size) == ("audio/a.mp3", 6)
        assert info.sha256 == hashlib.sha256(b"\x00sound").hexdigest()
        assert (info.content_type, info.cache_control) == tuple(said.values())
        assert info.metadata == {"title": "Später Regen ☂ 100 %"}
        assert info.etag == put.etag


def test_a_file_is_stored_like_its_bytes(store, tmp_path):
    source = tmp_path / "source.bin"
    source.write_bytes(bytes(range(256)) * 8192)
    store.put("big.bin", source)
    assert store.get("big.bin").body == source.read_bytes()
    assert source.exists()


def test_an_empty_object_is_an_object(store):
    store.put("empty", b"")
    assert store.get("empty").body == b""
    assert store.head("empty").size == 0
    assert store.open_range("empty").read() == b""


def test_what_is_absent_is_said_to_be_absent(store):
    for ask in (store.get, store.head, store.open_range):
        with pytest.raises(NotFound, match="no/thing"):
            ask("no/thing")
    store.delete("no/thing")
    assert list(store.list()) == []


def test_creating_twice_is_refused_and_changes_nothing(store):
    store.put("a", b"first", if_absent=True)
    with pytest.raises(PreconditionFailed):
        store.put("a", b"second", if_absent=True)
    assert store.get("a").body == b"first"


def test_even_the_same_bytes_are_not_created_twice(store):
    store.put("a", b"same", if_absent=True)
    with pytest.raises(PreconditionFailed):
        store.put("a", b"same", if_absent=True)


def test_only_the_version_that_was_read_is_replaced(store):
    first = store.put("a", b"first")
    second = store.put("a", b"second", if_match=first.etag)
    assert second.etag != first.etag
    with pytest.raises(PreconditionFailed):
        store.put("a", b"third", if_match=first.etag)
    with pytest.raises(PreconditionFailed):
        store.put("absent", b"x", if_match=first.etag)
    assert store.get("a").body == b"second"


def test_both_conditions_at_once_are_refused(store):
    with pytest.raises(BadInput, match="not both"):
        store.put("a", b"", if_absent=True, if_match="x")


def test_of_24_racing_creates_exactly_one_wins(store):
    results = at_once(24, lambda n: store.put("race", f"writer {n}".encode(), if_absent=True))
    winners = [n for n, result in enumerate(results) if not isinstance(result, Exception)]
    assert len(winners) == 1
    assert store.get("race").body == f"writer {winners[0]}".encode()


# Thousands of requests: servers are asked in the slower part.
many_requests = pytest.mark.parametrize(
    "store",
    ["local", *(pytest.param(server, marks=pytest.mark.slow) for server in ("s3", "r2"))],
    indirect=True,
)


@many_requests
def test_eight_writers_of_25_increments_count_to_200(store):
    store.put("counter", b"0")

    def count(_):
        for _ in range(25):
            while True:
                current = store.get("counter")
                try:
                    store.put(
                        "counter", b"%d" % (int(current.body) + 1), if_match=current.info.etag
                    )
                    break
                except PreconditionFailed:
                    pass

    assert not any(at_once(8, count))
    assert store.get("counter").body == b"200"


def test_readers_never_see_half_an_object(store):
    versions = [bytes([n]) * 50_000 for n in range(12)]
    store.put("a", versions[0])

    def work(number):
        if number == 0:
            return [store.put("a", version) for version in versions]
        return {store.get("a").body for _ in range(12)}

    _, *read = at_once(4, work)
    assert set().union(*read) <= set(versions)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, None, b"0123456789"),
        (0, 1, b"0"),
        (3, 7, b"3456"),
        (9, None, b"9"),
        (4, 400, b"456789"),
        (5, 5, b""),
    ],
)
def test_ranges_are_cut_as_asked(store, start, stop, expected):
    store.put("digits", b"0123456789", content_type="text/plain")
    part = store.open_range("digits", start, stop)
    assert part.read() == expected
    assert (part.start, part.stop) == (start, start + len(expected))
    assert (part.info.size, part.info.content_type) == (10, "text/plain")


@pytest.mark.parametrize(("start", "stop"), [(10, None), (11, 12), (-1, 3), (5, 4)])
def test_ranges_outside_are_refused(store, start, stop):
    store.put("digits", b"0123456789")
    with pytest.raises(BadInput, match="outside of its 10 bytes"):
        store.open_range("digits", start, stop)


def test_a_listing_is_complete_ordered_and_cut_to_prefix_and_suffix(store):
    keys = ["a-b/x.json", "a.json", "a/1.json", "a/2.mp3", "a/b/c.json", "b/1.json", "a/Z.json"]
    for key in keys:
        store.put(key, key.encode())
    assert [info.key for info in store.list()] == sorted(keys)
    assert [info.key for info in store.list("a/")] == [
        "a/1.json",
        "a/2.mp3",
        "a/Z.json",
        "a/b/c.json",
    ]
    assert [info.key for info in store.list("a")] == sorted(keys)[:-1]
    assert [info.key for info in store.list("a/", suffix=".json")] == [
        "a/1.json",
        "a/Z.json",
        "a/b/c.json",
    ]
    assert list(store.list("none/")) == []
    for info in store.list():
        head = store.head(info.key)
        assert (info.size, info.etag) == (head.size, head.etag)


@pytest.mark.parametrize("after", ["a", "a/", "a/1", "a/2.mp3", "a/b", "a/b/c.json", "a-b/", "b"])
@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b"])
def test_a_listing_goes_on_behind_a_key(store, prefix, after):
    keys = ["a-b/x.json", "a.json", "a/1.json", "a/2.mp3", "a/b/c.json", "b/1.json", "a/Z.json"]
    for key in keys:
        store.put(key, b"x")
    wanted = [key for key in sorted(keys) if key.startswith(prefix) and key > after]
    assert [info.key for info in store.list(prefix, after=after)] == wanted


@many_requests
def test_a_listing_goes_past_a_thousand_keys(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put(f"many/{n:04}", b"x", if_absent=True), range(1050)))
    assert [info.key for info in store.list("many/")] == [f"many/{n:04}" for n in range(1050)]


def test_what_is_deleted_is_gone_and_can_be_created_again(store):
    store.put("a", b"x", metadata={"old": "yes"})
    store.delete("a")
    with pytest.raises(NotFound):
        store.get("a")
    assert list(store.list()) == []
    store.put("a", b"y", if_absent=True)
    assert store.head("a").metadata == {}


HOSTILE = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/./b",
    ".hidden",
    ".soundflow/meta/a.json",
    "a/.b",
    "a b",
    "a\\b",
    "a\nb",
    "a\n",
    "a\x00b",
    "ä",
    "a?b",
    "a%2e",
    "a" * 201,
    "a/" * 512 + "a",
]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_are_refused_everywhere(store, key):
    for ask in (store.get, store.head, store.open_range, store.sign_get, store.delete):
        with pytest.raises(BadInput, match="object key"):
            ask(key)
    with pytest.raises(BadInput, match="object key"):
        store.put(key, b"x")


@pytest.mark.parametrize("name", ["Upper", "sha256", "put-id", "a b", "ä", "", "a_b"])
def test_metadata_names_no_header_can_carry_are_refused(store, name):
    with pytest.raises(BadInput, match="metadata name"):
        store.put("a", b"x", metadata={name: "value"})


def test_metadata_too_large_for_a_header_is_refused(store):
    with pytest.raises(BadInput, match="metadata of 2"):
        store.put("a", b"x", metadata={"a": "ü" * 400})


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(value=st.text(max_size=100), body=st.binary(max_size=2000))
def test_any_text_and_any_bytes_come_back(store, value, body):
    store.put("any", body, metadata={"value": value})
    got = store.get("any")
    assert (got.body, got.info.metadata) == (body, {"value": value})


@pytest.mark.parametrize("expires_s", [0, -5, 7 * 24 * 3600 + 1])
def test_signatures_last_a_second_to_a_week(make_s3, expires_s):
    with pytest.raises(BadInput, match="expected 1 to 604800"):
        make_s3().sign_get("a", expires_s)
