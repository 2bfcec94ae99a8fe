"""What MusicGen costs: tokens a second, seconds, memory, and what each optimisation is worth.

    python bench/musicgen.py                                  # full size on a GPU, small on a CPU
    python bench/musicgen.py --size large --duration 180 --batch 8
    python bench/musicgen.py --size tiny --duration 12        # seconds on any CPU

Random weights of the true shapes take as long as trained ones, so nothing is downloaded. Beside our
loop stands the library's own `generate()` on the same weights in the same run, and beside both the
floor: bytes that must be read a step over the bandwidth that a copy reaches on this machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import (
    EncodecConfig,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    T5Config,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "premium"))
from tiny_models import tokenizer

from soundflow_assets.premium.backends.interface import Task
from soundflow_assets.premium.backends.musicgen.backend import MusicGen
from soundflow_assets.premium.backends.musicgen.weights import Loaded
from soundflow_assets.premium.backends.musicgen.windows import steps

# layers, width, heads: the published shapes of the stereo checkpoints
SIZES = {
    "tiny": (2, 64, 4),
    "small": (24, 1024, 16),
    "medium": (48, 1536, 24),
    "large": (48, 2048, 32),
}
TEXT = "warm deep house with electric piano, sub bass and analog synth pads, 122 bpm, instrumental"
COPY_BYTES = 1 << 30


def build(size: str, device: torch.device, dtype: torch.dtype) -> Loaded:
    """Return a model of random weights, decoder in `dtype`, the rest in float32."""
    layers, width, heads = SIZES[size]
    words = tokenizer()
    tiny = size == "tiny"
    config = MusicgenConfig(
        text_encoder=T5Config(
            vocab_size=len(words), d_model=32 if tiny else 768, d_ff=128 if tiny else 3072,
            num_layers=2 if tiny else 12, num_heads=4 if tiny else 12, d_kv=16 if tiny else 64,
        ),
        audio_encoder=EncodecConfig(
            audio_channels=1, sampling_rate=32000, upsampling_ratios=[8, 5, 4, 4],
            num_filters=4 if tiny else 64, hidden_size=16 if tiny else 128, codebook_size=2048,
            codebook_dim=16 if tiny else 128, target_bandwidths=[2.2], normalize=False,
            use_causal_conv=False,
        ),
        decoder=MusicgenDecoderConfig(
            vocab_size=2048, num_codebooks=8, audio_channels=2, hidden_size=width,
            num_hidden_layers=layers, num_attention_heads=heads, ffn_dim=4 * width,
            pad_token_id=2048, bos_token_id=2048,
        ),
    )  # fmt: skip
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = MusicgenForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(before)
    model.text_encoder.float()
    model.audio_encoder.float()
    model.enc_to_dec_proj.float()
    model.generation_config.update(
        decoder_start_token_id=2048, pad_token_id=2048, bos_token_id=2048, guidance_scale=3.0
    )
    return Loaded(model, words, "random")


def bandwidth(device: torch.device) -> float:
    """Return bytes a second that a large copy reads and writes."""
    size = COPY_BYTES if device.type == "cuda" else COPY_BYTES // 8
    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(5):
        settle(device)
        started = time.perf_counter()
        target.copy_(source)
        settle(device)
        best = max(best, 2.0 * size / (time.perf_counter() - started))
    return best


def library(loaded: Loaded, frames: int, device: torch.device) -> dict[str, Any]:
    """Time the library's own generate() for one window."""
    model = loaded.model.to(device)
    decoder_type = next(model.decoder.parameters()).dtype
    for part in (model.text_encoder, model.enc_to_dec_proj, model.audio_encoder):
        part.to(decoder_type)  # it cannot mix precisions
    words = loaded.tokenizer([TEXT], return_tensors="pt").to(device)
    reset(device)
    started = time.perf_counter()
    model.generate(
        **words, max_new_tokens=frames + 3, do_sample=True, top_k=250, guidance_scale=3.0
    )
    settle(device)
    seconds = time.perf_counter() - started
    for part in (model.text_encoder, model.enc_to_dec_proj, model.audio_encoder):
        part.float()
    return row("library generate()", frames + 3, seconds, frames / 50.0, 1, device)


