"""The sounding half of configuration checking: kits, patches and beds that can be played.

`plans.load` checks that names lead somewhere but does not know what a kick or a bed is made of;
this does, and speaks the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.synthesis.drums import kit
from soundflow_assets.synthesis.instruments.registry import voice
from soundflow_assets.synthesis.nature import beds


def check_sounds(configs: Configs) -> None:
    """Raise `BadInput` with a line for every kit, patch and bed with a field that is wrong.

    Each line names the file, the field, what was found and what is allowed.
    """
    problems = [problem for check in _checks(configs) if (problem := _problem(check))]
    if problems:
        raise BadInput("\n".join(problems))


def _checks(configs: Configs) -> Iterator[Callable[[], object]]:
    for name, sounds in configs.kits.items():
        yield partial(kit.validate, name, sounds)
    for name, patch in configs.patches.items():
        yield partial(voice, name, patch)
    for name, bed in configs.nature.beds.items():
        yield partial(beds.validate, {name: bed})


def _problem(check: Callable[[], object]) -> str:
    try:
        check()
    except BadInput as error:
        return str(error)
    return ""
