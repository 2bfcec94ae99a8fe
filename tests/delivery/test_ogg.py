"""Comments put into a finished Vorbis file leave a file that any reader takes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from mutagen.ogg import OggPage
from mutagen.oggvorbis import OggVorbis

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.ogg import with_comments


@pytest.fixture(scope="module")
def vorbis(programme) -> bytes:
    pcm: Pcm = programme(88_200)
    file = io.BytesIO()
    soundfile.write(file, pcm, 44100, "VORBIS", format="OGG")
    return file.getvalue()


@pytest.mark.parametrize("length", [0, 3, 254, 255, 256, 200_000])
def test_comments_of_any_length_are_read_back(vorbis: bytes, length: int) -> None:
    changed = with_comments(vorbis, {"TITLE": "Ä", "COMMENT": "x" * length})
    read = OggVorbis(io.BytesIO(changed))
    assert dict(read) == {"title": ["Ä"], "comment": ["x" * length]}
    np.testing.assert_array_equal(decode(changed).audio, decode(vorbis).audio)


def test_pages_are_numbered_and_their_checksums_hold(vorbis: bytes) -> None:
    changed = with_comments(vorbis, {"TITLE": "x" * 100_000})
    file = io.BytesIO(changed)
    pages = []
    while file.tell() < len(changed):
        pages.append(OggPage(file))
    assert [page.sequence for page in pages] == list(range(len(pages)))
    assert len({page.serial for page in pages}) == 1
    # mutagen computes each page's checksum when it writes it.
    assert b"".join(page.write() for page in pages) == changed


def test_nothing_but_serial_and_comments_is_changed(vorbis: bytes) -> None:
    old = OggVorbis(io.BytesIO(vorbis))
    again = with_comments(with_comments(vorbis, {"A": "b"}), dict(old.tags or ()))
    assert again == with_comments(vorbis, dict(old.tags or ()))
    assert abs(len(again) - len(vorbis)) < 64
