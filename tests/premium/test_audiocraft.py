"""audiocraft as a backend, through its debug model: the interface, length, seed, progress, cancel.

The debug model is mono and of random weights; it exercises neither T5 nor the loading of real
checkpoints. It wants spaCy's English model, which comes from GitHub; a blank pipeline stands in.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("audiocraft", reason="audiocraft has an environment of its own")
pytestmark = pytest.mark.audiocraft

import spacy  # noqa: E402

from soundflow_assets.premium.backends.audiocraft import (  # noqa: E402
    DEBUG,
    Audiocraft,
    open_audiocraft,
)
from soundflow_assets.premium.backends.interface import Stopped, Task  # noqa: E402
from soundflow_assets.premium.models import Model  # noqa: E402

MODEL = Model(DEBUG, DEBUG, "musicgen", "MIT", True, "A debug model.", 32000, 1)


@pytest.fixture(scope="module")
def backend() -> Iterator[Audiocraft]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spacy, "load", lambda *_, **__: spacy.blank("en"))
        yield open_audiocraft(MODEL, "cpu")


def test_length_is_exact_and_the_seed_decides(backend: Audiocraft) -> None:
    shares: list[float] = []
    [one] = backend.generate([Task("warm house", 4.01, 1)], shares.append)
    [again] = backend.generate([Task("warm house", 4.01, 1)])
    [other] = backend.generate([Task("warm house", 4.01, 2)])
    assert one.audio.shape == (1, round(4.01 * 32000))
    assert np.array_equal(one.audio, again.audio)
    assert not np.array_equal(one.audio, other.audio)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 10
    assert backend.version == "audiocraft 1.3.0"


def test_a_long_piece_is_continued(backend: Audiocraft) -> None:
    [take] = backend.generate([Task("warm house", 40, 1)])
    assert take.audio.shape == (1, 40 * 32000)


def test_a_cancelled_generation_stops(backend: Audiocraft) -> None:
    with pytest.raises(Stopped):
        backend.generate([Task("warm house", 4, 1)], cancelled=lambda: True)
