"""docs/listening.md: what the battery found, genre by genre, with every value."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# What the pictures show, in a line each: spectrogram (30 Hz to 16 kHz) beside the likeness of bars.
# What a look at each genre's picture tells.
SHOWN = {
    "ambient": "Long tones in steps, each its own loop; birds above and rain between. No two parts "
    "of it are alike, and nothing turns suddenly.",
    "bass": "An opening, two plateaus and a break without sub; within a plateau bars differ "
    "little, which is the genre and, over two minutes, its weakness.",
    "chillout": "Bass and kick rest in the breakdown; above 3 kHz the rain bed stands as a haze "
    "that softens every turn.",
    "classic": "Phrases rather than sections: a pale lattice of periods that come back varied. The "
    "bed (sea and rain, 6 LU under the music) veils the treble.",
    "dance": "One block of sound on either side of the breakdown: the verses differ from the hook "
    "by a voice only, and the eye finds no line between them.",
    "deep": "Four-bar chequers inside two plateaus; one break, clear of bass, and an outro that "
    "thins from the top.",
    "edm": "The most form of all: risers lead into two drops, builds resemble builds and drops "
    "resemble drops.",
    "house": "Two breaks that lose their low end, the second returning to the material of the "
    "first; plateaus of chequered four-bar phrases.",
    "jazz": "The walking bass draws zigzags, the solo is unlike itself from bar to bar, the head "
    "returns at the end (the pale corner).",
    "lofi": "A muffled top, drums that rest for four bars, and an outro of chords alone.",
    "lounge": "The interlude without drums is a piece of its own; either side of it is one mood.",
    "synth": "Pulsing bass under a filter that opens; the half-time break keeps only every other "
    "stroke.",
    "techno": "The rumble is a floor under everything; one short break, and layers that come and "
    "go above it.",
    "trance": "A groove, a break and a build without low end, and a climax longer than all before "
    "it; an outro that leaves out the top.",
}
HEAD = """# What the listening battery finds

Made by

    .venv/bin/python bench/listening.py

from full-length tracks of the shipped plan: everything of {first} to {days_last}, and of the days
after it what is missing to three dates a genre. Each was rendered, encoded, decoded again and
measured like any file (`soundflow measure`); with its score and plan the battery also knows what
was meant. A value outside its target is **bold**; a value without a target informs only. `essentia`
rows are an independent program's opinion. The pictures are the first date's: a spectrogram on a
logarithmic axis, and to its right the likeness of every bar to every other, bright where they are
alike.
"""


def write_page(path: Path, rows: list[Row], of_days: set[str]) -> None:
    """Write the page for `rows`; `of_days` has the ids that belong to the full days."""
    dates = sorted(row["date"] for row in rows if row["id"] in of_days) or ["none"]
    parts = [HEAD.format(first=dates[0], days_last=dates[-1])]
    parts.append(_days_part([row for row in rows if row["id"] in of_days]))
    by_genre: dict[str, list[Row]] = collections.defaultdict(list)
    for row in sorted(rows, key=lambda row: row["category"] == "bed"):
        by_genre[row["genre"]].append(row)
    parts.append(_genres_part(by_genre))
    parts.append(_misses_part(rows))
    for genre in by_genre:
        parts.append(_genre_part(genre, by_genre[genre]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def counted(rows: Iterable[Row]) -> tuple[int, int]:
    """Return how many verdicts passed, and how many there are."""
    verdicts = collections.Counter(one["verdict"] for row in rows for one in row["indicators"])
    return verdicts["pass"], verdicts["pass"] + verdicts["miss"]


def misses(row: Row) -> list[dict[str, Any]]:
    """Return the indicators of a track that miss their targets."""
    return [one for one in row["indicators"] if one["verdict"] == "miss"]


def _days_part(rows: list[Row]) -> str:
    passed, judged = counted(rows)
    worst = max((len(misses(row)) for row in rows), default=0)
    spread = collections.Counter(len(misses(row)) for row in rows)
    tracks = ", ".join(f"{count} with {number}" for number, count in sorted(spread.items()))
    return (
        f"## The days\n\n{len(rows)} tracks, {passed} of {judged} verdicts passed "
        f"({100 * passed / max(1, judged):.2f} %). Misses a track: {tracks or 'none'} "
        f"(at most {worst}).\n"
    )


def _genres_part(by_genre: dict[str, list[Row]]) -> str:
    lines = ["## Genres and beds", "", "| genre or bed | tracks | verdicts | passed | misses |",
             "| --- | --- | --- | --- | --- |"]  # fmt: skip
    for genre, rows in by_genre.items():
        passed, judged = counted(rows)
        names = collections.Counter(one["name"] for row in rows for one in misses(row))
        said = ", ".join(f"{name} ×{count}" for name, count in names.most_common())
        lines.append(f"| {genre} | {len(rows)} | {judged} | {100 * passed / judged:.1f} % | "
                     f"{said or '–'} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def _misses_part(rows: list[Row]) -> str:
    lines = ["## Every miss", ""]
    for row in rows:
        for one in misses(row):
            lines.append(f"- {row['date']} {row['category']}, {row['genre']}: {one['group']} "
                         f"{one['name']} {_value(one)} (target {one['target']})")  # fmt: skip
    return "\n".join(lines if len(lines) > 2 else [*lines, "None."]) + "\n"


def _genre_part(genre: str, rows: list[Row]) -> str:
    """Return a table: a line an indicator, a column a date."""
    rows = sorted(rows, key=lambda row: row["date"])[:3]
    columns = [
        f"{row['date']} {row['category']} {row['bpm']:g} {row['key']}"
        if row["key"]
        else row["date"]
        for row in rows
    ]
    head = "| indicator | target | " + " | ".join(columns) + " |"
    rule = "| --- |" + " --- |" * (len(rows) + 1)
    lines = [f"## {genre}", "", *_picture(genre, rows), head, rule]
    names = dict.fromkeys((one["group"], one["name"]) for row in rows for one in row["indicators"])
    for group, name in names:
        found = [_find(row, group, name) for row in rows]
        targets = {one["target"] for one in found if one and one["target"]}
        target = targets.pop() if len(targets) == 1 else "by category" if targets else ""
        cells = " | ".join(_cell(one, target) for one in found)
        unit = next((one["unit"] for one in found if one), "")
        lines.append(f"| {group} {name}{f' ({unit})' if unit else ''} | {target} | {cells} |")
    return "\n".join(lines) + "\n"


def _picture(genre: str, rows: list[Row]) -> list[str]:
    """Return the lines that show the genre's picture, and what it shows."""
    if not any(row.get("picture") for row in rows):
        return []
    image = f"![{genre}](images/listening/{genre}.png)"
    return [image, "", SHOWN[genre], ""] if genre in SHOWN else [image, ""]


def _find(row: Row, group: str, name: str) -> dict[str, Any] | None:
    return next(
        (one for one in row["indicators"] if (one["group"], one["name"]) == (group, name)), None
    )


def _cell(one: dict[str, Any] | None, target: str) -> str:
    if one is None:
        return ""
    if one["verdict"] != "miss":
        return _value(one)
    return f"**{_value(one)}**" + (f" ({one['target']})" if target == "by category" else "")


def _value(one: dict[str, Any]) -> str:
    value = one["value"]
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float | int) else str(value)
