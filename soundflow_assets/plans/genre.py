"""What a genre is, as data: tempo, harmony, grids, parts, instruments, form and mix.

Every genre is one file in `generator_configs/genres/`; these models are its grammar and the only
place where a field is declared. Nothing here draws, composes or makes sound.

Notation
--------
Chords
    Roman numerals with a quality and an optional length in beats after a colon (default 4):
    `i9`, `bVImaj9:8`, `V13`, `ii65`, `I64`, `#Io7`, `V/ii`. Upper case is a major third, lower
    case a minor third; a bare numeral is the mode's own degree, `b` counts from the major scale,
    `#` raises the mode's own degree. `composition.theory` has the table and the qualities.
Grids
    One character a step, spaces and `|` ignored: `X` accent, `x` normal, `o` soft, `g` ghost,
    `.` rest. A grid may span several bars. In bass grids `f`/`F` play the fifth, `8` the octave,
    `a` an approach note into the next chord; in chord grids `-` holds the chord sounding.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from soundflow_assets.plans.buses import Delay, MasterBus, Reverb
from soundflow_assets.plans.drums import Drums, Grid
from soundflow_assets.plans.form import Form
from soundflow_assets.plans.harmony import Harmony
from soundflow_assets.plans.strict import Name, Strict, Unit
from soundflow_assets.plans.targets import GenreTargets

InstrumentName = Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$")]
Layer = Literal["drums", "bass", "music", "pad"]
Writer = Literal[
    "pattern_bass",  # a grid on root, fifth, octave and approach notes
    "walking_bass",  # quarter notes: root, chord and scale tones, approach
    "pedal_bass",  # long roots under each chord
    "comp",  # the voicing struck by a grid
    "held",  # the voicing sustained through each chord
    "strum",  # the voicing rolled over strum_ms, struck by a grid
    "broken",  # broken tenths or Alberti figures
    "arp",  # chord tones in a repeating figure, by a grid
    "charleston",  # jazz comping: beat one and the and of two, displaced, with rests
    "melody",  # a motif developed over A A' B A''
    "answer",  # short replies in the gaps of the melody
    "solo",  # motif development in swung eighths
    "riff",  # one fixed figure whose timbre moves
    "pulse",  # a stab on a loop of 3 or 5 beats against the bar
    "eno",  # each chord tone on its own long incommensurate loop
    "drone",  # root and fifth, cross-faded
]


class Range(Strict):
    """A closed interval."""

    min: float
    max: float

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class Tempo(Range):
    """Beats per minute; `default` is used where nothing else names a tempo."""

    default: float
    rubato: Unit = 0.0  # share of tempo given to the phrase arch (0.04 = ±4 %)

    @model_validator(mode="after")
    def _inside(self) -> Tempo:
        if not 20 <= self.min <= self.default <= self.max <= 300:
            raise ValueError("need 20 <= min <= default <= max <= 300")
        return self


class Feel(Strict):
    """Groove: swing in percent, jitter, and fixed offsets in ms by drum sound or role."""

    swing: Range = Range(min=50, max=50)
    swing_unit: Literal["sixteenth", "eighth"] = "sixteenth"
    jitter_ms: Annotated[float, Field(ge=0, le=6)] = 1.5
    offsets_ms: dict[Name, Annotated[float, Field(ge=-40, le=40)]] = Field(default_factory=dict)


class Sweep(Strict):
    """A low-pass on the part's bus: closed at energy 0, open at energy 1."""

    low_hz: Annotated[float, Field(ge=40, le=20000)]
    high_hz: Annotated[float, Field(ge=40, le=20000)]
    drift_octaves: Annotated[float, Field(ge=0, le=2)] = 0.2


