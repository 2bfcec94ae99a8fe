"""The README's picture of a track: sections, waveform and spectrogram.

Run it with `.venv/bin/python bench/picture.py`: it makes the track and writes
docs/images/deep-work.png.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from pathlib import Path

from PIL import Image

from soundflow_assets.delivery.pictures import overview_png
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan
from soundflow_assets.production import produce

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "deep-work.png"
GENRE, DATE = "deep", dt.date(2025, 1, 15)
COLOURS = 128  # a repository keeps every version of a picture for ever


def main() -> None:
    """Make the track and draw it."""
    plan = genre_plan(load_configs(), GENRE, DATE)
    title = f"{plan.title} · {plan.genre} · {plan.key} · {plan.bpm:g} BPM"
    with tempfile.TemporaryDirectory() as folder:
        made = produce(plan, Path(folder))
        drawn = overview_png(made.master, made.score.sections, title)
    Image.open(io.BytesIO(drawn)).quantize(COLOURS).save(PICTURE, "PNG", optimize=True)


if __name__ == "__main__":
    main()
