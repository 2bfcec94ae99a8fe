"""The other formats, through pydub: Ogg Vorbis, FLAC, WAV and M4A.

They leave ffmpeg with its `bitexact` flags, which drop version strings and random serial numbers:
the same sound is the same bytes with one ffmpeg build.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.decode import decode
from soundflow_assets.delivery.ffmpeg import REMEDY, segment_class
from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.errors import BadInput, Failed

Format = Literal["ogg", "flac", "wav", "m4a"]
FORMATS: tuple[Format, ...] = get_args(Format)
# format -> (ffmpeg's name of the container, encoder, bitrate)
_SETTINGS: dict[str, tuple[str, str, str | None]] = {
    "ogg": ("ogg", "libvorbis", "192k"),
    "flac": ("flac", "flac", None),
    "wav": ("wav", "pcm_s16le", None),
    "m4a": ("ipod", "aac", "192k"),
}
_BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]


def transcode(source: Path | str | bytes, target: Format, tags: Tags | None = None) -> bytes:
    """Return `source` (a file or the bytes of one) as another format."""
    decoded = decode(source)
    scaled = np.clip(np.rint(decoded.audio.T * np.float32(32768.0)), -32768, 32767)
    return export(scaled.astype(np.int16), decoded.sample_rate, target, tags)


def export(pcm: Pcm, sample_rate: int, target: Format, tags: Tags | None = None) -> bytes:
    """Return int16 (samples, channels) as a file of `target`, for finished or looped masters.

    Raises
    ------
    BadInput
        When `target` is none of `FORMATS`.
    Failed
        When ffmpeg is missing or refuses.
    """
    if target not in _SETTINGS:
        raise BadInput(f"unknown format {target!r}; known: {', '.join(FORMATS)}")
    container, codec, bitrate = _SETTINGS[target]
    segment = segment_class()(
        data=np.ascontiguousarray(pcm).tobytes(),
        sample_width=2,
        frame_rate=sample_rate,
        channels=pcm.shape[1],
    )
    from pydub.exceptions import CouldntEncodeError

    out = io.BytesIO()
    try:
        segment.export(
            out, container, codec, bitrate=bitrate, parameters=_BITEXACT, tags=_metadata(tags)
        )
    except CouldntEncodeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise Failed(f"ffmpeg could not make {target}: {reason}") from None
    except OSError as error:
        raise Failed(f"ffmpeg could not run ({error}): {REMEDY}") from None
    return out.getvalue()


def _metadata(tags: Tags | None) -> dict[str, str]:
    if tags is None:
        return {}
    fields = {
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "date": "" if tags.date is None else tags.date.isoformat(),
        "genre": tags.genre,
        "comment": tags.comment,
    }
    return {name: value for name, value in fields.items() if value}
