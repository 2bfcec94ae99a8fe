"""Prompt enhancement without a network: words → spec → the phrase a model understands best.

What the operator said is never changed, only completed: open fields are filled from what is usual
for the genre, drawn by a hash of the words and the seed. The same input gives the same output in
any process; `VERSION` is kept with the track, because another lexicon makes another prompt.

One renderer per model family, after what is known of each: MusicGen wants one dense phrase of
concrete instruments with the tempo in it, no key (it ignores it), no negatives (it plays what it
reads) and no names; ACE-Step takes a caption with tempo, key and metre as fields of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.seeds import generator
from soundflow_assets.premium.models import Family
from soundflow_assets.premium.prompts.lexicon import (
    GENRES,
    HIGH_ENERGY,
    KINDS,
    LOW_ENERGY,
    OF_CATEGORY,
    USUAL,
)
from soundflow_assets.premium.prompts.spec import PromptSpec, spec_from

VERSION = "lexicon-1"

_BPM = re.compile(r"\b(\d{2,3})\s*bpm\b", re.IGNORECASE)
_KEY = re.compile(
    r"\b(?:in\s+(?:the\s+key\s+of\s+)?)?([A-G])(#|b|♯|♭| sharp| flat)?\s+(minor|major)\b"
)
_METRE = re.compile(r"\b(\d{1,2})/(?:4|8)\b")
_WITHOUT = re.compile(r"\b(?:no|without|avoid|excluding)\s+([a-z][a-z ]{1,30}?)(?=[,.;]|\band\b|$)")
_NAMED = re.compile(r"\b(?:in the style of|like|by|à la)\s+(?:[A-Z][\w'.-]*\s?)+")
_VOCALS = re.compile(r"\b(vocals?|singing|singer|lyrics|choir)\b", re.IGNORECASE)
_NO_BEAT = re.compile(r"\b(beatless|no beat|no rhythm|without (?:a )?beat|no drums)\b", re.I)
_LEAST = {"moods": 2, "instruments": 3, "production": 1}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a model is given. `fields` are conditions beside the text."""

    text: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Enhanced:
    """A prompt with its spec, and which enhancer made it."""

    original: str
    spec: PromptSpec
    version: str
    note: str = ""  # why the offline enhancer stood in for another one

    def rendered(self, family: Family) -> Rendered:
        """Return the prompt as the models of `family` take it."""
        return render(self.spec, family)


def enhance(
    words: str, category: str, seed: int, *, bpm: float | None = None, key: str | None = None
) -> Enhanced:
    """Return an operator's words, understood and completed.

    Parameters
    ----------
    words
        Free text.
    category
        Site category; decides the genre where the words name none.
    seed
        Draws what is filled in.
    bpm, key
        Of the request; they win over what the words say. `bpm` 0 means no beat.

    Raises
    ------
    BadInput
        When the words are empty.
    """
    if not words.strip():
        raise BadInput("prompt: it is empty; say what the music should be")
    found = read_words(words, category)
    if bpm is not None:
        found["bpm"] = bpm
    if key is not None:
        found["key"] = key
    return Enhanced(words, completed(spec_from(found), words, seed), VERSION)


def read_words(words: str, category: str) -> dict[str, Any]:
    """Return the fields of a spec that the words themselves give."""
    text = _NAMED.sub(" ", words)
    low = f" {re.sub(r'[^a-z0-9#/ -]+', ' ', text.lower())} "
    exclusions = tuple(dict.fromkeys(one.strip() for one in _WITHOUT.findall(text.lower())))
    wanted = _WITHOUT.sub(" ", low)
    found: dict[str, Any] = {
        "genre": _longest(wanted, GENRES) or OF_CATEGORY.get(category, "ambient"),
        "exclusions": exclusions[:8],
        "vocals": bool(_VOCALS.search(wanted)),
    }
    for kind, table in KINDS.items():
        limit = {"instruments": 8, "structure": 4}.get(kind, 6)
        found[kind] = _named(wanted, table)[:limit]
    tempo, key, metre = _BPM.search(text), _KEY.search(text), _METRE.search(text)
    if tempo is not None and 30 <= int(tempo[1]) <= 300:
        found["bpm"] = float(tempo[1])
    elif _NO_BEAT.search(text):
        found["bpm"] = 0.0
    if key is not None:
        sign = {"#": "#", "♯": "#", " sharp": "#", "b": "b", "♭": "b", " flat": "b"}
        name = f"{key[1]}{sign.get(key[2] or '', '')}{'m' if key[3] == 'minor' else ''}"
        found["key"] = str(parse_key(name))
    if metre is not None and 2 <= int(metre[1]) <= 12:
        found["metre"] = int(metre[1])
    moods = found["moods"]
    found["energy"] = (
        25 if any(m in LOW_ENERGY for m in moods) else 75 if any(m in HIGH_ENERGY for m in moods)
        else 50
    )  # fmt: skip
    return found


