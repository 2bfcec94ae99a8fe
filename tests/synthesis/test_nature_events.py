"""Beds as events: how often, how long, how high, and that birds keep their songs."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.plans.seeds import generator
from soundflow_assets.synthesis.nature.beds import events
from soundflow_assets.synthesis.nature.birds import SPECIES
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, drift
from soundflow_assets.synthesis.nature.grains import (
    COLUMNS,
    END_HZ,
    LEFT,
    LENGTH,
    MIDDLE_HZ,
    NOISE,
    ONSET,
    RIGHT,
    SEND,
    START_HZ,
    TRILL_HZ,
    Table,
    add_grains,
)
from soundflow_assets.synthesis.nature.life import flock
from soundflow_assets.synthesis.nature.parameters import Forest
from soundflow_assets.synthesis.nature.surf import Swell

MINUTES = 4


@functools.cache
def happening(name: str, seed: int = 8) -> dict[str, Table]:
    return events(name, {}, MINUTES * 60 * SAMPLE_RATE, seed)


def rate(table: Table) -> float:
    return table.shape[0] / (MINUTES * 60)


def gaps_s(table: Table) -> np.ndarray:
    return np.diff(np.sort(table[:, ONSET])) / SAMPLE_RATE


def strength(table: Table) -> np.ndarray:
    return np.sqrt(table[:, LEFT] ** 2 + table[:, RIGHT] ** 2)


def test_rain_has_150_to_600_drops_a_second_of_unequal_size() -> None:
    drops = happening("rain")["drops"]
    clicks, bubbles = drops[drops[:, NOISE] == 1], drops[drops[:, NOISE] == 0]
    assert 150 < rate(clicks) < 600
    assert bubbles.shape[0] / clicks.shape[0] == pytest.approx(0.25, abs=0.01)
    assert 20 * np.log10(strength(clicks)).std() == pytest.approx(6, abs=1.5)
    assert clicks[:, LENGTH].max() <= 0.002 * SAMPLE_RATE + 1


def test_bubbles_in_rain_glide_up_by_eight_percent() -> None:
    drops = happening("rain")["drops"]
    bubbles = drops[drops[:, NOISE] == 0]
    assert np.allclose(bubbles[:, END_HZ] / bubbles[:, START_HZ], 1.08)
    assert bubbles[:, START_HZ].min() >= 1500 and bubbles[:, START_HZ].max() <= 8001
    assert bubbles[:, LENGTH].min() >= 0.008 * SAMPLE_RATE - 1
    assert bubbles[:, LENGTH].max() <= 0.020 * SAMPLE_RATE + 1


@pytest.mark.parametrize("wanted", [150, 300, 600])
def test_drops_come_as_often_as_they_are_told_to(wanted: int) -> None:
    drops = events("rain", {"drops_per_s": wanted, "bubbles": 0}, 60 * SAMPLE_RATE, 2)["drops"]
    assert drops.shape[0] / 60 == pytest.approx(wanted, rel=0.1)


def test_arrivals_are_random_not_regular() -> None:
    """In a Poisson process the gaps' standard deviation equals their mean."""
    clicks = gaps_s(happening("vinyl")["clicks"])
    assert clicks.std() / clicks.mean() == pytest.approx(1, abs=0.12)


def test_a_record_clicks_8_to_14_times_a_second_and_seldom_pops() -> None:
    table = happening("vinyl")
    clicks = table["clicks"]
    assert 8 < rate(clicks) < 14
    assert 0.1 < rate(table["pops"]) < 0.35
    assert clicks[:, START_HZ].min() >= 1000 and clicks[:, START_HZ].max() <= 7001
    lengths_ms = clicks[:, LENGTH] / SAMPLE_RATE * 1000
    assert lengths_ms.min() > 0.19 and lengths_ms.max() < 1.01


