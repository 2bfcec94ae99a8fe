"""Is a track what it says it is? It is made again from its plan and compared, hash by hash.

What is known of a track is its sidecar and the plan that lies with it, in a bucket or in a folder;
of what `soundflow render --score` has made, the plan alone. A track whose plan is gone is planned
anew from today's configuration, and the plan's recorded hash tells whether that has changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.catalog.canonical import ordered, sha256_of
from soundflow_assets.claim import Claim
from soundflow_assets.delivery.decode import decoding
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.listening.verdict import Rejected
from soundflow_assets.production import produce
from soundflow_assets.progress import ProgressCallback, silent
from soundflow_assets.version import ENGINE_VERSION

Compared = Literal["file", "plan", "pcm", "mp3"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One hash, as recorded and as found; None where there is nothing to take it of."""

    what: Compared
    recorded: str | None
    found: str | None

    @property
    def same(self) -> bool:
        """Whether nothing speaks against it: what was never recorded cannot differ."""
        return self.recorded is None or self.recorded == self.found


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `sentences` say what differs and why, in words."""

    id: str
    made_by: str  # engine version
    comparisons: tuple[Comparison, ...]
    differs_from_s: float | None  # where the file's sound leaves that of the track made again
    sentences: tuple[str, ...]

    @property
    def matches(self) -> bool:
        """Whether everything that can be compared is the same."""
        return all(one.same for one in self.comparisons)


def verify(claim: Claim, on_event: ProgressCallback = silent) -> Verification:
    """Make a track again and compare it with what is said of it, and with the file that is there.

    Raises
    ------
    Failed
        When a stage fails.
    """
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        return _verified(claim, Path(folder), on_event)


def _verified(claim: Claim, folder: Path, on_event: ProgressCallback) -> Verification:
    sentences: list[str] = []
    pcm = None
    # The loop has no part in the MP3, and Vorbis is computed with the machine's own sines.
    plan = claim.plan.model_copy(update={"outputs": ()})
    try:
        made = produce(plan, folder, on_event, claim.license_id)
    except Rejected as rejected:
        sentences.append(f"made again, {rejected}")
    else:
        plan, pcm = made.plan, made.pcm_sha256
    again = (folder / f"{plan.id}.mp3").read_bytes()
    held = None if claim.audio is None else sha256_of(claim.audio)
    settled = plan.model_copy(update={"outputs": claim.plan.outputs})
    found_plan = claim.plan_sha256_found or sha256_of(ordered(settled.model_dump(mode="json")))
    comparisons = (
        Comparison("file", claim.mp3_sha256, held),
        Comparison("plan", claim.plan_sha256, found_plan),
        Comparison("pcm", claim.pcm_sha256, pcm),
        Comparison("mp3", claim.mp3_sha256 or held, sha256_of(again)),
    )
    since, told = _heard_apart(claim.audio, again)
    sentences = [*_reasons(claim, comparisons), *sentences, *told]
    return Verification(claim.id, claim.engine_version, comparisons, since, tuple(sentences))


def _reasons(claim: Claim, comparisons: tuple[Comparison, ...]) -> Iterator[str]:
    if all(one.same for one in comparisons):
        return
    if claim.engine_version != ENGINE_VERSION:
        yield (
            f"it was made by engine version {claim.engine_version}, and this is version "
            f"{ENGINE_VERSION}, which may sound otherwise"
        )
    for one in comparisons:
        if not one.same:
            yield _SENTENCES[one.what] if one.found else _MISSING[one.what]
    if claim.planned_anew:
        yield "its plan is gone, so that today's configuration was asked for one"


_SENTENCES: dict[Compared, str] = {
    "file": "the MP3 is not the one that was published",
    "plan": "the plan is another one than the track was made from",
    "pcm": "made again, its samples are others",
    "mp3": "made again, its MP3 has other bytes",
}
_MISSING: dict[Compared, str] = {
    "file": "the MP3 is not there",
    "plan": "there is no plan",
    "pcm": "made again, it was not finished",
    "mp3": "made again, it has no MP3",
}


def _heard_apart(held: bytes | None, again: bytes) -> tuple[float | None, list[str]]:
    """Return from which second on two MP3s sound different, and what there is to say of it."""
    if held is None or held == again:
        return None, []
    try:
        since = first_difference_s(held, again)
    except (BadInput, Failed) as error:
        return None, [f"the MP3 cannot be compared by ear: {error}"]
    if since is None:
        return None, ["the MP3 sounds as it should to the last bit: only its tags differ"]
    return since, [f"the MP3 sounds different from {since:.2f} s on"]


def first_difference_s(one: bytes, other: bytes) -> float | None:
    """Return the second from which on two audio files decode differently, None if nowhere."""
    at = 0
    with decoding(one) as (facts, blocks), decoding(other) as (facts_other, blocks_other):
        if facts.sample_rate != facts_other.sample_rate:
            return 0.0
        for a, b in zip_longest(blocks, blocks_other):
            differing = _first_differing(a, b)
            if differing is not None:
                return (at + differing) / facts.sample_rate
            at += a.shape[1]
    return None


def _first_differing(one: Audio | None, other: Audio | None) -> int | None:
    if one is None or other is None or one.shape[0] != other.shape[0]:
        return 0
    samples = min(one.shape[1], other.shape[1])
    wrong = np.flatnonzero((one[:, :samples] != other[:, :samples]).any(axis=0))
    if wrong.size:
        return int(wrong[0])
    return None if one.shape == other.shape else samples
