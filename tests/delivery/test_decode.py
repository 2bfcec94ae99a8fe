"""Reading files back: sound formats decode, everything else is refused with a sentence."""

from __future__ import annotations

import io
import struct
import warnings
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery import ffmpeg
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.delivery.mp3 import encode
from soundflow_assets.delivery.transcode import FORMATS, export, transcode
from soundflow_assets.errors import BadInput, Failed

Programme = Callable[[int], Pcm]

SECOND = 44100


@pytest.fixture(scope="module")
def mp3(programme: Programme, tags: Tags) -> bytes:
    return encode(programme(2 * SECOND + 13), 44100, 192, tags)


def wav(width: int, samples: int = 1000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(48000)
        ramp = np.arange(2 * samples) - samples
        scaled = ramp << (8 * (width - 2)) if width > 1 else (ramp >> 8) + 128
        raw = scaled.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width]
        file.writeframes(raw.tobytes())
    return out.getvalue()


def test_path_and_bytes_decode_alike(mp3: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a track.mp3"
    path.write_bytes(mp3)
    assert np.array_equal(decode(path).audio, decode(mp3).audio)
    assert decode(str(path)).container == "mp3"


def test_decoding_says_nothing_without_ffmpeg_in_path(
    mp3: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decoded = decode(mp3)
    assert decoded.audio.shape == (2, 2 * SECOND + 13)
    assert decoded.audio.dtype == np.float32


@pytest.mark.parametrize("target", FORMATS)
def test_other_formats_keep_length_and_repeat(mp3: bytes, target: str, tags: Tags) -> None:
    first, second = (transcode(mp3, target, tags) for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert decode(first).container == target
    assert decode(first).samples == decode(mp3).samples


def test_lossless_formats_are_lossless(programme: Programme) -> None:
    pcm = programme(SECOND // 2)
    for target in ("flac", "wav"):
        decoded = decode(export(pcm, 44100, target))  # type: ignore[arg-type]
        assert np.array_equal(np.rint(decoded.audio.T * 32768).astype(np.int16), pcm)


def test_an_unknown_format_is_refused(mp3: bytes) -> None:
    with pytest.raises(BadInput, match=r"unknown format 'wma'.*flac"):
        transcode(mp3, "wma")  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_every_width_decodes_to_the_same_ramp(width: int) -> None:
    decoded = decode(wav(width))
    assert decoded.sample_rate == 48000
    expected = (np.arange(2000) - 1000).reshape(-1, 2).T / 32768
    assert np.abs(decoded.audio - expected).max() < (0.01 if width == 1 else 1e-4)


def test_float_wav_decodes() -> None:
    samples = np.linspace(-0.5, 0.5, 2000, dtype="<f4").tobytes()
    fmt = struct.pack("<HHIIHH", 3, 2, 44100, 44100 * 8, 8, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + fmt
    chunks += b"data" + struct.pack("<I", len(samples)) + samples
    decoded = decode(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    assert decoded.samples == 1000
    assert decoded.audio[1, -1] == pytest.approx(0.5, abs=1e-3)


def test_a_mono_file_keeps_its_one_channel(programme: Programme) -> None:
    assert decode(export(programme(500)[:, :1], 44100, "wav")).audio.shape == (1, 500)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>404</title>", "not an audio file.*<!DOCTYPE"),
        (b"\0" * 4000, "not an audio file"),
        (b"ID3", "not an MP3"),
        (b"\xff\xfb\x90\x00" + b"\0" * 20, "cut short|damaged"),
        (b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 30, "wav"),
        (b"fLaC" + b"\1" * 200, "flac"),
        (b"OggS" + b"\1" * 200, "ogg"),
        (b"\0\0\0\x20ftypM4A " + b"\1" * 200, "m4a"),
    ],
)
def test_what_is_not_sound_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "track.mp3"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as refused:
        decode(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_truncated_mp3_is_refused_wherever_it_was_cut(mp3: bytes, share: float) -> None:
    with pytest.raises(BadInput, match=r"cut short|not an MP3|damaged"):
        decode(mp3[: int(len(mp3) * share)])


def test_a_cut_between_frames_is_noticed_by_the_count(mp3: bytes) -> None:
    from soundflow_assets.delivery.mpeg import frame_header, id3_size

    at = id3_size(mp3)
    for _ in range(40):
        header = frame_header(mp3, at)
        assert header is not None
        at += header.size
    with pytest.raises(BadInput, match="39 frames of"):
        decode(mp3[:at])


def test_garbage_between_frames_is_noticed(mp3: bytes) -> None:
    middle = len(mp3) // 2
    with pytest.raises(BadInput, match="damaged: no frame at byte"):
        decode(mp3[:middle] + b"oops" + mp3[middle:])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.mp3: cannot be read: No such file"):
        decode(tmp_path / "nothing.mp3")


def test_missing_ffmpeg_says_what_to_do(
    mp3: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    m4a = transcode(mp3, "m4a")
    monkeypatch.setattr(ffmpeg, "ffmpeg_path", lambda: str(tmp_path / "no-ffmpeg"))
    with pytest.raises(Failed, match="reinstall the imageio-ffmpeg package"):
        decode(m4a)
    with pytest.raises(Failed, match="reinstall the imageio-ffmpeg package"):
        transcode(wav(2), "flac")


def test_a_broken_ffmpeg_is_not_taken_for_a_broken_file(
    mp3: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    m4a = transcode(mp3, "m4a")
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho cannot load libc >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setattr(ffmpeg, "ffmpeg_path", lambda: str(program))
    with pytest.raises(Failed, match="ffmpeg"):
        decode(m4a)
