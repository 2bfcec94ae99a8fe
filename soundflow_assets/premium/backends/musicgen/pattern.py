"""The delay pattern: in which order a model writes the codebooks of one frame.

Codebook k of a frame is written k steps after codebook 0, so that each may depend on the coarser
ones (Copet et al. 2023, "Simple and Controllable Music Generation", 2.2). In stereo the channels
are interleaved, left and right of a codebook in the same step.

    step        0  1  2  3  4  5        P: the padding token
    codebook 0  P  a  b  c  P  P        a, b, c: frames
    codebook 1  P  P  a  b  c  P
    codebook 2  P  P  P  a  b  c
"""

from __future__ import annotations

from typing import Any

import torch

Codes = Any  # int64 tensor (batch, codebooks, frames)
OPEN = -1


def delays(codebooks: int, channels: int) -> list[int]:
    """Return by how many steps each codebook is late.

    >>> delays(8, 2)
    [0, 0, 1, 1, 2, 2, 3, 3]
    """
    return [book // channels for book in range(codebooks)]


def columns(frames: int, codebooks: int, channels: int) -> int:
    """Return how many steps `frames` take, the padding before the first included."""
    return 1 + frames + codebooks // channels - 1


def delayed(prompt: Codes, frames: int, channels: int, pad: int) -> Codes:
    """Return the pattern of `frames` frames: given codes, padding, and `OPEN` where to write.

    Parameters
    ----------
    prompt
        int64 (batch, codebooks, given), given ≤ frames.
    frames
        How many there are in the end.
    channels
        1 or 2.
    pad
        The padding token.

    Returns
    -------
    int64 (batch, codebooks, columns).
    """
    batch, codebooks, given = prompt.shape
    width = columns(frames, codebooks, channels)
    out = torch.full((batch, codebooks, width), pad, dtype=torch.int64, device=prompt.device)
    for book, late in enumerate(delays(codebooks, channels)):
        first = 1 + late
        out[:, book, first : first + frames] = OPEN
        out[:, book, first : first + given] = prompt[:, book]
    return out


def undelayed(written: Codes, frames: int, channels: int) -> Codes:
    """Return the codes (batch, codebooks, frames) of a finished pattern."""
    books = written.shape[1]
    return torch.stack(
        [
            written[:, book, 1 + late : 1 + late + frames]
            for book, late in enumerate(delays(books, channels))
        ],
        dim=1,
    )