def ours(
    backend: MusicGen, name: str, duration_s: float, batch: int, device: torch.device
) -> dict[str, Any]:
    """Time our loop, the codec included; once before to build buffers and capture graphs."""
    tasks = [Task(TEXT, duration_s, seed) for seed in range(batch)]
    backend.generate([Task(TEXT, min(duration_s, 30.0), seed) for seed in range(batch)])
    reset(device)
    started = time.perf_counter()
    takes = backend.generate(tasks)
    settle(device)
    seconds = time.perf_counter() - started
    made = row(name, int(takes[0].facts["steps"]), seconds, duration_s, batch, device)
    return {**made, "steps_per_s_decoding": takes[0].facts["steps_per_s"]}


def row(
    name: str, count: int, seconds: float, duration_s: float, batch: int, device: torch.device
) -> dict[str, Any]:
    """Return one line of the report."""
    found: dict[str, Any] = {
        "what": name,
        "audio_s": duration_s,
        "batch": batch,
        "steps": count,
        "seconds": round(seconds, 3),
        "seconds_per_track": round(seconds / batch, 3),
        "tokens_per_s": round(8 * batch * count / seconds, 1),
        "rtf": round(seconds / (batch * duration_s), 4),
    }
    if device.type == "cuda":
        found["peak_memory_gib"] = round(torch.cuda.max_memory_allocated(device) / 2**30, 2)
    return found


def reset(device: torch.device) -> None:
    """Forget peaks."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        torch.cuda.synchronize(device)


def settle(device: torch.device) -> None:
    """Wait for the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def floor_s(backend: MusicGen, duration_s: float, rate: float) -> float:
    """Return the seconds that reading weights and cache alone must take."""
    weights = backend.weights
    window = min(duration_s, 30.0)
    count = steps(round(duration_s * 50), 50.0, 3)
    row_bytes = 2 * len(weights.layers) * weights.width * weights.embeddings.element_size()
    seen = 0.5 * window * 50 * row_bytes * 2  # half full in the mean, two rows under guidance
    return count * (weights.bytes + seen) / rate


def main() -> None:
    """Measure and print a table, or JSON."""
    on_gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="large" if on_gpu else "small")
    parser.add_argument("--duration", type=float, default=180.0 if on_gpu else 4.0)
    parser.add_argument("--batch", type=int, default=8 if on_gpu else 2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    device = torch.device("cuda" if on_gpu else "cpu")
    dtype = torch.bfloat16 if on_gpu else torch.float32
    loaded = build(chosen.size, device, dtype)
    window = min(chosen.duration, 30.0)
    rows = []
    with torch.inference_mode():
        rows.append(library(loaded, round(50 * window), device))
        backend = MusicGen(loaded, str(device), dtype, captured=False)
        rate = bandwidth(device)
        rows.append(ours(backend, "our step, issued by the host", window, 1, device))
        if on_gpu:
            backend._captured, backend._loop = True, None
            rows.append(ours(backend, "our step, captured", window, 1, device))
        rows.append(ours(backend, "whole track", chosen.duration, 1, device))
        rows.append(ours(backend, "whole batch", chosen.duration, chosen.batch, device))
    report = {
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "torch": torch.__version__,
        "size": chosen.size,
        "parameters_read_a_step_bytes": backend.weights.bytes,
        "copy_bandwidth_gb_s": round(rate / 1e9, 1),
        "floor_s": round(floor_s(backend, chosen.duration, rate), 3),
        "rows": rows,
    }
    if chosen.json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        if name != "rows":
            print(f"{name:32} {value}")
    for one in rows:
        print("  ".join(f"{name}={value}" for name, value in one.items()))


if __name__ == "__main__":
    main()
