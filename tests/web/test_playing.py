"""Sound, as far as a machine without ears can tell: time runs, and the analyser sees a signal."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bucket_server import BucketServer
from heard import play_first
from made_bucket import open_player
from playwright.sync_api import Browser, Page, expect
from screenshots import take

pytestmark = pytest.mark.slow


def test_everything_is_done_by_keys(page: Page, server: BucketServer) -> None:
    play_first(page, server)
    page.keyboard.press("n")
    second = page.locator(".tile h2").nth(1).inner_text()
    expect(page.locator(".bar-title")).to_have_text(second)
    page.keyboard.press("k")  # also while it is on its way
    expect(page.locator(".play")).to_have_accessible_name("Play")
    page.keyboard.press("l")  # ten seconds on: the end of this one
    page.wait_for_function("() => document.querySelector('.wave').ariaValueNow >= 9")
    page.keyboard.press("j")
    page.wait_for_function("() => document.querySelector('.wave').ariaValueNow < 1")
    page.keyboard.press("p")
    expect(page.locator(".bar-title")).to_have_text(page.locator(".tile h2").first.inner_text())
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("pk")  # letters, not commands
    expect(page.get_by_role("searchbox")).to_have_value("pk")
    page.get_by_role("searchbox").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("f")
    expect(page.get_by_role("dialog", name="Now playing")).to_be_visible()


def test_letters_do_nothing_once_switched_off(page: Page, server: BucketServer) -> None:
    title = play_first(page, server)
    page.locator("#open-settings").click()
    page.get_by_label("Keys for playing").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert page.locator(".bar-title").inner_text() == title


def test_the_waveform_is_a_slider_for_keys_and_pointers(page: Page, server: BucketServer) -> None:
    play_first(page, server)
    wave = page.get_by_role("slider", name="Position in the track")
    wave.focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.wait_for_function("() => document.querySelector('.wave').ariaValueNow <= 1")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * 0.6, "y": 10})
    page.wait_for_function("() => Math.abs(document.querySelector('.wave').ariaValueNow - 6) <= 1")
    assert "of 10 seconds" in str(wave.get_attribute("aria-valuetext"))


def test_tracks_are_levelled_to_one_loudness_below_the_ceiling(
    page: Page, server: BucketServer
) -> None:
    open_player(page, server)
    decibels = page.evaluate(
        """async () => {
          const { levelGain } = await import('./js/audio/levels.js');
          const of = (loudnessLufs, truePeakDbtp, on) =>
            20 * Math.log10(levelGain({ loudnessLufs, truePeakDbtp }, on));
          return [of(-14, -1.2, true), of(-20, -9, true), of(-20, -3, true), of(-20, -0.5, true),
                  of(-9, -0.1, true), of(-9, -0.1, false)].map((db) => Number(db.toFixed(3)));
        }"""
    )
    # Down to -16; up to -16; up as far as -1 dBTP allows; never up past it; off: as it is.
    assert decibels == [-2, 4, 2, 0, -7, 0]


def test_the_sound_gets_softer_by_what_the_level_says(page: Page, server: BucketServer) -> None:
    page.add_init_script("""localStorage.setItem('soundflow.prefs', '{"level": false}')""")
    play_first(page, server)
    page.keyboard.press("-")
    for _ in range(10):
        page.keyboard.press("-")
    page.wait_for_function(
        """async () => {
          const { audioGraph } = await import('./js/audio/graph.js');
          return Math.abs(audioGraph().volume.gain.value - 0.35 ** 2) < 0.005;
        }""",
        polling=50,
    )


def test_nothing_moves_for_who_wants_no_motion(page: Page, server: BucketServer) -> None:
    play_first(page, server)
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_picture_moves_while_it_sounds_for_everybody_else(
    browser: Browser, server: BucketServer
) -> None:
    page = browser.new_page(reduced_motion="no-preference")
    play_first(page, server)
    running = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(running) > 0
    page.close()


ROUTES = {
    "today": "",
    "category": "#/c/nature?energy=calm",
    "track": "track",
    "settings": "settings",
    "playing": "playing",
    "large": "large",
    "missing": "#/nowhere",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, server: BucketServer, scheme: str) -> None:
    # One page for all views: starting a browser is most of the time.
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    found = {}
    for name, route in ROUTES.items():
        _bring_about(page, server, name, route)
        report = Axe().run(page).response
        found[name] = [(one["id"], one["nodes"][0]["target"]) for one in report["violations"]]
    context.close()
    assert found == {name: [] for name in ROUTES}


def _bring_about(page: Page, server: BucketServer, name: str, route: str) -> None:
    page.goto("about:blank")
    open_player(page, server, route if route.startswith("#") else "")
    if name == "track":
        page.locator(".tile h2 a").first.click()
        page.wait_for_selector(".track")
    elif name == "settings":
        page.locator("#open-settings").click()
        page.wait_for_selector("dialog[open]")
    elif name in ("playing", "large"):
        page.locator(".tile-play").nth(3).click()
        page.wait_for_selector("#player:not([hidden]) .bar-cover img")
        if name == "large":
            page.keyboard.press("f")
            page.wait_for_selector("dialog.sheet[open]")
        page.wait_for_timeout(200)


def test_the_focus_can_be_seen_wherever_it_goes(page: Page, server: BucketServer) -> None:
    play_first(page, server)
    page.locator("body").press("Escape")
    seen: dict[str, bool] = {}
    for _ in range(45):
        page.keyboard.press("Tab")
        name, visible = page.evaluate(
            """() => {
              const one = document.activeElement;
              const shows = ({ outlineStyle, outlineWidth }) =>
                outlineStyle !== 'none' && parseFloat(outlineWidth) > 1;
              const around = one.closest('label');
              if (one === document.body) return ['', true]; // past the last one
              return [one.getAttribute('aria-label') ?? one.textContent.trim().slice(0, 30),
                shows(getComputedStyle(one)) || shows(getComputedStyle(one, '::after'))
                  || (around !== null && shows(getComputedStyle(around)))
                  || one.classList.contains('skip')];
            }"""
        )
        seen[name] = visible
    assert len(seen) > 25
    assert [name for name, visible in seen.items() if not visible] == []


@pytest.mark.parametrize("width", [320, 390, 820, 1280, 1920])
def test_nothing_reaches_past_the_edge_at_any_width(
    browser: Browser, server: BucketServer, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    play_first(page, server)
    for route in ("#/", "#/c/study", page.locator(".tile h2 a").first.get_attribute("href")):
        page.evaluate("(route) => { location.hash = route; }", route)
        page.wait_for_timeout(300)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, route
    page.close()


def test_the_pictures_of_the_readme_can_be_taken(
    browser: Browser, server: BucketServer, tmp_path: Path
) -> None:
    for path in take(browser, server, tmp_path):
        assert path.stat().st_size > 40_000
