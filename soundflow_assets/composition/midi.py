"""Score to a standard MIDI file (type 1), as performed.

One track holds tempo, key signature and section markers, one each pitched part, one the drums on
channel 10. The tempo map follows the score's beat times (one tempo event per change), and events
are placed by where they sound: file times agree with the score within a tick.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import mido

from soundflow_assets.composition.score import Note, PartScore, Score

TICKS_PER_BEAT = 960
DRUM_CHANNEL = 9  # the tenth, counted from 0

# General MIDI programs (from 0) by instrument family.
PROGRAMS = {
    "rhodes": 4, "piano": 0, "organ": 16, "pluck": 45, "nylon": 24, "muted_guitar": 28,
    "supersaw": 81, "pad": 89, "strings": 48, "vibes": 11, "bell": 14, "flute": 73,
    "synth_lead": 80, "stab": 62, "poly": 90, "sub": 39, "house_bass": 38, "rolling_bass": 38,
    "acid": 87, "reese": 39, "wobble": 87, "upright": 32, "ebass": 33, "drone": 95,
}  # fmt: skip
DRUM_NOTES = {
    "kick": 36, "snare": 38, "clap": 39, "rim": 37, "snap": 39, "hat_closed": 42, "hat_open": 46,
    "hat_foot": 44, "ride": 51, "crash": 49, "shaker": 70, "tambourine": 54, "tom_low": 45,
    "tom_mid": 47, "tom_high": 50, "conga_low": 64, "conga_high": 63, "brush": 40,
    "brush_swirl": 40, "cowbell": 56,
}  # fmt: skip
DRUM_NOTE_BEATS = 0.125  # a stroke's length on paper

Event = tuple[int, int, mido.Message]  # tick, order within the tick, message


def score_to_midi(score: Score) -> bytes:
    """Return the score as the bytes of a MIDI file.

    Effects without a General MIDI counterpart (rises, swells, falls) are left out; more than
    fifteen pitched parts share channels.
    """
    tempo = _TempoMap(score.beat_times_s)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(score, tempo))
    channels = [channel for channel in range(16) if channel != DRUM_CHANNEL]
    for index, part in enumerate(score.parts):
        file.tracks.append(_part_track(part, channels[index % len(channels)], tempo))
    if score.hits:
        file.tracks.append(_drum_track(score, tempo))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


class _TempoMap:
    """Seconds to ticks along the score's beats.

    A tempo event holds whole microseconds a beat. Rounding each beat on its own would let the
    error grow over an hour; the map therefore rounds the running sum, so that no beat is ever more
    than a microsecond off.
    """

    def __init__(self, beat_times_s: Sequence[float]) -> None:
        marks = [round(time * 1e6) for time in beat_times_s]
        self.tempos = [max(1, end - start) for start, end in pairwise(marks)]
        self.starts_us = [marks[0]]
        for tempo in self.tempos:
            self.starts_us.append(self.starts_us[-1] + tempo)

    def tick(self, seconds: float) -> int:
        """Return the nearest tick; beyond the last beat its tempo goes on."""
        microseconds = seconds * 1e6
        beat = min(max(bisect_right(self.starts_us, microseconds) - 1, 0), len(self.tempos) - 1)
        place = (microseconds - self.starts_us[beat]) / self.tempos[beat]
        return max(0, round((beat + place) * TICKS_PER_BEAT))


def _conductor(score: Score, tempo: _TempoMap) -> mido.MidiTrack:
    events: list[Event] = [
        (0, 0, mido.MetaMessage("track_name", name=_latin(score.title))),
        (0, 1, mido.MetaMessage("time_signature", numerator=4, denominator=4)),
        (0, 2, mido.MetaMessage("key_signature", key=_key_signature(score.key))),
    ]
    last = 0
    for beat, value in enumerate(tempo.tempos):
        if value != last:
            events.append((beat * TICKS_PER_BEAT, 3, mido.MetaMessage("set_tempo", tempo=value)))
            last = value
    for section in score.sections:
        marker = mido.MetaMessage("marker", text=section.name)
        events.append((section.start_bar * 4 * TICKS_PER_BEAT, 4, marker))
    return _track(events, tempo.tick(score.duration_s))


def _part_track(part: PartScore, channel: int, tempo: _TempoMap) -> mido.MidiTrack:
    program = PROGRAMS.get(part.instrument.split("/")[0], 0)
    events: list[Event] = [
        (0, 0, mido.MetaMessage("track_name", name=part.role)),
        (0, 1, mido.Message("program_change", channel=channel, program=program)),
    ]
    for note in part.notes:
        events.extend(_note_events(note, channel, tempo))
    return _track(events)


def _note_events(note: Note, channel: int, tempo: _TempoMap) -> tuple[Event, Event]:
    on = tempo.tick(note.onset_s)
    off = max(on + 1, tempo.tick(note.onset_s + note.duration_s))
    return (
        (on, 3, _message("note_on", channel, note.pitch, note.velocity)),
        (off, 2, _message("note_off", channel, note.pitch, 0)),
    )


def _message(kind: str, channel: int, note: int, velocity: int) -> mido.Message:
    # A score's numbers are in range already, and mido's checks are most of its time.
    return mido.Message(kind, skip_checks=True, channel=channel, note=note, velocity=velocity)


def _drum_track(score: Score, tempo: _TempoMap) -> mido.MidiTrack:
    events: list[Event] = [(0, 0, mido.MetaMessage("track_name", name="drums"))]
    length = round(DRUM_NOTE_BEATS * TICKS_PER_BEAT)
    for hit in score.hits:
        if hit.sound not in DRUM_NOTES:
            continue
        note, on = DRUM_NOTES[hit.sound], tempo.tick(hit.onset_s)
        stroke = _message("note_on", DRUM_CHANNEL, note, hit.velocity)
        release = _message("note_off", DRUM_CHANNEL, note, 0)
        events += [(on, 3, stroke), (on + length, 2, release)]
    return _track(events)


def _track(events: list[Event], end_tick: int = 0) -> mido.MidiTrack:
    """Return a track with delta times; note-offs stand before note-ons of the same tick."""
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        message.time = tick - now
        track.append(message)
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end_tick - now)))
    return track


def _key_signature(key: str) -> str:
    """Return the key as MIDI can write it: signatures of at most seven accidentals."""
    return {"D#m": "Ebm", "G#m": "Abm", "A#m": "Bbm"}.get(key, key)


def _latin(text: str) -> str:
    """MIDI text is Latin-1; what it lacks becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
