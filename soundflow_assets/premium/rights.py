"""By what right a generated track may be used, and when a run is refused for it."""

from __future__ import annotations

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.models import Model
from soundflow_assets.premium.request import PremiumRequest
from soundflow_assets.settings import Settings


def check_rights(request: PremiumRequest, model: Model, settings: Settings) -> None:
    """Refuse weights that forbid commercial use where the channel is commercial.

    Raises
    ------
    BadInput
        Unless the request acknowledges it.
    """
    if settings.premium_channel != "commercial" or model.commercial:
        return
    if not request.acknowledge_noncommercial:
        raise BadInput(
            f"model: {model.name}: {model.statement} This channel is marked commercial "
            "(SOUNDFLOW_PREMIUM_CHANNEL). Use acestep-v15-xl-turbo, whose weights are MIT, or set "
            "acknowledge_noncommercial (--acknowledge-noncommercial) if you have other permission."
        )


def statement_of(request: PremiumRequest, model: Model, settings: Settings) -> str:
    """Return what the sidecar says of the rights, in full."""
    acknowledged = settings.premium_channel == "commercial" and not model.commercial
    if acknowledged and request.acknowledge_noncommercial:
        return (
            f"{model.statement} The operator of a commercial channel has acknowledged this and "
            "publishes on a permission of their own."
        )
    return model.statement
