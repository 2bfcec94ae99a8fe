"""The listening report: every indicator of one track, by group, against its category's targets.

The report informs; `gates` decides. Without a plan there are no targets, without a score no
comparison of intent with sound; both are optional so that any audio file can be measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.listening import loudness as level
from soundflow_assets.listening.notes import measure_notes
from soundflow_assets.listening.spectrum import measure_spectrum
from soundflow_assets.listening.structure import measure_structure
from soundflow_assets.listening.tempo import agrees, measure_tempo
from soundflow_assets.listening.tonality import measure_key, relation
from soundflow_assets.listening.verdict import Indicator, Outcome, Report, within
from soundflow_assets.listening.waveform import measure_waveform, silences
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.targets import CategoryTargets

_BEATS_PER_BAR = 4
_CLEAR_PULSE = 0.3  # below this there is no tempo to speak of


_ANY = (-math.inf, math.inf)


def measure(
    audio: Audio, sample_rate: int, score: Score | None = None, plan: TrackPlan | None = None
) -> Report:
    """Measure a track.

    Parameters
    ----------
    audio
        float32 (1 or 2, samples), as decoded.
    sample_rate
        In Hz.
    score, plan
        Of the track, where they are known.

    Raises
    ------
    BadInput
        When `audio` is empty, of another shape, or not finite.
    """
    level.validate(audio)
    channels = audio.shape[0]
    audio = level.at_44100(level.stereo(audio), sample_rate)
    targets = plan.targets if plan else CategoryTargets()
    indicators = [
        Indicator("file", "duration", round(audio.shape[1] / 44100, 3), "s"),
        Indicator("file", "channels", float(channels)),
        *_level(audio, targets, plan),
        *_waveform(audio, channels, targets),
        *_spectrum(audio, targets),
        *_music(audio, score, plan),
    ]
    if score is not None:
        indicators += [*_form(audio, score), *_score(score)]
    return Report(tuple(indicators))


def _span(interval: tuple[float, float] | None) -> tuple[float, float]:
    return _ANY if interval is None else interval


def _level(audio: Audio, targets: CategoryTargets, plan: TrackPlan | None) -> Iterator[Indicator]:
    facts = level.measure_loudness(audio)
    aim = (plan.target_lufs - 0.5, plan.target_lufs + 0.5) if plan else _ANY
    yield within("loudness", "integrated", facts.integrated_lufs, "LUFS", *aim)
    yield within("loudness", "range", facts.range_lu, "LU", *_span(targets.range_lu))
    yield within("loudness", "momentary_max", facts.momentary_max_lufs, "LUFS")
    yield within("loudness", "short_term_max", facts.short_term_max_lufs, "LUFS")
    step = facts.short_term_step_lu
    yield within("loudness", "short_term_step", step, "LU/s", high=targets.short_term_step_lu)
    yield within("loudness", "true_peak", facts.true_peak_dbtp, "dBTP", high=-1.0)
    plr = round(facts.peak_to_loudness_lu, 2)
    yield within("loudness", "peak_to_loudness", plr, "LU", *_span(targets.peak_to_loudness_lu))


def _waveform(audio: Audio, channels: int, targets: CategoryTargets) -> Iterator[Indicator]:
    facts = measure_waveform(audio)
    spans = silences(audio, 44100)
    inner = [span.length_s for span in spans if span.end_s < audio.shape[1] / 44100 - 0.02]
    yield within("waveform", "clipped_pairs", float(facts.clipped_pairs), high=0)
    yield within("waveform", "dc", facts.dc_dbfs, "dBFS", high=-55)
    yield Indicator("waveform", "longest_silence", round(max(inner, default=0.0), 2), "s")
    if channels == 2:
        yield within("stereo", "correlation", facts.correlation, "", 0.2, 0.97)
        side = facts.side_to_mid_db
        yield within("stereo", "side_to_mid", side, "dB", *_span(targets.side_to_mid_db))
        yield within("stereo", "balance", facts.balance_db, "dB", -1.5, 1.5)
        yield within("stereo", "mono_fold_loss", level.mono_fold_loss(audio), "LU", high=2.0)


def _spectrum(audio: Audio, targets: CategoryTargets) -> Iterator[Indicator]:
    facts = measure_spectrum(audio, 44100)
    tilt = facts.tilt_db_per_octave
    yield within("spectrum", "tilt", tilt, "dB/oct", *_span(targets.tilt_db_per_octave))
    for name, share in facts.shares_db.items():
        aim = _span(targets.presence_db) if name == "presence" else _ANY
        yield within("spectrum", f"{name}_share", share, "dB", *aim)
    yield within("spectrum", "low_correlation", facts.low_correlation, "", 0.95)
    yield Indicator("spectrum", "centroid", facts.centroid_hz, "Hz")


def _music(audio: Audio, score: Score | None, plan: TrackPlan | None) -> Iterator[Indicator]:
    if audio.shape[1] >= 4 * 44100:
        tempo = measure_tempo(audio, 44100)
        yield Indicator("music", "pulse_clarity", tempo.pulse_clarity)
        bpm = score.bpm if score else plan.bpm if plan else None
        if bpm is None or tempo.pulse_clarity < _CLEAR_PULSE:
            yield Indicator("music", "tempo", tempo.bpm, "BPM")
        else:
            agreed: Outcome = "pass" if agrees(tempo.bpm, bpm) else "miss"
            target = f"{bpm:g}, ×2 or ×½"
            yield Indicator("music", "tempo", tempo.bpm, "BPM", target, agreed)
    heard = measure_key(audio, 44100)
    name = score.key if score else plan.key if plan else None
    if name is None:
        yield Indicator("music", "key", str(heard.key))
    else:
        related = relation(heard.key, parse_key(name))
        fits: Outcome = "pass" if related in ("exact", "relative") else "miss"
        yield Indicator("music", "key", str(heard.key), "", f"{name} or its relative", fits)
    yield Indicator("music", "key_strength", heard.strength)


def _form(audio: Audio, score: Score) -> Iterator[Indicator]:
    bar_times = score.beat_times_s[::_BEATS_PER_BAR]
    if len(bar_times) < 3:
        return
    facts = measure_structure(audio, 44100, bar_times)
    yield Indicator("form", "bars", float(facts.bars))
    yield within("form", "repeated_bars", facts.repeated_share, "", high=0.35)
    yield Indicator("form", "turns", float(len(facts.boundaries)))
    yield within("form", "turns_on_grid", facts.on_grid_share, "", 0.8)


def _score(score: Score) -> Iterator[Indicator]:
    facts = measure_notes(score)
    yield Indicator("score", "outside_share", facts.outside_share)
    yield Indicator("score", "clash_share", facts.clash_share)
    yield Indicator("score", "pitch_class_entropy", facts.pitch_class_entropy_bits, "bits")
    yield Indicator("score", "voice_motion", facts.voice_motion_semitones, "semitones")
    yield within("score", "low_clusters", float(facts.low_clusters), "", high=0)
    yield Indicator("score", "hat_velocity_sd", facts.hat_velocity_sd)
