"""The first look: what the page shows, how it narrows, how small it is, and the first sound."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from bucket_server import BucketServer, serving
from heard import loudness, now, play_first
from made_bucket import PREMIUM_ID, TODAY, Bucket, address, open_player
from playwright.sync_api import Browser, Page, expect

from soundflow_assets.player import SOURCE, player_files
from soundflow_assets.storage.keys import CATEGORIES

FIRST_VIEW_BYTES = 100_000
MANY = 4000


def titles(page: Page) -> list[str]:
    """Return the titles in the library's list."""
    return page.locator(".row-title").all_inner_texts()


def test_today_stands_on_top_with_one_track_of_each_category(
    page: Page, server: BucketServer
) -> None:
    page.clock.set_fixed_time(dt.datetime.combine(TODAY, dt.time(12)))
    open_player(page, server)
    assert page.locator("h1").inner_text() == "Made for today"
    assert page.locator(".tile-category").all_inner_texts() == list(CATEGORIES)


def test_the_first_tab_leads_past_the_header(page: Page, server: BucketServer) -> None:
    open_player(page, server)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator(".tile")).to_have_count(5)


def test_filters_and_search_narrow_the_list_and_stand_in_the_address(
    page: Page, server: BucketServer, bucket: Bucket
) -> None:
    tracks = json.loads((bucket.public / "catalog/all.json").read_text())
    open_player(page, server)
    page.locator("select[name=energy]").select_option("calm")
    calm = {one["title"] for one in tracks if (one["energyMin"] + one["energyMax"]) / 2 < 34}
    expect(page.locator(".shelf-count")).to_have_text(f"{len(calm)} tracks")
    assert set(titles(page)) == calm
    assert page.url.endswith("#/?energy=calm")
    page.locator("select[name=energy]").select_option("")
    genre = tracks[0]["genre"]
    page.locator("select[name=genre]").select_option(genre)
    assert set(titles(page)) == {one["title"] for one in tracks if one["genre"] == genre}
    page.locator("select[name=genre]").select_option("")
    page.locator("select[name=tier]").select_option("premium")
    assert titles(page) == ["Ordered Calm"]
    page.locator("select[name=tier]").select_option("")
    page.get_by_role("searchbox").fill("ORDERED calm")
    assert titles(page) == ["Ordered Calm"]
    page.get_by_role("searchbox").fill("no such words")
    expect(page.get_by_text("No track is like that")).to_be_visible()


def test_an_address_with_filters_opens_as_it_was_left(
    page: Page, server: BucketServer, bucket: Bucket
) -> None:
    tracks = json.loads((bucket.public / "catalog/by-category/study.json").read_text())
    open_player(page, server, "#/c/study?tier=free")
    assert page.locator("h1").inner_text() == "Study"
    expect(page.locator("select[name=tier]")).to_have_value("free")
    free = [one["title"] for one in tracks if one["tier"] == "free"]
    expect(page.locator(".shelf-count")).to_have_text(f"{len(free)} tracks")
    assert titles(page) == free


def test_a_deep_link_opens_a_track_of_any_day(
    page: Page, server: BucketServer, bucket: Bucket
) -> None:
    last = json.loads((bucket.public / "catalog/all.json").read_text())[-1]
    open_player(page, server, f"#/t/{last['id']}")
    assert page.locator("h1").inner_text() == last["title"]
    assert page.title() == f"{last['title']} · SoundFlow"
    expect(page.locator(".track-cover img")).to_have_js_property("naturalWidth", 640)
    assert page.locator(".form-step").count() == len(last["sections"])


@pytest.mark.parametrize("route", ["#/t/free-2001-01-01-nothing", "#/no/such/page"])
def test_an_unknown_address_says_so_and_leads_back(
    page: Page, server: BucketServer, route: str
) -> None:
    open_player(page, server, route)
    page.get_by_role("link", name="Back to the music").click()
    expect(page.locator(".tile")).to_have_count(5)


def test_a_premium_track_is_locked_where_there_is_no_service(
    page: Page, server: BucketServer
) -> None:
    open_player(page, server, f"#/t/{PREMIUM_ID}")
    page.get_by_role("button", name="Premium").click()
    expect(page.locator("#toast")).to_contain_text("need the SoundFlow service")
    assert not [one for one in server.requests if one.path.startswith("/audio/premium")]


