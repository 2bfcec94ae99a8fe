"""Every guarantee again, through a proxy that loses replies, throttles and cuts bodies.

A quarter of the replies is lost after the server has done the work, a tenth is "503 busy", some are
"429 too fast", some bodies are cut. Callers do what Dagster does with `Unavailable`: run again.
"""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import botocore.retryhandler
import pytest
from fault_proxy import FaultProxy
from published_tracks import BASE, make_track, mp3, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.inbox import read_inbox
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.catalog.withdraw import restore, withdraw
from soundflow_assets.storage import s3_wire
from soundflow_assets.storage.store import PreconditionFailed, Unavailable

RATES = {"drop": 0.25, "busy": 0.10, "fast": 0.03, "cut": 0.05}
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 9))]


@pytest.fixture
def proxy(s3_endpoint, monkeypatch):
    # What is waited for is tested elsewhere; here only time would pass.
    monkeypatch.setattr(botocore.retryhandler, "delay_exponential", lambda **_: 0)
    monkeypatch.setattr(s3_wire, "_wait", lambda: None)
    proxy = FaultProxy(s3_endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
def store(make_s3, proxy):
    return make_s3(endpoint=proxy.endpoint)


def insist(work, *args, **kwargs):
    """Call until the storage has answered."""
    for _ in range(40):
        try:
            return work(*args, **kwargs)
        except Unavailable:
            continue
    raise AssertionError("the storage never answered")


def at_once(count, work):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


@pytest.mark.parametrize("seed", SEEDS)
def test_of_racing_creates_exactly_one_wins(store, proxy, seed):
    proxy.misbehave(seed, **RATES)

    def create(number):
        try:
            store.put("race", b"writer %d" % number, if_absent=True)
        except PreconditionFailed:
            return "lost"
        except Unavailable:
            return "unknown"
        return "won"

    outcomes = at_once(12, create)
    winner = int(insist(store.get, "race").body.split()[1])
    assert outcomes[winner] in ("won", "unknown")
    assert outcomes.count("won") == (outcomes[winner] == "won")


@pytest.mark.parametrize("seed", SEEDS)
def test_increments_that_carry_an_id_count_exactly(store, proxy, seed):
    store.put("counter", b"[]")
    proxy.misbehave(seed, **RATES)

    def count(writer):
        for number in range(8):
            mine = f"{writer}-{number}"
            while True:
                current = insist(store.get, "counter")
                done = json.loads(current.body)
                if mine in done:
                    break
                try:
                    body = json.dumps([*done, mine]).encode()
                    store.put("counter", body, if_match=current.info.etag)
                except (PreconditionFailed, Unavailable):
                    continue

    at_once(4, count)
    done = json.loads(insist(store.get, "counter").body)
    assert len(done) == len(set(done)) == 32


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_read_is_whole_or_an_error(store, proxy, seed):
    bodies = {f"many/{number:02}": bytes([number]) * 3000 for number in range(20)}
    for key, body in bodies.items():
        store.put(key, body)
    proxy.misbehave(seed, **RATES)
    for key, body in bodies.items():
        assert insist(store.get, key).body == body
        assert insist(lambda: store.open_range(key, 100, 2000).read()) == body[100:2000]  # noqa: B023
    assert [one.key for one in insist(lambda: list(store.list("many/")))] == sorted(bodies)


@pytest.mark.parametrize("seed", SEEDS)
def test_three_writers_lose_no_track_and_leave_catalogs_that_hold(store, proxy, seed):
    library = Library(store, store, BASE)
    proxy.misbehave(seed, **RATES)

    def work(writer):
        for day in (1, 2):
            tier = "premium" if writer == 2 else "free"
            insist(publish, library, f"2025-01-0{day}", f"writer{writer}", tier=tier)
            insist(commit_catalogs, library)

    at_once(3, work)
    insist(commit_catalogs, library)
    proxy.misbehave(seed)
    entries = json.loads(store.get("catalog/all.json").body)
    assert len({entry["id"] for entry in entries}) == len(entries) == 6
    generations = {
        store.head(info.key).metadata["generation"]
        for info in store.list("catalog/", suffix=".json")
        if "/shards/" not in info.key and "/schema/" not in info.key
    }
    assert len(generations) == 1
    assert validate_catalogs(library, deep=True).violations == ()
    assert read_inbox(library) == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_revision_and_a_withdrawal_arrive_once(store, proxy, seed):
    library = Library(store, store, BASE)
    proxy.misbehave(seed, **RATES)
    first, _ = make_track()
    insist(publish, library)
    insist(commit_catalogs, library)
    revised = insist(publish, library, audio=mp3(b"other")).sidecar
    insist(commit_catalogs, library)
    assert insist(store.get, first.entry.object_key).body == mp3(first.entry.id.encode())
    (entry,) = json.loads(insist(store.get, "catalog/all.json").body)
    assert entry["objectKey"] == revised.entry.object_key != first.entry.object_key
    insist(withdraw, library, first.entry.id, "wrong", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    insist(commit_catalogs, library)
    assert json.loads(insist(store.get, "catalog/all.json").body) == []
    insist(restore, library, first.entry.id)
    insist(commit_catalogs, library)
    proxy.misbehave(seed)
    assert validate_catalogs(library, deep=True).violations == ()
    assert len(json.loads(store.get("catalog/all.json").body)) == 1
