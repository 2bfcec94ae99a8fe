"""What the environment decides of the service, and how those values are written.

The names of the variables live in `settings`, which fills this in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from soundflow_assets.errors import BadInput

Generation = Literal["anyone", "token", "nobody"]
Worker = Literal["auto", "daemon", "process"]

_RATE = re.compile(r"([1-9]\d{0,6})/(second|minute|hour|day)")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of `soundflow serve`; a rate of None does not limit."""

    url: str | None
    accounts: Path
    cors_origins: tuple[str, ...]
    trusted_proxies: str
    rate_read: str | None
    rate_sign: str | None
    rate_generate: str | None
    generation: Generation
    worker: Worker
    metrics_token: SecretStr | None
    commit: str | None


def rate(name: str, text: str) -> str | None:
    """Return a rate like `120/minute`, None for `0`; `BadInput` names the variable.

    >>> rate("R", "120/minute"), rate("R", "0")
    ('120/minute', None)
    """
    if text == "0":
        return None
    if not _RATE.fullmatch(text):
        raise BadInput(
            f"{name}={text!r}: expected a number and second, minute, hour or day, for example "
            "120/minute; or 0 for no limit"
        )
    return text


def origins(name: str, text: str) -> tuple[str, ...]:
    """Return exact origins; `BadInput` for anything that is more or less than an origin.

    >>> origins("O", "https://a.example, http://localhost:5173")
    ('https://a.example', 'http://localhost:5173')
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in found:
        try:
            parts = urlsplit(origin)
            exact = f"{parts.scheme}://{parts.netloc}" == origin and parts.port != 0
        except ValueError:
            parts, exact = urlsplit(""), False
        if not exact or parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(
                f"{name}: {origin!r} is no origin; expected scheme, host and port only, for "
                "example https://music.example.com"
            )
    return found
