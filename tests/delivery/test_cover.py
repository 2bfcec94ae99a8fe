"""Covers and pictures: repeatable, small, distinct, and readable by other programs."""

from __future__ import annotations

import base64
import io
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image

from soundflow_assets.audio import SAMPLE_RATE, Audio, Pcm
from soundflow_assets.composition.score import Score, Section
from soundflow_assets.delivery.canvas import printable
from soundflow_assets.delivery.cover import CoverBrief, draw_cover, score_energies
from soundflow_assets.delivery.pictures import overview_png, waveform_uri
from soundflow_assets.delivery.png import png

Programme = Callable[[int], Pcm]

CATEGORIES = ("Deep Work", "Study", "Relax", "Nature", "Flow State")
GENRES = (
    "deep", "house", "techno", "synth", "lofi", "chillout", "lounge", "jazz", "ambient",
    "classic", "trance", "edm", "dance", "bass",
)  # fmt: skip
BRIEF = CoverBrief(
    "Quiet Arithmetic", "Study", "lofi", ("15 January 2025", "85 BPM"), (0.2, 0.5, 0.9, 0.4), 11
)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int16)


def thumbnail(brief: CoverBrief) -> np.ndarray:
    """Return the motif's field as 16 × 11 colours: what is left of it in a list of tracks."""
    picture = Image.open(io.BytesIO(draw_cover(brief))).crop((0, 0, 640, 440))
    return np.asarray(picture.resize((16, 11), Image.Resampling.BOX)).astype(np.int16)


@pytest.mark.parametrize("genre", GENRES)
def test_a_cover_is_a_small_square_png(genre: str) -> None:
    data = draw_cover(replace(BRIEF, genre=genre, category="Flow State"))
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (640, 640), "RGB")
    assert 8_000 < len(data) < 80_000


def test_the_same_brief_gives_the_same_bytes() -> None:
    assert draw_cover(BRIEF) == draw_cover(BRIEF)


def test_all_genres_look_different() -> None:
    looks = {genre: thumbnail(replace(BRIEF, genre=genre)) for genre in GENRES}
    for one, other in itertools.combinations(GENRES, 2):
        assert np.abs(looks[one] - looks[other]).mean() > 10, (one, other)


def test_all_categories_look_different() -> None:
    looks = {name: thumbnail(replace(BRIEF, category=name, genre="ambient")) for name in CATEGORIES}
    for one, other in itertools.combinations(CATEGORIES, 2):
        assert np.abs(looks[one] - looks[other]).mean() > 20, (one, other)


def test_another_day_of_a_genre_looks_different() -> None:
    for genre in GENRES:
        first = draw_cover(replace(BRIEF, genre=genre))
        later = draw_cover(replace(BRIEF, genre=genre, seed=12, energies=(0.6, 0.3, 0.7, 0.8)))
        assert np.abs(pixels(first) - pixels(later))[:440].mean() > 1, genre


def test_unknown_genres_and_categories_have_covers_too() -> None:
    new = replace(BRIEF, genre="dub_polka", category="Deep Sleep")
    assert draw_cover(new) == draw_cover(new)
    assert np.abs(thumbnail(new) - thumbnail(BRIEF)).mean() > 5


def test_long_and_foreign_titles_stay_inside() -> None:
    field = pixels(draw_cover(replace(BRIEF, title="Łódź – ünder " * 9, facts=("x" * 90,))))[470:]
    paper = field[-1, -1]
    assert (field[:, :30] == paper).all()
    assert (field[:, -30:] == paper).all()


def test_lettering_falls_back_to_letters_the_face_has() -> None:
    assert printable("Café – B♭ ’24 港") == "Cafe - Bb '24 ?"


def sections() -> tuple[Section, ...]:
    spans = (("intro", 0.0, 2.0, 0.2), ("groove", 2.0, 6.0, 0.8), ("outro", 6.0, 8.0, 0.4))
    return tuple(Section(name, 0, 1, a, b, e, (), "none") for name, a, b, e in spans)


def test_energies_follow_the_sections_and_end_in_the_tail() -> None:
    score = Score("", "", "C", 120, 50, 16, 10.0, 8.0, 4, (), sections(), (), (), ())
    energies = score_energies(score, 10)
    assert energies[:8] == (0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.4, 0.4)
    assert 0.4 > energies[8] > energies[9] > 0.0


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound in memory."""

    audio: Audio  # (channels, samples)
    sample_rate: int = SAMPLE_RATE

    @property
    def samples(self) -> int:
        """Length in samples per channel."""
        return int(self.audio.shape[1])

    def read(self, start: int, stop: int) -> Audio:
        """Return samples `start` to `stop`."""
        return self.audio[:, start:stop]


@pytest.fixture
def audio(programme: Programme) -> Audio:
    fade = np.linspace(0.1, 1, 8 * 44100)[:, None]
    return (programme(8 * 44100) * fade / 32768).astype(np.float32).T.copy()


def energies(audio: Audio) -> np.ndarray:
    return np.square(audio, dtype=np.float64).sum(axis=0).reshape(-1, 4410).sum(axis=1)


def test_the_small_waveform_fits_into_a_line_of_markdown(audio: Audio) -> None:
    uri = waveform_uri(energies(audio), 8.0, sections())
    assert len(uri) <= 700
    head, body = uri.split(",")
    assert head == "data:image/svg+xml;base64"
    svg = ET.fromstring(base64.b64decode(body))  # noqa: S314  our own text
    paths = list(svg)
    assert len(paths) == 3, "one colour a section"
    assert len({path.get("stroke") for path in paths}) == 3


def test_the_small_waveform_grows_with_the_sound(audio: Audio) -> None:
    svg = base64.b64decode(waveform_uri(energies(audio), 8.0).split(",")[1]).decode()
    heights = [int(part.split("m")[0]) for part in svg.split('d="')[1].split('"')[0].split("v")[1:]]
    assert heights[-1] > 3 * heights[0]
    assert len(heights) >= 32


def test_silence_has_a_waveform_too() -> None:
    assert waveform_uri(np.zeros(10), 1.0).startswith("data:")


def test_the_overview_shows_where_energy_lies() -> None:
    time_s = np.arange(4 * 44100) / 44100
    high = np.where(time_s < 2, np.sin(2 * np.pi * 250 * time_s), np.sin(2 * np.pi * 4000 * time_s))
    sound = np.stack((high, high)).astype(np.float32) * 0.5
    picture = pixels(overview_png(Clip(sound), sections()[:1], "Two tones"))
    assert picture.shape == (460, 1000, 3)
    spectrogram = picture[182:422, 62:980].sum(axis=2)
    early, late = spectrogram[:, 200].argmax(), spectrogram[:, 700].argmax()
    rows_per_octave = 240 / np.log2(16000 / 30)
    assert early - late == pytest.approx(4 * rows_per_octave, abs=3)


def test_png_files_hold_exactly_the_pixels() -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (17, 23, 3), dtype=np.uint8)
    picture[5:9] = picture[4]
    picture[:, 10] = 200
    assert np.array_equal(pixels(png(picture)), picture)