class Part(Strict):
    """One pitched role: who writes it, where it lies, and its place in the mix."""

    role: Name
    layer: Literal["bass", "music", "pad"]
    writer: Writer
    grids: tuple[Grid, ...] = ()
    pitch_range: tuple[int, int]  # lowest and highest MIDI pitch
    from_energy: Unit = 0.0
    gate: Annotated[float, Field(gt=0, le=1.2)] = 0.9  # sounding share of the written length
    rest: Unit = 0.3  # share of a melody's time that is silent
    strum_ms: Annotated[float, Field(ge=0, le=60)] = 0.0
    loudness_lu: float = -9.0  # integrated, relative to the mix
    highpass_hz: Annotated[float, Field(ge=20, le=1000)] = 140.0
    width: Unit = 0.5  # 0 = centre, 1 = as wide as the instrument allows
    pan: Annotated[float, Field(ge=-1, le=1)] = 0.0
    duck_db: Annotated[float, Field(ge=0, le=18)] = 0.0
    reverb: Unit = 0.2
    delay: Unit = 0.0
    sweep: Sweep | None = None
    drive: Unit = 0.0
    chorus: Unit = 0.0
    tremolo: Unit = 0.0

    @model_validator(mode="after")
    def _pitch_range_ordered(self) -> Part:
        low, high = self.pitch_range
        if not 16 <= low < high <= 108:
            raise ValueError(f"pitch_range {list(self.pitch_range)}: need 16 <= low < high <= 108")
        return self


class InstrumentSet(Strict):
    """Which patch plays each role."""

    name: Name
    voices: dict[Name, InstrumentName]


class Variant(Strict):
    """Another way to play a genre: each block given here stands in the place of the genre's own."""

    name: Name
    title: str
    bpm: Tempo | None = None
    feel: Feel | None = None
    harmony: Harmony | None = None
    drums: Drums | None = None
    parts: tuple[Part, ...] | None = None
    instrument_sets: tuple[InstrumentSet, ...] | None = None
    forms: tuple[Form, ...] | None = None
    reverb: Reverb | None = None
    delay: Delay | None = None
    master: MasterBus | None = None


class GenreSpec(Strict):
    """One genre, complete. `played` are the ways in which it is played: its own and its variants'.

    Tracks of a genre with variants take them in turn.
    """

    genre: Name
    title: str
    bpm: Tempo
    feel: Feel = Feel()
    tonics: Annotated[tuple[int, ...], Field(min_length=3)]  # pitch classes the tonic rotates over
    harmony: Harmony
    drums: Drums = Drums()
    parts: Annotated[tuple[Part, ...], Field(min_length=2)]
    instrument_sets: Annotated[tuple[InstrumentSet, ...], Field(min_length=3)]
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    reverb: Reverb = Reverb()
    delay: Delay = Delay()
    master: MasterBus = MasterBus()
    listening: GenreTargets = GenreTargets()
    variants: tuple[Variant, ...] = ()

    def played(self) -> tuple[GenreSpec, ...]:
        """Return the genre without its variants, then each variant as a genre of its own."""
        own = {field: getattr(self, field) for field in GenreSpec.model_fields} | {"variants": ()}
        ways = [own]
        for variant in self.variants:
            given = {k: v for k, v in variant if v is not None and k != "name"}
            ways.append(own | given)
        return tuple(GenreSpec(**way) for way in ways)

    @model_validator(mode="after")
    def _variants_whole(self) -> GenreSpec:
        for index, variant in enumerate(self.variants):
            try:
                self.model_copy(update={"variants": (variant,)}).played()
            except ValidationError as error:
                what = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise ValueError(f"variants[{index}] ({variant.name}): {what}") from None
        return self

    @model_validator(mode="after")
    def _roles_agree(self) -> GenreSpec:
        roles = [part.role for part in self.parts]
        if len(set(roles)) != len(roles):
            raise ValueError(f"parts: a role stands twice in {roles}")
        for voices in self.instrument_sets:
            if set(voices.voices) != set(roles):
                raise ValueError(
                    f"instrument_sets.{voices.name}: has {sorted(voices.voices)}, "
                    f"needs exactly {sorted(roles)}"
                )
        known = {*roles, "drums", *self.drums.lanes}
        if strangers := sorted(set(self.feel.offsets_ms) - known):
            raise ValueError(
                f"feel.offsets_ms: unknown {strangers}; known: {sorted(known - {'drums'})}"
            )
        for form in self.forms:
            for section in form.sections:
                unknown = {*section.without, *section.only} - known
                if unknown:
                    raise ValueError(
                        f"forms.{form.name}.{section.name}: unknown {sorted(unknown)}; "
                        f"known: {sorted(known)}"
                    )
        return self
