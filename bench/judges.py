"""Independent judges: other people's programs on our finished files and scores.

They live in an environment of their own (`make judges`): essentia is AGPL software, a tool beside
the project and never a part of it. Tempo and key are judged by what these programs are known to
confuse: an octave of the tempo, a relative key.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.composition.midi import score_to_midi
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.tempo import agrees
from soundflow_assets.listening.tonality import relation
from soundflow_assets.plans.key import parse_key

_RESOLUTION = 4  # steps of a beat: at a file's own resolution every rhythm is consistent
_DRUM_CHANNEL = 9


@dataclass(frozen=True, slots=True)
class Heard:
    """What essentia hears: tempo and its confidence (0 to 5.3), key, loudness."""

    bpm: float
    confidence: float
    key: str  # as ours: "Am", "Bb"
    lufs: float
    range_lu: float

    def tempo_agrees(self, bpm: float, tolerance: float) -> bool:
        """Tell whether the tempo is `bpm`, its double or its half."""
        return agrees(self.bpm, bpm, tolerance)

    def key_agrees(self, key: str) -> bool:
        """Tell whether the key is `key` or its relative."""
        return relation(parse_key(self.key), parse_key(key)) in ("exact", "relative")


def hear(audio: npt.NDArray[np.float32]) -> Heard:
    """Return what essentia hears in float32 (2, samples) at 44.1 kHz."""
    import essentia

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    from essentia import standard

    mono = np.ascontiguousarray(audio.mean(axis=0))
    # A new extractor for every file: this one keeps state from call to call.
    _, _, confidence, _, intervals_s = standard.RhythmExtractor2013(method="multifeature")(mono)
    tonic, scale, _ = standard.KeyExtractor(profileType="bgate")(mono)
    _, _, lufs, range_lu = standard.LoudnessEBUR128()(np.ascontiguousarray(audio.T))
    key = str(parse_key(tonic + ("m" if scale == "minor" else "")))
    return Heard(_tempo(intervals_s), float(confidence), key, float(lufs), float(range_lu))


def _tempo(intervals_s: npt.NDArray[np.float32]) -> float:
    """Return the tempo of the beats that were found, in BPM; 0 where there are none.

    The mean of the intervals near the median: of these, single ones are exact to 12 ms. (The one
    number that essentia gives averages estimates that lie 3 BPM apart.)
    """
    if not intervals_s.size:
        return 0.0
    median = float(np.median(intervals_s))
    near = intervals_s[np.abs(intervals_s - median) < 0.1 * median]
    return 60.0 / float(near.mean(dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Symbols:
    """What MusPy counts in a score; None where there is nothing to count."""

    pitch_class_entropy_bits: float
    scale_consistency: float
    drum_groove_consistency: float | None


def count(score: Score) -> Symbols:
    """Return MusPy's metrics of a score, through its MIDI file, at four steps a beat."""
    import muspy

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "score.mid")
        path.write_bytes(score_to_midi(score))
        music = muspy.read_midi(path)
    music.adjust_resolution(_RESOLUTION)
    drums = [track for track in music.tracks if track.is_drum]
    pitched = muspy.Music(
        resolution=_RESOLUTION, tracks=[track for track in music.tracks if not track.is_drum]
    )
    beaten = muspy.Music(resolution=_RESOLUTION, tracks=drums)
    groove = None
    if any(track.notes for track in drums):
        groove = float(muspy.groove_consistency(beaten, 4 * _RESOLUTION))
    return Symbols(
        float(muspy.pitch_class_entropy(pitched)),
        float(muspy.scale_consistency(pitched)),
        groove,
    )
