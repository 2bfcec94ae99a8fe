"""What each kind of part promises, on the shipped genres."""

import datetime as dt
import itertools
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.composition.compose import write_parts
from soundflow_assets.composition.draft import DraftSection
from soundflow_assets.composition.form import fit_form
from soundflow_assets.composition.harmony import harmonise
from soundflow_assets.composition.writers.motif import draw_motif, grates, stretch
from soundflow_assets.composition.writers.paper import Bar, small_change
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan
from soundflow_assets.plans.seeds import generator

CONFIGS = load_configs()
MONDAY = dt.date(2026, 1, 5)
GENRES = sorted(CONFIGS.genres)


@cache
def written(genre, day=0):
    plan = genre_plan(CONFIGS, genre, MONDAY + dt.timedelta(days=day))
    sections = fit_form(plan)
    bars = sections[-1].end_bar
    chords = harmonise(plan, bars, sections)
    return plan, sections, chords, write_parts(plan, bars, sections, chords)


def motif_generator(plan):
    return generator(plan.choices.motif, "motif")


def parts_by(*writers):
    return [
        pytest.param(genre, part, id=f"{genre}-{part.role}")
        for genre in GENRES
        for part in CONFIGS.genres[genre].parts
        if part.writer in writers
    ]


def chord_at(chords, beat):
    return max((c for c in chords if c.beat <= beat + 1e-6), key=lambda c: c.beat)


@pytest.mark.parametrize("genre", GENRES)
def test_every_note_lies_in_its_range_and_inside_the_piece(genre):
    plan, sections, _, parts = written(genre)
    end = sections[-1].end_bar * 4
    assert parts
    for part in plan.spec.parts:
        for note in parts.get(part.role, ()):
            assert part.pitch_range[0] <= note.pitch <= part.pitch_range[1]
            assert 0 <= note.beat < end
            assert note.beats > 0
            assert 1 <= note.velocity <= 127


