"""From a request to everything that decides the sound: prompt, seed, tempo, tags, finishing.

A brief is a function of the stored request, the prompt book and the settings of the language model;
nothing in it depends on when or where it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.premium.models import Model, find_model
from soundflow_assets.premium.prompts.book import Prompt, PromptBook, load_prompts
from soundflow_assets.premium.prompts.enhance import Enhanced, Rendered, enhance, read_words
from soundflow_assets.premium.prompts.llm import enhance_with_llm
from soundflow_assets.premium.prompts.spec import spec_from
from soundflow_assets.premium.request import Finishing, PremiumRequest
from soundflow_assets.premium.rights import check_rights
from soundflow_assets.settings import Settings

VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class Brief:
    """One track, ready to be generated."""

    request: PremiumRequest
    model: Model
    prompt: Prompt  # the one asked for, or the category's that lent tags and ranges
    enhanced: Enhanced
    rendered: Rendered
    seed: int
    title: str
    bpm: float  # asked for; 0: no beat
    key: str
    finishing: Finishing

    @property
    def track_id(self) -> str:
        """The track's id, as progress events name it."""
        return self.request.track_id


def brief_of(request: PremiumRequest, settings: Settings) -> Brief:
    """Return what a request comes to.

    Raises
    ------
    BadInput
        When the model, the prompt or the rights do not allow it.
    """
    model = find_model(request.model)
    check_rights(request, model, settings)
    seed = request.seed
    if seed is None:
        seed = seed_of("premium", request.track_id, request.date.isoformat(), request.revision)
    prompt = _prompt_of(request, load_prompts(settings.configs), seed)
    own = request.prompt is not None
    words = request.prompt if request.prompt is not None else prompt.prompt
    bpm = request.bpm if own else _first(request.bpm, prompt.bpm)
    key = request.key if own else request.key or prompt.key
    enhanced = _enhanced(request, words, seed, bpm, key, settings)
    verbatim = request.enhance == "off"
    rendered = Rendered(words, {}) if verbatim else enhanced.rendered(model.family)
    return Brief(
        request=request,
        model=model,
        prompt=prompt,
        enhanced=enhanced,
        rendered=rendered,
        seed=seed,
        title=request.title or (prompt.title if not own else _title(request.track_id)),
        bpm=enhanced.spec.bpm or 0.0,
        key=enhanced.spec.key or prompt.key,
        finishing=request.finishing or (Finishing() if own else prompt.finishing),
    )


def _prompt_of(request: PremiumRequest, book: PromptBook, seed: int) -> Prompt:
    if request.prompt_id is not None:
        return book.find(request.prompt_id)
    ours = book.of(request.category)
    return ours[seed % len(ours)]


def _enhanced(
    request: PremiumRequest,
    words: str,
    seed: int,
    bpm: float | None,
    key: str | None,
    settings: Settings,
) -> Enhanced:
    if request.enhance == "llm":
        return enhance_with_llm(words, request.category, seed, settings, bpm=bpm, key=key)
    if request.enhance == "offline":
        return enhance(words, request.category, seed, bpm=bpm, key=key)
    found = read_words(words, request.category)
    given = {name: value for name, value in (("bpm", bpm), ("key", key)) if value is not None}
    return Enhanced(words, spec_from(found | given), VERBATIM)


def _first(asked: float | None, otherwise: float) -> float:
    return otherwise if asked is None else asked


def _title(track_id: str) -> str:
    words = track_id.replace("-", " ").replace("_", " ").split()
    return " ".join(word.capitalize() for word in words) or track_id
