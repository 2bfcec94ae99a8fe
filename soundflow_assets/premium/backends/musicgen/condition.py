"""Text to what the decoder is conditioned on, by the library's own encoder.

`musicgen` attends to the words; `musicgen_melody` reads them, after a chroma that says nothing, as
the beginning of its sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from soundflow_assets.errors import BadInput

Tensor = Any
MOST_WORDS = 512  # T5 was trained on no longer texts


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows of the batch, the unconditioned ones last. One of both ways is used."""

    states: Tensor  # (rows, words, width)
    mask: Tensor  # bool (rows, words)
    prefix: Tensor | None  # (rows, lead, width)


def count_tokens(tokenizer: Any, text: str) -> tuple[int, int]:
    """Return how many tokens a text has and how many there may be."""
    limit = min(MOST_WORDS, int(getattr(tokenizer, "model_max_length", MOST_WORDS)))
    return len(tokenizer(text)["input_ids"]), limit


def check_length(tokenizer: Any, text: str) -> None:
    """Refuse a text that the encoder would cut off (`BadInput`)."""
    tokens, limit = count_tokens(tokenizer, text)
    if tokens > limit:
        raise BadInput(f"prompt: {tokens} tokens; the model takes at most {limit}; shorten it")


def conditioned(model: Any, tokenizer: Any, texts: Sequence[str], *, guided: bool) -> Condition:
    """Return the condition of a batch of texts, float32 on the encoder's device."""
    device = next(model.text_encoder.parameters()).device
    words = tokenizer(list(texts), padding=True, return_tensors="pt").to(device)
    mask = words["attention_mask"]
    states = model.text_encoder(input_ids=words["input_ids"], attention_mask=mask).last_hidden_state
    if model.text_encoder.config.hidden_size != model.decoder.config.hidden_size:
        states = model.enc_to_dec_proj(states)
    states = states * mask[..., None]
    rows = len(texts)
    if guided:
        states = torch.cat([states, torch.zeros_like(states)])
        mask = torch.cat([mask, torch.zeros_like(mask)])
        rows *= 2
    prefix = None
    if model.config.model_type == "musicgen_melody":
        prefix = torch.cat([_no_melody(model, rows), states], dim=1)
    return Condition(states, mask.bool(), prefix)


def _no_melody(model: Any, rows: int) -> Tensor:
    """Return the chroma that stands for no melody: all of the first pitch class, as trained."""
    config = model.config
    device = next(model.text_encoder.parameters()).device
    chroma = torch.zeros((rows, config.chroma_length, config.num_chroma), device=device)
    chroma[:, :, 0] = 1.0
    if config.num_chroma != model.decoder.config.hidden_size:
        return model.audio_enc_to_dec_proj(chroma)
    return chroma
