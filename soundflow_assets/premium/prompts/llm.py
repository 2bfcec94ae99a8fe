"""Prompt enhancement by a language model, through any service with OpenAI's interface.

Its answer is JSON of the same spec, validated like anybody's; on any error, and when it takes too
long, the offline enhancer answers instead and the track's record says so.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.prompts.enhance import Enhanced, completed, enhance
from soundflow_assets.premium.prompts.spec import PromptSpec, spec_from
from soundflow_assets.settings import Settings

LOGGER = logging.getLogger("soundflow")
TIMEOUT_S = 30.0
MAX_WORDS = 2000
_TASK = (
    "You turn a request for focus music into one JSON object that follows this JSON Schema. "
    "Keep what the request says; fill what it leaves open with concrete instruments and sober "
    "production terms. Name no artists. Answer with the object alone. Schema: "
)


def enhance_with_llm(
    words: str,
    category: str,
    seed: int,
    settings: Settings,
    *,
    bpm: float | None = None,
    key: str | None = None,
) -> Enhanced:
    """Return the words as a language model understands them; offline on any error.

    Raises
    ------
    BadInput
        When the words are empty, or the extra `llm` is not installed.
    """
    offline = enhance(words, category, seed, bpm=bpm, key=key)
    try:
        import openai
    except ImportError:
        raise BadInput(
            "enhance: llm needs the package openai: pip install 'soundflow-assets[llm]'"
        ) from None
    if settings.llm_model is None:
        raise BadInput("enhance: llm: SOUNDFLOW_LLM_MODEL is not set; it names the service's model")
    secret = settings.llm_api_key
    client = openai.OpenAI(
        base_url=settings.llm_base_url,
        # Local servers want none, the client insists on some.
        api_key=secret.get_secret_value() if secret is not None else "none",
        timeout=TIMEOUT_S,
        max_retries=1,
    )
    try:
        spec = _asked(client, settings.llm_model, words[:MAX_WORDS], category, seed)
    except (openai.OpenAIError, BadInput, ValueError, LookupError, TypeError) as error:
        # The text of an answer or of a header is nobody's business here: the kind is enough.
        reason = str(error) if isinstance(error, BadInput) else type(error).__name__
        LOGGER.warning("prompt enhancement by %s failed: %s", settings.llm_model, reason)
        note = f"{settings.llm_model} did not answer usefully ({reason}); enhanced offline"
        return Enhanced(words, offline.spec, offline.version, note)
    fixed: dict[str, Any] = {}
    if bpm is not None:
        fixed["bpm"] = bpm
    if key is not None:
        fixed["key"] = key
    spec = completed(spec.model_copy(update=fixed), words, seed)
    return Enhanced(words, spec, f"llm:{settings.llm_model}")


def _asked(client: Any, model: str, words: str, category: str, seed: int) -> PromptSpec:
    schema = json.dumps(PromptSpec.model_json_schema(), separators=(",", ":"))
    answer = client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": _TASK + schema},
            {"role": "user", "content": f"Category: {category}. Request: {words}"},
        ],
        response_format={"type": "json_object"},
        temperature=0.4,
        seed=seed & 0x7FFFFFFF,
    )
    fields = json.loads(answer.choices[0].message.content or "")
    if not isinstance(fields, dict):
        raise BadInput("the answer is no JSON object")
    known = {name: fields[name] for name in PromptSpec.model_fields if fields.get(name) is not None}
    return spec_from(_clamped(known))


def _clamped(fields: dict[str, Any]) -> dict[str, Any]:
    """Cut lists and numbers to what the spec takes; what remains wrong is refused."""
    limits = {"moods": 6, "instruments": 8, "production": 6, "structure": 4, "exclusions": 8}
    for name, most in limits.items():
        if isinstance(fields.get(name), list):
            fields[name] = tuple(str(one)[:60] for one in fields[name][:most])
    if isinstance(fields.get("energy"), (int, float)):
        fields["energy"] = round(min(100, max(0, fields["energy"])))
    return fields
