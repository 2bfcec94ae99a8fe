"""Small programmes to encode: tones and noise in true stereo, of any length."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.id3 import Tags

Programme = Callable[[int], Pcm]


@pytest.fixture(scope="session")
def programme() -> Programme:
    def make(samples: int) -> Pcm:
        rng = np.random.default_rng(samples)
        time_s = np.arange(samples) / 44100
        tones = np.stack([np.sin(2 * np.pi * hertz * time_s) for hertz in (220.0, 331.0)], axis=1)
        noise = rng.standard_normal((samples, 2)) * np.exp(-8 * (time_s % 0.25))[:, None]
        return (8000 * tones + 2500 * noise).astype(np.int16)

    return make


@pytest.fixture(scope="session")
def tags() -> Tags:
    return Tags(
        title="Naïve Harbour – 港",
        album="SoundFlow Deep Work",
        date=dt.date(2025, 1, 15),
        genre="Deep House",
        bpm=123.6,
        key="F#m",
        comment="Seed 42, engine version 1.",
        encoder="LAME 3.100, SoundFlow engine 1",
        cover_png=b"\x89PNG not looked into" * 40,
        extra=(("SOUNDFLOW_ID", "free-2025-01-15-deep"), ("LICENSE", "CC BY 4.0")),
    )
