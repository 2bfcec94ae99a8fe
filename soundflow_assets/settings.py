"""The environment, read once into typed settings: the one home of every variable name.

`VARIABLES` is the table that documentation, `soundflow doctor` and error messages quote. No other
module reads the environment, and secrets leave this module only inside `SecretStr`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from soundflow_assets.errors import BadInput
from soundflow_assets.service_settings import Generation, ServiceSettings, Worker, origins, rate

Channel = Literal["commercial", "noncommercial"]
MOST_LISTED = 100_000  # catalog entries of 1.3 kB: 130 MB in all.json
Executor = Literal["in_process", "multiprocess", "k8s", "celery"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: `default` is what holds when it is unset or empty."""

    name: str
    meaning: str
    default: str = ""
    secret: bool = False


VARIABLES = (
    Variable("R2_ENDPOINT", "S3 endpoint, https://ACCOUNT.r2.cloudflarestorage.com"),
    Variable("R2_BUCKET", "bucket of the free tracks and all catalogs"),
    Variable("R2_PREMIUM_BUCKET", "private bucket of the premium tracks; unset: R2_BUCKET"),
    Variable("R2_ACCESS_KEY_ID", "access key of an API token with object read and write"),
    Variable("R2_SECRET_ACCESS_KEY", "its secret", secret=True),
    Variable("R2_REGION", "region the requests are signed for", "auto"),
    Variable("R2_PREFIX", "folder inside the buckets under which everything lies"),
    Variable("CATALOG_FREE_KEY", "key of the catalog of free tracks", "catalog/free.json"),
    Variable("FREE_PUBLIC_BASE_URL", "public address under which the object keys answer"),
    Variable("SOUNDFLOW_BUCKET", "local folder used where no R2_ENDPOINT is set", "data/bucket"),
    Variable("SOUNDFLOW_PREMIUM_BUCKET", "local folder of the premium tracks; unset: the same"),
    Variable("SOUNDFLOW_EXECUTOR", "in_process, multiprocess, k8s or celery", "in_process"),
    Variable("SOUNDFLOW_CONFIGS", "folder of the generator configuration; unset: the shipped one"),
    Variable("SOUNDFLOW_FREE_LICENSE", "SPDX id of the licence of free tracks", "CC-BY-4.0"),
    Variable("SOUNDFLOW_PREMIUM_CHANNEL", "commercial or noncommercial use", "noncommercial"),
    Variable("SOUNDFLOW_LLM_BASE_URL", "service with OpenAI's interface; unset: OpenAI's own"),
    Variable("SOUNDFLOW_LLM_MODEL", "model of that service that enhances prompts"),
    Variable("SOUNDFLOW_LLM_API_KEY", "its key; local services need none", secret=True),
    Variable("SOUNDFLOW_REPLICATE_TOKEN", "API token of replicate.com", secret=True),
    Variable("SOUNDFLOW_REPLICATE_URL", "its address", "https://api.replicate.com"),
    Variable("SOUNDFLOW_REPLICATE_VERSION", "version id of the MusicGen there", ""),
    Variable("SOUNDFLOW_RUNPOD_ENDPOINT", "id of the serverless endpoint on runpod.io"),
    Variable("SOUNDFLOW_RUNPOD_API_KEY", "its API key", secret=True),
    Variable("SOUNDFLOW_RUNPOD_URL", "its address", "https://api.runpod.ai"),
    Variable("SOUNDFLOW_MODAL_URL", "address of the worker deployed on modal.com"),
    Variable("SOUNDFLOW_MODAL_KEY", "proxy token id that the worker asks for", secret=True),
    Variable("SOUNDFLOW_MODAL_SECRET", "proxy token secret that goes with it", secret=True),
    Variable("SOUNDFLOW_MANUAL_FOLDER", "folder of jobs for the provider manual", "data/premium"),
    Variable("SOUNDFLOW_GPU_TIMEOUT_S", "longest a provider may take for a track, in s", "7200"),
    Variable(
        "SOUNDFLOW_CATALOG_LIMIT",
        "most tracks a catalog file lists, newest first",
        f"{MOST_LISTED}",
    ),
    Variable("SOUNDFLOW_ALERT_WEBHOOK", "address told of failed runs by POST", secret=True),
    Variable("SOUNDFLOW_SIGNING_BASE_URL", "address of the service that honours signed local URLs"),
    Variable("SOUNDFLOW_SIGNING_SECRET", "key of those signatures, 32 characters up", secret=True),
    Variable("SOUNDFLOW_SERVICE_URL", "public address of the service; unset: where it listens"),
    Variable("SOUNDFLOW_ACCOUNTS", "SQLite file of users and tokens", "data/accounts.sqlite"),
    Variable("SOUNDFLOW_CORS_ORIGINS", "pages that may ask the service: origins, comma between"),
    Variable("SOUNDFLOW_TRUSTED_PROXIES", "addresses whose X-Forwarded-For is believed, comma"),
    Variable("SOUNDFLOW_RATE_READ", "requests a client may make; 0: any number", "3000/minute"),
    Variable("SOUNDFLOW_RATE_SIGN", "signed URLs a token may ask for; 0: any", "120/minute"),
    Variable("SOUNDFLOW_RATE_GENERATE", "tracks a client may have made; 0: any", "30/hour"),
    Variable("SOUNDFLOW_GENERATION", "who may have tracks made: anyone, token, nobody", "anyone"),
    Variable("SOUNDFLOW_WORKER", "what makes them: daemon, process, auto", "auto"),
    Variable("SOUNDFLOW_METRICS_TOKEN", "bearer token of /metrics; unset: loopback", secret=True),
    Variable("SOUNDFLOW_COMMIT", "commit that /version names; unset: the checkout's"),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}