def completed(spec: PromptSpec, words: str, seed: int) -> PromptSpec:
    """Return the spec with its open fields filled from what is usual for its genre."""
    usual = USUAL.get(spec.genre)
    if usual is None:
        return spec
    bpm, *tables = usual
    changes: dict[str, Any] = {}
    if spec.bpm is None:
        changes["bpm"] = float(bpm)
    excluded = " ".join(spec.exclusions)
    beatless = (spec.bpm if spec.bpm is not None else bpm) == 0
    for name, table in zip(("instruments", "moods", "production"), tables, strict=True):
        own: tuple[str, ...] = getattr(spec, name)
        open_ = [
            one
            for one in table
            if one not in own and not _excludes(excluded, one) and not (beatless and _beats(one))
        ]
        rng = generator("prompt", VERSION, words, seed, name)
        rng.shuffle(open_)
        changes[name] = (*own, *open_[: max(0, _LEAST[name] - len(own))])
    return spec.model_copy(update=changes)


def render(spec: PromptSpec, family: Family) -> Rendered:
    """Return a spec as the models of `family` take it."""
    if family == "acestep":
        caption = ", ".join((*spec.moods, spec.genre, *spec.instruments, *spec.production))
        fields: dict[str, Any] = {"timesignature": str(spec.metre)}
        if spec.bpm:
            fields["bpm"] = round(spec.bpm)
        if spec.key is not None:
            fields["keyscale"] = _spelled(spec.key)
        return Rendered(caption if spec.vocals else f"{caption}, [instrumental]", fields)
    lead = " ".join((*spec.moods[:2], spec.genre))
    parts = [f"{lead} with {_listed(spec.instruments)}" if spec.instruments else lead]
    parts += [*spec.moods[2:], *spec.production, *spec.structure]
    parts.append(f"{spec.bpm:g} bpm" if spec.bpm else "no beat, slow evolving")
    if not spec.vocals:
        parts.append("instrumental")
    return Rendered(", ".join(parts), {})


def _longest(text: str, table: Mapping[str, Sequence[str]]) -> str | None:
    """Return the phrase of whose words the longest one stands in the text."""
    best = ("", None)
    for phrase, words in table.items():
        for word in words:
            if f" {word} " in text and len(word) > len(best[0]):
                best = (word, phrase)  # type: ignore[assignment]
    return best[1]


def _named(text: str, table: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    places = []
    for phrase, words in table.items():
        at = [text.find(f" {word} ") for word in words]
        if any(place >= 0 for place in at):
            places.append((min(place for place in at if place >= 0), phrase))
    return tuple(phrase for _, phrase in sorted(places))


def _excludes(excluded: str, phrase: str) -> bool:
    words = {word.rstrip("s") for word in re.findall(r"[a-z]+", excluded)}
    return any(word.rstrip("s") in words for word in re.findall(r"[a-z]+", phrase))


def _beats(phrase: str) -> bool:
    return any(word in phrase for word in ("kick", "drum", "percussion"))


def _listed(phrases: Sequence[str]) -> str:
    *most, last = phrases
    return f"{', '.join(most)} and {last}" if most else last


def _spelled(key: str) -> str:
    return f"{key[:-1]} minor" if key.endswith("m") else f"{key} major"
