"""From a provider's name to the provider, with its credentials."""

from __future__ import annotations

from soundflow_assets.premium.providers.interface import Provider
from soundflow_assets.premium.request import Provider as Name
from soundflow_assets.settings import Settings


def open_provider(name: Name, settings: Settings) -> Provider:
    """Return the provider; nothing is contacted before it is used."""
    if name == "local":
        from soundflow_assets.premium.providers.local import Local

        return Local()
    if name == "manual":
        from soundflow_assets.premium.providers.manual import Manual

        return Manual(settings.providers)
    if name == "replicate":
        from soundflow_assets.premium.providers.replicate import Replicate

        return Replicate(settings.providers)
    if name == "runpod":
        from soundflow_assets.premium.providers.runpod import RunPod

        return RunPod(settings.providers)
    from soundflow_assets.premium.providers.modal import Modal

    return Modal(settings.providers)
