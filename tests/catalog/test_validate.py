"""Validation finds every way catalogs can be wrong, and says where."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from published_tracks import FaultyStore, make_track, mp3, publish

from soundflow_assets.catalog import validate
from soundflow_assets.catalog.checks import check_files, check_month
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.compose import CatalogFile, compose_files
from soundflow_assets.catalog.month_reader import MonthReader
from soundflow_assets.catalog.root import read_root
from soundflow_assets.catalog.shard import decode_shard
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.catalog.violation import CatalogRefused, Violation
from soundflow_assets.errors import Refused
from soundflow_assets.storage.store import Unavailable


@pytest.fixture
def published(library):
    publish(library)
    publish(library, "2025-01-15", "study_daily", category="Study")
    publish(library, "2025-01-15", "night", tier="premium", category="Study")
    commit_catalogs(library)
    return library


def tampered(library, key, change):
    """Change a catalog's array and return the lines of the violations."""
    stored = library.public.get(key)
    array = json.loads(stored.body)
    changed = change(array)
    library.public.put(key, json.dumps(array if changed is None else changed).encode())
    return [str(one) for one in validate_catalogs(library, deep=True).violations]


def frozen(now):
    """Return a `datetime` module whose clock stands still."""
    clock = type("clock", (dt.datetime,), {"now": classmethod(lambda _cls, _tz: now)})
    return type("module", (), {"datetime": clock, "UTC": dt.UTC, "date": dt.date})


def has(lines, *parts):
    return any(all(part in line for part in parts) for line in lines)


def test_good_catalogs_pass_in_every_scope(published):
    for tier in ("free", "premium", "all"):
        validation = validate_catalogs(published, tier=tier, deep=True)
        assert validation.passed, validation.violations
    assert (validation.generation, validation.objects, validation.counts["all"]) == (1, 3, 3)


def test_a_violation_is_one_line_that_says_where():
    violation = Violation("catalog/all.json", "bpm", '"fast"', "a number", 3, "free-x")
    assert str(violation) == 'catalog/all.json[3] free-x: bpm: "fast", expected a number'


def test_a_field_of_the_wrong_kind_is_named_with_its_place(published):
    lines = tampered(published, "catalog/free.json", lambda array: array[1].update(bpm="fast"))
    assert has(lines, "catalog/free.json[1] free-2025-01-15-study_daily: bpm", '"fast"', "number")


def test_a_missing_field_is_named(published):
    lines = tampered(published, "catalog/all.json", lambda array: array[0].pop("license") and None)
    assert has(lines, "catalog/all.json[0]", "license", "Field required")


def test_a_free_track_without_and_a_premium_track_with_an_address_are_found(published):
    lines = tampered(published, "catalog/free.json", lambda array: array[0].pop("url") and None)
    assert has(lines, "catalog/free.json[0]", "expected an address")
    lines = tampered(
        published,
        "catalog/premium.json",
        lambda array: array[0].update(url=f"https://media.example/{array[0]['objectKey']}"),
    )
    assert has(lines, "catalog/premium.json[0]", "a premium track has none")


def test_a_track_listed_twice_is_found(published):
    lines = tampered(published, "catalog/all.json", lambda array: [array[0], *array])
    assert has(lines, "catalog/all.json free-2025-01-15-deep_work_daily", "stands 2 times")


def test_the_wrong_order_is_found(published):
    lines = tampered(published, "catalog/all.json", lambda array: array[::-1])
    assert has(lines, "catalog/all.json[1]", "order", "newest date first")


def test_a_track_missing_from_its_category_and_one_in_a_foreign_one_are_found(published):
    lines = tampered(published, "catalog/by-category/study.json", lambda array: array[:1])
    assert has(lines, "catalog/by-category/study.json", "missing")
    foreign = json.loads(published.public.get("catalog/by-category/deep-work.json").body)
    lines = tampered(published, "catalog/by-category/nature.json", lambda _: foreign)
    assert has(lines, "catalog/by-category/nature.json free-2025-01-15-deep", "not in all.json")


def test_a_track_in_free_that_all_does_not_have_is_found(published):
    lines = tampered(published, "catalog/all.json", lambda array: array[1:])
    assert has(lines, "catalog/free.json free-2025-01-15-deep_work_daily", "not in all.json")


