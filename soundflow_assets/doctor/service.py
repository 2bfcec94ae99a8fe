"""What `soundflow serve` needs: accounts that hold, addresses that are safe, someone to work.

Nothing is made here: where there are no accounts and no Dagster home, that is what is found.
"""

from __future__ import annotations

import ipaddress
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from soundflow_assets.accounts.database import VERSION, open_for_reading
from soundflow_assets.accounts.receipts import broken_links
from soundflow_assets.doctor.finding import Finding, guarded
from soundflow_assets.settings import Settings


def service_findings(settings: Settings) -> list[Finding]:
    """Return what was found of the service's settings and accounts."""
    return [
        *guarded("accounts", lambda: _accounts(settings)),
        *guarded("service address", lambda: _address(settings)),
        *guarded("signing", lambda: _signing(settings)),
    ]


def _accounts(settings: Settings) -> Iterator[Finding]:
    path = settings.service.accounts
    try:
        connection = open_for_reading(path)
    except FileNotFoundError:
        yield Finding("accounts", "ok", f"none yet ({path}): premium tracks are signed for nobody")
        return
    try:
        with closing(connection):
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            broken = broken_links(connection) if version == VERSION else []
            now = int(time.time())
            count = connection.execute(
                "SELECT count(*) FROM tokens WHERE revoked_ts IS NULL "
                "AND (expires_ts IS NULL OR expires_ts > ?)",
                (now,),
            ).fetchone()[0]
    except sqlite3.Error as error:
        yield Finding("accounts", "problem", f"{path}: {error}", "restore it from a backup")
        return
    if version != VERSION:
        yield Finding("accounts", "problem", f"{path}: version {version}, expected {VERSION}")
    elif broken:
        yield Finding(
            "accounts", "problem", f"{path}: {'; '.join(broken[:3])}", "find out who changed it"
        )
    elif path.stat().st_mode & 0o077:
        yield Finding("accounts", "problem", f"{path}: others can read it", f"chmod 600 {path}")
    else:
        yield Finding("accounts", "ok", f"{path}: {count} tokens in force, receipts hold")


def _address(settings: Settings) -> Iterator[Finding]:
    url = settings.service.url
    if url is None:
        yield Finding(
            "service address",
            "note",
            "SOUNDFLOW_SERVICE_URL is not set: addresses in catalogs and feeds name the port that "
            "`soundflow serve` listens on",
            "set it to the public address of the service, once there is one",
        )
        return
    parts = urlsplit(url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        yield Finding(
            "service address",
            "problem",
            f"{url}: tokens would travel unencrypted",
            "put a proxy with TLS before the service and name its https address",
        )
    elif not settings.service.trusted_proxies and not _is_loopback(parts.hostname or ""):
        yield Finding(
            "service address",
            "note",
            f"{url}: without SOUNDFLOW_TRUSTED_PROXIES all clients behind a proxy share one rate",
            "set it to the address of the proxy",
        )
    else:
        yield Finding("service address", "ok", url)


def _signing(settings: Settings) -> Iterator[Finding]:
    if settings.r2 is not None:
        yield Finding("signing", "ok", "premium addresses are presigned by the storage")
    elif settings.signing_secret is None:
        yield Finding(
            "signing",
            "note",
            "SOUNDFLOW_SIGNING_SECRET is not set: signed addresses end with the serving process",
            "set it where several processes serve: python -c 'import secrets; "
            "print(secrets.token_urlsafe(32))'",
        )
    else:
        yield Finding("signing", "ok", "signed addresses outlive a restart")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
