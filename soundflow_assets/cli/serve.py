"""`soundflow serve`: the service and the player on one port."""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from soundflow_assets.errors import BadInput

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from soundflow_assets.settings import Settings

_GRACE_S = 5  # for requests in progress when the service is told to end
_MAX_FRAME = 4096  # bytes of a WebSocket message from a client


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--quiet", is_flag=True, help="No line for each request.")
def serve(host: str, port: int, quiet: bool) -> None:
    """Serve catalogs, tracks, live generation and the player until interrupted."""
    from soundflow_assets.api.app import create_app
    from soundflow_assets.api.service import make_service
    from soundflow_assets.settings import load_settings

    settings = load_settings()
    listening = _bound(host, port)
    base_url = f"http://{_spelled(host)}:{listening.getsockname()[1]}"
    _log(quiet)
    click.echo(f"soundflow: the player is at {settings.service.url or base_url}/", err=True)
    _run(create_app(make_service(settings, base_url)), listening, settings)


def _run(app: ASGIApp, listening: socket.socket, settings: Settings) -> None:
    import uvicorn

    proxies = settings.service.trusted_proxies
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        ws_max_size=_MAX_FRAME,
        # A thousand listeners would hold a thousand compression windows.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has ended everything in order before it raises
        uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; bound by us, so that port 0 has its number."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        raise BadInput(
            f"--host {host} --port {port}: cannot listen there: {error.strerror or error}"
        ) from error
    return made


def _spelled(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _log(quiet: bool) -> None:
    from soundflow_assets.api.frame import JsonLines

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("soundflow", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)
    logging.getLogger("soundflow.access").setLevel(logging.WARNING if quiet else logging.INFO)