def test_a_file_that_is_missing_or_no_array_is_found(published):
    published.public.delete("catalog/by-category/relax.json")
    published.public.put("catalog/premium.json", b'{"tracks":[]}')
    published.public.put("catalog/free.json", b"[")
    lines = [str(one) for one in validate_catalogs(published).violations]
    assert has(lines, "catalog/by-category/relax.json: document: missing")
    assert has(lines, "catalog/premium.json: document: dict")
    assert has(lines, "catalog/free.json: document: no JSON")


def test_files_other_than_the_root_says_are_found(published):
    lines = tampered(published, "catalog/free.json", lambda array: array)
    assert has(lines, "catalog/free.json: sha256", "as the root of generation 1 says")


def test_a_bucket_without_catalogs_is_not_valid(library):
    lines = [str(one) for one in validate_catalogs(library).violations]
    assert has(lines, "catalog/root.json: document: missing")
    assert sum("expected an array" in line for line in lines) == 8


def test_audio_that_is_missing_cut_or_changed_is_found(published):
    keys = [
        make_track("2025-01-15", one)[0].entry.object_key
        for one in ("deep_work_daily", "study_daily")
    ]
    published.public.put(keys[0], b"cut")
    published.public.delete(keys[1])
    lines = [str(one) for one in validate_catalogs(published).violations]
    assert has(lines, "free-2025-01-15-deep_work_daily: bytes", "expected 3, the size of")
    assert has(lines, "free-2025-01-15-deep_work_daily: sha256")
    assert has(lines, "free-2025-01-15-study_daily: objectKey: no such object")


def test_deep_validation_reads_what_the_disk_really_holds(published):
    entry = make_track()[0].entry
    path = published.public.root / entry.object_key
    body = path.read_bytes()
    path.write_bytes(body[:-1] + b"X")
    found = validate_catalogs(published, deep=True).violations
    assert [(one.field, one.id) for one in found] == [("sha256", entry.id)]


@pytest.mark.parametrize(
    ("changes", "field", "found"),
    [
        ({"duration_sec": 180.0}, "durationSec", "180, expected 0.10449"),
        ({"bitrate_kbps": 192}, "bitrateKbps", "192, expected 32"),
        ({"sample_rate": 48000}, "sampleRate", "48000, expected 44100"),
        ({"audio": mp3(b"cut")[:-50]}, "objectKey", "cut short"),
        ({"audio": b"<html>"}, "objectKey", "not an MP3"),
    ],
)
def test_deep_validation_asks_the_frames_of_the_mp3(library, changes, field, found):
    publish(library, **changes)
    commit_catalogs(library)
    assert validate_catalogs(library).passed
    lines = [str(one) for one in validate_catalogs(library, deep=True).violations]
    assert len(lines) == 1
    assert has(lines, f"catalog/all.json[0] free-2025-01-15-deep_work_daily: {field}", found)


def test_deep_validation_reads_the_shards(published):
    (shard, _) = read_root(published)[0].shards
    published.public.put(shard.key, published.public.get(shard.key).body.replace(b"124", b"125"))
    assert validate_catalogs(published).passed
    lines = [str(one) for one in validate_catalogs(published, deep=True).violations]
    assert has(lines, f"{shard.key}: document", "is damaged", shard.sha256)


def test_a_sample_asks_for_the_newest_and_in_a_month_for_all_others(library, monkeypatch):
    for day in range(1, 29):
        for track in ("a", "b", "c"):
            publish(library, f"2025-02-{day:02}", track)
    commit_catalogs(library)
    newest = {f"free-2025-02-28-{track}" for track in "abc"} | {"free-2025-02-27-a"}
    asked = []
    real = validate.check_objects

    def spied(library, entries, deep, on_check):
        asked.append({entry.id for _, _, entry in entries})
        return real(library, entries, deep, on_check)

    monkeypatch.setattr(validate, "check_objects", spied)
    for day in range(30):
        now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)
        monkeypatch.setattr(validate, "dt", frozen(now))
        found = validate_catalogs(library, sample=4)
        assert found.passed
        assert found.objects == len(asked[-1]) <= 4 + 3
        assert newest <= asked[-1]
    assert len(set().union(*asked)) == 84


