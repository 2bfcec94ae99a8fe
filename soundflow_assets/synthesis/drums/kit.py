"""The drum kit: which recipe makes which sound, how a kit file is checked, and how a hit is made.

A kit is a mapping from sound to flat parameters, as in `generator_configs/kits/<kit>.yaml`. The
recipes live beside this module; the parameters' grammar in `parameters`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.synthesis.drums import cymbals, hands, parameters, skins, transitions
from soundflow_assets.synthesis.drums.finish import finish
from soundflow_assets.synthesis.drums.parameters import Colour
from soundflow_assets.synthesis.drums.stroke import Stroke, gain

REQUIRED = (
    "kick", "snare", "clap", "rim", "snap", "hat_closed", "hat_open", "hat_foot", "ride", "crash",
    "shaker", "tom_low", "tom_mid", "tom_high", "conga_low", "conga_high", "brush",
)  # fmt: skip
SOUNDS = (*REQUIRED, "tambourine", "brush_swirl", "cowbell")
EFFECTS = ("riser", "downlifter", "reverse_swell", "impact")
FULL_PEAK = 0.5  # of a sound with gain_db 0 at full velocity
VARIANTS = 4  # round robin worth keeping apart
VELOCITY_LAYERS = 5  # timbres worth keeping apart between soft and hard


class Recipe(NamedTuple):
    """A model of parameters and the function that plays them."""

    model: type[Colour]
    play: Callable[[Any, Stroke], Audio]


RECIPES: dict[str, Recipe] = {
    "kick": Recipe(parameters.Kick, skins.kick),
    "bass_drum": Recipe(parameters.BassDrum, skins.bass_drum),
    "snare": Recipe(parameters.Snare, skins.snare),
    "brush": Recipe(parameters.Brush, skins.brush),
    "brush_swirl": Recipe(parameters.Brush, skins.brush_swirl),
    "tom": Recipe(parameters.Tom, skins.tom),
    "clap": Recipe(parameters.Clap, hands.clap),
    "snap": Recipe(parameters.Snap, hands.snap),
    "rim": Recipe(parameters.Rim, hands.rim),
    "shaker": Recipe(parameters.Shaker, hands.shaker),
    "tambourine": Recipe(parameters.Shaker, hands.tambourine),
    "cowbell": Recipe(parameters.Cowbell, hands.cowbell),
    "hat": Recipe(parameters.Hat, cymbals.hat),
    "ride": Recipe(parameters.Ride, cymbals.ride),
    "crash": Recipe(parameters.Crash, cymbals.crash),
    "riser": Recipe(parameters.Rise, transitions.riser),
    "downlifter": Recipe(parameters.Rise, transitions.downlifter),
    "reverse_swell": Recipe(parameters.Swell, transitions.reverse_swell),
    "impact": Recipe(parameters.Impact, transitions.impact),
}
# A sound a kit leaves out is played with the recipe of its own name, at that recipe's defaults.
DEFAULTS: dict[str, dict[str, object]] = {
    **{sound: {"recipe": sound} for sound in EFFECTS},
    "tambourine": {"recipe": "tambourine", "pitch_hz": 5600.0, "resonance": 28.0, "t60_s": 0.22,
                   "rate_hz": 900.0, "swell_ms": 6.0, "head_db": -14.0},
    "brush_swirl": {"recipe": "brush_swirl", "gain_db": -14.0},
    "cowbell": {"recipe": "cowbell"},
}  # fmt: skip


def level_of(velocity: float) -> float:
    """Return the amplitude of a hit at `velocity` 0 to 1 against full velocity: -15 dB at 0.25."""
    return velocity * (0.6 + 0.4 * velocity)


def _parameters(where: str, given: Mapping[str, Any]) -> tuple[Recipe, Colour]:
    """Return the recipe that `given` names and its checked parameters."""
    name = given.get("recipe")
    if name not in RECIPES:
        raise BadInput(f"{where}.recipe: unknown {name!r}; known: {', '.join(sorted(RECIPES))}")
    recipe = RECIPES[name]
    fields = {key: value for key, value in given.items() if key != "recipe"}
    try:
        return recipe, recipe.model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(recipe.model.model_fields))
            problem = f"unknown field of recipe {name}; known: {known}"
        else:
            problem = f"{first['msg']}, found {first['input']!r}"
        raise BadInput(f"{where}.{field}: {problem}") from error


def validate(kit_name: str, sounds: Mapping[str, Mapping[str, Any]]) -> None:
    """Check a kit as read from its file.

    Raises
    ------
    BadInput
        Names the file, the sound and the field that is missing, unknown or out of range.
    """
    file = f"generator_configs/kits/{kit_name}.yaml"
    for sound in REQUIRED:
        if sound not in sounds:
            raise BadInput(f"{file}: sounds.{sound} is missing; every kit has {list(REQUIRED)}")
    for sound, given in sounds.items():
        if sound not in (*SOUNDS, *EFFECTS):
            known = ", ".join((*SOUNDS, *EFFECTS))
            raise BadInput(f"{file}: sounds.{sound}: unknown sound; known: {known}")
        if not isinstance(given, Mapping):
            raise BadInput(f"{file}: sounds.{sound}: expected fields, found {given!r}")
        _parameters(f"{file}: sounds.{sound}", given)


def render_hit(
    sound: str,
    params: Mapping[str, Any],
    velocity: float,
    variant: int,
    duration_s: float = 0.0,
) -> Audio:
    """Render one hit, float32 (2, samples), starting at its onset.

    Parameters
    ----------
    sound
        One of `SOUNDS` or `EFFECTS`.
    params
        The kit's entry for the sound; empty for effect sounds and for sounds a kit leaves out.
        A kick follows `tune_hz` where it is added: it ends on the octave nearest to its own pitch.
    velocity
        0 to 1: changes the timbre, and the peak, which is `0.5 · gain_db · level_of(velocity)`.
    variant
        Number in the round robin; the same number is the same stroke.
    duration_s
        Length of risers, swells and swirls.

    Raises
    ------
    BadInput
        If the sound, the recipe or a parameter is unknown or out of range.
    """
    given = params or DEFAULTS.get(sound)
    if given is None:
        raise BadInput(f"drum sound {sound!r} has no parameters; known: {', '.join(SOUNDS)}")
    recipe, fields = _parameters(f"drum sound {sound}", given)
    stroke = Stroke(sound, min(max(velocity, 0.0), 1.0), variant, duration_s)
    return finish(
        recipe.play(fields, stroke),
        peak=FULL_PEAK * gain(fields.gain_db) * level_of(stroke.velocity),
        highpass_hz=fields.highpass_hz,
        lowpass_hz=fields.lowpass_hz,
        drive_db=fields.drive_db * stroke.between(0.5, 1.0),
        bits=fields.bits,
        hold_hz=fields.hold_hz,
        end_s=fields.gate_ms * 0.001,
    )
