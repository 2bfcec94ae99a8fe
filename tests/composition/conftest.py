"""The shipped configuration, read once."""

from __future__ import annotations

import pytest

from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs


@pytest.fixture(scope="session")
def configs() -> Configs:
    return load_configs()