_REQUIRED_R2 = ("R2_ENDPOINT", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
# The region has a default and names nothing by itself, so alone it does not ask for R2.
_ASKS_FOR_R2 = (*_REQUIRED_R2, "R2_PREMIUM_BUCKET", "R2_PREFIX")
_OURS = "SOUNDFLOW_"
_MIN_SECRET_LENGTH = 32

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,32}")
_FOLDER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_CATALOG_KEY = re.compile(_FOLDER.pattern + r"\.json")
_ENDPOINT = re.compile(r"[A-Za-z0-9-]{1,64}")
_LICENSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class R2:
    """Access to S3-compatible object storage, complete."""

    endpoint: str
    bucket: str
    premium_bucket: str | None
    access_key_id: str = field(repr=False)
    secret_access_key: SecretStr
    region: str
    prefix: str  # without slashes at either end; empty for none


@dataclass(frozen=True, slots=True)
class Providers:
    """Where premium tracks can be generated, and the secrets that go with each place."""

    replicate_url: str
    replicate_token: SecretStr | None
    replicate_version: str | None
    runpod_url: str
    runpod_endpoint: str | None
    runpod_api_key: SecretStr | None
    modal_url: str | None
    modal_key: SecretStr | None
    modal_secret: SecretStr | None
    manual_folder: Path
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. `r2` is None where the local folder is the bucket."""

    r2: R2 | None
    bucket: Path
    premium_bucket: Path | None
    catalog_free_key: str
    catalog_limit: int
    free_public_base_url: str | None
    free_license: str
    executor: Executor
    configs: Path | None
    premium_channel: Channel
    llm_base_url: str | None
    llm_model: str | None
    llm_api_key: SecretStr | None
    providers: Providers
    alert_webhook: SecretStr | None
    signing_base_url: str | None
    signing_secret: SecretStr | None
    service: ServiceSettings


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; an empty variable counts as unset.

    Raises
    ------
    BadInput
        When a `SOUNDFLOW_` variable is unknown, the R2 variables are half set, or a value is
        malformed. The sentence names the variable; a secret's value is never part of it.
    """
    _refuse_unknown(environ)
    values = _Values(environ)
    return Settings(
        r2=_r2(values),
        bucket=values.path("SOUNDFLOW_BUCKET") or Path(_BY_NAME["SOUNDFLOW_BUCKET"].default),
        premium_bucket=values.path("SOUNDFLOW_PREMIUM_BUCKET"),
        catalog_free_key=values.matching("CATALOG_FREE_KEY", _CATALOG_KEY, "a key like a/b.json"),
        catalog_limit=values.count("SOUNDFLOW_CATALOG_LIMIT"),
        free_public_base_url=values.url("FREE_PUBLIC_BASE_URL"),
        free_license=values.matching("SOUNDFLOW_FREE_LICENSE", _LICENSE, "an SPDX licence id"),
        executor=_one_of(values, "SOUNDFLOW_EXECUTOR", Executor),
        configs=values.path("SOUNDFLOW_CONFIGS"),
        premium_channel=_one_of(values, "SOUNDFLOW_PREMIUM_CHANNEL", Channel),
        llm_base_url=values.url("SOUNDFLOW_LLM_BASE_URL"),
        llm_model=values.text("SOUNDFLOW_LLM_MODEL") or None,
        llm_api_key=values.secret("SOUNDFLOW_LLM_API_KEY"),
        providers=_providers(values),
        alert_webhook=values.secret("SOUNDFLOW_ALERT_WEBHOOK", _check_url),
        signing_base_url=values.url("SOUNDFLOW_SIGNING_BASE_URL"),
        signing_secret=values.secret("SOUNDFLOW_SIGNING_SECRET", _check_long),
        service=_service(values),
    )


