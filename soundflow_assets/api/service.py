"""What every route is given: settings, buckets, catalogs in memory, and who may do what."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from fastapi import Request
from pydantic import SecretStr

from soundflow_assets.api.archive import Archive
from soundflow_assets.api.authority import Authority
from soundflow_assets.api.limiter import Limiter
from soundflow_assets.api.metrics import Metrics
from soundflow_assets.api.shelf import Shelf
from soundflow_assets.api.studio import Studio
from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.settings import Settings
from soundflow_assets.storage.signing import UrlSigner


@dataclass
class Service:
    """The parts of one running service; `base_url` is its own public address."""

    settings: Settings
    base_url: str
    library: Library
    shelf: Shelf
    archive: Archive
    media_base: str  # address below which public objects lie, with a final slash
    signer: UrlSigner | None  # of the local bucket; None where storage signs by itself
    authority: Authority
    read_limiter: Limiter
    sign_limiter: Limiter
    generate_limiter: Limiter
    metrics: Metrics
    studio: Studio | None  # None where tracks are made for nobody
    open_sockets: int = 0


def make_service(settings: Settings, base_url: str) -> Service:
    """Return the service that these settings describe; nothing is read yet."""
    base = settings.service.url or base_url
    library = open_library(settings)
    local = settings.r2 is None
    free_base = settings.free_public_base_url or f"{base}/bucket"
    # A page of the service asks the service; relative, it works under every name of the host.
    media = "/bucket/" if settings.free_public_base_url is None else f"{free_base}/"
    shelf = Shelf(library, free_base)
    return Service(
        settings=settings,
        base_url=base,
        library=library,
        shelf=shelf,
        archive=Archive(shelf, library),
        media_base=media,
        signer=_signer(settings, base) if local else None,
        authority=Authority(settings.service.accounts),
        read_limiter=Limiter(settings.service.rate_read),
        sign_limiter=Limiter(settings.service.rate_sign),
        generate_limiter=Limiter(settings.service.rate_generate),
        metrics=Metrics(),
        studio=None if settings.service.generation == "nobody" else Studio(settings),
    )


def _signer(settings: Settings, base_url: str) -> UrlSigner:
    # Without a configured secret, addresses end with the process: they last an hour at most anyway.
    secret = settings.signing_secret or SecretStr(secrets.token_urlsafe(32))
    return UrlSigner(settings.signing_base_url or f"{base_url}/signed", secret)


def service_of(request: Request) -> Service:
    """Return the service a request came to."""
    service: Service = request.app.state.service
    return service
