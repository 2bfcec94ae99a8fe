"""ACE-Step through diffusers, on a pipeline of a few kilobytes with all its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra acestep is not installed")
pytest.importorskip("diffusers", reason="the extra acestep is not installed")
pytestmark = pytest.mark.premium

from tiny_models import build_acestep  # noqa: E402

from soundflow_assets.errors import BadInput  # noqa: E402
from soundflow_assets.premium.backends.acestep import AceStep  # noqa: E402
from soundflow_assets.premium.backends.interface import Stopped, Task  # noqa: E402
from soundflow_assets.premium.backends.open import backend_for, open_backend  # noqa: E402
from soundflow_assets.premium.models import find_model  # noqa: E402

FIELDS = {"bpm": 120, "keyscale": "A minor", "timesignature": "4"}
TASK = Task("warm deep house, [instrumental]", 5.013, 3, FIELDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_acestep(tmp_path_factory.mktemp("models") / "tiny-acestep")


@pytest.fixture(scope="module")
def backend(folder: Path) -> AceStep:
    made = open_backend(find_model(str(folder)), device="cpu")
    assert isinstance(made, AceStep)
    return made


def test_length_is_exact_and_the_seed_decides(backend: AceStep) -> None:
    shares: list[float] = []
    [one] = backend.generate([TASK], shares.append)
    [again] = backend.generate([TASK])
    [other] = backend.generate([Task(TASK.text, TASK.duration_s, 4, FIELDS)])
    assert one.audio.shape == (2, round(5.013 * 48000))
    assert one.sample_rate == 48000
    assert np.array_equal(one.audio, again.audio)
    assert not np.array_equal(one.audio, other.audio)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert one.facts["steps"] == 8


def test_tempo_and_key_are_conditions(backend: AceStep) -> None:
    [one] = backend.generate([TASK])
    [other] = backend.generate([Task(TASK.text, TASK.duration_s, 3, {**FIELDS, "bpm": 60})])
    assert not np.array_equal(one.audio, other.audio)


def test_a_cancelled_generation_stops(backend: AceStep) -> None:
    with pytest.raises(Stopped):
        backend.generate([TASK], cancelled=lambda: True)


def test_what_the_model_cannot_take_is_refused(backend: AceStep) -> None:
    with pytest.raises(BadInput, match="at most 600 s"):
        backend.generate([Task("calm", 900, 1)])
    with pytest.raises(BadInput, match=r"prompt: \d+ tokens; the model takes at most 256"):
        backend.generate([Task("warm piano " * 200, 10, 1)])


def test_damaged_weights_are_named(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    [weights] = (copy / "transformer").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(BadInput, match="damaged or incomplete"):
        open_backend(find_model(str(copy)))


def test_a_backend_runs_its_own_models_only() -> None:
    with pytest.raises(BadInput, match=r"acestep cannot run musicgen-stereo-small; allowed: auto"):
        backend_for(find_model("musicgen-stereo-small"), "acestep")
    assert backend_for(find_model("acestep-v15-xl-turbo"), "auto") == "acestep"
