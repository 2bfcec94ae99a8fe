"""Weights on disk: found, checked and loaded, never fetched behind anybody's back.

What is missing is an error with the command that fetches it; what is damaged is an error that names
the file. Both before a run starts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.models import Model

_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin", "*/*.safetensors")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, as the library made it."""

    model: Any
    tokenizer: Any
    revision: str


def needed(package: str, extra: str) -> BadInput:
    """Return the error that says how to install what a backend needs."""
    return BadInput(
        f"model: this needs the package {package}, which is not installed: "
        f"pip install 'soundflow-assets[{extra}]', or in a checkout "
        f".venv/bin/uv sync --inexact --extra {extra}"
    )


def find_weights(model: Model) -> tuple[Path, str]:
    """Return the folder that holds a model's weights, and which revision they are.

    Raises
    ------
    BadInput
        When they are not on this machine, with the command that fetches them.
    """
    if model.folder is not None:
        folder = model.folder
        if not any(next(folder.glob(pattern), None) for pattern in _WEIGHTS):
            raise BadInput(f"model: {folder} holds a configuration but no weights")
        return folder, _fingerprint(folder)
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError:
        raise needed("transformers", "premium") from None
    try:
        folder = Path(snapshot_download(model.hub_id, local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError):
        folder = None  # type: ignore[assignment]
    if folder is None or not any(next(folder.glob(pattern), None) for pattern in _WEIGHTS):
        raise BadInput(
            f"model: the weights of {model.hub_id} are not on this machine; fetch them with: "
            f".venv/bin/hf download {model.hub_id}"
        )
    return folder, folder.name


def load_musicgen(model: Model) -> Loaded:
    """Load a MusicGen checkpoint in single precision, on the CPU.

    Raises
    ------
    BadInput
        When the library is missing, or the weights are missing, damaged or incomplete.
    """
    try:
        import transformers
    except ImportError:
        raise needed("transformers", "premium") from None
    folder, revision = find_weights(model)
    kind = (
        transformers.MusicgenForConditionalGeneration
        if model.family == "musicgen"
        else transformers.MusicgenMelodyForConditionalGeneration
    )
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        loaded, told = kind.from_pretrained(
            folder, local_files_only=True, dtype="float32", output_loading_info=True
        )
    except Exception as error:
        raise damaged(folder, error) from None
    missing = [name for name in told["missing_keys"] if "embed_positions" not in name]
    if missing:
        raise BadInput(
            f"model: {folder}: {len(missing)} weights are missing, the first is {missing[0]}; "
            "fetch them again"
        )
    return Loaded(loaded.eval(), tokenizer, revision)


def damaged(folder: Path, error: Exception) -> BadInput:
    """Return the error for weights that do not load, whatever a library raised for them."""
    first = str(error).strip().splitlines() or [""]
    return BadInput(
        f"model: {folder}: cannot be loaded ({type(error).__name__}: {first[0][:200]}); the "
        "files are damaged or incomplete, fetch them again"
    )


def _fingerprint(folder: Path) -> str:
    """Return a hash over the configuration and the names and sizes of the weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".safetensors", ".bin"):
            digest.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
            if path.suffix == ".json" and path.stat().st_size < 1 << 20:
                digest.update(path.read_bytes())
    return f"folder-{digest.hexdigest()[:16]}"
