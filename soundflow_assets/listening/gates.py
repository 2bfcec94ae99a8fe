"""The publication gates: what a finished MP3 must be before anyone else can hear it.

All gates look at the file as decoded, because that is what players get. They are cheap (about half
a CPU second for three minutes); everything that informs but does not block is in `measure`.

=============  ====================================================================
gate           passes when
=============  ====================================================================
decodes        the file is a whole MP3, and mpg123 decodes it
duration       it decodes to exactly the planned number of samples at the planned rate
bitrate        every frame has the planned bitrate
loudness       integrated loudness is within 0.5 LU of the target
true_peak      at most -1 dBTP
clipping       no two neighbouring samples at full scale
dc             mean of either channel below -55 dBFS
silence        nothing silent for over 0.3 s (with drums) or 1 s, the final tail apart
stereo         correlation of the channels above 0 and below 0.98
=============  ====================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.decode import decoding
from soundflow_assets.delivery.mpeg import Mp3Stream
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.meter import Heard, listen
from soundflow_assets.listening.verdict import Verdict
from soundflow_assets.listening.waveform import Waveform
from soundflow_assets.plans.model import TrackPlan

LOUDNESS_TOLERANCE_LU = 0.5
TRUE_PEAK_CEILING_DBTP = -1.0
DC_CEILING_DBFS = -55.0
CORRELATION = (0.0, 0.98)
SILENCE_WITH_DRUMS_S = 0.3
SILENCE_WITHOUT_DRUMS_S = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a track's plan promises of its file."""

    samples: int
    sample_rate: int
    bitrate_kbps: int
    target_lufs: float
    longest_silence_s: float
    tail_start_s: float  # from here on silence is the ending


@dataclass(frozen=True, slots=True)
class Inspection:
    """The verdicts, and what was heard where there is something to hear."""

    verdicts: tuple[Verdict, ...]
    heard: Heard | None

    @property
    def passed(self) -> bool:
        """Whether every gate passed."""
        return all(verdict.passed for verdict in self.verdicts)

    def __getitem__(self, name: str) -> Verdict:
        """Return the verdict of the gate called `name`."""
        return next(verdict for verdict in self.verdicts if verdict.name == name)


def expected_of(plan: TrackPlan, score: Score) -> Expected:
    """Return what the file of `plan` must be."""
    with_drums = plan.choices.kit is not None and plan.layers.drums > 0
    return Expected(
        samples=round(plan.duration_s * SAMPLE_RATE),
        sample_rate=SAMPLE_RATE,
        bitrate_kbps=plan.bitrate_kbps,
        target_lufs=plan.target_lufs,
        longest_silence_s=SILENCE_WITH_DRUMS_S if with_drums else SILENCE_WITHOUT_DRUMS_S,
        tail_start_s=score.body_s,
    )


def inspect(source: Path | str | bytes, expected: Expected) -> Inspection:
    """Decode an MP3 file and judge it; a file that does not decode fails the first gate alone."""
    try:
        with decoding(source) as (facts, blocks):
            if facts.stream is None:
                raise BadInput(f"it is a {facts.container} file, not an MP3")
            heard = listen(blocks, facts.sample_rate)
    except BadInput as error:
        return Inspection((Verdict("decodes", False, "a whole MP3", False, str(error)),), None)
    return Inspection(tuple(judge(facts.stream, heard, expected)), heard)


def judge(stream: Mp3Stream, heard: Heard, expected: Expected) -> Iterator[Verdict]:
    """Yield the verdict of every gate on a decoded file."""
    yield Verdict("decodes", True, "a whole MP3", True, "the file is a whole MP3")
    yield _duration(heard, expected)
    yield _bitrate(stream, expected)
    yield _loudness(heard.integrated_lufs, expected)
    yield _true_peak(heard.true_peak_dbtp)
    yield _clipping(heard.waveform)
    yield _dc(heard.waveform)
    yield _silence(heard, expected)
    yield _stereo(heard.waveform, heard.channels)


def _duration(heard: Heard, expected: Expected) -> Verdict:
    passed = (heard.samples, heard.sample_rate) == (expected.samples, expected.sample_rate)
    return Verdict(
        "duration",
        round(heard.duration_s, 6),
        f"{expected.samples / expected.sample_rate:g} s",
        passed,
        f"{heard.samples} samples at {heard.sample_rate} Hz; "
        f"planned {expected.samples} at {expected.sample_rate} Hz",
    )


def _bitrate(stream: Mp3Stream, expected: Expected) -> Verdict:
    constant = "constant" if stream.constant_bitrate else "variable"
    return Verdict(
        "bitrate",
        stream.bitrate_kbps,
        f"{expected.bitrate_kbps} kbps constant",
        stream.constant_bitrate and stream.bitrate_kbps == expected.bitrate_kbps,
        f"{stream.bitrate_kbps:g} kbps, {constant}; planned {expected.bitrate_kbps} constant",
    )


def _loudness(lufs: float, expected: Expected) -> Verdict:
    off = lufs - expected.target_lufs
    return Verdict(
        "loudness",
        lufs,
        f"{expected.target_lufs:g} ±{LOUDNESS_TOLERANCE_LU} LUFS",
        abs(off) <= LOUDNESS_TOLERANCE_LU,
        f"{lufs:.2f} LUFS, {off:+.2f} LU from the target of {expected.target_lufs:g}",
    )


def _true_peak(dbtp: float) -> Verdict:
    return Verdict(
        "true_peak",
        dbtp,
        f"<= {TRUE_PEAK_CEILING_DBTP:g} dBTP",
        dbtp <= TRUE_PEAK_CEILING_DBTP,
        f"true peak {dbtp:.2f} dBTP; at most {TRUE_PEAK_CEILING_DBTP:g}",
    )


def _clipping(waveform: Waveform) -> Verdict:
    pairs = waveform.clipped_pairs
    message = f"{pairs} pairs of neighbouring samples at full scale; none are allowed"
    return Verdict("clipping", pairs, "0 pairs", pairs == 0, message)


def _dc(waveform: Waveform) -> Verdict:
    return Verdict(
        "dc",
        waveform.dc_dbfs,
        f"< {DC_CEILING_DBFS:g} dBFS",
        waveform.dc_dbfs < DC_CEILING_DBFS,
        f"offset {waveform.dc_dbfs:.1f} dBFS; below {DC_CEILING_DBFS:g} is inaudible",
    )


def _silence(heard: Heard, expected: Expected) -> Verdict:
    spans = heard.silences(expected.longest_silence_s)
    end_s = heard.duration_s
    # The ending may fade into nothing, once the body is over.
    holes = [
        span for span in spans if span.end_s < end_s - 0.02 or span.start_s < expected.tail_start_s
    ]
    longest = max(holes, key=lambda span: span.length_s, default=None)
    return Verdict(
        "silence",
        0.0 if longest is None else round(longest.length_s, 2),
        f"<= {expected.longest_silence_s:g} s",
        longest is None,
        f"nothing is silent for over {expected.longest_silence_s:g} s"
        if longest is None
        else f"silent for {longest.length_s:.2f} s from {longest.start_s:.2f} s on; "
        f"at most {expected.longest_silence_s:g} s are allowed",
    )


def _stereo(waveform: Waveform, channels: int) -> Verdict:
    low, high = CORRELATION
    value = waveform.correlation
    message = (
        f"channels correlate by {value:.3f}; more than {low:g} and less than {high:g} is stereo"
        if channels == 2
        else "the file has one channel"
    )
    target = f"> {low:g}, < {high:g}"
    return Verdict("stereo", value, target, channels == 2 and low < value < high, message)
