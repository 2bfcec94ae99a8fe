"""The player's files at `/`: revalidated each time, under a strict content security policy."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parents[1] / "web"


class Player(StaticFiles):
    """Static files with the headers a page needs."""

    def __init__(self, folder: Path, policy: str) -> None:
        super().__init__(directory=folder, html=True)
        self._policy = policy

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file of the player."""
        response = await super().get_response(path, scope)
        # Names do not change with content, so every use asks first; the answer is a 304.
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def content_policy(*addresses: str | None) -> str:
    """Return the policy of a page that takes media from itself and from these addresses."""
    hosts = {
        f"{parts.scheme}://{parts.netloc}"
        for address in addresses
        if address and (parts := urlsplit(address)).netloc
    }
    media = " ".join(["'self'", "blob:", *sorted(hosts)])
    return "; ".join(
        (
            "default-src 'self'",
            f"media-src {media}",
            f"connect-src {media}",
            f"img-src {media} data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
