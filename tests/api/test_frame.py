"""What holds for every request: ids, logs without secrets, bounds, rates, origins, and no crash."""

import contextlib
import dataclasses
import io
import json
import logging
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from api.conftest import running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from soundflow_assets.api.frame import JsonLines
from soundflow_assets.api.limiter import Limiter
from soundflow_assets.api.shelf import Shelf

PATHS = ("/catalog/all", "/health", "/bucket/catalog/root.json", "/feed.xml", "/nowhere")


@pytest.fixture
def log():
    """What the service logs, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("soundflow")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


def logged(log, text: str) -> bool:
    """Whether the log comes to hold `text`: a line is written after its answer was sent."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if text in json.dumps(log()):
            return True
        time.sleep(0.01)
    return False


def test_every_answer_has_an_id_and_the_log_has_it_too(api, log) -> None:
    for path in PATHS:
        told = api.client.get(path).headers["x-request-id"]
        assert logged(log, f'"request_id": "{told}"')
    named = api.client.get("/health", headers={"X-Request-Id": "mine-1"})
    assert named.headers["x-request-id"] == "mine-1"
    trace = "0af7651916cd43dd8448eb211c80319c"
    traced = api.client.get("/health", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert traced.headers["x-request-id"] == trace
    forged = api.client.get("/health", headers={"X-Request-Id": "a b\tc"})
    assert forged.headers["x-request-id"] != "a b\tc"


def test_the_log_has_no_secrets(api, log) -> None:
    secret = "sf_live_" + "s" * 59
    signer = api.service.signer
    address = signer.sign("audio/premium/2025-01-17/premium-2025-01-17-aurora.mp3", 60)
    assert api.client.get(address).status_code == 200
    api.client.get(f"/catalog/all?q={secret}", headers={"Authorization": f"Bearer {secret}"})
    api.client.get("/tracks/premium/x/signed", headers={"Authorization": f"Bearer {secret}"})
    assert logged(log, "/signed/audio/premium")
    assert logged(log, "/tracks/premium/x/signed")
    text = json.dumps(log())
    assert secret not in text
    assert urlsplit(address).query not in text
    assert signer.secret.get_secret_value() not in text


def test_a_defect_is_a_500_that_tells_its_id_and_nothing_else(
    shared_settings, shared_library, serve, log, monkeypatch
) -> None:
    api = serve(shared_settings)

    async def broken(_shelf: Shelf) -> None:
        raise ZeroDivisionError("the secret of /root")

    monkeypatch.setattr(Shelf, "current", broken)
    response = api.client.get("/catalog/all?limit=1")
    assert response.status_code == 500
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    assert logged(log, "ZeroDivisionError")
    assert api.client.get("/health").status_code == 200


def test_requests_are_bounded(api) -> None:
    post = "/api/v1/music/generate/full-song"
    json_type = {"Content-Type": "application/json"}
    big = b"[" + b" " * 70_000 + b"]"
    assert api.client.post(post, content=big, headers=json_type).status_code == 413
    pieces = (b" " * 10_000 for _ in range(8))
    assert api.client.post(post, content=pieces, headers=json_type).status_code == 413
    assert api.client.get("/catalog/all?q=" + "x" * 5000).status_code == 414
    assert api.client.get("/bucket/" + "x" * 3000).status_code == 414
    assert api.client.delete("/catalog/all").status_code == 405
    assert api.client.get("/health").status_code == 200


def test_too_many_requests_are_429_for_their_client_only(
    shared_settings, shared_library, serve
) -> None:
    api = serve(
        shared_settings,
        prepare=lambda one: dataclasses.replace(one, read_limiter=Limiter("5/minute")),
    )
    answers = [api.client.get("/catalog/all") for _ in range(7)]
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["status"] == 429
    other = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(transport=other, base_url=api.url) as second:
        assert second.get("/catalog/all").status_code == 200


def test_only_named_origins_may_read_from_a_page(shared_settings, shared_library, serve) -> None:
    friend = "https://music.example"
    service = dataclasses.replace(shared_settings.service, cors_origins=(friend,))
    api = serve(dataclasses.replace(shared_settings, service=service))
    for origin, allowed in ((friend, friend), ("https://music.example.evil", None), ("null", None)):
        response = api.client.get("/catalog/all", headers={"Origin": origin})
        assert response.headers.get("access-control-allow-origin") == allowed
    preflight = api.client.options(
        "/tracks/premium/x/signed",
        headers={
            "Origin": friend,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()


def test_without_named_origins_there_are_none(api) -> None:
    response = api.client.get("/catalog/all", headers={"Origin": "https://music.example"})
    assert "access-control-allow-origin" not in response.headers


def test_metrics_are_for_their_token_or_for_this_machine(shared_settings, shared_library) -> None:
    token = "t" * 40
    service = dataclasses.replace(shared_settings.service, metrics_token=SecretStr(token))
    with running(dataclasses.replace(shared_settings, service=service)) as api:
        assert api.client.get("/metrics").status_code == 401
        wrong = {"Authorization": "Bearer " + "u" * 40}
        assert api.client.get("/metrics", headers=wrong).status_code == 401
        right = api.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert "soundflow_catalog_tracks 5.0" in right.text


def test_metrics_count_routes_and_not_made_up_paths(api) -> None:
    for number in range(5):
        api.client.get(f"/tracks/made-up-{number}")
    text = api.client.get("/metrics").text
    assert 'route="/tracks/{id}",status="404"' in text
    assert "made-up" not in text


def test_the_player_is_served_under_a_strict_policy(api) -> None:
    page = api.client.get("/")
    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-cache"
    held = api.client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert held.status_code == 304
    assert api.client.get("/config.json").json() == {
        "catalogBase": "/bucket/catalog/", "mediaBase": "/bucket/", "apiBase": "",
    }  # fmt: skip


def test_the_version_names_the_program(api) -> None:
    told = api.client.get("/version").json()
    assert told["engine_version"]
    assert told["version"]
    assert len(told["commit"] or "0" * 40) == 40


def raw(api, data: bytes) -> bytes:
    """Send bytes as they are; return what comes back within a moment."""
    parts = urlsplit(api.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as wire:
        wire.sendall(data)
        wire.settimeout(2)
        try:
            return wire.recv(65536)
        except TimeoutError:
            return b""


HEADER = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.one_of(
        st.text(max_size=60),
        st.builds("/bucket/{}".format, st.text(max_size=60)),
        st.builds("/catalog/all?cursor={}".format, st.text(max_size=60)),
        st.builds("/tracks/{}/peaks".format, st.text(max_size=40)),
        st.builds("/signed/{}?expires=1&signature=2".format, st.text(max_size=40)),
    ),
    headers=st.dictionaries(
        st.sampled_from(
            ["Range", "If-Range", "If-None-Match", "Accept-Encoding", "Authorization", "Cookie",
             "X-Request-Id", "traceparent", "Last-Event-ID", "Idempotency-Key", "Content-Type"]
        ),
        HEADER,
        max_size=4,
    ),
)  # fmt: skip
def test_no_path_and_no_header_brings_the_service_down(api, path: str, headers) -> None:
    from urllib.parse import quote

    lines = [f"GET /{quote(path.lstrip('/'), safe='/?=&%')} HTTP/1.1", "Host: x"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    told = raw(api, request)
    assert told[:9] == b"HTTP/1.1 ", told[:100]
    assert told[9:10] in b"234", told[:200]


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\xff" * 1000,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000,
        b"POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_and_the_next_one_served(api, data: bytes) -> None:
    with contextlib.suppress(OSError):  # closed while we were still sending
        assert raw(api, data)[9:10] in (b"4", b"")
    assert api.client.get("/health").status_code == 200
