"""What is wrong with a configuration is said in sentences: file, path, found, allowed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.load import default_root, load_configs
from soundflow_assets.plans.model import FreePlan
from soundflow_assets.plans.validate import validated

GENRES = {
    "deep", "house", "techno", "synth", "lofi", "chillout", "lounge", "jazz", "ambient", "classic",
    "trance", "edm", "dance", "bass",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration to break."""
    return Path(shutil.copytree(default_root(), tmp_path / "generator_configs"))


def broken(folder: Path, name: str, old: str, new: str) -> str:
    """Replace text in one file and return the error that loading then gives."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_configs(folder)
    return str(caught.value)


def test_the_shipped_configuration_loads_with_all_fourteen_genres(configs: Configs) -> None:
    assert set(configs.genres) == GENRES
    assert [entry.id for entry in configs.plan.tracks] == [
        "deep_work_daily", "study_daily", "relax_daily", "nature_daily", "flow_state_daily",
    ]  # fmt: skip


def test_the_shipped_plan_holds_the_guides_numbers(configs: Configs) -> None:
    rows = {
        entry.id: (
            entry.genre,
            entry.bpm,
            entry.key,
            entry.curve,
            *entry.layers.model_dump().values(),
        )
        for entry in configs.plan.tracks
    }
    assert rows == {
        "deep_work_daily": ("deep", 124, "Dm", "linear", 70, 80, 60, 50),
        "study_daily": ("lofi", 85, "C", "linear", 50, 60, 75, 65),
        "relax_daily": ("ambient", 70, "Am", "drop", 20, 40, 55, 85),
        "nature_daily": ("ambient", 60, "G", "linear", 0, 25, 35, 70),
        "flow_state_daily": ("trance", 138, "Em", "peak", 85, 90, 70, 40),
    }
    assert configs.plan.defaults.export_bitrate == "192k"
    assert configs.plan.defaults.target_lufs == -14.0


@pytest.mark.parametrize("genre", sorted(GENRES))
def test_every_genre_has_material_for_a_month(configs: Configs, genre: str) -> None:
    spec = configs.genres[genre]
    assert len(spec.harmony.progressions) >= 8
    assert len(spec.instrument_sets) >= 4
    assert len(spec.forms) >= 2
    names = [p.name for p in spec.harmony.progressions]
    assert len(set(names)) == len(names)
    assert len({tuple(p.chords) for p in spec.harmony.progressions}) == len(names)
    for sound, lane in spec.drums.lanes.items():
        assert len(set(lane.grids)) >= 6, sound
    for part in spec.parts:
        for grid in part.grids:
            length = len(grid.replace(" ", ""))
            # A pulse runs against the bar in loops of three or five beats; all else fits the bar.
            assert length in (12, 20) if part.writer == "pulse" else length % 16 == 0, (part, grid)


BREAKS: list[tuple[str, str, str, str]] = [
    (
        "free_daily_plan.yaml",
        "synth: {cutoff: 70",
        "synth: {cutof: 70",
        r"tracks\[0\]\.synth(\.cutof)?: unknown key 'cutof'; did you mean 'cutoff'\? "
        r"allowed: cutoff, drive, resonance, space",
    ),
    (
        "free_daily_plan.yaml",
        "    bpm: 124\n",
        '    bpm: "124"\n',
        r"tracks\[0\]\.bpm: expected a number, found '124'",
    ),
    ("free_daily_plan.yaml", "    bpm: 124\n", "    bpm: 0\n", r"tracks\[0\]\.bpm: 0 .*40"),
    (
        "free_daily_plan.yaml",
        "    key: Dm\n",
        "    key: Hm\n",
        r"tracks\[0\]\.key: unknown key 'Hm'",
    ),
    (
        "free_daily_plan.yaml",
        "curve: drop",
        "curve: fall",
        r"tracks\[2\]\.curve: 'fall' is not allowed; allowed: linear, build, drop, peak",
    ),
    (
        "free_daily_plan.yaml",
        "    bpm: 124\n",
        "    bpm: 124\n    cutoff: 70\n",
        r"tracks\[0\](\.cutoff)?: unknown key 'cutoff'; it belongs under tracks\[\]\.synth",
    ),
    (
        "free_daily_plan.yaml",
        "id: study_daily",
        "id: deep_work_daily",
        r"tracks: id .* stands twice",
    ),
    (
        "free_daily_plan.yaml",
        "    bpm: 124\n",
        "    bpm: 124\n    bpm: 125\n",
        r"line \d+, column \d+: key 'bpm' stands twice",
    ),
    (
        "free_daily_plan.yaml",
        "monday: deep,",
        "monday: depe,",
        r"genre_rotation\.deep_work\.monday: unknown genre 'depe'; did you mean 'deep'\?",
    ),
    (
        "free_daily_plan.yaml",
        "monday: deep,",
        "monday: {genre: deep, bmp: 120},",
        r"genre_rotation\.deep_work\.monday.*unknown key 'bmp'; did you mean 'bpm'\?",
    ),
    (
        "free_daily_plan.yaml",
        "natureTags: [minimal]",
        "natureTags: [minimum]",
        r"tracks\[0\]\.natureTags: unknown tag 'minimum'; did you mean 'minimal'\?",
    ),
    ("free_daily_plan.yaml", "  study:\n", "  studi:\n", r"genre_rotation: study is missing"),
    (
        "free_daily_plan.yaml",
        "energyMin: 50",
        "energyMin: 80",
        r"tracks\[0\].*energyMin 80 is above energyMax 75",
    ),
    (
        "free_daily_plan.yaml",
        "duration_sec: 180",
        "duration_sec: 7200",
        r"defaults\.duration_sec: 7200 .*3600",
    ),
    (
        "free_daily_plan.yaml",
        "duration_sec: 180",
        "duration_sec: .nan",
        r"defaults\.duration_sec: nan is not a finite number",
    ),
    (
        "free_daily_plan.yaml",
        "outputs: [loop]",
        "outputs: [lop]",
        r"defaults\.outputs\[0\]: 'lop' is not allowed; allowed: loop",
    ),
    (
        "free_daily_plan.yaml",
        "outputs: [loop]",
        "outputs: [loop, loop]",
        r"defaults\.outputs: 'loop' stands twice",
    ),
    ("free_daily_plan.yaml", "version: 1", "version: 2", r"version: 2 is not allowed; allowed: 1"),
    ("free_daily_plan.yaml", "version: 1", "version: [1", r"line \d+, column \d+: not valid YAML"),
    ("free_daily_plan.yaml", "version: 1", "1: 1", r"line \d+, column 1: key 1 is not text"),
    (
        "genres/deep.yaml",
        "mode: minor",
        "mode: ionian",
        r"harmony\.progressions\[0\]\.mode: 'ionian' is not allowed; allowed: major, minor, dorian",
    ),
    (
        "genres/deep.yaml",
        "genre: deep",
        "genre: house",
        r"genre: 'house' differs from the file name; expected 'deep'",
    ),
    (
        "genres/deep.yaml",
        "rhodes/warm",
        "rhodes/wram",
        r"instrument_sets\.rhodes_club\.voices\.chords: unknown patch 'rhodes/wram'; "
        r"did you mean 'rhodes/warm'\?",
    ),
    (
        "genres/deep.yaml",
        "rhodes/warm",
        "rodes/warm",
        r"unknown instrument 'rodes'; did you mean 'rhodes'\?",
    ),
    (
        "genres/deep.yaml",
        "kits: [deep, deep_b]",
        "kits: [dep]",
        r"drums\.kits: unknown kit 'dep'; did you mean 'deep'\?",
    ),
    (
        "genres/synth.yaml",
        "    tambourine:\n",
        "    tambourin:\n",
        r"drums\.lanes\.tambourin: kit 'synth' lacks it: unknown sound 'tambourin'",
    ),
    (
        "genres/deep.yaml",
        "X...X...X...X...",
        "X...X...X...X..",
        r"drums.*lanes\.kick: grid .* has 15 steps",
    ),
    ("genres/deep.yaml", "stretch: true, ", "", r"forms\[0\].*exactly one section needs stretch"),
    (
        "genres/deep.yaml",
        "without: [bass, motif",
        "without: [bess, motif",
        r"forms\.two_waves\.intro: unknown \['bess'\]",
    ),
    (
        "free_daily_plan.yaml",
        "wednesday: techno",
        "wednesday: {genre: techno, key: C}",
        r"genre_rotation\.deep_work\.wednesday: techno has no progression in a major mode",
    ),
    (
        "free_daily_plan.yaml",
        "    energyMin: 50\n",
        "    modulation: {depth_percent: 50}\n    energyMin: 50\n",
        r"tracks\[0\]\.modulation\.depth_percent: .*less than or equal to 35",
    ),
    (
        "free_daily_plan.yaml",
        "    energyMin: 50\n",
        "    modulation: {depth_percent: 20, rate_hz: 40}\n    energyMin: 50\n",
        r"tracks\[0\]\.modulation\.rate_hz: .*less than or equal to 20",
    ),
    ("nature.yaml", "tags:", "tagz:", r"unknown key 'tagz'; did you mean 'tags'\?"),
]


@pytest.mark.parametrize(("name", "old", "new", "says"), BREAKS, ids=lambda text: str(text)[:28])
def test_a_fault_is_named_with_file_path_and_what_is_allowed(
    folder: Path, name: str, old: str, new: str, says: str
) -> None:
    message = broken(folder, name, old, new)
    assert any(
        line.startswith(f"generator_configs/{name}: ") and re.search(says, line)
        for line in message.splitlines()
    ), message


def test_every_problem_is_reported_at_once(folder: Path) -> None:
    plan = folder / "free_daily_plan.yaml"
    plan.write_text(
        plan.read_text().replace("curve: drop", "curve: fall").replace("bpm: 138", "bpm: 900")
    )
    deep = folder / "genres" / "deep.yaml"
    deep.write_text(deep.read_text().replace("mode: major", "mode: ionian"))
    with pytest.raises(BadInput) as caught:
        load_configs(folder)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert {line.split(": ")[0] for line in lines} == {
        "generator_configs/free_daily_plan.yaml", "generator_configs/genres/deep.yaml",
    }  # fmt: skip


def test_a_missing_folder_and_a_missing_file_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere: configuration folder not found"):
        load_configs(tmp_path / "nowhere")
    (folder / "nature.yaml").unlink()
    with pytest.raises(BadInput, match=r"generator_configs/nature\.yaml: file not found"):
        load_configs(folder)


def test_text_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "nature.yaml").write_bytes(b"beds: {rain: {name: \xff}}")
    with pytest.raises(BadInput, match="not UTF-8"):
        load_configs(folder)


def test_a_structure_that_contains_itself_is_refused(folder: Path) -> None:
    (folder / "nature.yaml").write_text("beds: &a {rain: *a}\ntags: {}\n")
    with pytest.raises(BadInput, match=r"nature\.yaml: .*contains itself"):
        load_configs(folder)


def test_yaml_cannot_make_objects(folder: Path) -> None:
    (folder / "nature.yaml").write_text("beds: !!python/object/apply:os.getcwd []\ntags: {}\n")
    with pytest.raises(BadInput, match=r"nature\.yaml: .*not valid YAML"):
        load_configs(folder)


Path_ = tuple[str | int, ...]


def leaves(data: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the place of every value below `data`."""
    items: Any = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*at, key)
        if isinstance(value, dict | list):
            yield from leaves(value, (*at, key))


