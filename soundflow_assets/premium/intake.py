"""What a provider hands over, looked at before any work goes into it.

A page of HTML, silence, one channel instead of two, half the length: each is refused here with its
own sentence, and the request stays where it is. What passes is float32 at the house's rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.delivery.decode import decode
from soundflow_assets.errors import BadInput, Refused
from soundflow_assets.mastering.takes import at_house_rate, joined

SILENT_DBFS = -60.0
SHORT_BY_S = 0.05  # a model's frame is 20 ms; less than that is no fault
SAME_CHANNELS = 1e-5  # two equal channels are one


@dataclass(frozen=True, slots=True)
class Sound:
    """Generated sound as it arrived: parts that overlap, or one whole.

    `facts` are numbers for the operator; `seams_s` are places where windows of the model met.
    """

    parts: tuple[Audio, ...]
    sample_rate: int
    overlap_s: float = 0.0
    seams_s: tuple[float, ...] = ()
    model_revision: str = ""
    generator: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def read_sound(path: Path, source: str) -> Sound:
    """Return the sound of a file that someone sent.

    Raises
    ------
    Refused
        When it is no audio, or cannot be decoded; `source` says who sent it.
    """
    try:
        found = decode(path)
    except BadInput as error:
        what = str(error).replace(str(path), "the file")
        raise Refused(f"{source}: what came back is not audio: {what}") from None
    return Sound((found.audio,), found.sample_rate)


def admitted(
    sound: Sound, source: str, duration_s: float, channels: int = 2
) -> tuple[Audio, tuple[float, ...]]:
    """Return the whole at 44.1 kHz, float32 (2, n), and where its seams are in seconds.

    Parameters
    ----------
    sound
        As it arrived.
    source
        Who made it, for sentences.
    duration_s
        Asked for.
    channels
        Asked for; a model of one channel is refused, because premium tracks are stereo.

    Raises
    ------
    Refused
        When it is silent, mono, not finite or too short.
    """
    whole, seams = _joined(sound)
    if not np.isfinite(whole).all():
        raise Refused(f"{source}: the sound holds values that are not numbers")
    peak = float(np.abs(whole).max(initial=0.0))
    if peak < 10.0 ** (SILENT_DBFS / 20.0):
        raise Refused(f"{source}: the sound is silent (peak below {SILENT_DBFS:g} dBFS)")
    if whole.shape[0] < 2 or channels < 2:
        raise Refused(f"{source}: the sound is mono; premium tracks are stereo: use such a model")
    if float(np.abs(whole[0] - whole[1]).max()) < SAME_CHANNELS * peak:
        raise Refused(f"{source}: both channels are the same; premium tracks are stereo")
    length_s = whole.shape[1] / SAMPLE_RATE
    if length_s < duration_s - SHORT_BY_S:
        raise Refused(f"{source}: the sound is {length_s:.2f} s long; {duration_s:g} s were asked")
    return whole, (*sound.seams_s, *seams)


def _joined(sound: Sound) -> tuple[Audio, Sequence[float]]:
    parts = [at_house_rate(part, sound.sample_rate) for part in sound.parts]
    if len(parts) == 1:
        return parts[0], ()
    whole, seams = joined(parts, round(sound.overlap_s * SAMPLE_RATE))
    return whole, tuple(round(seam / SAMPLE_RATE, 3) for seam in seams)
