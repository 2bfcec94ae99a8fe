"""What the page plays, asked of the page itself: its own modules are the way to them."""

from bucket_server import BucketServer
from made_bucket import open_player
from playwright.sync_api import Page

_LOUDNESS = """async () => {
  const { audioGraph } = await import('./js/audio/graph.js');
  const { analyser } = audioGraph();
  const wave = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(wave);
  return Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
}"""


def loudness(page: Page) -> float:
    """Return the root mean square of what sounds now, 0 to 1."""
    return float(page.evaluate(_LOUDNESS))


def wait_until_it_sounds(page: Page) -> None:
    """Wait until the analyser sees a signal."""
    page.wait_for_function(
        f"async () => (await ({_LOUDNESS})()) > 0.001", polling=100, timeout=30_000
    )


def now(page: Page) -> dict[str, object]:
    """Return title, state and position, as the media controls of the system have them."""
    found: dict[str, object] = page.evaluate(
        """() => ({
          title: navigator.mediaSession.metadata?.title ?? null,
          album: navigator.mediaSession.metadata?.album ?? null,
          artwork: navigator.mediaSession.metadata?.artwork?.[0]?.src ?? null,
          state: navigator.mediaSession.playbackState,
          position: Number(document.querySelector('#player .wave').getAttribute('aria-valuenow')),
        })"""
    )
    return found


def play_first(page: Page, server: BucketServer) -> str:
    """Play the first of today's tracks; return its title."""
    open_player(page, server)
    page.locator(".tile-play").first.click()
    wait_until_it_sounds(page)
    page.wait_for_selector("#player:not([hidden]) .wave")
    return page.locator(".tile h2").first.inner_text()
