"""From a model and a backend's name to the backend; whether it can work is said before it does."""

from __future__ import annotations

import importlib.util

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.backends.interface import Backend
from soundflow_assets.premium.models import Model
from soundflow_assets.premium.request import BackendName

# What each needs, and the extra that brings it; audiocraft is brought by none (see its module).
_NEEDS = {
    "transformers": (("torch", "transformers"), "premium"),
    "acestep": (("torch", "diffusers"), "acestep"),
}
_FAMILIES = {
    "transformers": ("musicgen", "musicgen_melody"),
    "audiocraft": ("musicgen", "musicgen_melody"),
    "acestep": ("acestep",),
}


def backend_for(model: Model, name: BackendName) -> BackendName:
    """Return the backend that runs a model; `auto` takes the first that can.

    Raises
    ------
    BadInput
        When the one that is asked for cannot run it.
    """
    if name == "auto":
        return "acestep" if model.family == "acestep" else "transformers"
    if model.family not in _FAMILIES[name]:
        able = [one for one, families in _FAMILIES.items() if model.family in families]
        raise BadInput(f"backend: {name} cannot run {model.name}; allowed: auto, {', '.join(able)}")
    return name


def check_backend(model: Model, name: BackendName) -> None:
    """Refuse what could not be loaded: a missing package or missing weights (`BadInput`)."""
    from soundflow_assets.premium.backends.musicgen.weights import find_weights, needed

    chosen = backend_for(model, name)
    if chosen == "audiocraft":
        from soundflow_assets.premium.backends.audiocraft import check_installed

        check_installed()
        return
    packages, extra = _NEEDS[chosen]
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise needed(package, extra)
    find_weights(model)


def open_backend(model: Model, name: BackendName = "auto", device: str | None = None) -> Backend:
    """Load a model into its backend, on `device` or the best there is.

    Raises
    ------
    BadInput
        As `check_backend`, and when the weights are damaged.
    """
    chosen = backend_for(model, name)
    if chosen == "audiocraft":
        from soundflow_assets.premium.backends.audiocraft import open_audiocraft

        return open_audiocraft(model, device)
    if chosen == "acestep":
        from soundflow_assets.premium.backends.acestep import open_acestep

        return open_acestep(model, device)
    from soundflow_assets.premium.backends.musicgen.backend import open_musicgen

    return open_musicgen(model, device)