def parent_of(data: Any, at: Path_) -> Any:
    for step in at[:-1]:
        data = data[step]
    return data


SOURCES: dict[str, type[FreePlan] | type[GenreSpec]] = {
    "free_daily_plan.yaml": FreePlan,
    "genres/deep.yaml": GenreSpec,
    "genres/ambient.yaml": GenreSpec,
}
RAW = {name: yaml.safe_load((default_root() / name).read_text()) for name in SOURCES}
MUTATIONS: dict[str, Callable[[Any, Any], None]] = {
    "a mapping where there is none": lambda parent, key: parent.__setitem__(key, {"nonsense": 1}),
    "nothing": lambda parent, key: parent.__setitem__(key, None),
    "a list of nothing": lambda parent, key: parent.__setitem__(key, [None]),
    "text with a space": lambda parent, key: parent.__setitem__(key, "no such thing"),
}


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_mutation_is_either_refused_with_its_place_or_harmless(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SOURCES)))
    raw = yaml.safe_load(yaml.safe_dump(RAW[name]))
    place = data.draw(st.sampled_from(sorted(leaves(raw), key=str)))
    mutation = data.draw(st.sampled_from(sorted(MUTATIONS)))
    MUTATIONS[mutation](parent_of(raw, place), place[-1])
    try:
        validated(SOURCES[name], raw, name)
    except BadInput as error:
        for line in str(error).splitlines():
            file, where, what = line.split(": ", 2)
            assert file == name
            assert where == "top level" or re.match(r"[a-zA-Z_]", where)
            assert what
    else:
        # Free text, chords (which are music, checked elsewhere) and optional values may pass.
        assert {"title", "siteCategory", "chords"} & set(place) or mutation == "nothing"
