"""The Chromium of this machine, without a window; none is downloaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required")


def found() -> str | None:
    """Return where the browser is, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def real_browser() -> Iterator[Browser]:
    """Start it for the length of a block."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found(), args=list(FLAGS))
        yield running
        running.close()
