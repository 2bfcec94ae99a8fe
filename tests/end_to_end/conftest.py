"""One week, made once for all tests that look at it."""

import pytest
from week import Week, make_week


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    return make_week(tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("scratch"))