@pytest.mark.parametrize(("genre", "part"), parts_by("pattern_bass", "walking_bass", "pedal_bass"))
def test_the_bass_follows_the_chords_until_the_last_bar(genre, part):
    _, sections, chords, parts = written(genre)
    notes = parts.get(part.role, ())
    playing = [s for s in sections if part.role in s.roles]
    assert notes or not playing
    bars = {int(note.beat // 4) for note in notes}
    held = {
        int(b)
        for n in notes
        for b in range(int(n.beat // 4), int((n.beat + n.beats - 0.01) // 4) + 1)
    }
    for section in playing:
        assert set(range(section.start_bar, section.end_bar)) <= bars | held, section
    on_root = [
        note for note in notes
        if (note.pitch - chord_at(chords, note.beat).bass) % 12 in (0, 3, 4, 5, 7, 10, 11)
    ]  # fmt: skip
    assert len(on_root) >= 0.7 * len(notes)
    changes = {c.bass for c in chords}
    if len(changes) > 2 and len(notes) > 40:
        assert len({note.pitch % 12 for note in notes}) >= 3


@pytest.mark.parametrize(("genre", "part"), parts_by("melody"))
def test_a_melody_sings_chord_tones_on_strong_beats_and_rests(genre, part):
    _, sections, chords, parts = written(genre)
    notes = parts.get(part.role, ())
    if not notes:
        assert not any(part.role in s.roles for s in sections)
        return
    strong = [n for n in notes if n.beat % 4 in (0.0, 2.0)]
    fitting = [n for n in strong if n.pitch % 12 in chord_at(chords, n.beat).pitch_classes]
    assert len(fitting) >= 0.75 * len(strong)
    beats = sum(s.bars * 4 for s in sections if part.role in s.roles)
    assert sum(n.beats for n in notes) <= (1.0 - part.rest) * beats + 4


@pytest.mark.parametrize(("genre", "part"), parts_by("melody", "solo", "answer"))
def test_no_long_melody_note_grates_against_its_chord(genre, part):
    _, _, chords, parts = written(genre)
    for note in parts.get(part.role, ()):
        chord = chord_at(chords, note.beat)
        if note.beats >= 1.5 and note.beat % 4 in (0.0, 2.0):
            assert not grates(note.pitch, chord)


@pytest.mark.parametrize(("genre", "part"), parts_by("melody", "solo"))
def test_two_days_have_two_melodies(genre, part):
    def contour(day):
        notes = written(genre, day)[3].get(part.role, ())[:24]
        return [(b.beat - a.beat, b.pitch - a.pitch) for a, b in itertools.pairwise(notes)]

    one, two = contour(0), contour(1)
    assert one != two or not one


@pytest.mark.parametrize("genre", GENRES)
def test_adjacent_blocks_of_eight_bars_differ_in_more_than_their_dynamics(genre):
    _, sections, _, parts = written(genre)
    for role, notes in parts.items():
        blocks = {}
        for note in notes:
            at = (round(note.beat % 32, 3), note.pitch)
            blocks.setdefault(int(note.beat // 32), []).append(at)
        for block in range(sections[-1].end_bar // 8 - 1):
            one, two = blocks.get(block), blocks.get(block + 1)
            assert one is None or one != two, (role, block)


@pytest.mark.parametrize(("genre", "part"), parts_by("comp", "strum", "held", "charleston"))
def test_chords_do_not_ring_into_a_chord_they_do_not_belong_to(genre, part):
    _, _, chords, parts = written(genre)
    for note in parts.get(part.role, ()):
        end = note.beat + note.beats - 0.3
        if end > note.beat:
            # A stroke may come half a beat before its chord, and sound only that long without it.
            later = chord_at(chords, max(end, min(note.beat + 0.5, chords[-1].beat)))
            tones = {*later.pitch_classes, *chord_at(chords, end).pitch_classes}
            assert note.pitch % 12 in tones, (note, later)


@pytest.mark.parametrize(("genre", "part"), parts_by("melody"))
def test_a_melody_answers_its_leaps_and_repeats_little(genre, part):
    near = []
    for day in range(3):  # one track may hold two dozen such places, too few for a share
        notes = written(genre, day)[3].get(part.role, ())
        near += [
            (a.pitch, b.pitch, c.pitch)
            for a, b, c in zip(notes, notes[1:], notes[2:], strict=False)
            if c.beat - a.beat <= 5
        ]
    leaps = [(b - a, c - b) for a, b, c in near if abs(b - a) > 7]
    assert sum(first * second < 0 for first, second in leaps) >= 0.8 * len(leaps)
    still = sum(a == b == c for a, b, c in near)
    assert still <= max(1, 0.1 * len(near))


def test_a_melody_comes_back_in_the_last_third():
    for genre in ("house", "trance", "synth", "lounge"):
        plan, sections, _, parts = written(genre)
        part = next(p for p in plan.spec.parts if p.writer == "melody")
        bars = sections[-1].end_bar
        wanted = [cell.at for cell in draw_motif(motif_generator(plan), part.rest)]
        late = [s for s in sections if part.role in s.roles and s.start_bar >= bars * 2 / 3]
        for section in late:
            start = section.start_bar * 4
            heard = {round(n.beat - start, 3) for n in parts[part.role]}
            assert set(wanted[:3]) <= heard


def test_motifs_of_different_seeds_differ():
    motifs = {draw_motif(generator(seed, "motif"), 0.5) for seed in range(60)}
    assert len(motifs) >= 55
    for motif in motifs:
        assert 3 <= len(motif) <= 7
        assert motif[-1].at + motif[-1].beats <= 8
        assert max(abs(b.step - a.step) for a, b in itertools.pairwise(motif)) <= 4


def test_augmentation_keeps_the_tune():
    motif = draw_motif(generator(3, "motif"), 0.3)
    slow = stretch(motif, 2.0)
    assert [cell.step for cell in slow] == [cell.step for cell in motif]
    assert [cell.at for cell in slow] == [2 * cell.at for cell in motif]


@given(
    row=st.text(alphabet="Xxog.-", min_size=16, max_size=16),
    number=st.integers(0, 63),
    index=st.integers(0, 31),
    seed=st.integers(0, 50),
)
def test_a_small_change_keeps_the_accents_and_most_bars(row, number, index, seed):
    section = DraftSection("a", 0, 32, 0.5, (), "none")
    bar = Bar(number, index, section, last=False)
    changed = small_change(row, bar, generator(seed))
    assert len(changed) == len(row)
    assert all(changed[i] == "X" for i, mark in enumerate(row) if mark == "X")
    if index % 4 in (1, 2):
        assert changed == row


def test_a_slow_voice_sings_few_long_notes():
    notes = written("ambient")[3]["voice"]
    bars = {int(note.beat // 4) for note in notes}
    assert sum(note.beats for note in notes) / len(notes) >= 0.9
    assert len(notes) <= 1.5 * len(bars) * 2


def test_tones_on_loops_return_at_intervals_of_their_own():
    plan, _, _, parts = written("ambient")
    notes = parts["loops"]
    gaps = {round((b.beat - a.beat) * 60 / plan.bpm) for a, b in itertools.pairwise(notes)}
    assert len(gaps) >= 4
    assert min(b.beat - a.beat for a, b in itertools.pairwise(notes)) >= 0.49


def test_a_soloist_plays_lines_and_breathes():
    notes = written("jazz")[3]["solo"]
    steps = [abs(b.pitch - a.pitch) for a, b in itertools.pairwise(notes) if b.beat - a.beat <= 0.5]
    assert sum(step <= 4 for step in steps) >= 0.9 * len(steps)
    pauses = [b.beat - a.beat - a.beats for a, b in itertools.pairwise(notes)]
    assert sum(pause >= 1.0 for pause in pauses) >= 4


def test_a_charleston_never_repeats_a_bar_and_rests_but_not_for_two():
    _, sections, _, parts = written("jazz")
    bars = {}
    for note in parts["comp"]:
        bars.setdefault(int(note.beat // 4), set()).add(round(note.beat % 4, 3))
    for bar in range(sections[-1].end_bar - 2):
        if bar in bars and bar + 1 in bars:
            assert bars[bar] != bars[bar + 1]
    assert len(bars) < 0.9 * sections[-1].end_bar
    for section in sections:
        if "comp" in section.roles:
            for bar in range(section.start_bar, section.end_bar - 1):
                assert bar in bars or bar + 1 in bars


def test_a_walking_bass_walks_in_small_steps_and_keeps_moving():
    notes = [n for n in written("jazz")[3]["bass"] if n.articulation != "ghost"]
    moves = [abs(b.pitch - a.pitch) for a, b in itertools.pairwise(notes)]
    assert sum(moves) / len(moves) <= 5
    assert sum(1 for move in moves if move == 0) <= 0.1 * len(moves)


def test_the_same_plan_is_written_the_same_twice():
    plan, sections, chords, parts = written("deep")
    assert write_parts(plan, sections[-1].end_bar, sections, chords) == parts
