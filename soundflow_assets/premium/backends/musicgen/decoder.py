"""MusicGen's decoder, one step at a time, over the weights the library has loaded.

Why not the library's own forward: its step is some 800 small kernels that the host issues one by
one, it allocates its cache anew, and it does not trace as one graph. Here everything a step needs
is preallocated and addressed by a position that lives on the device, so a step neither asks the
host anything nor tells it anything: it can be captured once and replayed.

The arithmetic is the library's: pre-norm attention and feed-forward, no biases, sinusoidal
positions. Cross-attention keys and values are computed once a window. `melody` checkpoints have no
cross-attention; their condition is a prefix of the sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it

Tensor = Any


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's weights; `cross_*` are None where there is no cross-attention."""

    norm: tuple[Tensor, Tensor]
    qkv: Tensor  # (3·width, width)
    out: Tensor
    cross_norm: tuple[Tensor, Tensor] | None
    cross_q: Tensor | None
    cross_kv: Tensor | None  # (2·width, width)
    cross_out: Tensor | None
    feed_norm: tuple[Tensor, Tensor]
    up: Tensor
    down: Tensor


class Weights:
    """The decoder's weights as a step reads them, in one precision and on one device."""

    def __init__(self, lm: Any, device: Any, dtype: Any) -> None:
        """Take the weights of a loaded `…ForCausalLM`."""
        config = lm.config

        def put(tensor: Tensor) -> Tensor:
            return tensor.detach().to(device=device, dtype=dtype).contiguous()

        body = lm.model.decoder
        self.device, self.dtype = device, dtype
        self.heads = int(config.num_attention_heads)
        self.width = int(config.hidden_size)
        self.codebooks = int(config.num_codebooks)
        self.channels = int(config.audio_channels)
        self.vocabulary = int(config.vocab_size)
        self.pad = int(config.pad_token_id)
        self.activation = _ACTIVATIONS[config.activation_function]
        self.embeddings = torch.stack([put(table.weight) for table in body.embed_tokens])
        self.norm = _norm(body.layer_norm, put)
        self.heads_out = torch.stack([put(head.weight) for head in lm.lm_heads])
        self.layers = [_layer(layer, put) for layer in body.layers]

    @property
    def bytes(self) -> int:
        """Bytes that one step reads, embeddings and cross-attention's keys and values apart."""
        total = self.heads_out.numel()
        for layer in self.layers:
            read = (layer.qkv, layer.out, layer.cross_q, layer.cross_out, layer.up, layer.down)
            total += sum(tensor.numel() for tensor in read if tensor is not None)
        return int(total * self.heads_out.element_size())


_ACTIVATIONS: dict[str, Any] = {"gelu": F.gelu, "relu": F.relu, "silu": F.silu}


def _norm(module: Any, put: Any) -> tuple[Tensor, Tensor]:
    return put(module.weight), put(module.bias)


def _layer(layer: Any, put: Any) -> Layer:
    own = layer.self_attn
    cross = getattr(layer, "encoder_attn", None)
    return Layer(
        norm=_norm(layer.self_attn_layer_norm, put),
        qkv=torch.cat([put(own.q_proj.weight), put(own.k_proj.weight), put(own.v_proj.weight)]),
        out=put(own.out_proj.weight),
        cross_norm=None if cross is None else _norm(layer.encoder_attn_layer_norm, put),
        cross_q=None if cross is None else put(cross.q_proj.weight),
        cross_kv=(
            None
            if cross is None
            else torch.cat([put(cross.k_proj.weight), put(cross.v_proj.weight)])
        ),
        cross_out=None if cross is None else put(cross.out_proj.weight),
        feed_norm=_norm(layer.final_layer_norm, put),
        up=put(layer.fc1.weight),
        down=put(layer.fc2.weight),
    )


