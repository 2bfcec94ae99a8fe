"""Our decode loop against the library's own `generate()`, on tiny weights; codes, not sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.models import find_model

torch = pytest.importorskip("torch", reason="the extra premium is not installed")
transformers = pytest.importorskip("transformers", reason="the extra premium is not installed")
pytestmark = pytest.mark.premium

from tiny_models import build_musicgen  # noqa: E402

from soundflow_assets.premium.backends.interface import Stopped, Task  # noqa: E402
from soundflow_assets.premium.backends.musicgen.backend import MusicGen, open_musicgen  # noqa: E402
from soundflow_assets.premium.backends.musicgen.condition import conditioned  # noqa: E402
from soundflow_assets.premium.backends.musicgen.decoder import Weights  # noqa: E402
from soundflow_assets.premium.backends.musicgen.loop import Loop  # noqa: E402
from soundflow_assets.premium.backends.musicgen.pattern import columns  # noqa: E402
from soundflow_assets.premium.backends.musicgen.weights import load_musicgen  # noqa: E402

TEXTS = ["warm deep house with electric piano, 122 bpm", "calm ambient"]


def checkpoint(folder: Path, kind: str) -> Path:
    return build_musicgen(folder, channels=1 if kind == "mono" else 2, melody=kind == "melody")


def library_codes(loaded: Any, texts: list[str], frames: int, prompt: Any = None) -> Any:
    """Return what the library's generate() decodes to sound: its codes."""
    seen: list[Any] = []
    codec, words = (
        loaded.model.audio_encoder,
        loaded.tokenizer(texts, padding=True, return_tensors="pt"),
    )
    original = codec.decode

    def decode(codes: Any, *rest: Any, **named: Any) -> Any:
        seen.append(codes[0])
        return original(codes, *rest, **named)

    codec.decode = decode
    decoder = loaded.model.decoder.config
    late = decoder.num_codebooks // decoder.audio_channels - 1
    given = 0 if prompt is None else prompt.shape[-1]
    extra = {} if prompt is None else {"decoder_input_ids": prompt.reshape(-1, given)}
    try:
        loaded.model.generate(
            **words,
            **extra,
            max_new_tokens=frames - given + late,
            do_sample=False,
            guidance_scale=3.0,
        )
    finally:
        codec.decode = original
    if decoder.audio_channels == 1:
        return seen[0]
    both = torch.stack(seen, dim=2)  # left and right of a codebook side by side
    return both.reshape(both.shape[0], -1, both.shape[-1])


def our_codes(
    loaded: Any, texts: list[str], frames: int, prompt: Any = None, guidance: float = 3.0
) -> Any:
    with torch.inference_mode():
        weights = Weights(loaded.model.decoder, torch.device("cpu"), torch.float32)
        condition = conditioned(loaded.model, loaded.tokenizer, texts, guided=guidance > 1)
        lead = 0 if condition.prefix is None else condition.prefix.shape[1]
        length = columns(frames, weights.codebooks, weights.channels)
        loop = Loop(weights, len(texts), length, guided=guidance > 1, top_k=0, lead=lead)
        if condition.prefix is None:
            loop.cache.condition(weights, condition.states, condition.mask)
        loop.guidance.fill_(guidance)
        if prompt is None:
            prompt = torch.zeros((len(texts), weights.codebooks, 0), dtype=torch.int64)
        return loop.window(prompt, frames, condition.prefix)


@pytest.mark.parametrize("kind", ["stereo", "mono", "melody"])
def test_greedy_codes_equal_the_librarys(tmp_path: Path, kind: str) -> None:
    loaded = load_musicgen(find_model(str(checkpoint(tmp_path, kind))))
    theirs = library_codes(loaded, TEXTS, 320)
    ours = our_codes(loaded, TEXTS, 320)
    assert ours.shape == theirs.shape
    assert torch.equal(ours, theirs)
    # The comparison means something: codes move, and the words decide them.
    assert len(ours[0, 0].unique()) > 8
    assert not torch.equal(ours[0], ours[1])


@pytest.mark.parametrize("kind", ["stereo", "mono"])
def test_a_continuation_equals_the_librarys(tmp_path: Path, kind: str) -> None:
    loaded = load_musicgen(find_model(str(checkpoint(tmp_path, kind))))
    books = loaded.model.decoder.config.num_codebooks
    source = torch.Generator().manual_seed(5)
    prompt = torch.randint(0, 64, (2, books, 40), generator=source)
    theirs = library_codes(loaded, TEXTS, 120, prompt)
    ours = our_codes(loaded, TEXTS, 120, prompt)
    assert torch.equal(ours, theirs)
    assert torch.equal(ours[:, :, :40], prompt)


