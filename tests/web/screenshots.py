"""Pictures of the player for the README, from a bucket with today's tracks.

python tests/web/screenshots.py data/bucket docs/images
"""

import sys
from pathlib import Path

from bucket_server import BucketServer, serving
from heard import wait_until_it_sounds
from made_bucket import open_player
from playwright.sync_api import Browser, Page
from real_browser import real_browser

from soundflow_assets.player import SOURCE

# name: width, height, colours, pixels per unit, which tile plays, whether in the large view
PICTURES = {
    "player-desktop": (1280, 860, "light", 1.5, 0, False),
    "player-phone": (390, 844, "dark", 2, 3, False),
    "player-phone-large": (390, 844, "light", 2, 2, True),
}


def take(browser: Browser, server: BucketServer, folder: Path) -> list[Path]:
    """Take all pictures while the first seconds of a track play; return their paths."""
    taken = []
    for name, (width, height, scheme, scale, tile, large) in PICTURES.items():
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            device_scale_factor=scale,
            has_touch=width < 500,
        )
        _bring_about(page, server, tile, large)
        path = folder / f"{name}.png"
        page.screenshot(path=path)
        page.close()
        taken.append(path)
    return taken


def _bring_about(page: Page, server: BucketServer, tile: int, large: bool) -> None:
    open_player(page, server)
    page.locator(".tile-play").nth(tile).click()
    wait_until_it_sounds(page)
    page.wait_for_selector("#player:not([hidden]) .bar-cover img")
    wave = page.locator("#player .wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * 0.42, "y": 8})
    if large:
        page.keyboard.press("f")
        page.wait_for_selector("dialog.sheet[open]")
        page.evaluate("() => document.activeElement.blur()")
    page.mouse.move(5, 5)
    page.wait_for_timeout(900)


def main() -> None:
    """Take the pictures of a bucket into a folder."""
    bucket, folder = Path(sys.argv[1]), Path(sys.argv[2])
    with (
        serving(BucketServer(bucket, {"player": SOURCE})) as server,
        real_browser() as browser,
    ):
        for path in take(browser, server, folder):
            print(path)


if __name__ == "__main__":
    main()