class Cache:
    """Keys and values of all layers for a batch of rows, and the condition's, preallocated."""

    def __init__(self, weights: Weights, rows: int, length: int) -> None:
        """Make room for `length` positions."""
        shape = (len(weights.layers), rows, weights.heads, length, weights.width // weights.heads)
        self.keys = torch.zeros(shape, device=weights.device, dtype=weights.dtype)
        self.values = torch.zeros_like(self.keys)
        self.rows, self.length = rows, length
        self.cross: list[tuple[Tensor, Tensor]] = []
        self.cross_mask: Tensor = None
        self.positions = _sinusoids(length, weights.width, weights.device, weights.dtype)
        self.counter = torch.arange(length, device=weights.device)

    def condition(self, weights: Weights, states: Tensor, mask: Tensor) -> None:
        """Compute the condition's keys and values.

        Parameters
        ----------
        states
            (rows, words, width), zeros for rows without a condition.
        mask
            bool (rows, words), true where there is a word; a row without any attends to zeros.
        """
        made = []
        for layer in weights.layers:
            if layer.cross_kv is None:
                continue
            both = F.linear(states, layer.cross_kv)
            keys, values = both.chunk(2, dim=-1)
            made.append((_split(keys, weights.heads), _split(values, weights.heads)))
        if self.cross:
            # A captured step holds these addresses: fill them instead of replacing them.
            for held, new in zip(self.cross, made, strict=True):
                held[0].copy_(new[0])
                held[1].copy_(new[1])
            self.cross_mask.copy_(_cross_mask(mask))
            return
        self.cross = [(keys.contiguous(), values.contiguous()) for keys, values in made]
        self.cross_mask = _cross_mask(mask)


def forward(
    weights: Weights, cache: Cache, embedded: Tensor, at: Tensor, reach: int | None = None
) -> Tensor:
    """Run positions through all layers; return the last one's hidden state (rows, width).

    Parameters
    ----------
    embedded
        (rows, positions, width), before the position's own signal is added.
    at
        int64 (positions,), where they stand, rising; on the device.
    reach
        How much of the cache is looked at: at least the highest position + 1; all by default.
    """
    reach = cache.length if reach is None else reach
    seen = (cache.counter[None, :reach] <= at[:, None])[None, None]
    x = embedded + cache.positions.index_select(0, at)[None]
    for index, layer in enumerate(weights.layers):
        normed = _normed(x, layer.norm)
        x = x + _self_attention(weights, cache, index, layer, normed, at, reach, seen)
        if layer.cross_norm is not None:
            x = x + _cross_attention(weights, cache, index, layer, _normed(x, layer.cross_norm))
        inner = weights.activation(F.linear(_normed(x, layer.feed_norm), layer.up))
        x = x + F.linear(inner, layer.down)
    return _normed(x[:, -1], weights.norm)


def embed(weights: Weights, codes: Tensor) -> Tensor:
    """Return the sum of the codebooks' embeddings: (rows, codebooks, n) to (rows, n, width)."""
    total = F.embedding(codes[:, 0], weights.embeddings[0])
    for book in range(1, weights.codebooks):
        total = total + F.embedding(codes[:, book], weights.embeddings[book])
    return total


def logits(weights: Weights, hidden: Tensor) -> Tensor:
    """Return float32 (rows, codebooks, vocabulary) of hidden states (rows, width)."""
    return torch.einsum("rw,kvw->rkv", hidden, weights.heads_out).float()


def _self_attention(
    weights: Weights,
    cache: Cache,
    index: int,
    layer: Layer,
    x: Tensor,
    at: Tensor,
    reach: int,
    seen: Tensor,
) -> Tensor:
    query, key, value = (
        _split(part, weights.heads) for part in F.linear(x, layer.qkv).chunk(3, dim=-1)
    )
    cache.keys[index].index_copy_(2, at, key)
    cache.values[index].index_copy_(2, at, value)
    keys, values = cache.keys[index, :, :, :reach], cache.values[index, :, :, :reach]
    heard = F.scaled_dot_product_attention(query, keys, values, attn_mask=seen)
    return F.linear(_joined(heard), layer.out)


def _cross_attention(weights: Weights, cache: Cache, index: int, layer: Layer, x: Tensor) -> Tensor:
    query = _split(F.linear(x, layer.cross_q), weights.heads)
    keys, values = cache.cross[index]
    heard = F.scaled_dot_product_attention(query, keys, values, attn_mask=cache.cross_mask)
    return F.linear(_joined(heard), layer.cross_out)


def _cross_mask(mask: Tensor) -> Tensor:
    """Let rows without a condition see everything: it is all zeros, and softmax needs something."""
    empty = ~mask.any(dim=1, keepdim=True)
    return (mask | empty)[:, None, None, :]


def _normed(x: Tensor, norm: tuple[Tensor, Tensor]) -> Tensor:
    return F.layer_norm(x, (x.shape[-1],), norm[0], norm[1], 1e-5)


def _split(x: Tensor, heads: int) -> Tensor:
    rows, length, width = x.shape
    return x.view(rows, length, heads, width // heads).transpose(1, 2)


def _joined(x: Tensor) -> Tensor:
    rows, heads, length, size = x.shape
    return x.transpose(1, 2).reshape(rows, length, heads * size)


def _sinusoids(length: int, width: int, device: Any, dtype: Any) -> Tensor:
    """Return the library's position signal: cosines, then sines, of falling frequency."""
    half = width // 2
    rate = torch.exp(torch.arange(half).float() * -(9.210340371976184 / (half - 1)))  # ln 10000
    turns = torch.arange(length).float()[:, None] * rate[None]
    signal = torch.cat([torch.cos(turns), torch.sin(turns)], dim=1)
    if width % 2:
        signal = F.pad(signal, (0, 1))
    return signal.to(device=device, dtype=dtype)
