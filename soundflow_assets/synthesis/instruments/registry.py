"""The table of instruments, and the way from a name and a patch to a voice.

A new instrument is one module with an `INSTRUMENT`, one line here, and one file of patches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.validate import nearest, validated
from soundflow_assets.synthesis.instruments import (
    acid,
    bell,
    drone,
    ebass,
    flute,
    house_bass,
    muted_guitar,
    nylon,
    organ,
    pad,
    piano,
    pluck,
    poly,
    reese,
    rhodes,
    rolling_bass,
    stab,
    strings,
    sub,
    supersaw,
    synth_lead,
    upright,
    vibes,
    wobble,
)
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
        acid.INSTRUMENT,
        bell.INSTRUMENT,
        drone.INSTRUMENT,
        ebass.INSTRUMENT,
        flute.INSTRUMENT,
        house_bass.INSTRUMENT,
        muted_guitar.INSTRUMENT,
        nylon.INSTRUMENT,
        organ.INSTRUMENT,
        pad.INSTRUMENT,
        piano.INSTRUMENT,
        pluck.INSTRUMENT,
        poly.INSTRUMENT,
        reese.INSTRUMENT,
        rhodes.INSTRUMENT,
        rolling_bass.INSTRUMENT,
        stab.INSTRUMENT,
        strings.INSTRUMENT,
        sub.INSTRUMENT,
        supersaw.INSTRUMENT,
        synth_lead.INSTRUMENT,
        upright.INSTRUMENT,
        vibes.INSTRUMENT,
        wobble.INSTRUMENT,
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
