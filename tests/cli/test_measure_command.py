"""`soundflow measure`: what lies beside a file is used, and everything asked for is written."""

from __future__ import annotations

import html.parser
import json
import shutil
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import Soundflow
from signals import RATE, bars_of, beat, noise, twice

from soundflow_assets.audio import Audio
from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.score import Note, PartScore, Score, Section


def write(path: Path, audio: Audio) -> Path:
    """Write float32 (2, samples) as 16-bit WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(audio.T * 32767).astype("<i2").tobytes())
    return path


def score_of(bars: int) -> Score:
    """Return a score of 120 BPM with five sections, of one pitched part."""
    length = bars * 2.0
    sections = tuple(
        Section(name, i, 1, i * length / 5, (i + 1) * length / 5, energy, ("pad",), "none")
        for i, (name, energy) in enumerate(zip("abcde", (0.2, 0.5, 0.8, 0.3, 0.6), strict=True))
    )
    pad = PartScore("pad", "pad/warm", (Note(0, 0, 2, 57, 80),))
    return Score(
        "Still Water", "short", "Am", 120.0, 50.0, 16, length, length, bars,
        tuple(i / 2 for i in range(4 * bars + 1)), sections, (), (pad,), (),
    )  # fmt: skip


@pytest.fixture
def track(tmp_path: Path) -> Path:
    """Ten bars at 120 BPM with their score beside them."""
    write(tmp_path / "song.wav", beat(120.0, 20.0))
    (tmp_path / "song.score.json").write_text(score_to_json(score_of(10)), encoding="utf-8")
    return tmp_path / "song.wav"


def values(answer_json: dict, place: int = 0) -> dict[str, dict]:
    return {one["name"]: one for one in answer_json["files"][place]["indicators"]}


def test_a_score_beside_the_file_is_found_and_judged_by(soundflow: Soundflow, track: Path) -> None:
    found = values(soundflow("measure", track, "--json").json)
    assert found["tempo"]["target"].startswith("120")
    assert found["tempo"]["verdict"] == "pass"
    assert found["duration"]["verdict"] == "pass"
    assert "density_follows_energy" in found
    (track.parent / "song.score.json").unlink()
    assert values(soundflow("measure", track, "--json").json)["tempo"]["verdict"] == "info"


def test_a_damaged_score_beside_the_file_is_named(soundflow: Soundflow, track: Path) -> None:
    (track.parent / "song.score.json").write_text("{}", encoding="utf-8")
    answer = soundflow("measure", track)
    assert answer.code == 2
    assert "song.score.json" in answer.err


def test_the_closing_line_counts_and_names_the_misses(soundflow: Soundflow, tmp_path: Path) -> None:
    mono = write(tmp_path / "mono.wav", twice(noise(6)[0]))
    answer = soundflow("measure", mono)
    assert answer.code == 0
    assert "misses: correlation 1 (want 0.2 to 0.97)" in answer.out
    assert soundflow("measure", mono, "--strict").code == 1


def test_strict_is_content_with_a_file_without_misses(soundflow: Soundflow, tmp_path: Path) -> None:
    shared = noise(6)[:1] * np.float32(0.7)
    sound = write(tmp_path / "fair.wav", (shared + 0.3 * noise(6, 2)).astype(np.float32))
    answer = soundflow("measure", sound, "--strict", "--json")
    assert answer.json["files"][0]["misses"] in ([], ["low_correlation"])
    assert answer.code == len(answer.json["files"][0]["misses"])


def test_a_file_against_itself_is_the_same_piece(soundflow: Soundflow, track: Path) -> None:
    copy = shutil.copy(track, track.parent / "copy.wav")
    shutil.copy(track.parent / "song.score.json", track.parent / "copy.score.json")
    found = values(soundflow("measure", copy, "--against", track, "--json").json)
    assert found["harmony"]["value"] == 0
    assert found["rhythm"]["value"] == 0
    assert (found["verdict"]["value"], found["verdict"]["verdict"]) == ("the same piece", "miss")


def test_a_loop_is_judged_as_a_loop(soundflow: Soundflow, track: Path) -> None:
    loop = write(track.parent / "song.loop.wav", beat(120.0, 16.0))
    found = values(soundflow("measure", loop, "--json").json)
    assert found["bars"]["value"] == 8
    assert {found[name]["verdict"] for name in ("bars", "level_step", "step_ratio")} == {"pass"}
    assert found["duration"]["verdict"] == "info"


def test_stems_tell_missing_roles_and_the_bed(
    soundflow: Soundflow, track: Path, tmp_path: Path
) -> None:
    stems = tmp_path / "stems"
    write(stems / "bed.wav", noise(20) * np.float32(0.1))
    write(stems / "keys.wav", noise(20, 2))
    found = values(soundflow("measure", track, "--stems", stems, "--json").json)
    assert found["bed_ratio"]["value"] == pytest.approx(-20, abs=0.2)
    assert (found["missing_roles"]["value"], found["missing_roles"]["unit"]) == (1, "pad")
    write(stems / "pad.wav", noise(20, 3))
    found = values(soundflow("measure", track, "--stems", stems, "--json").json)
    assert found["missing_roles"]["verdict"] == "pass"


def test_options_of_one_file_do_not_go_with_two(soundflow: Soundflow, track: Path) -> None:
    answer = soundflow("measure", track, track, "--stems", track.parent)
    assert answer.code == 2
    assert "belong to one file" in answer.err


class Page(html.parser.HTMLParser):
    """Which elements a page has, how they nest, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.fetched += [str(v) for k, v in attrs if k in ("src", "href")]
        if tag not in {"meta", "line", "image", "path"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def write_song(tmp_path: Path) -> Callable[[str], Path]:
    def written(title: str) -> Path:
        audio, _ = bars_of("aabbaacc" * 3)
        score = replace(score_of(12), title=title)
        (tmp_path / "song.score.json").write_text(score_to_json(score), encoding="utf-8")
        return write(tmp_path / "song.wav", audio)

    return written


def test_the_page_is_whole_and_fetches_nothing(
    soundflow: Soundflow, write_song: Callable[[str], Path], tmp_path: Path
) -> None:
    answer = soundflow("measure", write_song("Ink & <Paper>"), "--report", tmp_path / "r", "--json")
    path = Path(answer.json["files"][0]["page"])
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert not page.open
    assert page.seen["svg"] == 8
    assert page.seen["table"] == 1
    assert all(one.startswith("data:image/png;base64,") for one in page.fetched)
    assert "Ink &amp; &lt;Paper&gt;" in text
    assert "prefers-color-scheme: dark" in text
    assert sorted(one.name for one in path.parent.glob("*.png")) == [
        "song.similarity.png",
        "song.spectrogram.png",
    ]
    rows = json.dumps(answer.json["files"][0]["indicators"]).count('"name"')
    assert text.count("<tr") == rows + 1


@pytest.mark.parametrize("seconds", [0.3, 3.0])
def test_a_page_can_be_made_of_very_little(
    soundflow: Soundflow, tmp_path: Path, seconds: float
) -> None:
    for name, audio in (("noise", noise(seconds)), ("silence", np.zeros_like(noise(seconds)))):
        answer = soundflow("measure", write(tmp_path / f"{name}.wav", audio), "--report", tmp_path)
        assert answer.code == 0, answer.err
        assert not Page((tmp_path / f"{name}.html").read_text(encoding="utf-8")).open
