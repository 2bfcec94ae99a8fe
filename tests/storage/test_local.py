"""What the folder adds: crashes, full disks, files put in by hand, several processes."""

import errno
import multiprocessing
import os
import signal
import time

import pytest
from pydantic import SecretStr

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.signing import UrlSigner
from soundflow_assets.storage.store import NotFound, PreconditionFailed


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bucket"


@pytest.fixture
def store(folder):
    return LocalStore(folder)


def temporary_files(folder):
    return list((folder / ".soundflow" / "tmp").iterdir())


def test_objects_are_plain_files_at_their_keys(store, folder):
    store.put("audio/free/a.mp3", b"sound")
    assert (folder / "audio/free/a.mp3").read_bytes() == b"sound"
    assert (folder / "audio/free/a.mp3").stat().st_mode & 0o777 == 0o644


def test_looking_into_a_bucket_that_is_not_there_makes_none(folder):
    store = LocalStore(folder)
    assert list(store.list()) == []
    with pytest.raises(NotFound):
        store.get("a")
    assert not folder.exists()


def test_a_file_put_in_by_hand_is_an_object(store, folder):
    (folder / "audio").mkdir(parents=True)
    (folder / "audio/by_hand.mp3").write_bytes(b"sound")
    info = store.head("audio/by_hand.mp3")
    assert (info.size, info.content_type) == (5, "audio/mpeg")
    assert store.get("audio/by_hand.mp3").info == info
    with pytest.raises(PreconditionFailed):
        store.put("audio/by_hand.mp3", b"other", if_absent=True)
    store.put("audio/by_hand.mp3", b"other", if_match=info.etag)


def test_a_bucket_that_was_copied_keeps_what_was_said_of_its_objects(store, folder, tmp_path):
    put = store.put("a.mp3", b"sound", content_type="audio/x-own", metadata={"k": "v"})
    other = tmp_path / "copy"
    for path in folder.rglob("*"):
        if path.is_file():
            target = other / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    copied = LocalStore(other).head("a.mp3")
    assert (copied.etag, copied.content_type, copied.metadata) == (
        put.etag,
        "audio/x-own",
        {"k": "v"},
    )


def test_two_writes_within_one_tick_of_the_clock_stay_apart(store):
    etags = {store.put("a", b"%d" % n, metadata={"n": str(n)}).etag for n in range(10)}
    assert len(etags) == 10
    assert store.head("a").metadata == {"n": "9"}


def test_a_crash_between_record_and_bytes_leaves_the_old_object_whole(store, folder, monkeypatch):
    store.put("a", b"old", metadata={"version": "old"})

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("soundflow_assets.storage.local._move_past", lambda *_: None)
        replace = os.replace
        patched.setattr(
            "pathlib.Path.replace",
            lambda path, target: crash() if target == folder / "a" else replace(path, target),
        )
        with pytest.raises(KeyboardInterrupt):
            store.put("a", b"new", metadata={"version": "new"})
    got = store.get("a")
    assert (got.body, got.info.metadata) == (b"old", {"version": "old"})
    assert temporary_files(folder) == []


def test_bytes_that_rotted_on_the_disk_are_not_handed_out(store, folder):
    store.put("a", b"sound")
    stat = (folder / "a").stat()
    (folder / "a").write_bytes(b"sOund")
    os.utime(folder / "a", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(Failed, match=r"a in .* is damaged"):
        store.get("a")


def test_stale_temporary_files_are_swept_and_fresh_ones_kept(store, folder):
    store.put("a", b"x")
    stale, fresh = (folder / ".soundflow/tmp" / name for name in ("stale", "fresh"))
    stale.write_bytes(b"")
    fresh.write_bytes(b"")
    os.utime(stale, (time.time() - 7200,) * 2)
    LocalStore(folder)
    assert temporary_files(folder) == [fresh]


def test_a_file_in_the_place_of_the_folder_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Failed, match=r"cannot write a in the bucket folder .*file stands where"):
        LocalStore(tmp_path / "file").put("a", b"x")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "no permission; make the folder writable or set SOUNDFLOW_BUCKET"),
        (errno.EROFS, "no permission"),
    ],
)
def test_what_the_disk_refuses_is_a_failure_that_leaves_nothing(
    store, folder, monkeypatch, code, said
):
    store.put("a", b"old")

    def refuse(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(Failed, match=said):
        store.put("a", b"new")
    assert store.get("a").body == b"old"
    assert temporary_files(folder) == []


def test_an_unreadable_folder_is_an_error_never_an_empty_listing(store, monkeypatch):
    store.put("a/b", b"x")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("/a"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(Failed, match="cannot list"):
        list(store.list("a/"))


def _overwrite_for_ever(folder):
    store = LocalStore(folder)
    for n in range(1_000_000):
        store.put("a", bytes([n % 256]) * 100_000, metadata={"first": str(n % 256)})


def test_a_writer_killed_at_any_moment_leaves_a_whole_object(folder):
    store = LocalStore(folder)
    store.put("a", b"\x00" * 100_000, metadata={"first": "0"})
    for delay in (0.01, 0.02, 0.03, 0.05):
        writer = multiprocessing.get_context("fork").Process(
            target=_overwrite_for_ever, args=(folder,)
        )
        writer.start()
        time.sleep(delay)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        got = store.get("a")
        assert got.body == bytes([int(got.info.metadata["first"])]) * 100_000
    store.put("a", b"after")
    assert store.get("a").body == b"after"


def _count(folder):
    store = LocalStore(folder)
    for _ in range(20):
        while True:
            current = store.get("n")
            try:
                store.put("n", b"%d" % (int(current.body) + 1), if_match=current.info.etag)
                break
            except PreconditionFailed:
                pass


def test_processes_count_together_without_losing_one(store, folder):
    store.put("n", b"0")
    workers = [
        multiprocessing.get_context("fork").Process(target=_count, args=(folder,)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert store.get("n").body == b"80"


class TestSigning:
    signer = UrlSigner("https://media.example", SecretStr("s" * 32), now=lambda: 1000.0)

    def parts(self, url):
        key, _, query = url.removeprefix("https://media.example/").partition("?")
        expires, signature = (pair.split("=")[1] for pair in query.split("&"))
        return key, int(expires), signature

    def test_a_signed_address_holds_until_it_expires(self, folder):
        url = LocalStore(folder, self.signer).sign_get("audio/premium/a.mp3", 60)
        key, expires, signature = self.parts(url)
        assert (key, expires) == ("audio/premium/a.mp3", 1060)
        assert self.signer.verify(key, expires, signature)
        later = UrlSigner("", self.signer.secret, now=lambda: 1060.0)
        assert not later.verify(key, expires, signature)

    def test_neither_key_nor_expiry_nor_signature_can_be_exchanged(self):
        key, expires, signature = self.parts(self.signer.sign("a.mp3", 60))
        assert not self.signer.verify("b.mp3", expires, signature)
        assert not self.signer.verify(key, expires + 1, signature)
        assert not self.signer.verify(key, expires, signature[:-1] + "é")
        other = UrlSigner("", SecretStr("t" * 32), now=lambda: 1000.0)
        assert not other.verify(key, expires, signature)

    def test_without_a_service_there_are_no_signed_addresses(self, store):
        with pytest.raises(BadInput, match="SOUNDFLOW_SIGNING_BASE_URL and SOUNDFLOW_SIGNING_SEC"):
            store.sign_get("a")
