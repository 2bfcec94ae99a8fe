"""The player as objects of a bucket: which files it is made of, and how they are stored.

The page lies in `web/` as it is served; nothing is built. In a bucket it gets a folder of its own,
because object storage serves no index of the root on its own, so that its address names a file in
any case, and because a service worker governs the pages of its folder and no others.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from soundflow_assets.catalog.canonical import sha256_of
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.store import NotFound, ObjectStore

SOURCE = Path(__file__).parent / "web"
FOLDER = "player"
PAGE_KEY = f"{FOLDER}/index.html"
CONFIG = "config.json"
# Names say nothing of content, so a reader asks each time whether a file is still the same.
CACHE_CONTROL = "no-cache"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class PlayerUpdate:
    """What publishing has changed: object keys, and how many were right already."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def publish_player(store: ObjectStore, api_base: str | None = None) -> PlayerUpdate:
    """Put the player into a bucket under `player/`; the same again writes nothing.

    The page itself comes last, so that whoever opens it finds all that it asks for; files that are
    no longer part of it go after that.

    Parameters
    ----------
    store
        The public bucket, with the catalogs.
    api_base
        Address of the service, for premium tracks and live generation; without it the player reads
        the bucket and offers neither.

    Raises
    ------
    BadInput
        When `api_base` is no address of a service.
    """
    bodies = dict(_objects(api_base))
    written = [key for key in sorted(bodies, key=_page_last) if _put(store, key, bodies[key])]
    removed = [info.key for info in store.list(f"{FOLDER}/") if info.key not in bodies]
    for key in removed:
        store.delete(key)
    return PlayerUpdate(tuple(written), tuple(removed), len(bodies) - len(written))


def player_files() -> list[str]:
    """Return the paths of the player's files, relative to the page."""
    files = [path for path in SOURCE.rglob("*") if path.is_file()]
    if not files:
        raise Failed(f"{SOURCE}: the player's files are not installed")
    return sorted(path.relative_to(SOURCE).as_posix() for path in files)


def player_config(api_base: str | None) -> bytes:
    """Return `config.json` for a player in a bucket, with addresses relative to its page."""
    config = {"catalogBase": "../catalog/", "mediaBase": "../", "apiBase": _checked(api_base)}
    return json.dumps(config, indent=1).encode() + b"\n"


def content_type(path: str) -> str:
    """Return the media type of one of the player's files."""
    guessed = mimetypes.guess_type(path)[0]
    return _TYPES.get(Path(path).suffix) or guessed or "application/octet-stream"


def _objects(api_base: str | None) -> Iterator[tuple[str, bytes]]:
    for path in player_files():
        body = player_config(api_base) if path == CONFIG else (SOURCE / path).read_bytes()
        yield f"{FOLDER}/{path}", body


def _page_last(key: str) -> tuple[bool, str]:
    return key == PAGE_KEY, key


def _put(store: ObjectStore, key: str, body: bytes) -> bool:
    """Store an object unless it lies there already, as it shall be served."""
    kind = content_type(key)
    try:
        held = store.head(key)
        if (held.sha256, held.content_type, held.cache_control) == (
            sha256_of(body),
            kind,
            CACHE_CONTROL,
        ):
            return False
    except NotFound:
        pass
    store.put(key, body, content_type=kind, cache_control=CACHE_CONTROL)
    return True


def _checked(api_base: str | None) -> str | None:
    if api_base is None:
        return None
    parts = urlsplit(api_base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadInput(f"--api-base {api_base!r}: expected an address like https://api.example.com")
    return api_base.rstrip("/")