def test_an_empty_catalog_opens_too(page: Page, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text("[]\n")
    with serving(BucketServer(bucket.public, {"catalog": tmp_path})) as empty:
        open_player(page, empty)
        expect(page.locator("h1")).to_have_text("Nothing here yet")


def test_a_missing_catalog_is_said_and_can_be_tried_again(
    page: Page, bucket: Bucket, tmp_path: Path
) -> None:
    with serving(BucketServer(bucket.public, {"catalog": tmp_path})) as broken:
        page.goto(address(broken))
        expect(page.locator("h1")).to_have_text("The library did not open")
        (tmp_path / "all.json").write_bytes((bucket.public / "catalog/all.json").read_bytes())
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".tile")).to_have_count(5)


def test_the_first_view_fits_its_budget_however_long_the_catalog(
    browser: Browser, bucket: Bucket, tmp_path: Path
) -> None:
    tracks = json.loads((bucket.public / "catalog/all.json").read_text())
    for one in tracks:  # as many sections as tracks of three minutes have
        one["sections"] = (one["sections"] * 8)[:8]
    many = [*tracks, *({**tracks[-1], "id": f"free-2001-01-01-n{n}"} for n in range(MANY))]
    lines = ",\n".join(json.dumps(one, separators=(",", ":"), sort_keys=True) for one in many)
    (tmp_path / "all.json").write_text(f"[\n{lines}\n]\n")
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    with serving(BucketServer(bucket.public, {"catalog": tmp_path})) as server:
        open_player(page, server)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        bodies = sum(one.sent for one in server.requests)
    context.close()
    # With headers, as the browser counts them; and what the server has sent, whoever asked.
    print(f"first view: {sum(sizes):.0f} bytes in {len(sizes)} answers")
    assert 50_000 < sum(sizes) <= FIRST_VIEW_BYTES
    assert bodies <= FIRST_VIEW_BYTES


def test_a_tap_on_play_makes_sound_flow(page: Page, server: BucketServer) -> None:
    title = play_first(page, server)
    expect(page.locator(".bar-title")).to_have_text(title)
    page.wait_for_function("() => document.querySelector('.wave').ariaValueNow >= 1")
    shown = now(page)
    assert (shown["title"], shown["album"], shown["state"]) == (title, "Deep Work", "playing")
    expect(page.locator(".bar-cover img")).to_have_js_property("naturalWidth", 640)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(300)
    assert loudness(page) < 1e-4
    assert now(page)["state"] == "paused"


def test_the_service_worker_keeps_every_file_of_the_page() -> None:
    listed = set(re.findall(r"'([\w./-]+\.\w+)'", (SOURCE / "sw.js").read_text().split("];")[0]))
    needless = {"sw.js", "fonts/OFL.txt"} | {path for path in player_files() if "icon-" in path}
    assert set(player_files()) - needless <= listed
    assert listed <= set(player_files())


def test_the_genres_to_choose_from_are_those_the_engine_ships() -> None:
    source = (SOURCE / "js/views/make.js").read_text()
    listed = re.search(r"GENRES = \[(.*?)\]", source, re.S)
    assert listed is not None
    shipped = {path.stem for path in Path("generator_configs/genres").glob("*.yaml")}
    assert set(re.findall(r"'(\w+)'", listed[1])) == shipped


def test_every_import_and_link_leads_to_a_file() -> None:
    for path in player_files():
        text = (SOURCE / path).read_text() if path.endswith((".js", ".html", ".css")) else ""
        for found in re.findall(r"""(?:from |import\(|import )'(\.[^']+)'""", text):
            assert ((SOURCE / path).parent / found).resolve().is_file(), (path, found)
    page = (SOURCE / "index.html").read_text()
    for found in re.findall(r'(?:href|src)="([\w/.-]+)"', page):
        assert (SOURCE / found).is_file(), found


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    for path in player_files():
        if path.endswith((".js", ".html", ".css", ".json", ".webmanifest")):
            hosts = set(re.findall(r"https?://([\w.-]+)", (SOURCE / path).read_text()))
            assert hosts <= {"www.w3.org"}, path  # the namespace of SVG


def test_today_is_what_the_catalog_says(page: Page, server: BucketServer) -> None:
    open_player(page, server)
    links = page.locator(".tile h2 a").evaluate_all("all => all.map((a) => a.hash)")
    assert all(link.startswith(f"#/t/free-{TODAY}-") for link in links)


@pytest.mark.parametrize("padding", [0, 700, 12_000])
def test_today_is_complete_however_long_the_entries_are(
    page: Page, bucket: Bucket, tmp_path: Path, padding: int
) -> None:
    tracks = json.loads((bucket.public / "catalog/all.json").read_text())
    many = [{**one, "plainTitle": "ö" * padding} for one in tracks]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in many)
    (tmp_path / "all.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    with serving(BucketServer(bucket.public, {"catalog": tmp_path})) as server:
        open_player(page, server)
        assert page.locator(".tile-category").all_inner_texts() == list(CATEGORIES)
