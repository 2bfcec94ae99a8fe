"""The MP3 file: exact, gapless, constant, tagged, and always the same bytes."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mutagen.id3
import mutagen.mp3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import soundflow_assets
from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.gapless import crc16_arc
from soundflow_assets.delivery.id3 import Tags, id3v2
from soundflow_assets.delivery.mp3 import BITRATES_KBPS, ENCODER_GAIN_DB, encode
from soundflow_assets.delivery.mpeg import id3_size, scan
from soundflow_assets.errors import BadInput

Programme = Callable[[int], Pcm]
SECOND = 44100
PLAIN = Tags("Test")


@pytest.mark.parametrize("bitrate_kbps", BITRATES_KBPS)
def test_a_decoded_file_has_exactly_the_samples_that_went_in(
    programme: Programme, bitrate_kbps: int
) -> None:
    pcm = programme(3 * SECOND + 77)
    file = decode(encode(pcm, 44100, bitrate_kbps, PLAIN))
    assert file.samples == len(pcm)
    assert (file.bitrate_kbps, file.constant_bitrate) == (bitrate_kbps, True)


@settings(max_examples=12, deadline=None)
@given(samples=st.integers(1, 30000), rate=st.sampled_from([32000, 44100, 48000]))
def test_every_length_is_kept(samples: int, rate: int) -> None:
    pcm = np.full((samples, 2), 100, dtype=np.int16)
    data = encode(pcm, rate, 192, PLAIN)
    assert scan(data).samples == samples
    assert scan(data).sample_rate == rate


def test_short_and_odd_lengths_decode_whole(programme: Programme) -> None:
    for samples in (1, 575, 1151, 1152, 1153, 9973):
        assert decode(encode(programme(samples), 44100, 192, PLAIN)).samples == samples


def test_decoded_sound_lies_exactly_on_the_source(programme: Programme) -> None:
    pcm = programme(2 * SECOND)
    source = pcm[:, 0] / 32768
    heard = decode(encode(pcm, 44100, 320, PLAIN)).audio[0]
    size = 1 << 18
    spectra = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(source, size))
    assert int(np.argmax(np.fft.irfft(spectra))) == 0
    assert np.corrcoef(source, heard)[0, 1] > 0.99


@pytest.mark.parametrize("bitrate_kbps", [128, 192, 256, 320])
def test_the_encoder_changes_level_by_what_its_table_says(bitrate_kbps: int) -> None:
    time_s = np.arange(3 * SECOND) / SECOND
    tone = 9000 * np.sin(2 * np.pi * 440 * time_s)
    pcm = np.stack((tone, 0.6 * np.roll(tone, 20)), axis=1).astype(np.int16)
    heard = decode(encode(pcm, 44100, bitrate_kbps, PLAIN)).audio[0, 5000:-5000]
    gain_db = 20 * np.log10(heard.std() / (pcm[5000:-5000, 0] / 32768).std())
    assert gain_db == pytest.approx(ENCODER_GAIN_DB[bitrate_kbps], abs=0.06)


def test_a_judge_reads_length_bitrate_and_encoder(programme: Programme, tags: Tags) -> None:
    info = mutagen.mp3.MP3(io.BytesIO(encode(programme(4 * SECOND), 44100, 192, tags))).info
    assert info.length == pytest.approx(4.0, abs=1e-4)
    assert info.bitrate == pytest.approx(192000, abs=2)
    assert info.bitrate_mode == mutagen.mp3.BitrateMode.CBR
    assert info.encoder_info.startswith("LAME 3.100")


def test_a_judge_reads_every_tag(programme: Programme, tags: Tags) -> None:
    read = mutagen.id3.ID3(io.BytesIO(encode(programme(SECOND), 44100, 192, tags)))
    texts = {name: str(read[name]) for name in ("TIT2", "TPE1", "TALB", "TDRC", "TCON", "TBPM")}
    assert texts == {
        "TIT2": tags.title,
        "TPE1": "SoundFlow",
        "TALB": tags.album,
        "TDRC": "2025-01-15",
        "TCON": "Deep House",
        "TBPM": "124",
    }
    assert (str(read["TKEY"]), str(read["TLEN"])) == ("F#m", "1000")
    assert str(read["COMM::eng"]) == tags.comment
    assert str(read["TXXX:SOUNDFLOW_ID"]) == "free-2025-01-15-deep"
    assert str(read["TXXX:LICENSE"]) == "CC BY 4.0"
    assert read["APIC:"].data == tags.cover_png
    assert read.version == (2, 4, 0)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_title_survives(title: str) -> None:
    read = mutagen.id3.ID3(io.BytesIO(id3v2(Tags(title), 1000)))
    assert read["TIT2"].text == [title]


def test_tags_stand_in_order_and_are_left_out_when_empty() -> None:
    tag = id3v2(Tags("A", extra=(("b", "2"), ("a", "1"))), 10)
    assert tag.index(b"TIT2") < tag.index(b"TLEN") < tag.index(b"TPE1") < tag.index(b"TXXX")
    assert tag.index(b"a\x001") < tag.index(b"b\x002")
    assert b"TALB" not in tag
    assert b"APIC" not in tag


def test_a_text_with_a_zero_character_is_refused() -> None:
    with pytest.raises(BadInput, match=r"TIT2.*zero character"):
        id3v2(Tags("a\0b"), 10)


def test_crc_is_the_published_one() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


def test_the_info_frame_carries_a_valid_checksum(programme: Programme) -> None:
    data = encode(programme(SECOND), 44100, 192, PLAIN)
    frame = data[id3_size(data) :][:192]
    assert frame[36:40] == b"Info"
    assert int.from_bytes(frame[190:192], "big") == crc16_arc(frame[:190])


def test_progress_rises_to_one(programme: Programme) -> None:
    told: list[float] = []
    encode(programme(25 * SECOND), 44100, 192, PLAIN, told.append)
    assert told == sorted(told)
    assert len(told) >= 3
    assert told[-1] == 1.0


_PROCESS = """
import hashlib, numpy as np
from soundflow_assets.delivery import cover, id3, mp3
brief = cover.CoverBrief("Slow Orbit", "Study", "lofi", ("1 May 2025",), (0.2, 0.8, 0.5), 7)
png = cover.draw_cover(brief)
pcm = (np.arange(88200).reshape(-1, 2) * 7919 % 20011 - 10000).astype(np.int16)
extra = tuple({"B": "2", "A": "1"}.items())
data = mp3.encode(pcm, 44100, 192, id3.Tags("A", cover_png=png, extra=extra))
print(hashlib.sha256(data).hexdigest())
"""


def test_two_processes_write_the_same_bytes() -> None:
    root = Path(soundflow_assets.__file__).parents[1]
    hashes = {
        subprocess.run(
            [sys.executable, "-c", _PROCESS],
            cwd=root,
            env={"PYTHONHASHSEED": salt, "PATH": "", "HOME": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(hashes) == 1


def test_other_tags_leave_the_audio_alone(programme: Programme, tags: Tags) -> None:
    pcm = programme(SECOND)
    one, other = encode(pcm, 44100, 192, tags), encode(pcm, 44100, 192, replace(tags, title="B"))
    assert one[id3_size(one) :] == other[id3_size(other) :]


@pytest.mark.parametrize(
    ("pcm", "rate", "kbps", "said"),
    [
        (np.zeros((0, 2), np.int16), 44100, 192, "no audio"),
        (np.zeros((10, 1), np.int16), 44100, 192, r"\(10, 1\)"),
        (np.zeros((10, 2), np.float32), 44100, 192, "float32"),
        (np.zeros((10, 2), np.int16), 22050, 192, "22050"),
        (np.zeros((10, 2), np.int16), 44100, 100, "100 kbps"),
    ],
)
def test_what_cannot_be_encoded_is_named(pcm: object, rate: int, kbps: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        encode(pcm, rate, kbps, PLAIN)  # type: ignore[arg-type]
