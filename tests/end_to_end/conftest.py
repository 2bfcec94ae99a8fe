"""Days of the shipped plan, made once for all tests that look at them."""

import pytest
from week import DAYS, Week, make_days


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(DAYS[2:3], id="a-day"),
        pytest.param(DAYS, id="a-week", marks=pytest.mark.slow),
    ],
)
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Week:
    return make_days(
        request.param, tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("scratch")
    )
