"""The table of instruments, and the way from a name and a patch to a voice.

A new instrument is one module with an `INSTRUMENT`, one line here, and one file of patches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.validate import nearest, validated
from soundflow_assets.synthesis.instruments import sub
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    PatchedVoice,
    Voice,
)

__all__ = ["INSTRUMENTS", "NoteRequest", "Voice", "voice"]

INSTRUMENTS: dict[str, Instrument[Any]] = {
    entry.name: entry
    for entry in (
        sub.INSTRUMENT,
    )
}  # fmt: skip


def voice(name: str, params: Mapping[str, Any]) -> Voice:
    """Return the voice of `name` ("rhodes/warm") with the parameters of its patch.

    Raises
    ------
    BadInput
        An instrument that does not exist, or a field of the patch that is unknown or out of range.
    """
    instrument_name, _, patch_name = name.partition("/")
    instrument = INSTRUMENTS.get(instrument_name)
    if instrument is None:
        known = sorted(INSTRUMENTS)
        raise BadInput(
            f"instrument {name!r}: no instrument {instrument_name!r}"
            f"{nearest(instrument_name, known)} known: {', '.join(known)}"
        )
    where = f"generator_configs/patches/{instrument_name}.yaml: patches.{patch_name}"
    return PatchedVoice(instrument, validated(instrument.patch, dict(params), where))
