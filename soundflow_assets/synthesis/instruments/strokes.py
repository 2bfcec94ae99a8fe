"""Notes of a score as the strokes of a monophonic line: order, overlap, accent, slide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.score import Note
from soundflow_assets.synthesis.instruments.voice import NoteRequest
from soundflow_assets.synthesis.kernels.envelopes import CLEAN_S
from soundflow_assets.synthesis.kernels.lines import STROKE
from soundflow_assets.synthesis.kernels.waves import BLOCK

REACH_S = 0.09  # a slide bridges a gap no longer than this
TOUCH_S = 0.03  # notes closer than this are played without lifting the finger
SHORTEST = 4  # blocks of a note: 3 ms
ACCENT_FROM = 96  # velocity from which a note counts as accented, fully so at 127


def strokes_of(
    notes: Sequence[Note], legato: bool, velocity_octaves: float
) -> npt.NDArray[np.void]:
    """Return `STROKE`s in order of time; of notes that begin together only the last is kept.

    A note marked `slide` is reached from the one before it, which then sounds until it arrives;
    with `legato`, so is every note that the one before reaches. Starts lie on the line's grid of
    32 samples, so that a slide never breaks the wave.
    """
    rows: list[list[Any]] = []
    for note in sorted(notes, key=lambda n: (n.onset_s, n.pitch)):
        start = round(note.onset_s * SAMPLE_RATE / BLOCK) * BLOCK
        stop = start + max(round(note.duration_s * SAMPLE_RATE / BLOCK), SHORTEST) * BLOCK
        accent = max(0.0, (note.velocity - ACCENT_FROM) / (127.0 - ACCENT_FROM))
        if note.articulation == "accent":
            accent = max(accent, 0.8)
        brightness = velocity_octaves * (note.velocity / 127.0 - 0.8)
        slide = 0.0
        if rows and start <= rows[-1][0]:
            slide = rows.pop()[4]
        if rows:
            gap_s = (start - rows[-1][1]) / SAMPLE_RATE
            asked = note.articulation == "slide" and gap_s <= REACH_S
            if asked or (legato and gap_s <= TOUCH_S):
                slide = 1.0
                rows[-1][1] = start
            rows[-1][1] = min(rows[-1][1], start)
        level = 0.35 + 0.65 * note.velocity / 127.0
        rows.append([start, stop, float(note.pitch), accent, slide, brightness, level])
    if rows:
        rows[0][4] = 0.0
    return np.array([tuple(row) for row in rows], dtype=STROKE)


def one_stroke(
    request: NoteRequest, velocity_octaves: float, release_s: float
) -> tuple[npt.NDArray[np.void], np.ndarray]:
    """Return a single note as a stroke, and the silence that will hold it with its release."""
    stop = max(int(request.duration_s * SAMPLE_RATE) // BLOCK, SHORTEST) * BLOCK
    accent = max(0.0, (127.0 * request.velocity - ACCENT_FROM) / (127.0 - ACCENT_FROM))
    bright = velocity_octaves * (request.velocity - 0.8)
    row = (0, stop, request.pitch, accent, 0.0, bright, 1.0)
    length = stop + int((1.4 * release_s + CLEAN_S) * SAMPLE_RATE)
    return np.array([row], dtype=STROKE), np.zeros((2, length), np.float32)