def _service(values: _Values) -> ServiceSettings:
    accounts = values.path("SOUNDFLOW_ACCOUNTS")
    if accounts is None:
        raise AssertionError("it has a default")
    return ServiceSettings(
        url=values.url("SOUNDFLOW_SERVICE_URL"),
        accounts=accounts,
        cors_origins=origins("SOUNDFLOW_CORS_ORIGINS", values.text("SOUNDFLOW_CORS_ORIGINS")),
        trusted_proxies=values.text("SOUNDFLOW_TRUSTED_PROXIES"),
        rate_read=rate("SOUNDFLOW_RATE_READ", values.text("SOUNDFLOW_RATE_READ")),
        rate_sign=rate("SOUNDFLOW_RATE_SIGN", values.text("SOUNDFLOW_RATE_SIGN")),
        rate_generate=rate("SOUNDFLOW_RATE_GENERATE", values.text("SOUNDFLOW_RATE_GENERATE")),
        generation=_one_of(values, "SOUNDFLOW_GENERATION", Generation),
        worker=_one_of(values, "SOUNDFLOW_WORKER", Worker),
        metrics_token=values.secret("SOUNDFLOW_METRICS_TOKEN", _check_long),
        commit=values.text("SOUNDFLOW_COMMIT") or None,
    )


