"""A bucket with real tracks, served as object storage serves it, and a real browser before it."""

from collections.abc import Iterator

import pytest
from bucket_server import BucketServer, serving
from made_bucket import Bucket, make_bucket
from playwright.sync_api import Browser, BrowserContext, Page, expect
from real_browser import NAMES, found, real_browser

PATIENCE_MS = 20_000  # a machine may have other things to do


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    """Tracks of ten seconds."""
    return make_bucket(tmp_path_factory.mktemp("bucket"))


@pytest.fixture(scope="session")
def looped_bucket(tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    """The same with two tracks that have a loop cut."""
    return make_bucket(tmp_path_factory.mktemp("looped"), looped=True)


@pytest.fixture
def server(bucket: Bucket) -> Iterator[BucketServer]:
    """The bucket on loopback, without any service."""
    with serving(BucketServer(bucket.public)) as running:
        yield running


@pytest.fixture
def looped_server(looped_bucket: Bucket) -> Iterator[BucketServer]:
    """The same of the bucket with loops."""
    with serving(BucketServer(looped_bucket.public)) as running:
        yield running


# A browser for each file: as long as Playwright runs, its event loop holds the thread, and
# whatever else this worker tests could not start one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine; none is downloaded."""
    if found() is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed: no real browser to test with")
    with real_browser() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile; a test fails on any error the page reports."""
    faults: list[str] = []
    made = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on("console", lambda line: line.type == "error" and faults.append(line.text))
    made.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield made
    made.close()
    # What is not there is some tests' subject: the browser's word for it, and the page's.
    expected = ("Failed to load resource", "cannot be read")
    assert [one for one in faults if not any(text in one for text in expected)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of it."""
    return context.new_page()
