"""Every field an operator may write into the plan changes what is heard, as the guide promises."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import yaml

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.spectrum import spectrum_of
from soundflow_assets.mastering.master import aim_of, level, premaster
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.reel import in_blocks, reel_of
from soundflow_assets.synthesis.stems import render_stems

SHIPPED = Path(__file__).parents[2] / "generator_configs"
SECONDS = 12.0
SAMPLES = round(SECONDS * 44100)
# A Monday: the genre is the entry's own, so that its tempo and key hold.
MONDAY = dt.date(2025, 1, 13)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TrackPlan]:
    """Return what gives the plan of the shipped configuration with fields of one entry replaced."""

    def plan(changes: dict[str, object], **defaults: object) -> TrackPlan:
        root = tmp_path_factory.mktemp("configs")
        for path in SHIPPED.iterdir():
            (root / path.name).symlink_to(path)
        written = yaml.safe_load((SHIPPED / "free_daily_plan.yaml").read_text())
        written["defaults"].update(defaults)
        for name, value in changes.items():
            here = written["tracks"][0]
            *parents, last = name.split(".")
            for parent in parents:
                here = here[parent]
            assert last in here or name == "target_lufs"
            here[last] = value
        (root / "free_daily_plan.yaml").unlink()
        (root / "free_daily_plan.yaml").write_text(yaml.safe_dump(written))
        return free_plan(load_configs(root), MONDAY, "deep_work_daily", duration_s=SECONDS)

    return plan


@lru_cache(maxsize=3)
def heard(plan_json: str) -> tuple[Score, dict[str, tuple[float, np.ndarray]], np.ndarray]:
    """Return score, stems (loudness, audio) and mix of a plan."""
    plan = TrackPlan.model_validate_json(plan_json)
    score = compose(plan)
    stems = {}
    total = np.zeros((2, SAMPLES), dtype=np.float32)
    for stem in render_stems(plan, score):
        stems[stem.role] = (stem.loudness_lufs, stem.audio.copy())
        total += stem.audio
    return score, stems, total


def of(plan: TrackPlan) -> tuple[Score, dict[str, tuple[float, np.ndarray]], np.ndarray]:
    return heard(plan.model_dump_json())


@pytest.mark.parametrize("layer", ["drums", "bass", "music", "pad"])
def test_half_a_layers_weight_is_six_decibels_and_none_is_silence(planned, layer) -> None:
    roles = {"drums": {"drums"}, "bass": {"bass"}, "music": {"chords", "motif"}, "pad": {"pad"}}
    full, half, none = (of(planned({f"layers.{layer}": w}))[1] for w in (80, 40, 0))
    present = roles[layer] & full.keys()
    assert present
    for role in present:
        assert full[role][0] - half[role][0] == pytest.approx(6.02, abs=0.1)
        assert role not in none


def treble_db(audio: np.ndarray) -> float:
    """Return the share of the power above 1 kHz."""
    power = np.abs(np.fft.rfft(audio.mean(axis=0))) ** 2
    above = np.fft.rfftfreq(audio.shape[1], 1 / 44100) > 1000
    return float(10 * np.log10(power[above].sum() / power.sum()))


def test_cutoff_brightens_the_pitched_parts(planned) -> None:
    dark, bright = (of(planned({"synth.cutoff": value}))[1]["chords"][1] for value in (15, 95))
    assert treble_db(bright) > treble_db(dark) + 4


@pytest.mark.parametrize(("field", "value"), [("resonance", 95), ("drive", 95)])
def test_resonance_and_drive_change_the_tone(planned, field, value) -> None:
    before, after = (
        of(planned({f"synth.{field}": v, "synth.cutoff": 30}))[1]["chords"][1] for v in (0, value)
    )
    spectra = [np.abs(np.fft.rfft(audio.mean(axis=0))) for audio in (before, after)]
    one, two = (np.add.reduceat(s**2, np.arange(0, s.size, 2000)) for s in spectra)
    change_db = 10 * np.log10((two[:10] / two.sum()) / (one[:10] / one.sum()))
    assert np.abs(change_db).max() > 1.5


def test_space_is_the_amount_of_room_and_echo(planned) -> None:
    dry, little, much = (of(planned({"synth.space": value}))[1] for value in (0, 30, 90))
    assert "reverb" not in dry
    assert "delay" not in dry
    assert much["reverb"][0] > little["reverb"][0] + 4


@pytest.mark.parametrize("bed", ["rain", "vinyl", "white"])
def test_each_noise_of_the_ambience_is_heard_by_itself(planned, bed) -> None:
    silent = {f"ambience.{name}": 0 for name in ("rain", "vinyl", "white")}
    assert "bed" not in of(planned(silent))[1]
    alone = of(planned({**silent, f"ambience.{bed}": 50}))[1]["bed"][1]
    others = [n for n in ("rain", "vinyl", "white") if n != bed]
    for other in others:
        there = of(planned({**silent, f"ambience.{other}": 50}))[1]["bed"][1]
        assert abs(np.corrcoef(alone[0], there[0])[0, 1]) < 0.3


def test_the_range_of_ambience_is_the_level_of_the_beds(planned) -> None:
    levels = {}
    for value in (10, 60, 100):
        plan = planned({"ambienceMin": value, "ambienceMax": value})
        levels[value] = of(plan)[1]["bed"][0]
    assert levels[60] - levels[10] == pytest.approx(18, abs=1.0)
    assert levels[100] - levels[60] == pytest.approx(14, abs=1.0)


def test_nature_tags_bring_their_sounds(planned) -> None:
    ocean, birds = (of(planned({"natureTags": [tag]}))[1]["bed"][1] for tag in ("ocean", "birds"))
    high = [
        spectrum_of(hear(in_blocks(audio), 44100).powers).centroid_hz for audio in (ocean, birds)
    ]
    assert high[0] != high[1]


def test_energy_is_how_much_is_played(planned) -> None:
    calm, full = (of(planned({"energyMin": value, "energyMax": value}))[0] for value in (5, 95))
    assert len(full.hits) > 1.3 * len(calm.hits)


def test_the_curve_is_the_shape_of_the_energy(planned) -> None:
    energies = {
        curve: [section.energy for section in compose(
            planned({"curve": curve}).model_copy(update={"duration_s": 180.0})
        ).sections]
        for curve in ("linear", "build", "drop", "peak")
    }  # fmt: skip
    assert len({tuple(values) for values in energies.values()}) == 4
    build, drop = energies["build"], energies["drop"]
    assert build[-2] - build[0] > drop[-2] - drop[0]


def test_tempo_and_key_are_played_as_written(planned) -> None:
    score = of(planned({"bpm": 119, "key": "Fm"}))[0]
    assert (score.bpm, score.key) == (119, "Fm")
    assert score.beat_times_s[4] == pytest.approx(240 / 119, abs=1e-3)
    assert score.chords[-1].root == 5


def test_an_entrys_target_wins_over_the_default(planned) -> None:
    for plan, target in ((planned({}, target_lufs=-16.0), -16.0),
                         (planned({"target_lufs": -20.0}), -20.0)):  # fmt: skip
        score, _, total = of(plan)
        reel = reel_of(total.copy())
        premaster(plan, score, reel)
        master = level(aim_of(plan), reel)
        assert master.loudness_lufs == pytest.approx(target, abs=0.1)


def test_outputs_are_the_files_made_beside_the_track(planned) -> None:
    assert planned({}).outputs == ("loop",)
    assert planned({}, outputs=[]).outputs == ()


def test_bitrate_and_length_are_the_defaults(planned) -> None:
    assert planned({}, export_bitrate="128k").bitrate_kbps == 128
    assert planned({}).bitrate_kbps == 192
