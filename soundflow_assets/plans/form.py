"""The forms of a genre: sections, and what leads from one into the next."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from soundflow_assets.plans.strict import Name, Strict, Unit

SectionHarmony = Literal[
    "home",  # the track's progression
    "bridge",  # another of the genre's progressions in the same key
    "relative",  # one of the other mode, in the relative major or minor
]
Transition = Literal[
    "crash", "reverse_swell", "noise_rise", "noise_fall", "mute_last_beat", "impact", "fade", "none"
]


class FormSection(Strict):
    """A section before it is fitted to a duration."""

    name: Name
    bars: Annotated[int, Field(ge=1, le=128)]
    energy: Unit
    stretch: bool = False  # the section that grows and shrinks to fill the body
    without: tuple[Name, ...] = ()  # roles and drum sounds that are silent here
    only: tuple[Name, ...] = ()  # when given, nothing else plays ("drums" names the whole kit)
    transition: Transition = "none"  # the cue into the next section
    harmony: SectionHarmony = "home"


class Form(Strict):
    """A succession of sections; exactly one of them stretches."""

    name: Name
    sections: Annotated[tuple[FormSection, ...], Field(min_length=3)]

    @model_validator(mode="after")
    def _one_stretch(self) -> Form:
        if sum(section.stretch for section in self.sections) != 1:
            raise ValueError("exactly one section needs stretch: true")
        return self
