"""Which models can be asked for, by what right their music may be used, and where weights lie.

A model is named by its short name, by its hub id, or by a local folder. What a licence allows is
decided here and nowhere else; `rights` turns it into a refusal. Sources of the licences: each
model's card, and LICENSE_weights of facebookresearch/audiocraft.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from soundflow_assets.errors import BadInput

Family = Literal["musicgen", "musicgen_melody", "acestep"]

UNKNOWN_LICENCE = "LicenseRef-unknown"
DEFAULT_MODEL = "musicgen-stereo-large"


@dataclass(frozen=True, slots=True)
class Model:
    """A model as it is asked for. `parameters` is in millions, 0 where it is not known."""

    name: str
    hub_id: str  # or the folder, for a local one
    family: Family
    license: str
    commercial: bool
    statement: str  # what a licensee may do, in one sentence
    sample_rate: int
    channels: int
    parameters: int = 0
    folder: Path | None = None

    @property
    def hosted(self) -> bool:
        """Whether other machines can fetch it by its id."""
        return self.folder is None


_NC = "CC-BY-NC-4.0"
_NC_STATEMENT = (
    "MusicGen's weights are licensed CC-BY-NC 4.0: what they generate is for non-commercial use."
)
_MIT_STATEMENT = (
    "ACE-Step's weights are licensed MIT: commercial use of what they generate is allowed; the "
    "training data is not documented."
)
_UNKNOWN_STATEMENT = "The folder names no licence: use is at the operator's own risk."


def _musicgen(name: str, parameters: int, family: Family = "musicgen") -> Model:
    channels = 2 if "stereo" in name else 1
    return Model(
        name, f"facebook/{name}", family, _NC, False, _NC_STATEMENT, 32000, channels, parameters
    )


MODELS = {
    model.name: model
    for model in (
        _musicgen("musicgen-stereo-large", 3458),
        _musicgen("musicgen-stereo-medium", 1863),
        _musicgen("musicgen-stereo-small", 436),
        _musicgen("musicgen-stereo-melody", 1500, "musicgen_melody"),
        Model(
            "acestep-v15-xl-turbo",
            "ACE-Step/acestep-v15-xl-turbo-diffusers",
            "acestep",
            "MIT",
            True,
            _MIT_STATEMENT,
            48000,
            2,
            5000,
        ),
    )
}
_BY_HUB_ID = {model.hub_id: model for model in MODELS.values()}
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_LICENCE_LINE = re.compile(r"^license:\s*[\"']?([A-Za-z0-9.+-]+)[\"']?\s*$", re.MULTILINE)
# Licences of weights under which commercial use of the output is allowed, by SPDX id.
_COMMERCIAL = {"MIT", "APACHE-2.0", "CC-BY-4.0", "CC0-1.0", "BSD-3-CLAUSE", "BSD-2-CLAUSE"}


def find_model(name: str) -> Model:
    """Return the model called `name`: a short name, a hub id or a folder.

    Raises
    ------
    BadInput
        When there is none; the sentence lists the known ones. When a folder holds no model.
    """
    known = MODELS.get(name) or _BY_HUB_ID.get(name)
    if known is not None:
        return known
    path = Path(name).expanduser()
    if path.is_dir():
        return _local(path.absolute())
    raise BadInput(
        f"model: unknown model {name!r}; allowed: {', '.join(MODELS)}, the hub id of one of them, "
        "or a folder that holds a model"
    )


def _local(folder: Path) -> Model:
    index = folder / "model_index.json"
    config = index if index.is_file() else folder / "config.json"
    data = _json(config)
    if config is index:
        if "AceStep" not in str(data.get("_class_name", "")):
            raise BadInput(f"model: {config}: _class_name: expected an AceStepPipeline")
        return _of_folder(folder, "acestep", 48000, 2)
    kind = data.get("model_type")
    if kind not in ("musicgen", "musicgen_melody"):
        raise BadInput(
            f"model: {config}: model_type {kind!r}; allowed: musicgen, musicgen_melody, or an "
            "ACE-Step pipeline of diffusers"
        )
    decoder = data.get("decoder") or {}
    codec = data.get("audio_encoder") or {}
    family: Family = "musicgen" if kind == "musicgen" else "musicgen_melody"
    rate, channels = int(codec.get("sampling_rate", 32000)), int(decoder.get("audio_channels", 1))
    return _of_folder(folder, family, rate, channels)


def _of_folder(folder: Path, family: Family, sample_rate: int, channels: int) -> Model:
    licence = _licence_of(folder)
    statement = (
        _UNKNOWN_STATEMENT
        if licence == UNKNOWN_LICENCE
        else f"The model's own card says its weights are licensed {licence}."
    )
    return Model(
        name=folder.name,
        hub_id=str(folder),
        family=family,
        license=licence,
        commercial=licence.upper() in _COMMERCIAL,
        statement=statement,
        sample_rate=sample_rate,
        channels=channels,
        folder=folder,
    )


def _licence_of(folder: Path) -> str:
    """Return the licence that the folder's model card declares, as hubs write it."""
    card = folder / "README.md"
    head = _FRONT_MATTER.match(card.read_text(encoding="utf-8")) if card.is_file() else None
    line = _LICENCE_LINE.search(head[1]) if head else None
    if line is None:
        return UNKNOWN_LICENCE
    declared = line[1]
    return {"mit": "MIT", "cc0-1.0": "CC0-1.0"}.get(declared.lower(), declared.upper())


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(
            f"model: {path.parent} holds no model: neither config.json nor model_index.json"
        ) from None
    except (OSError, ValueError) as error:
        raise BadInput(f"model: {path}: cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise BadInput(f"model: {path}: expected a JSON object")
    return data
