"""The parameters of every drum recipe: names, units, ranges and defaults. No sound is made here.

A kit file gives each sound a `recipe` and any of that recipe's fields; these models refuse what
they do not know. T60 is the time a component takes to fall by 60 dB.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.plans.strict import Strict, Unit

Hz = Annotated[float, Field(ge=20, le=20000)]
Seconds = Annotated[float, Field(ge=0.003, le=8)]
Milliseconds = Annotated[float, Field(ge=0, le=2000)]
Level = Annotated[float, Field(ge=-60, le=6)]


class Colour(Strict):
    """What every recipe ends with: level, filters, drive, an early sampler's grain, a gate."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = 0.0  # peak at full velocity, against 0.5
    highpass_hz: Hz = 25.0
    lowpass_hz: Hz = 20000.0
    drive_db: Annotated[float, Field(ge=0, le=18)] = 0.0
    bits: Annotated[int, Field(ge=0, le=16)] = 0  # word length; 0 = none
    hold_hz: Annotated[float, Field(ge=8000, le=44100)] = 44100.0
    gate_ms: Milliseconds = 0.0  # cut here with an 8 ms fade; 0 rings out


class Kick(Colour):
    """A sine falling from `start_hz` to `end_hz`, with a click."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = 2.0
    start_hz: Hz = 180.0
    end_hz: Hz = 50.0
    tune_hz: Annotated[float, Field(ge=0, le=2000)] = 0.0  # end on this pitch class; 0 = end_hz
    sweep_ms: Milliseconds = 30.0
    t60_s: Seconds = 0.3
    click_db: Level = -12.0
    click_hz: Hz = 3000.0
    knock_db: Level = -60.0  # a short tone in the middle, the beater on the head
    knock_hz: Hz = 900.0


class BassDrum(Colour):
    """An acoustic bass drum: membrane modes and a felt or wooden beater."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = 1.0
    pitch_hz: Hz = 60.0
    tune_hz: Annotated[float, Field(ge=0, le=2000)] = 0.0
    t60_s: Seconds = 0.4
    beater_db: Level = -16.0
    beater_hz: Hz = 1800.0
    shell: Unit = 0.4  # share of the upper modes


class Snare(Colour):
    """Two head modes, wires, and optionally a plate that a gate cuts."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = 0.0
    low_hz: Hz = 185.0
    high_hz: Hz = 330.0
    head_t60_s: Seconds = 0.1
    noise_low_hz: Hz = 1000.0
    noise_high_hz: Hz = 9000.0
    noise_t60_s: Seconds = 0.15
    noise_db: Level = -3.0
    crack_db: Level = -9.0
    plate_db: Level = -60.0
    plate_t60_s: Seconds = 0.9
    width: Unit = 0.15


class Brush(Colour):
    """Wire brushes on a head: a tap that swells, or a swirl that goes round and round."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -6.0
    low_hz: Hz = 1500.0
    high_hz: Hz = 7000.0
    swell_ms: Milliseconds = 40.0
    t60_s: Seconds = 0.25
    head_db: Level = -22.0
    width: Unit = 0.4
    turns_hz: Annotated[float, Field(ge=0.2, le=6)] = 1.6  # of the swirl


class Tom(Colour):
    """A tuned membrane with a stick: toms, and hand drums by more `slap`."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -1.0
    pitch_hz: Hz = 110.0
    bend: Annotated[float, Field(ge=1, le=3)] = 1.35  # pitch at the stroke against the end
    bend_ms: Milliseconds = 45.0
    t60_s: Seconds = 0.45
    overtones: Unit = 0.35
    slap_db: Level = -16.0
    slap_hz: Hz = 2500.0
    pan: Annotated[float, Field(ge=-1, le=1)] = 0.0


class Clap(Colour):
    """Several pairs of hands, and the room they stand in."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -3.0
    bursts: Annotated[int, Field(ge=2, le=5)] = 4
    gap_ms: Annotated[float, Field(ge=6, le=20)] = 10.5
    low_hz: Hz = 900.0
    high_hz: Hz = 2400.0
    tail_s: Seconds = 0.15
    plate_db: Level = -18.0
    plate_t60_s: Seconds = 0.5
    width: Unit = 0.6


class Snap(Colour):
    """A finger snap: a slip, the palm, a short room."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -5.0
    pitch_hz: Hz = 1900.0
    t60_s: Seconds = 0.07
    air_db: Level = -14.0
    room_db: Level = -20.0
    width: Unit = 0.5


class Rim(Colour):
    """Stick on rim: two or three short wooden or metal resonances and a tick."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -5.0
    low_hz: Hz = 480.0
    high_hz: Hz = 1750.0
    t60_s: Seconds = 0.05
    wood: Unit = 0.5  # share of the low resonance
    tick_db: Level = -14.0


class Hat(Colour):
    """Six inharmonic squares and noise above `corner_hz`; `open` only means a longer `t60_s`."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -10.0
    base_hz: Hz = 300.0
    corner_hz: Hz = 7000.0
    t60_s: Seconds = 0.05
    metal: Unit = 0.55  # squares against noise
    attack_ms: Milliseconds = 0.4
    foot: Unit = 0.0  # the thud of two cymbals meeting
    width: Unit = 0.45


class Ride(Colour):
    """Stick ping, bell and a long wash."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -10.0
    base_hz: Hz = 320.0
    corner_hz: Hz = 5200.0
    t60_s: Seconds = 1.2
    ping_db: Level = -8.0
    bell_hz: Hz = 720.0
    bell: Unit = 0.35
    wash_db: Level = -12.0
    width: Unit = 0.5


class Crash(Colour):
    """A cymbal let go: bright noise that darkens, over beating metal."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -6.0
    base_hz: Hz = 290.0
    corner_hz: Hz = 3000.0
    t60_s: Seconds = 2.4
    brightness_hz: Hz = 15000.0
    metal: Unit = 0.4
    width: Unit = 0.8


class Shaker(Colour):
    """Beads in a shell; `jingles` rings instead (tambourine)."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -12.0
    pitch_hz: Hz = 6200.0
    resonance: Annotated[float, Field(ge=0.5, le=60)] = 2.0
    swell_ms: Milliseconds = 22.0
    t60_s: Seconds = 0.12
    rate_hz: Annotated[float, Field(ge=100, le=12000)] = 4000.0
    head_db: Level = -60.0
    width: Unit = 0.5


class Cowbell(Colour):
    """Two band-limited squares a wide fifth apart."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -8.0
    pitch_hz: Hz = 545.0
    interval: Annotated[float, Field(ge=1.05, le=3)] = 1.482
    t60_s: Seconds = 0.28
    corner_hz: Hz = 450.0


class Rise(Colour):
    """A passage of filtered noise, opening or closing over its duration."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -8.0
    low_hz: Hz = 300.0
    high_hz: Hz = 9000.0
    width: Unit = 0.9


class Swell(Crash):
    """A cymbal played backwards over the duration."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -8.0


class Impact(Colour):
    """A low boom with a long dark tail."""

    gain_db: Annotated[float, Field(ge=-24, le=6)] = -1.0
    start_hz: Hz = 95.0
    end_hz: Hz = 38.0
    t60_s: Seconds = 1.6
    tail_hz: Hz = 1400.0
    tail_db: Level = -12.0
    width: Unit = 0.8
