"""The MIDI file holds what is played, when it is played, within a tick."""

from __future__ import annotations

import datetime as dt
import io
from bisect import bisect_left

import mido
import pytest

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.midi import DRUM_NOTES, PROGRAMS, score_to_midi
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.resolve import genre_plan

DAY = dt.date(2025, 1, 15)


def scored(configs: Configs, genre: str, duration_s: float = 60.0) -> Score:
    return compose(genre_plan(configs, genre, DAY, duration_s=duration_s))


def read(score: Score) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(score_to_midi(score)))


def seconds_of(file: mido.MidiFile, track: mido.MidiTrack) -> list[tuple[float, mido.Message]]:
    """Return a track's messages at their time in seconds, by the file's own tempo map."""
    changes, now = [], 0
    for message in file.tracks[0]:
        now += message.time
        if message.type == "set_tempo":
            changes.append((now, message.tempo))
    seconds, starts = 0.0, []
    for index, (tick, tempo) in enumerate(changes):
        if index:
            before = changes[index - 1]
            seconds += mido.tick2second(tick - before[0], file.ticks_per_beat, before[1])
        starts.append((tick, seconds, tempo))
    result, now = [], 0
    for message in track:
        now += message.time
        tick, start, tempo = max(entry for entry in starts if entry[0] <= now)
        passed = mido.tick2second(now - tick, file.ticks_per_beat, tempo)
        result.append((start + passed, message))
    return result


@pytest.mark.parametrize("genre", ["deep", "jazz", "classic", "ambient", "bass"])
def test_every_note_is_in_the_file_within_a_tick(configs: Configs, genre: str) -> None:
    score = scored(configs, genre)
    file = read(score)
    tick_s = 60 / score.bpm / file.ticks_per_beat * 1.1 + 2e-6
    tracks = {track.name: track for track in file.tracks}
    for part in score.parts:
        timed = seconds_of(file, tracks[part.role])
        struck = [(time, m.note) for time, m in timed if m.type == "note_on"]
        assert len(struck) == len(part.notes)
        for pitch in {note.pitch for note in part.notes}:
            wanted = sorted(note.onset_s for note in part.notes if note.pitch == pitch)
            found = sorted(time for time, note in struck if note == pitch)
            assert all(abs(a - b) <= tick_s for a, b in zip(wanted, found, strict=True))


def test_every_note_ends_and_none_is_left_hanging(configs: Configs) -> None:
    for track in read(scored(configs, "lounge")).tracks:
        sounding: dict[tuple[int, int], int] = {}
        for message in track:
            if message.type == "note_on":
                key = (message.channel, message.note)
                sounding[key] = sounding.get(key, 0) + 1
            elif message.type == "note_off":
                sounding[(message.channel, message.note)] -= 1
        assert not any(sounding.values())


def test_drums_are_on_channel_ten_with_general_midi_notes(configs: Configs) -> None:
    score = scored(configs, "house")
    file = read(score)
    drums = next(track for track in file.tracks if track.name == "drums")
    struck = [(time, m) for time, m in seconds_of(file, drums) if m.type == "note_on"]
    assert {m.channel for _, m in struck} == {9}
    mapped = [hit for hit in score.hits if hit.sound in DRUM_NOTES]
    assert len(struck) == len(mapped)
    kicks = sorted(time for time, m in struck if m.note == 36)
    for hit in mapped:
        if hit.sound == "kick":
            place = min(bisect_left(kicks, hit.onset_s), len(kicks) - 1)
            near = min(abs(kicks[i] - hit.onset_s) for i in {place, max(0, place - 1)})
            assert near < 0.001


def test_sections_key_and_meter_stand_in_the_conductor_track(configs: Configs) -> None:
    score = scored(configs, "trance", 120)
    conductor = read(score).tracks[0]
    markers = [message.text for message in conductor if message.type == "marker"]
    assert markers == [section.name for section in score.sections]
    keys = [message.key for message in conductor if message.type == "key_signature"]
    assert keys == [score.key]
    meters = [m for m in conductor if m.type == "time_signature"]
    assert (meters[0].numerator, meters[0].denominator) == (4, 4)


def test_rubato_is_in_the_tempo_map(configs: Configs) -> None:
    steady = [m for m in read(scored(configs, "deep")).tracks[0] if m.type == "set_tempo"]
    free = [m for m in read(scored(configs, "classic")).tracks[0] if m.type == "set_tempo"]
    # A steady tempo differs by a microsecond at most; rubato by several per cent.
    assert max(m.tempo for m in steady) - min(m.tempo for m in steady) <= 1
    assert max(m.tempo for m in free) / min(m.tempo for m in free) > 1.08


def test_every_instrument_has_a_program_and_every_key_a_signature(configs: Configs) -> None:
    assert {name.split("/")[0] for name in configs.patches} == set(PROGRAMS)
    score = scored(configs, "lofi", 20)
    for tonic in ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"):
        for mode in ("", "m"):
            key = str(parse_key(tonic + mode))
            fields = {name: getattr(score, name) for name in score.__dataclass_fields__}
            file = read(Score(**(fields | {"key": key})))
            assert any(m.type == "key_signature" for m in file.tracks[0])


def test_the_same_score_gives_the_same_bytes(configs: Configs) -> None:
    assert score_to_midi(scored(configs, "edm", 30)) == score_to_midi(scored(configs, "edm", 30))


def test_a_title_outside_latin_letters_does_not_break_the_file(configs: Configs) -> None:
    score = scored(configs, "lofi", 20)
    fields = {name: getattr(score, name) for name in score.__dataclass_fields__}
    assert read(Score(**(fields | {"title": "夜 Café"}))).tracks[0].name == "? Café"
