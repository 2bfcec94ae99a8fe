"""The musical half of configuration checking: Roman numerals that parse, in every genre.

`plans.load` checks names and numbers but does not know music; this does, and speaks the same way.
"""

from __future__ import annotations

from collections.abc import Iterator

from soundflow_assets.composition.theory import parse_roman
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.genre import GenreSpec


def check_harmony(configs: Configs) -> None:
    """Raise `BadInput` with one line for every chord that does not parse in its mode."""
    problems = [
        f"generator_configs/genres/{name}.yaml: {line}"
        for name, spec in configs.genres.items()
        for way in spec.played()
        for line in chord_problems(way)
    ]
    if problems:
        raise BadInput("\n".join(problems))


def chord_problems(spec: GenreSpec) -> Iterator[str]:
    """Yield a sentence for every chord of `spec` that is not understood."""
    for index, progression in enumerate(spec.harmony.progressions):
        for place, chord in enumerate(progression.chords):
            roman, _, beats = chord.partition(":")
            where = f"harmony.progressions[{index}].chords[{place}]"
            try:
                parse_roman(roman, 0, progression.mode)
                if beats and not 0 < float(beats) <= 256:
                    raise ValueError
            except BadInput as error:
                yield f"{where}: {error}"
            except ValueError:
                yield f"{where}: {chord!r} has no length in beats after the colon (0 to 256)"
