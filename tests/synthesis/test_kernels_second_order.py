import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.second_order import (
    BAND,
    HIGH,
    LOW,
    MEMORIES,
    run_second_order,
    second_order,
)


@pytest.mark.parametrize("kind", [LOW, BAND, HIGH])
@pytest.mark.parametrize(("hz", "k"), [(20.0, 1.4), (900.0, 0.1), (0.44 * SAMPLE_RATE, 1.4)])
def test_eight_samples_at_a_time_are_filtered_as_one_by_one(kind: int, hz: float, k: float) -> None:
    sound = np.random.default_rng(4).standard_normal(4096)
    expected = []
    a = b = 0.0
    for x in sound:
        low, band, a, b = svf(x, a, b, svf_g(hz), k)
        expected.append((low, band, x - k * band - low)[kind])
    memory = np.zeros((MEMORIES, LANES))
    coefficients = second_order(kind, hz, k)
    run_second_order(sound[:1000], 1000, coefficients, memory)
    run_second_order(sound[1000:], 3096, coefficients, memory)
    np.testing.assert_allclose(sound, expected, atol=1e-9)
