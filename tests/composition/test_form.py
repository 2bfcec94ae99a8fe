"""Form fits every duration: whole bars, on the four-bar grid, energy where the plan wants it."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.draft import DraftSection
from soundflow_assets.composition.energy import effective_energies
from soundflow_assets.composition.form import body_bars, fit_form
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import Curve, TrackPlan
from soundflow_assets.plans.resolve import free_plan, genre_plan

DAY = dt.date(2025, 1, 15)
CONFIGS = load_configs()
GENRES = sorted(CONFIGS.genres)


def plan_of(genre: str, **changes: object) -> TrackPlan:
    plan = genre_plan(CONFIGS, genre, DAY)
    return plan.model_copy(update=changes)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(GENRES), st.floats(10, 3600), st.integers(0, 50))
def test_sections_cover_the_body_without_gaps_at_any_duration(
    genre: str, duration_s: float, seed: int
) -> None:
    plan = genre_plan(CONFIGS, genre, DAY, seed, duration_s)
    sections = fit_form(plan)
    assert sections[0].start_bar == 0
    for section, following in itertools.pairwise(sections):
        assert following.start_bar == section.end_bar
        assert following.start_bar % 4 == 0 or sections[-1].end_bar < 12
    bars = sections[-1].end_bar
    assert bars == body_bars(duration_s, plan.bpm)
    tail = duration_s - bars * 240.0 / plan.bpm
    assert tail >= 0.999
    # A bar that does not fit the window leaves at most its own length on top of it.
    assert tail <= max(6.0, 240.0 / plan.bpm + 2.0) + 1e-6
    assert all(section.bars >= 1 and section.roles for section in sections)
    assert len({section.name for section in sections}) == len(sections)


@pytest.mark.parametrize("genre", GENRES)
def test_three_minutes_keep_the_genres_own_form(genre: str) -> None:
    plan = plan_of(genre)
    form = next(f for f in plan.spec.forms if f.name == plan.choices.form)
    names = [section.name for section in fit_form(plan)]
    written = [section.name for section in form.sections]
    # A fast or slow draw of tempo may cost one section, never the first, the last or the peak.
    assert len(names) >= len(written) - 1
    assert (names[0], names[-1]) == (written[0], written[-1])


@pytest.mark.parametrize("genre", GENRES)
def test_a_long_track_goes_through_its_form_again_instead_of_stretching_one_section(
    genre: str,
) -> None:
    sections = fit_form(plan_of(genre, duration_s=900.0))
    assert max(section.bars for section in sections) <= 56
    again = [section for section in sections if section.name.split("_")[0] == sections[2].name]
    assert len({section.energy for section in again}) == len(again), "passes have their own weight"


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("duration_s", [10.0, 30.0, 40.0])
def test_the_shortest_track_opens_has_its_strongest_section_and_ends(
    genre: str, duration_s: float
) -> None:
    plan = plan_of(genre, duration_s=duration_s)
    form = next(f for f in plan.spec.forms if f.name == plan.choices.form)
    sections = fit_form(plan)
    if sections[-1].end_bar < 3:
        pytest.skip("ten seconds hold two slow bars")
    names = [section.name for section in sections]
    assert len(names) >= 3
    assert (names[0], names[-1]) == (form.sections[0].name, form.sections[-1].name)
    inner = max(section.energy for section in sections[1:-1])
    assert inner >= max(sections[0].energy, sections[-1].energy)
    score = compose(plan)
    first = min(note.onset_s for part in score.parts for note in part.notes)
    last = max(note.onset_s + note.duration_s for part in score.parts for note in part.notes)
    assert first < 3.0
    assert last > score.body_s - 1.0


@pytest.mark.parametrize("genre", GENRES)
def test_a_short_track_keeps_its_strongest_section(genre: str) -> None:
    plan = genre_plan(CONFIGS, genre, DAY, duration_s=45)
    form = next(f for f in plan.spec.forms if f.name == plan.choices.form)
    strongest = max(form.sections, key=lambda section: section.energy).name
    assert strongest in [section.name for section in fit_form(plan)]


def test_energy_spans_exactly_the_plans_range() -> None:
    for genre in GENRES:
        plan = plan_of(genre, energy_min=30, energy_max=80)
        energies = [section.energy for section in fit_form(plan)]
        assert min(energies) == pytest.approx(0.3) and max(energies) == pytest.approx(0.8)


BLOCKS = [(0.35, 8), (0.6, 16), (0.4, 8), (0.8, 16), (0.6, 16), (0.8, 16), (0.35, 8)]


def curve(name: Curve) -> list[float]:
    return effective_energies(BLOCKS, name, 0.0, 1.0)


def test_each_curve_shapes_the_track_as_its_name_says() -> None:
    linear, build, drop, peak = (curve(name) for name in ("linear", "build", "drop", "peak"))
    assert linear == [round((e - 0.35) / 0.45, 4) for e, _ in BLOCKS]
    assert sum(build[-3:]) > sum(build[:3]) + 0.8
    assert sum(drop[:3]) > sum(drop[-3:]) + 0.3
    # The second strong section outweighs the first in a build, the first the second in a drop.
    assert build[5] > build[3] and drop[3] > drop[5]
    assert peak[4] > linear[4] and peak[5] > 0.9 and peak[0] == 0.0 and peak[-1] < 0.3
    assert len({tuple(values) for values in (linear, build, drop, peak)}) == 4


@pytest.mark.parametrize("name", ["linear", "build", "drop", "peak"])
def test_a_plans_curve_changes_the_sections(name: Curve) -> None:
    def energies(which: Curve) -> list[float]:
        return [section.energy for section in fit_form(plan_of("house", curve=which))]

    others: list[Curve] = [c for c in ("linear", "build", "drop", "peak") if c != name]
    assert all(energies(name) != energies(other) for other in others)


def playing(sections: tuple[DraftSection, ...]) -> int:
    return sum(len(section.roles) * section.bars for section in sections)


@pytest.mark.parametrize("genre", [g for g in GENRES if g != "classic"])
def test_more_energy_means_more_players(genre: str) -> None:
    calm = fit_form(plan_of(genre, energy_min=0, energy_max=20))
    full = fit_form(plan_of(genre, energy_min=80, energy_max=100))
    assert playing(full) > 1.15 * playing(calm)


def test_a_role_plays_only_where_the_form_lets_it(configs: Configs) -> None:
    plan = free_plan(configs, DAY, "deep_work_daily")
    form = next(f for f in plan.spec.forms if f.name == plan.choices.form)
    for section, written in zip(fit_form(plan), form.sections, strict=False):
        if section.name != written.name:
            break
        assert not set(section.roles) & set(written.without)
        if written.only:
            assert set(section.roles) <= {*written.only, *plan.spec.drums.lanes}
