"""Events from a stock sound like events made one by one, and the stock is spread evenly."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.nature.curves import POINTS, TILE, Curve, evenly
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    DECAY,
    LEFT,
    LENGTH,
    LONGEST,
    NOISE,
    ONSET,
    RIGHT,
    SEND,
    Table,
    add_grains,
    set_gain,
    set_pitch,
    table_of,
)
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread


def pairs(onsets: Curve, numbers: Curve) -> Table:
    """Two tones each: one at once, one 10 ms later and half as loud."""
    table = table_of(np.repeat(onsets, 2))
    own = np.repeat(numbers, 2)
    later = np.tile([0.0, 1.0], onsets.size)
    table[:, ONSET] += later * 441
    table[:, LENGTH] = 200 + 30 * own + 7 * later
    set_pitch(table, 500.0 + 90.0 * own, 600.0 + 90.0 * own)
    table[:, ATTACK], table[:, DECAY], table[:, SEND] = 0.1, 3.0, 0.4
    set_gain(table, 1.0 - 0.5 * later)
    return table


def kind(**changed: object) -> Scattered:
    given = {
        "name": "pairs", "seed": 3, "rates": lambda start: np.full(POINTS, 90.0), "grains": pairs,
        "variants": 7, "spread": Spread(-6.0, 4.0, 1.6, highest_db=0.0),
    }  # fmt: skip
    return Scattered(**(given | changed))  # type: ignore[arg-type]


def buffers() -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, TILE + LONGEST), np.float32), np.zeros((2, TILE + LONGEST), np.float32)


def test_events_from_a_stock_sound_as_if_each_had_been_made() -> None:
    stocked, single = kind(), kind()
    for start in (0, TILE, 2 * TILE):
        dry, wet = buffers()
        expected_dry, expected_wet = buffers()
        stocked.add(start, 0.7, dry, wet)
        table = single.schedule(start)
        assert table.shape[0] > 100
        add_grains(expected_dry, expected_wet, start, table, 3, 0.7)
        np.testing.assert_allclose(dry, expected_dry, atol=1e-5)
        np.testing.assert_allclose(wet, expected_wet, atol=1e-5)


def test_events_differ_in_level_and_place_as_they_are_told_to() -> None:
    tables = []
    events = kind(spread=Spread(-6.0, 4.0, 1.0))
    for start in range(0, 60 * SAMPLE_RATE, TILE):
        tables.append(events.schedule(start)[::2])
    table = np.concatenate(tables)
    power = 0.5 * (table[:, LEFT] ** 2 + table[:, RIGHT] ** 2)
    levels_db = 10 * np.log10(power)
    assert levels_db.mean() == pytest.approx(-6.0, abs=0.3)
    assert levels_db.std() == pytest.approx(4.0, abs=0.3)
    pans = table[:, RIGHT] ** 2 / (2 * power) * 2 - 1
    assert np.abs(pans).max() <= 0.5 and pans.std() == pytest.approx(0.5 / np.sqrt(3), abs=0.02)
    assert len({round(length) for length in table[:, LENGTH]}) == 7, "every variant is heard"


def test_noise_of_a_stock_differs_from_variant_to_variant() -> None:
    def hisses(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        table[:, LENGTH], table[:, NOISE] = 300, 1.0
        return table

    events = kind(grains=hisses, variants=4)
    dry, wet = buffers()
    events.add(0, 1.0, dry, wet)
    sounds = events._stock().sounds.reshape(4, -1)[:, :300]
    assert np.isfinite(sounds).all() and not wet.any()
    assert np.abs(np.corrcoef(sounds) - np.eye(4)).max() < 0.3


@pytest.mark.parametrize("quantity", range(9))
def test_even_shares_are_even_among_few(quantity: int) -> None:
    shares = np.sort(evenly(np.arange(64, dtype=np.float64), quantity, 5))
    assert shares.min() >= 0.0 and shares.max() < 1.0
    assert np.abs(shares - (np.arange(64) + 0.5) / 64).max() < 0.08