class _Values:
    """Typed reads that name the variable when its value is refused."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip() or _BY_NAME[name].default

    def path(self, name: str) -> Path | None:
        """Absolute, so that a later change of directory cannot move the bucket."""
        text = self.text(name)
        return Path(text).expanduser().absolute() if text else None

    def matching(self, name: str, pattern: re.Pattern[str], allowed: str) -> str:
        text = self.text(name)
        if not pattern.fullmatch(text):
            raise BadInput(f"{name}={text!r}: expected {allowed}")
        return text

    def count(self, name: str) -> int:
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000_000):
            raise BadInput(f"{name}={text!r}: expected a whole number, 1 to 10000000")
        return int(text)

    def url(self, name: str) -> str | None:
        text = self.text(name)
        if not text:
            return None
        _check_url(name, text)
        return text.rstrip("/")

    def secret(
        self, name: str, check: Callable[[str, str], None] | None = None
    ) -> SecretStr | None:
        text = self.text(name)
        if not text:
            return None
        if check is not None:
            check(name, text)
        return SecretStr(text)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in sorted(environ):
        if name.startswith(_OURS) and name not in _BY_NAME:
            known = [known for known in _BY_NAME if known.startswith(_OURS)]
            # Without the beginning they share, which would make any two names alike.
            ends = [one.removeprefix(_OURS) for one in known]
            close = difflib.get_close_matches(name.removeprefix(_OURS), ends, n=1)
            hint = f"did you mean {_OURS}{close[0]}?" if close else f"known: {', '.join(known)}"
            raise BadInput(f"{name}: there is no such setting; {hint}")


def _r2(values: _Values) -> R2 | None:
    if not any(values.text(name) for name in _ASKS_FOR_R2):
        return None
    missing = [name for name in _REQUIRED_R2 if not values.text(name)]
    if missing:
        given = [name for name in _ASKS_FOR_R2 if values.text(name)]
        raise BadInput(
            f"object storage is half configured: {', '.join(given)} given, but "
            f"{', '.join(missing)} missing; set all of {', '.join(_REQUIRED_R2)}, "
            "or none of them to use the local folder SOUNDFLOW_BUCKET"
        )
    secret = values.secret("R2_SECRET_ACCESS_KEY")
    endpoint = values.url("R2_ENDPOINT")
    if secret is None or endpoint is None:
        raise AssertionError("both are required above")
    premium = bool(values.text("R2_PREMIUM_BUCKET"))
    bucket_rule = "3 to 63 of a-z, 0-9, dot and hyphen"
    prefix = values.text("R2_PREFIX").strip("/")
    if prefix and not _FOLDER.fullmatch(prefix):
        raise BadInput(f"R2_PREFIX={prefix!r}: expected folder names of letters, digits and ._-")
    return R2(
        endpoint=endpoint,
        bucket=values.matching("R2_BUCKET", _BUCKET, bucket_rule),
        premium_bucket=(
            values.matching("R2_PREMIUM_BUCKET", _BUCKET, bucket_rule) if premium else None
        ),
        access_key_id=values.text("R2_ACCESS_KEY_ID"),
        secret_access_key=secret,
        region=values.matching("R2_REGION", _REGION, "a region name, auto for R2"),
        prefix=prefix,
    )


def _providers(values: _Values) -> Providers:
    endpoint = values.text("SOUNDFLOW_RUNPOD_ENDPOINT")
    if endpoint:
        values.matching("SOUNDFLOW_RUNPOD_ENDPOINT", _ENDPOINT, "an id of letters and digits")
    return Providers(
        replicate_url=str(values.url("SOUNDFLOW_REPLICATE_URL")),
        replicate_token=values.secret("SOUNDFLOW_REPLICATE_TOKEN"),
        replicate_version=values.text("SOUNDFLOW_REPLICATE_VERSION") or None,
        runpod_url=str(values.url("SOUNDFLOW_RUNPOD_URL")),
        runpod_endpoint=endpoint or None,
        runpod_api_key=values.secret("SOUNDFLOW_RUNPOD_API_KEY"),
        modal_url=values.url("SOUNDFLOW_MODAL_URL"),
        modal_key=values.secret("SOUNDFLOW_MODAL_KEY"),
        modal_secret=values.secret("SOUNDFLOW_MODAL_SECRET"),
        manual_folder=values.path("SOUNDFLOW_MANUAL_FOLDER") or Path("data/premium"),
        timeout_s=_seconds(values, "SOUNDFLOW_GPU_TIMEOUT_S"),
    )


def _seconds(values: _Values, name: str) -> float:
    text = values.text(name)
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text) or not float(text) > 0.0:
        raise BadInput(f"{name}={text!r}: expected a number of seconds above 0")
    return float(text)


def _one_of(values: _Values, name: str, kind: Any) -> Any:
    text, allowed = values.text(name), get_args(kind)
    if text not in allowed:
        raise BadInput(f"{name}={text!r}: expected one of {', '.join(allowed)}")
    return text


def _check_url(name: str, text: str) -> None:
    """Refuse what is no web address; the text is not repeated, it may hold credentials."""
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname)
        port_given = parts.port  # raises ValueError where the port is no number
    except ValueError:
        well_formed, port_given, parts = False, None, urlsplit("")
    if not well_formed or port_given == 0:
        raise BadInput(f"{name}: expected an address like https://host/path")
    if parts.username or parts.password:
        raise BadInput(f"{name}: the address holds a user name or password; give it without")


def _check_long(name: str, text: str) -> None:
    if len(text) < _MIN_SECRET_LENGTH:
        raise BadInput(f"{name}: {len(text)} characters, expected at least {_MIN_SECRET_LENGTH}")
