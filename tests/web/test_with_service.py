"""The player before the real service: tracks made on request, and premium behind a token."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from heard import wait_until_it_sounds
from made_bucket import PREMIUM_ID, Bucket
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
MAIN = "from soundflow_assets.cli.main import main; main()"
STAGES = 7
MADE_WITHIN_MS = 240_000


@dataclass(frozen=True)
class Running:
    """The service: where it is, and the token of a user who may hear premium tracks."""

    url: str
    token: str
    unentitled: str


def soundflow(environ: dict[str, str], *arguments: str) -> dict[str, str]:
    """Run a command and return its report."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments, "--json"],
        cwd=PROJECT, env=environ, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    report: dict[str, str] = json.loads(done.stdout)
    return report


@pytest.fixture(scope="module")
def service(bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`soundflow serve` over the bucket, as anybody starts it."""
    folder = tmp_path_factory.mktemp("service")
    ours = ("SOUNDFLOW_", "R2_", "FREE_", "CATALOG_", "DAGSTER_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environ |= {
        "SOUNDFLOW_BUCKET": str(bucket.public),
        "SOUNDFLOW_PREMIUM_BUCKET": str(bucket.premium),
        "SOUNDFLOW_ACCOUNTS": str(folder / "accounts.sqlite"),
        "DAGSTER_HOME": str(folder),
        "HOME": str(folder),
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", ""),
    }
    tokens = {}
    for user in ("ada", "bob"):
        soundflow(environ, "accounts", "users", "add", user)
        tokens[user] = soundflow(environ, "accounts", "tokens", "mint", user)["token"]
    soundflow(environ, "accounts", "entitlements", "grant", "ada", "premium")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--port", str(port), "--quiet"],
        cwd=PROJECT, env=environ, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait(process, url)
        yield Running(url, tokens["ada"], tokens["bob"])
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service did not start"
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the service did not answer")


def make_a_short_one(page: Page, service: Running, seed: int) -> None:
    """Ask for half a minute of Study."""
    page.goto(f"{service.url}/#/make")
    page.get_by_text("Study", exact=True).click()
    page.get_by_text("30 s", exact=True).click()
    page.get_by_label("Genre").select_option("lofi")
    page.locator("#make-seed").fill(str(seed))
    page.get_by_role("button", name="Make it").click()


def test_a_track_is_watched_while_it_is_made_and_then_plays(page: Page, service: Running) -> None:
    heard: list[str] = []
    page.on(
        "websocket",
        lambda line: line.on("framereceived", lambda text: heard.append(str(text))),
    )
    make_a_short_one(page, service, 7)
    page.locator(".stages").wait_for(timeout=MADE_WITHIN_MS)
    assert page.locator(".stage").count() == STAGES
    page.locator(".stage[data-status=running]").first.wait_for(timeout=MADE_WITHIN_MS)
    page.locator(".made").wait_for(timeout=MADE_WITHIN_MS)
    wait_until_it_sounds(page)
    title = page.locator(".made h2").inner_text()
    expect(page.locator(".bar-title")).to_have_text(title)
    expect(page.locator(".made-cover img")).to_have_js_property("naturalWidth", 640)
    kinds = {json.loads(text)["type"] for text in heard}
    assert {"stage.started", "stage.completed", "project.completed"} <= kinds
    # Its address is that of the track: opened again it is there, and does not start by itself.
    page.reload()
    page.locator(".made").wait_for()
    assert page.locator(".made h2").inner_text() == title
    assert page.locator("#player").is_hidden()
    page.locator(".made .pill.solid").click()
    wait_until_it_sounds(page)


def test_without_websockets_the_events_come_another_way(page: Page, service: Running) -> None:
    def refuse(line: WebSocketRoute) -> None:
        line.close(code=1001)

    page.route_web_socket("**/ws", refuse)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    make_a_short_one(page, service, 8)
    page.locator(".stage[data-status=completed]").first.wait_for(timeout=MADE_WITHIN_MS)
    page.locator(".made").wait_for(timeout=MADE_WITHIN_MS)
    assert any(url.endswith("/events") for url in asked)


def test_what_the_service_refuses_is_said(page: Page, service: Running) -> None:
    page.goto(f"{service.url}/#/make/5f0c1fc8-4d39-4a52-8a5c-0d9f4c1f1a2b")
    expect(page.get_by_role("heading", name="It did not work")).to_be_visible()


def test_premium_opens_with_a_token_that_is_entitled_and_with_no_other(
    page: Page, service: Running
) -> None:
    page.goto(f"{service.url}/#/t/{PREMIUM_ID}")
    page.locator(".actions .solid").click()
    expect(page.locator("#toast")).to_contain_text("Enter your token")
    for token, sentence in (
        ("sf_live_nonsense", "not accepted"),
        (service.unentitled, "does not include premium"),
    ):
        enter(page, token)
        page.locator(".actions .solid").click()
        expect(page.locator("#toast")).to_contain_text(sentence)
    enter(page, service.token)
    page.locator(".actions .solid").click()
    wait_until_it_sounds(page)
    expect(page.locator(".bar-title")).to_have_text("Ordered Calm")
    expect(page.locator(".bar-cover img")).to_have_js_property("naturalWidth", 640)
    enter(page, "")
    expect(page.locator(".row[data-locked]")).to_have_count(0)  # the others are free


def enter(page: Page, token: str) -> None:
    """Enter a token in the settings."""
    page.locator("#open-settings").click()
    field = page.get_by_label("Premium token")
    field.fill(token)
    field.press("Tab")
    page.get_by_role("button", name="Close", exact=True).click()


def test_axe_finds_nothing_where_tracks_are_made(page: Page, service: Running) -> None:
    page.goto(f"{service.url}/#/make")
    page.wait_for_selector(".make-form")
    report = Axe().run(page).response
    assert [(one["id"], one["nodes"][0]["target"]) for one in report["violations"]] == []


def test_the_first_view_costs_half_of_its_budget(browser: Browser, service: Running) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(service.url)
    page.wait_for_selector("main[data-ready]")
    page.wait_for_load_state("networkidle")
    context.close()
    assert 20_000 < sum(sizes) < 75_000


def test_a_catalog_is_served_in_parts(service: Running) -> None:
    url = f"{service.url}/bucket/catalog/all.json"
    whole = httpx.get(url).content
    for _ in range(2):  # the second answer may come another way
        part = httpx.get(url, headers={"Range": "bytes=5-99"})
        assert (part.status_code, part.content) == (206, whole[5:100])
        assert part.headers["Content-Range"] == f"bytes 5-99/{len(whole)}"
    beyond = httpx.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    held = {"Range": "bytes=0-9", "If-None-Match": part.headers["ETag"]}
    assert httpx.get(url, headers=held).status_code == 304
