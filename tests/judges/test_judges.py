"""Other people's programs hear our finished tracks as we meant them. `make judges` runs this."""

from __future__ import annotations

import concurrent.futures
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("essentia", reason="the judges are not installed: make judges")

import judges
from listening import chosen_plans

from soundflow_assets.delivery.decode import decode
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.production import produce

pytestmark = pytest.mark.judges

RUBATO = frozenset({"classic"})
LEAST_CONFIDENCE = {"jazz": 1.0, "classic": 1.0}


@dataclass(frozen=True, slots=True)
class Judged:
    """One full-length track as planned and as essentia hears it."""

    plan: TrackPlan
    has_beat: bool
    heard: judges.Heard

    def __str__(self) -> str:
        return f"{self.plan.id} ({self.plan.genre}, {self.plan.bpm:g} BPM, {self.plan.key})"


def _judge(plan: TrackPlan, folder: Path) -> Judged:
    own = folder / plan.id
    own.mkdir()
    production = produce(plan, own)
    return Judged(
        production.plan,
        bool(production.score.hits) or plan.genre in RUBATO,
        judges.hear(decode(production.files["mp3"]).audio),
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """Every genre on three dates, as the daily job makes them."""
    folder = tmp_path_factory.mktemp("judged")
    plans, _ = chosen_plans(0, set())
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(_judge, plans, [folder] * len(plans)))


def test_the_tempo_of_every_beat_genre_is_heard(judged: list[Judged]) -> None:
    wrong = [
        f"{one}: heard {one.heard.bpm:.2f}"
        for one in judged
        if one.has_beat
        and not one.heard.tempo_agrees(one.plan.bpm, 0.04 if one.plan.genre in RUBATO else 0.01)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_beat_is_clear_where_a_pulse_is_promised(judged: list[Judged]) -> None:
    """At 2.5 for 95 of 100 tracks, and hardly less for the others: it varies by 0.1 with seeds."""
    unclear = {
        f"{one}: confidence {one.heard.confidence:.2f}": one.heard.confidence / least
        for one in judged
        if one.has_beat
        and one.plan.targets.pulse_clarity is not None
        and one.heard.confidence < (least := LEAST_CONFIDENCE.get(one.plan.genre, 2.5))
    }
    assert len(unclear) <= 0.05 * len(judged), "\n".join(unclear)
    assert min(unclear.values(), default=1.0) >= 0.95, "\n".join(unclear)


def test_the_key_or_its_relative_is_heard_in_at_least_95_percent(judged: list[Judged]) -> None:
    wrong = [
        f"{one}: heard {one.heard.key}" for one in judged if not one.heard.key_agrees(one.plan.key)
    ]
    assert len(wrong) <= 0.05 * len(judged), "\n".join(wrong)


def test_the_loudness_is_what_the_plan_asks_for(judged: list[Judged]) -> None:
    wrong = [
        f"{one}: {one.heard.lufs:.2f} LUFS"
        for one in judged
        if abs(one.heard.lufs - one.plan.target_lufs) > 0.5
    ]
    assert not wrong, "\n".join(wrong)
