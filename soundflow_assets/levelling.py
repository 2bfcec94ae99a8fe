"""Level, encode, judge, and once more: what brings the decoded file to its loudness and peak.

An encoder moves both a little. What it moves is known but for a rest, which only the file tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from soundflow_assets.delivery.mp3 import ENCODER_GAIN_DB
from soundflow_assets.listening.gates import Inspection
from soundflow_assets.mastering.master import Aim, Master, level
from soundflow_assets.progress import StageClock
from soundflow_assets.reel import Reel

# Off by more than this, the level is set again, well before the gate would refuse the file.
LOUDNESS_MARGIN_LU = 0.3
PEAK_MARGIN_DB = 0.4
CORRECTION_STEP_DB = 0.05
MOST_CORRECTIONS = 3

Made = TypeVar("Made")
Encode = Callable[[Master, Callable[[float], None]], tuple[Inspection, Made]]


def levelled(
    aim: Aim, premastered: Reel, bitrate_kbps: int, encode: Encode[Made], clock: StageClock
) -> tuple[Master, Inspection, Made]:
    """Return master, inspection and whatever else `encode` makes, as they are in the end.

    Parameters
    ----------
    premastered
        Not changed.
    bitrate_kbps
        Of the MP3.
    encode
        Writes a master's files, telling its progress, and returns the MP3's inspection with what
        the caller wants to keep; called again while the decoded file is off.
    """
    gain_offset_db, encoder_gain_db = 0.0, -ENCODER_GAIN_DB[bitrate_kbps]
    for attempt in range(1 + MOST_CORRECTIONS):
        with clock.stage("master") as on_progress:
            master = level(
                aim,
                premastered,
                gain_offset_db=gain_offset_db,
                encoder_gain_db=encoder_gain_db,
                on_progress=on_progress,
            )
        with clock.stage("encode") as on_progress:
            inspection, made = encode(master, on_progress)
        off_lu, over_db = _deviations(aim, inspection)
        if attempt == MOST_CORRECTIONS or (off_lu == 0.0 and over_db == 0.0):
            break
        # The ceiling follows the encoder's gain; the target must not, so it is moved back.
        encoder_gain_db -= over_db
        gain_offset_db += over_db - off_lu
    return master, inspection, made


def _deviations(aim: Aim, inspection: Inspection) -> tuple[float, float]:
    """Return by how much the decoded file is too loud (LU) and its peak too high (dB), or zeros."""
    if inspection.heard is None:
        return 0.0, 0.0
    off = float(inspection["loudness"].value) - aim.target_lufs
    over = float(inspection["true_peak"].value) - aim.highest_dbtp
    return (
        _stepped(off) if abs(off) > LOUDNESS_MARGIN_LU else 0.0,
        _stepped(over + PEAK_MARGIN_DB) if over > 0.0 else 0.0,
    )


def _stepped(db: float) -> float:
    """Round a correction: decoders may differ in the last bits, and shall lead to one master."""
    return round(db / CORRECTION_STEP_DB) * CORRECTION_STEP_DB