def test_a_fire_crackles_4_to_12_times_a_second_in_bursts() -> None:
    table = happening("fire")
    crackles = table["crackles"]
    assert 4 < rate(crackles) < 12
    gaps = gaps_s(crackles)
    assert gaps.std() > 1.15 * gaps.mean(), "crackles come in clusters"
    loud = 20 * np.log10(strength(crackles))
    assert loud.max() - np.median(loud) > 10, "a few are much louder than most"
    assert crackles[:, LENGTH].min() / SAMPLE_RATE * 1000 + 0.05 >= 1
    assert crackles[:, LENGTH].max() / SAMPLE_RATE * 1000 <= 8.05
    assert 0.05 < rate(table["pops"]) / 2 < 0.4  # a pop is a body and a snap


def test_a_brook_bubbles_40_to_120_times_a_second_around_800_hz() -> None:
    bubbles = happening("river")["bubbles"]
    assert 40 < rate(bubbles) < 120
    assert np.median(bubbles[:, START_HZ]) == pytest.approx(800, rel=0.05)
    assert bubbles[:, START_HZ].min() >= 300 and bubbles[:, START_HZ].max() <= 2500
    rise = bubbles[:, END_HZ] / bubbles[:, START_HZ]
    assert rise.min() > 1.019 and rise.max() < 1.101
    lengths_ms = bubbles[:, LENGTH] / SAMPLE_RATE * 1000
    assert lengths_ms.min() > 9.9 and lengths_ms.max() <= 60.1
    counts = np.histogram(bubbles[:, ONSET], bins=MINUTES * 60 * 4)[0]
    assert counts.var() > 1.5 * counts.mean(), "bubbles cluster"


def test_waves_come_every_seven_to_thirteen_seconds_without_end() -> None:
    swell = Swell(3, 7.5, 12.5)
    onsets: list[float] = []
    for start in range(0, 900 * SAMPLE_RATE, TILE):
        swell.waves_until((start + TILE) / SAMPLE_RATE)
        onsets.extend(onset for onset in swell.onsets_s if onset not in onsets)
    periods = np.diff(onsets)
    assert periods.min() >= 7 and periods.max() <= 13
    assert periods.std() > 0.5, "no two waves are evenly apart"
    assert len(swell.onsets_s) < 8, "waves long past are forgotten"


def phrases(table: Table) -> list[Table]:
    """Split one bird's notes where it pauses for over 2.5 s."""
    ordered = table[np.argsort(table[:, ONSET])]
    cuts = np.flatnonzero(np.diff(ordered[:, ONSET]) > 2.5 * SAMPLE_RATE) + 1
    return np.split(ordered, cuts)


def test_a_forest_has_three_to_six_birds_of_different_species() -> None:
    for count in (3, 6):
        birds = flock(Forest(birds=count), 12)
        assert len(birds) == count
        assert len({bird.species.name for bird in birds}) == count
        distances = [bird.distance_db for bird in birds]
        assert max(distances) > -8 and min(distances) < -22


def test_far_birds_are_softer_duller_and_wetter() -> None:
    table = happening("forest")
    near, far = table["bird_1"], table["bird_5"]
    assert strength(near).mean() > 3 * strength(far).mean()
    assert far[:, SEND].mean() > 2 * near[:, SEND].mean()


def test_a_bird_pauses_for_six_to_fourteen_seconds_on_average() -> None:
    pauses: list[float] = []
    for seed in range(4):
        for table in events("forest", {}, 600 * SAMPLE_RATE, seed).values():
            gaps = gaps_s(table)
            pauses.extend(gaps[gaps > 1.5])
    # What is left of an exponential above 1.5 s has the mean of the whole plus 1.5 s.
    assert 6 < np.mean(pauses) - 1.5 < 14
    assert np.std(pauses) > 0.7 * (np.mean(pauses) - 1.5), "exponential, not even"


def test_a_bird_repeats_its_own_song_within_three_percent() -> None:
    for name, table in happening("forest").items():
        songs = [song[:, MIDDLE_HZ] for song in phrases(table) if song.shape[0] >= 2]
        assert len(songs) >= 3, name
        for song in songs[1:]:
            size = min(song.size, songs[0].size, 2)
            ratio = song[:size] / songs[0][:size]
            assert np.abs(ratio - 1).max() < 0.062, name
            assert np.ptp(ratio) < 1e-9, "the whole song is moved, not each note"