def test_a_step_is_one_graph(tiny_musicgen: Path) -> None:
    loaded = load_musicgen(find_model(str(tiny_musicgen)))
    weights = Weights(loaded.model.decoder, torch.device("cpu"), torch.float32)
    loop = Loop(weights, 1, 64, guided=True, top_k=8)
    with torch.inference_mode():
        condition = conditioned(loaded.model, loaded.tokenizer, TEXTS[:1], guided=True)
        loop.cache.condition(weights, condition.states, condition.mask)
        found = torch._dynamo.explain(loop.advance)(64)
    assert (found.graph_count, found.graph_break_count) == (1, 0)


def test_a_step_asks_the_host_nothing(tiny_musicgen: Path) -> None:
    """Reading a number off the device would stall it 9000 times a track."""
    from torch.utils._python_dispatch import TorchDispatchMode

    asked: list[str] = []
    telling = ("_local_scalar_dense", "nonzero", "_to_copy")

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, _: Any, args: Any = (), named: Any = None) -> Any:
            if any(one in str(func) for one in telling):
                asked.append(str(func))
            return func(*args, **(named or {}))

    loaded = load_musicgen(find_model(str(tiny_musicgen)))
    weights = Weights(loaded.model.decoder, torch.device("cpu"), torch.float32)
    loop = Loop(weights, 2, 64, guided=True, top_k=8)
    with torch.inference_mode():
        condition = conditioned(loaded.model, loaded.tokenizer, TEXTS, guided=True)
        loop.cache.condition(weights, condition.states, condition.mask)
        with Watch():
            loop.advance(64)
            assert asked == []
            bool(loop.at > 0)  # the watch sees what it is to see
    assert asked


def test_length_is_exact_and_seeds_decide(tiny_musicgen: Path) -> None:
    backend = open_musicgen(find_model(str(tiny_musicgen)), "cpu")
    shares: list[float] = []
    tasks = [Task(TEXTS[0], 40.01, seed) for seed in (1, 2)]
    first, second = backend.generate(tasks, shares.append)
    assert first.audio.shape == second.audio.shape == (2, round(40.01 * 32000))
    assert first.audio.dtype == np.float32
    assert not np.array_equal(first.audio, second.audio)
    assert not np.array_equal(first.audio[0], first.audio[1])
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert first.facts["steps"] == 1500 + 3 + 501 + 3
    [again] = backend.generate(tasks[:1])
    assert float(np.abs(again.audio - first.audio).max()) < 1e-3


def test_a_cancelled_generation_stops(tiny_musicgen: Path) -> None:
    backend = open_musicgen(find_model(str(tiny_musicgen)), "cpu")
    shares: list[float] = []
    with pytest.raises(Stopped):
        backend.generate([Task(TEXTS[0], 60, 1)], shares.append, lambda: len(shares) > 3)
    assert len(shares) < 8


def test_a_long_piece_is_decoded_in_pieces_without_seams(tiny_musicgen: Path) -> None:
    from soundflow_assets.premium.backends.musicgen import codec

    backend = open_musicgen(find_model(str(tiny_musicgen)), "cpu")
    codes = torch.randint(0, 64, (8, 3200), generator=torch.Generator().manual_seed(3))
    pieced = codec.decoded(backend.codec, codes, 2)
    whole = np.stack([codec._sound(backend.codec, codes[side::2]) for side in (0, 1)])
    assert pieced.shape == whole.shape == (2, 3200 * 640)
    assert float(np.abs(pieced - whole).max()) < 0.01 * float(np.abs(whole).max())


def test_a_prompt_over_the_limit_is_refused(tiny_musicgen: Path) -> None:
    backend = open_musicgen(find_model(str(tiny_musicgen)), "cpu")
    with pytest.raises(BadInput, match=r"prompt: \d+ tokens; the model takes at most 256"):
        backend.generate([Task("warm piano " * 200, 10, 1)])


def test_out_of_memory_halves_the_batch_and_then_says_so(
    tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = open_musicgen(find_model(str(tiny_musicgen)), "cpu")
    sizes: list[int] = []
    real = MusicGen._batch

    def small(self: MusicGen, tasks: list[Task], *rest: Any) -> Any:
        sizes.append(len(tasks))
        if len(tasks) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, tasks, *rest)

    monkeypatch.setattr(MusicGen, "_batch", small)
    assert len(backend.generate([Task(TEXTS[0], 10, seed) for seed in range(3)])) == 3
    assert sizes == [3, 1, 1, 1]


def test_weights_that_are_missing_come_with_the_command(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BadInput, match=r"hf download facebook/musicgen-stereo-small"):
        load_musicgen(find_model("musicgen-stereo-small"))


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = build_musicgen(tmp_path / "tiny")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(BadInput, match="damaged or incomplete"):
        load_musicgen(find_model(str(folder)))
    weights.unlink()
    with pytest.raises(BadInput, match="no weights"):
        load_musicgen(find_model(str(folder)))