def test_deep_validation_misses_a_cover(published):
    published.public.delete(make_track()[0].entry.cover_key)
    assert validate_catalogs(published).passed
    lines = [str(one) for one in validate_catalogs(published, deep=True).violations]
    assert has(lines, "free-2025-01-15-deep_work_daily: keys: no such object", "cover.png")


def test_every_category_without_a_track_of_the_day_is_named(published):
    lines = [
        str(one)
        for one in validate_catalogs(published, expect_date=dt.date(2025, 1, 15)).violations
    ]
    assert [line.split(":")[0] for line in lines] == [
        f"catalog/by-category/{slug}.json" for slug in ("relax", "nature", "flow-state")
    ]


def test_a_sidecar_that_cannot_be_used_is_a_violation(published):
    key = make_track()[0].key
    published.public.put(key, b"{")
    commit_catalogs(published)
    found = validate_catalogs(published).violations
    assert [one.file for one in found] == [key]
    assert "its last good entry stays listed" in found[0].found


def test_a_bucket_that_does_not_answer_is_no_verdict(published):

    for fail_at in range(1, 6):
        store = FaultyStore(published.public, fail_at, False)
        with pytest.raises(Unavailable):
            validate_catalogs(replace(published, public=store, premium=store))


class TestBeforeACommit:
    """A generation that contradicts itself is not committed, however it came about."""

    MONTH = ("free", "2025-01")

    @pytest.fixture
    def tracks(self, published):
        (ref,) = [one for one in read_root(published)[0].shards if one.tier == "free"]
        return decode_shard(published.public.get(ref.key).body, ref.key)

    def lines(self, tracks, before=()):
        return [str(one) for one in check_month(self.MONTH, tracks, before)]

    def test_a_sound_month_has_no_violations(self, tracks):
        assert self.lines(tracks, tracks) == []

    def test_a_lost_track_is_found(self, tracks):
        assert has(self.lines(tracks[1:], tracks), "id: gone, expected still listed, or withdrawn")

    def test_a_track_listed_twice_and_the_wrong_order_are_found(self, tracks):
        assert has(self.lines([tracks[0], *tracks]), "stands 2 times")
        assert has(self.lines(tracks[::-1]), "order", "newest date first")

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("id", "free-2025-01-15-x"), ("tier", "premium"), ("date", "2025-01-14")],
    )
    def test_an_entry_of_another_track_is_found(self, tracks, field, wrong):
        right = json.loads(tracks[0].entry)[field]
        entry = tracks[0].entry.replace(
            f'"{field}":"{right}"'.encode(), f'"{field}":"{wrong}"'.encode()
        )
        assert has(self.lines([replace(tracks[0], entry=entry), *tracks[1:]]), f"{field}: {wrong}")

    def test_a_premium_address_and_a_free_track_without_one_are_found(self, published, tracks):
        (ref,) = [one for one in read_root(published)[0].shards if one.tier == "premium"]
        (track,) = decode_shard(published.public.get(ref.key).body, ref.key)
        leaking = replace(track, entry=track.entry[:-1] + b',"url":"https://x"}')
        found = check_month(("premium", "2025-01"), [leaking], [])
        assert has(map(str, found), "url: given", "none for a premium track")
        silent = replace(tracks[0], entry=tracks[0].entry.replace(b'"url":', b'"uri":'))
        assert has(self.lines([silent, *tracks[1:]]), "url: none, expected an address")

    @pytest.mark.parametrize("name", ["free", "all", "by-category/study"])
    def test_files_with_other_numbers_than_the_shards_are_found(self, published, name):
        shards = read_root(published)[0].shards
        files = compose_files(published, shards, None)
        assert check_files(published, shards, files) == []
        short = CatalogFile.of(files[name].entries[1:])
        assert check_files(published, shards, {**files, name: short})

    def test_what_is_refused_leaves_the_current_generation_in_place(self, published, monkeypatch):
        before = published.public.get("catalog/root.json").body
        published.public.delete(make_track()[0].key)
        # A planted fault: a reader that lets go of tracks whose sidecar is gone.
        monkeypatch.setattr(MonthReader, "_lost", lambda *_: None)
        with pytest.raises(
            CatalogRefused, match=r"not committed: .*2025-01 free-.*: id: gone"
        ) as no:
            commit_catalogs(published)
        assert isinstance(no.value, Refused)
        assert published.public.get("catalog/root.json").body == before
        assert len(json.loads(published.public.get("catalog/all.json").body)) == 3
