"""`soundflow prompts`: the book of premium prompts, and what words become for each model."""

from __future__ import annotations

from typing import Any

import click

from soundflow_assets.cli.output import console, json_option, print_json, table
from soundflow_assets.errors import BadInput


@click.group()
def prompts() -> None:
    """List and show premium prompts, and see what an enhancer makes of words."""


@prompts.command("list")
@click.option("--category", metavar="C", help="Only this category.")
@json_option
def list_prompts(category: str | None, as_json: bool) -> None:
    """List the prompts that can be asked for by id."""
    book = _book()
    found = list(book.prompts)
    if category is not None:
        from soundflow_assets.storage.keys import CATEGORIES, category_slug

        slug = category_slug(category.replace("_", " ").replace("-", " "))
        known = {category_slug(one): one for one in CATEGORIES}
        if slug not in known:
            allowed = ", ".join(CATEGORIES)
            raise BadInput(f"--category {category!r}: unknown category; allowed: {allowed}")
        found = list(book.of(known[slug]))
    if as_json:
        rows = [one.model_dump(mode="json", exclude_none=True) for one in found]
        print_json({"count": len(rows), "prompts": rows})
        return
    rows_shown = table("id", "category", "genre", "BPM", "key", "title", numbers=("BPM",))
    for one in found:
        bpm = f"{one.bpm:g}" if one.bpm else "-"
        rows_shown.add_row(one.id, one.category, one.genre, bpm, one.key, one.title)
    console().print(rows_shown)


@prompts.command("show")
@click.argument("prompt_id")
@json_option
def show(prompt_id: str, as_json: bool) -> None:
    """Show a prompt and what each model family is given for it."""
    from soundflow_assets.premium.prompts.enhance import enhance

    prompt = _book().find(prompt_id)
    made = enhance(prompt.prompt, prompt.category, 0, bpm=prompt.bpm, key=prompt.key)
    report = {**prompt.model_dump(mode="json", exclude_none=True), "rendered": _rendered(made)}
    _print(report, as_json)


@prompts.command("enhance")
@click.argument("words")
@click.option("--category", default="Deep Work", show_default=True, help="Decides open genres.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, help="Draws what is open.")
@click.option("--bpm", type=float, help="Tempo; wins over the words.")
@click.option("--key", help="Key; wins over the words.")
@click.option("--llm", is_flag=True, help="Ask the language model of SOUNDFLOW_LLM_*.")
@json_option
def enhance_words(
    words: str,
    category: str,
    seed: int,
    bpm: float | None,
    key: str | None,
    llm: bool,
    as_json: bool,
) -> None:
    """Show what an enhancer makes of WORDS, for each model family."""
    from soundflow_assets.premium.prompts.enhance import enhance
    from soundflow_assets.premium.prompts.llm import enhance_with_llm
    from soundflow_assets.settings import load_settings

    if llm:
        made = enhance_with_llm(words, category, seed, load_settings(), bpm=bpm, key=key)
    else:
        made = enhance(words, category, seed, bpm=bpm, key=key)
    report: dict[str, Any] = {
        "words": words,
        "enhancer": made.version,
        "spec": made.spec.model_dump(mode="json", exclude_none=True),
        "rendered": _rendered(made),
    }
    if made.note:
        report["note"] = made.note
    _print(report, as_json)


def _book() -> Any:
    from soundflow_assets.premium.prompts.book import load_prompts
    from soundflow_assets.settings import load_settings

    return load_prompts(load_settings().configs)


def _rendered(made: Any) -> dict[str, Any]:
    families: dict[str, Any] = {}
    for family in ("musicgen", "acestep"):
        rendered = made.rendered(family)
        families[family] = {"text": rendered.text, **dict(rendered.fields)}
    return families


def _print(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    out = console()
    for name, value in report.items():
        out.print(f"{name}: {value}", markup=False)
