"""Score to a standard MIDI file (type 1), as performed.

One track holds tempo, key signature and section markers, one each pitched part, one the drums on
channel 10. The tempo map follows the score's beat times (one tempo event per change), and events
are placed by where they sound: file times agree with the score within a tick.

The bytes of rare events are mido's. Notes, of which there are thousands, and the chunks that hold
all of them are put together here: that takes a fifth of the time.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

import mido

from soundflow_assets.composition.score import PartScore, Score

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

NOTE_OFF, NOTE_ON, META = 0x80, 0x90, 0xFF  # status bytes, of channel 1 where they have one

Event = tuple[int, int, bytes]  # tick, order within the tick, message


def score_to_midi(score: Score) -> bytes:
    """Return the score as the bytes of a MIDI file.

    Effects without a General MIDI counterpart (rises, swells, falls) are left out; more than
    fifteen pitched parts share channels.
    """
    tempo = _TempoMap(score.beat_times_s)
    tracks = [_conductor(score, tempo)]
    channels = [channel for channel in range(16) if channel != DRUM_CHANNEL]
    for index, part in enumerate(score.parts):
        tracks.append(_part_track(part, channels[index % len(channels)], tempo))
    if score.hits:
        tracks.append(_drum_track(score, tempo))
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_BEAT)
    return header + b"".join(tracks)


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


def _conductor(score: Score, tempo: _TempoMap) -> bytes:
    events: list[Event] = [
        (0, 0, _meta("track_name", name=_latin(score.title))),
        (0, 1, _meta("time_signature", numerator=4, denominator=4)),
        (0, 2, _meta("key_signature", key=_key_signature(score.key))),
    ]
    last = 0
    for beat, value in enumerate(tempo.tempos):
        if value != last:
            events.append((beat * TICKS_PER_BEAT, 3, _meta("set_tempo", tempo=value)))
            last = value
    for section in score.sections:
        marker = _meta("marker", text=section.name)
        events.append((section.start_bar * 4 * TICKS_PER_BEAT, 4, marker))
    return _track(events, tempo.tick(score.duration_s))


def _meta(kind: str, **fields: str | int) -> bytes:
    return bytes(mido.MetaMessage(kind, **fields).bytes())


def _part_track(part: PartScore, channel: int, tempo: _TempoMap) -> bytes:
    program = PROGRAMS.get(part.instrument.split("/")[0], 0)
    change = mido.Message("program_change", channel=channel, program=program)
    events: list[Event] = [
        (0, 0, _meta("track_name", name=part.role)),
        (0, 1, bytes(change.bytes())),
    ]
    for note in part.notes:
        on = tempo.tick(note.onset_s)
        off = max(on + 1, tempo.tick(note.onset_s + note.duration_s))
        events += _note(channel, note.pitch, note.velocity, on, off)
    return _track(events)


def _note(channel: int, number: int, velocity: int, on: int, off: int) -> tuple[Event, Event]:
    return (
        (on, 3, bytes((NOTE_ON + channel, number, velocity))),
        (off, 2, bytes((NOTE_OFF + channel, number, 0))),
    )


def _drum_track(score: Score, tempo: _TempoMap) -> bytes:
    events: list[Event] = [(0, 0, _meta("track_name", name="drums"))]
    length = round(DRUM_NOTE_BEATS * TICKS_PER_BEAT)
    for hit in score.hits:
        if hit.sound not in DRUM_NOTES:
            continue
        number, on = DRUM_NOTES[hit.sound], tempo.tick(hit.onset_s)
        events += _note(DRUM_CHANNEL, number, hit.velocity, on, on + length)
    return _track(events)


def _track(events: list[Event], end_tick: int = 0) -> bytes:
    """Return a track's chunk, with delta times; note-offs stand before note-ons of a tick.

    A status byte that is the one before (running status) is left out.
    """
    body = bytearray()
    now = status = 0
    for tick, _, message in sorted(events, key=itemgetter(0, 1)):
        body += _quantity(tick - now)
        body += message[1:] if message[0] == status else message
        now, status = tick, message[0] if message[0] < META else 0
    body += _quantity(max(0, end_tick - now)) + _meta("end_of_track")
    return struct.pack(">4sI", b"MTrk", len(body)) + body


def _quantity(value: int) -> bytes:
    """Return a variable-length quantity: seven bits a byte, the highest first.

    >>> _quantity(960).hex()
    '8740'
    """
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def _key_signature(key: str) -> str:
    """Return the key as MIDI can write it: signatures of at most seven accidentals."""
    return {"D#m": "Ebm", "G#m": "Abm", "A#m": "Bbm"}.get(key, key)


def _latin(text: str) -> str:
    """MIDI text is Latin-1; what it lacks becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
