"""Programmes too long for memory: sound that lies on disk and is read and written in stretches.

A reel's file has no name and is gone with the reel, also when the process is killed. Files are read
and written, never mapped: mapped pages would count as memory.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from soundflow_assets.audio import CHANNELS, Audio, Pcm

# A stretch: 9.6 s. A multiple of every step that measuring and mastering go by (32, 45, 64, 441 and
# 4410 samples), so that results do not depend on where stretches are cut.
BLOCK = 423_360


def stretches(samples: int, size: int = BLOCK) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of the stretches of `samples`, all but the last `size` long."""
    for start in range(0, samples, size):
        yield start, min(samples, start + size)


def in_blocks(audio: Audio) -> Iterator[Audio]:
    """Yield float (channels, samples) in stretches."""
    return (audio[:, start:stop] for start, stop in stretches(audio.shape[1]))


class Reel:
    """Stereo float32 of a known length, silent until something is written."""

    def __init__(self, samples: int, folder: Path | None = None) -> None:
        """Open a reel in `folder`, or among the temporary files."""
        self.samples = samples
        self._folder = folder
        self._file = tempfile.TemporaryFile(dir=folder, prefix="reel-")  # noqa: SIM115
        self._file.truncate(samples * CHANNELS * 4)

    def read(self, start: int, stop: int) -> Audio:
        """Return a copy of samples `start` to `stop`, float32 (2, stop - start)."""
        audio: Audio = np.empty((CHANNELS, stop - start), dtype=np.float32)
        for channel in range(CHANNELS):
            self._seek(channel, start)
            self._file.readinto(audio[channel].data)
        return audio

    def write(self, start: int, audio: Audio) -> None:
        """Put float32 (2, n) at sample `start`; all of it lies within the reel."""
        for channel in range(CHANNELS):
            self._seek(channel, start)
            self._file.write(np.ascontiguousarray(audio[channel]).data)

    def empty_pcm(self) -> PcmReel:
        """Return a reel for 16-bit samples of the same programme."""
        return PcmReel(self._folder)

    def blocks(self) -> Iterator[tuple[int, Audio]]:
        """Yield (start, audio) of every stretch; what is to stay of changes is written back."""
        for start, stop in stretches(self.samples):
            yield start, self.read(start, stop)

    def surrounded(self, margin: int) -> Iterator[tuple[int, int, int, Audio]]:
        """Yield (start, stop, first, audio) of every stretch and `margin` samples on either side.

        Column 0 of `audio` is sample `first`; what lies outside of the reel is left out.
        """
        for start, stop in stretches(self.samples):
            first = max(0, start - margin)
            yield start, stop, first, self.read(first, min(self.samples, stop + margin))

    def _seek(self, channel: int, sample: int) -> None:
        self._file.seek((channel * self.samples + sample) * 4)


class HeldReel(Reel):
    """The same in memory: of a programme that is there as a whole, and short enough to stay."""

    def __init__(self, audio: Audio) -> None:
        """Take float32 (2, samples) over; it is not copied, and changes with what is written."""
        self.samples = audio.shape[1]
        self._audio = audio

    def read(self, start: int, stop: int) -> Audio:
        """Return a copy of samples `start` to `stop`, float32 (2, stop - start)."""
        return self._audio[:, start:stop].copy()

    def write(self, start: int, audio: Audio) -> None:
        """Put float32 (2, n) at sample `start`; all of it lies within the reel."""
        if audio is not self._audio:
            self._audio[:, start : start + audio.shape[1]] = audio

    def blocks(self) -> Iterator[tuple[int, Audio]]:
        """Yield all of it as one stretch, and no copy: what changes there changes the reel."""
        yield 0, self._audio

    def surrounded(self, margin: int) -> Iterator[tuple[int, int, int, Audio]]:
        """Yield all of it as one stretch, which nothing surrounds, and no copy."""
        yield 0, self.samples, 0, self._audio

    def empty_pcm(self) -> PcmReel:
        """Return a reel in memory, too."""
        return HeldPcmReel()


class PcmReel:
    """16-bit stereo, written once from the start to the end; then several threads may read it."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open a reel in `folder`, or among the temporary files."""
        self.samples = 0
        self._file = tempfile.TemporaryFile(buffering=0, dir=folder, prefix="reel-")  # noqa: SIM115

    def append(self, pcm: Pcm) -> None:
        """Add int16 (n, 2)."""
        self._file.write(np.ascontiguousarray(pcm).data)
        self.samples += len(pcm)

    def read(self, start: int, stop: int) -> Pcm:
        """Return a copy of samples `start` to `stop`, int16 (stop - start, 2)."""
        pcm: Pcm = np.empty((stop - start, CHANNELS), dtype=np.int16)
        os.preadv(self._file.fileno(), [pcm.data], start * CHANNELS * 2)
        return pcm


class HeldPcmReel(PcmReel):
    """The same in memory."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.samples = 0
        self._pcm: Pcm = np.empty((0, CHANNELS), dtype=np.int16)

    def append(self, pcm: Pcm) -> None:
        """Add int16 (n, 2); what comes first is taken over, not copied."""
        self._pcm = np.concatenate((self._pcm, pcm)) if self.samples else pcm
        self.samples = len(self._pcm)

    def read(self, start: int, stop: int) -> Pcm:
        """Return samples `start` to `stop`, int16 (stop - start, 2), not to be written to."""
        pcm = self._pcm[start:stop]
        pcm.flags.writeable = False
        return pcm


def reel_of(audio: Audio, folder: Path | None = None) -> Reel:
    """Return a reel that holds float32 (2, samples)."""
    reel = Reel(audio.shape[1], folder)
    reel.write(0, audio)
    return reel
