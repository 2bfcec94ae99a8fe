"""Codes to sound, channel by channel, in pieces: a quarter of an hour does not fit in memory whole.

Pieces overlap by some seconds that are thrown away, so that each begins with the context it would
have had, and what is left of the difference (the codec's recurrent layer never forgets entirely) is
crossfaded over a few milliseconds. Sums of two nearly equal signals: the crossfade is linear.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from soundflow_assets.audio import Audio

PIECE_S, CONTEXT_S, FADE_S = 60.0, 4.0, 0.02
Tensor = Any


def decoded(codec: Any, codes: Tensor, channels: int) -> Audio:
    """Return float32 (channels, samples) of codes (codebooks, frames), stereo interleaved."""
    config = codec.config
    hop = int(np.prod(config.upsampling_ratios))
    rate = config.sampling_rate / hop
    piece, context = round(PIECE_S * rate), round(CONTEXT_S * rate)
    fade = round(FADE_S * rate) * hop
    frames = codes.shape[1]
    out: Audio = np.zeros((channels, frames * hop), dtype=np.float32)
    for start in range(0, frames, piece):
        before = min(start, context)
        after = min(context, max(0, frames - start - piece))
        stop = min(frames, start + piece)
        for channel in range(channels):
            own = codes[channel::channels, start - before : stop + after]
            sound = _sound(codec, own)[before * hop :]
            wanted = (stop - start) * hop
            at = start * hop
            if start:
                _fade_into(out[channel], at, sound, fade)
            else:
                out[channel, :wanted] = sound[:wanted]
            if start:
                out[channel, at + fade : at + wanted] = sound[fade:wanted]
            if after:  # the next piece fades in over this
                tail = sound[wanted : wanted + fade]
                out[channel, at + wanted : at + wanted + len(tail)] = tail
    return out


def _sound(codec: Any, codes: Tensor) -> Audio:
    with torch.inference_mode():
        values = codec.decode(codes[None, None], [None]).audio_values
    sound: Audio = values[0, 0].float().cpu().numpy()
    return sound


def _fade_into(row: Audio, at: int, sound: Audio, fade: int) -> None:
    rise = (np.arange(fade, dtype=np.float32) + 0.5) / np.float32(fade)
    row[at : at + fade] = (1.0 - rise) * row[at : at + fade] + rise * sound[:fade]
