"""The sounds whose hashes are kept: a short track of every genre, every nature bed, two MP3s.

Run as a program it prints the hashes of what is named on its command line, or of everything, and
what tells how NumPy and the C library compute here, as one JSON object.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import math
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from soundflow_assets import reel
from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.candidates import best_candidate
from soundflow_assets.mastering.master import aim_of, level, premaster
from soundflow_assets.mastering.programme import render_mix
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import free_plan, genre_plan
from soundflow_assets.production import produce
from soundflow_assets.synthesis.nature.beds import BEDS, render_bed

FILE = Path(__file__).with_name("hashes.json")
DATE = dt.date(2025, 1, 15)
TRACK_S = 10.0
BED_S = 3.0
# With drums and without: whole files, with tag, cover and Info frame.
MP3S = ("deep_work_daily", "nature_daily")
CONFIGS = load_configs()


def names() -> list[str]:
    """Return `track/<genre>`, `bed/<name>` and `mp3/<track id>` of everything there is."""
    tracks = [f"track/{genre}" for genre in sorted(CONFIGS.genres)]
    return [*tracks, *(f"bed/{name}" for name in sorted(BEDS)), *(f"mp3/{name}" for name in MP3S)]


@cache
def hash_of(name: str) -> str:
    """Return the SHA-256 of one of `names`: of a master's PCM, a bed's samples, or a file."""
    kind, _, what = name.partition("/")
    return _HASHES[kind](what)


def recorded() -> dict[str, str]:
    """Return the hashes as they are kept."""
    kept: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))["sha256"]
    return kept


def _track(genre: str) -> str:
    composed = best_candidate(genre_plan(CONFIGS, genre, DATE, duration_s=TRACK_S))
    mixed = render_mix(composed.plan, composed.passages)
    premaster(composed.plan, composed.score, mixed)
    return level(aim_of(composed.plan), mixed).pcm_sha256


def _bed(name: str) -> str:
    audio = render_bed(name, CONFIGS.nature.beds[name], round(BED_S * SAMPLE_RATE), 1)
    return hashlib.sha256(audio.data).hexdigest()


def _mp3(track_id: str) -> str:
    plan = free_plan(CONFIGS, DATE, track_id, TRACK_S)
    with tempfile.TemporaryDirectory() as folder:
        made = produce(plan.model_copy(update={"outputs": ()}), Path(folder), license_id="CC0-1.0")
        return hashlib.sha256(made.files["mp3"].read_bytes()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"track": _track, "bed": _bed, "mp3": _mp3}


def processor_features() -> list[str]:
    """Return the instruction sets that NumPy has code of its own for and uses here."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__[name]]


def libm_digest() -> str:
    """Return a short hash of what the C library says of 20,000 sines, powers and logarithms."""
    told = ((math.sin(x), x**0.37, math.log(x)) for x in (n * 0.00737 for n in range(1, 20000)))
    return hashlib.sha256(repr(list(told)).encode()).hexdigest()[:16]


def main() -> None:
    """Print hashes as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--block", type=int, help="samples in a stretch of a reel")
    asked = parser.parse_args()
    if asked.block:
        reel.stretches.__defaults__ = (asked.block,)
    found = {name: hash_of(name) for name in asked.names or names()}
    print(json.dumps({"sha256": found, "processor": processor_features(), "libm": libm_digest()}))


if __name__ == "__main__":
    main()