@pytest.mark.parametrize("species", SPECIES, ids=lambda species: species.name)
@pytest.mark.parametrize("seed", range(6))
def test_every_motif_keeps_to_what_birds_do(species: object, seed: int) -> None:
    motif = species.motif(generator("test", seed))  # type: ignore[attr-defined]
    assert 2 <= len(motif) <= 7
    for note in motif:
        assert min(note.start_hz, note.middle_hz, note.end_hz) >= 2000
        assert max(note.start_hz, note.middle_hz, note.end_hz) <= 7000
        assert 0.04 <= note.length_s <= 0.181
        assert note.trill_hz == 0 or 18 <= note.trill_hz <= 35


def test_crickets_chirp_four_to_seven_pulses_at_about_58_hz() -> None:
    crickets = happening("crickets")
    assert 4 <= len(crickets) <= 8
    periods = []
    for table in crickets.values():
        gaps = gaps_s(table)
        within = gaps[gaps < 0.05]
        assert 1 / np.median(within) == pytest.approx(58, rel=0.035)
        starts = np.flatnonzero(np.concatenate([[True], gaps > 0.05]))
        pulses = np.diff(starts)
        assert pulses.min() >= 4 and pulses.max() <= 7
        chirps = np.diff(np.sort(table[:, ONSET])[starts]) / SAMPLE_RATE
        assert 0.5 <= np.median(chirps) <= 0.8
        periods.append(float(np.median(chirps)))
        assert table[:, MIDDLE_HZ].min() >= 4200 and table[:, MIDDLE_HZ].max() <= 5000
    assert len(set(np.round(periods, 3))) == len(periods), "no two in step"


def test_pages_turn_seldom_in_a_library() -> None:
    table = happening("room")
    assert 3 <= table["pages"].shape[0] / 7 <= 20
    assert table["creaks"].shape[0] / 9 <= 12


def test_events_do_not_depend_on_how_far_one_looks() -> None:
    for name in ("rain", "forest", "fire"):
        short = events(name, {}, 20 * SAMPLE_RATE, 4)
        for kind, table in events(name, {}, 40 * SAMPLE_RATE, 4).items():
            early = table[table[:, ONSET] < 20 * SAMPLE_RATE]
            order = np.lexsort(early.T)
            again = short[kind][np.lexsort(short[kind].T)]
            assert np.array_equal(early[order], again), (name, kind)


def test_a_drift_is_smooth_bounded_and_the_same_from_any_start() -> None:
    whole = drift(0, 4000, 1.7, 9)
    assert np.abs(whole).max() <= 1
    assert np.abs(np.diff(whole)).max() < 0.02
    later = drift(CONTROL * 1000, 500, 1.7, 9)
    assert np.allclose(later, whole[1000:1500], atol=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.4, 1.0])
def test_a_grain_begins_and_ends_in_silence(noise: float) -> None:
    table = np.zeros((1, COLUMNS))
    table[0, [ONSET, LENGTH, START_HZ, MIDDLE_HZ, END_HZ]] = 100, 900, 3000, 3500, 2500
    table[0, [LEFT, RIGHT, 9, NOISE, TRILL_HZ, 6]] = 1.0, 0.5, 0.2, noise, 25, 0.05
    dry = np.zeros((2, 2 * TILE), np.float32)
    wet = np.zeros((2, 2 * TILE), np.float32)
    add_grains(dry, wet, 0, table, 1, 1.0)
    assert not dry[:, :100].any() and not dry[:, 1000:].any() and not wet.any()
    assert np.abs(dry).max() > 0.3
    assert np.abs(dry[:, 100:103]).max() < 0.01 and np.abs(dry[:, 996:1000]).max() < 0.01
    assert np.allclose(dry[1], 0.5 * dry[0], atol=1e-7)
