"""What sounded yesterday sounds today, to the last bit, unless someone means to change it."""

from __future__ import annotations

import json

import pytest
from golden_sounds import FILE, hash_of, names, recorded

from soundflow_assets.version import ENGINE_VERSION

REMEDY = (
    "If the sound was meant to change: bump ENGINE_VERSION in soundflow_assets/version.py and run "
    "`.venv/bin/python tests/golden/rewrite.py`. If not, find what changed it."
)


@pytest.mark.parametrize("name", names())
def test_a_sound_is_what_it_was(name: str) -> None:
    assert hash_of(name) == recorded().get(name), f"{name} has changed. {REMEDY}"


def test_the_file_holds_all_sounds_and_no_others_of_this_engine() -> None:
    assert recorded().keys() == set(names()), REMEDY
    assert len(set(recorded().values())) == len(names())
    assert json.loads(FILE.read_text(encoding="utf-8"))["engine_version"] == ENGINE_VERSION, REMEDY
