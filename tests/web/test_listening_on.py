"""What takes time: seeking in what has not arrived, loops, blends, the sleep timer, no network."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from bucket_server import BucketServer, serving
from heard import loudness, play_first, wait_until_it_sounds
from made_bucket import LOOPED_S, Bucket, make_bucket, open_player
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow
LONG_S = 300.0

_PLAYING = """async () => {
  const { audioGraph } = await import('./js/audio/graph.js');
  const wave = document.querySelector('#player .wave');
  return {
    title: document.querySelector('.bar-title').textContent,
    position: Number(wave.ariaValueNow),
    time: audioGraph().context.currentTime,
  };
}"""


def prefer(page: Page, **choices: Any) -> None:
    """Let the page find these choices of its listener."""
    kept = json.dumps(json.dumps(choices))
    page.add_init_script(f"localStorage.setItem('soundflow.prefs', {kept})")


def seek(page: Page, seconds: float, duration_s: float) -> None:
    """Click into the waveform."""
    wave = page.locator("#player .wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * seconds / duration_s, "y": 10})


def wait_for_position(page: Page, low: float, high: float, timeout_s: float = 20) -> None:
    """Wait until the position lies between two times."""
    page.wait_for_function(
        "([low, high]) => { const at = document.querySelector('#player .wave').ariaValueNow;"
        " return at >= low && at <= high; }",
        arg=[low, high],
        timeout=timeout_s * 1000,
    )


def quietest(page: Page, seconds: float) -> float:
    """Return the least loudness of 50 ms windows over some time, as part of the middle one."""
    found: list[float] = page.evaluate(
        """async (seconds) => {
          const { audioGraph } = await import('./js/audio/graph.js');
          const { analyser, context } = audioGraph();
          const wave = new Float32Array(analyser.fftSize);
          const until = context.currentTime + seconds;
          const found = [];
          while (context.currentTime < until) {
            analyser.getFloatTimeDomainData(wave);
            found.push(Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length));
            await new Promise((done) => setTimeout(done, 15));
          }
          return found;
        }""",
        seconds,
    )
    assert len(found) > 20 * seconds
    return min(found) / sorted(found)[len(found) // 2]


def quietest_written(page: Page, key: str) -> float:
    """Return the same of the cut itself, two seconds before and one after it begins again."""
    found: list[float] = page.evaluate(
        """async (url) => {
          const bytes = await (await fetch(url)).arrayBuffer();
          const cut = await new OfflineAudioContext(2, 1, 44100).decodeAudioData(bytes);
          const [left, right] = [cut.getChannelData(0), cut.getChannelData(1)];
          const found = [];
          for (let at = cut.length - 88200; at < cut.length + 44100; at += 441) {
            let sum = 0;
            for (let n = at; n < at + 2048; n += 1) {
              sum += ((left[n % cut.length] + right[n % cut.length]) / 2) ** 2;
            }
            found.push(Math.sqrt(sum / 2048));
          }
          return found;
        }""",
        f"../{key}",
    )
    return min(found) / sorted(found)[len(found) // 2]


def deep_work(bucket: Bucket) -> list[dict[str, Any]]:
    """Return the two looped tracks, newest first."""
    listed: list[dict[str, Any]] = json.loads(
        (bucket.public / "catalog/by-category/deep-work.json").read_text()
    )
    return listed


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[BucketServer]:
    """One track of 7 MB behind a line of 400 kB/s: a browser waits for what is near."""
    bucket = make_bucket(tmp_path, only={"nature_daily": LONG_S})
    with serving(BucketServer(bucket.public, bytes_per_s=400_000)) as running:
        yield running


def test_seeking_asks_for_the_rest_of_the_file_only(page: Page, slow_server: BucketServer) -> None:
    play_first(page, slow_server)
    seek(page, 250, LONG_S)
    wait_for_position(page, 251.5, 258)
    wait_until_it_sounds(page)
    asked = [one for one in slow_server.requests if one.path.endswith(".mp3")]
    starts = [int(one.range.removeprefix("bytes=").split("-")[0]) for one in asked if one.range]
    whole = 24_000 * LONG_S  # 192 kbit/s
    assert any(0.8 * whole < start < 0.85 * whole for start in starts), starts
    assert all(one.status == 206 for one in asked if one.range)
    assert sum(one.sent for one in asked) < 0.7 * whole


def test_endless_mode_repeats_the_cut_without_a_seam(
    page: Page, looped_server: BucketServer, looped_bucket: Bucket
) -> None:
    (track, *_) = json.loads(
        (looped_bucket.public / "catalog/by-category/deep-work.json").read_text()
    )
    start_s = track["loop"]["startSample"] / track["sampleRate"]
    end_s = track["loop"]["endSample"] / track["sampleRate"]
    open_player(page, looped_server)
    page.get_by_role("button", name="Play Deep Work endlessly").click()
    wait_until_it_sounds(page)
    seek(page, start_s + 1, LOOPED_S)
    page.wait_for_timeout(1500)  # the cut has arrived and taken over
    assert any(one.path.endswith(".loop.ogg") for one in looped_server.requests)
    seek(page, end_s - 2, LOOPED_S)
    # Over the place where it begins again nothing stops but what the music itself leaves out.
    heard = quietest(page, 3.0)
    assert heard > 0.7 * quietest_written(page, track["loop"]["key"])
    wait_for_position(page, start_s, start_s + 4)
    expect(page.locator(".bar-sub")).to_have_text("Endless Deep Work")
    page.locator("#player").get_by_role("button", name="Endless").click()
    expect(page.locator(".bar-sub")).to_have_text("Deep Work")
    assert quietest(page, 1.0) > 0.02  # the file goes on where the loop was
    wait_for_position(page, start_s, start_s + 8)


def test_endless_mode_goes_on_to_the_next_track_of_its_category(
    page: Page, looped_server: BucketServer, looped_bucket: Bucket
) -> None:
    first, second = deep_work(looped_bucket)
    prefer(page, endlessMinutes=0.05)
    open_player(page, looped_server)
    page.get_by_role("button", name="Play Deep Work endlessly").click()
    wait_until_it_sounds(page)
    seek(page, first["loop"]["startSample"] / first["sampleRate"] + 1, LOOPED_S)
    page.wait_for_timeout(1500)
    seek(page, first["loop"]["endSample"] / first["sampleRate"] - 3, LOOPED_S)
    expect(page.locator(".bar-title")).to_have_text(second["title"])
    assert quietest(page, 2.0) > 0.05  # while one goes and the other comes
    page.keyboard.press("n")  # after the last comes the first
    expect(page.locator(".bar-title")).to_have_text(first["title"])


def test_one_track_is_blended_into_the_next(page: Page, server: BucketServer) -> None:
    prefer(page, crossfadeS=2)
    play_first(page, server)
    second = page.locator(".tile h2").nth(1).inner_text()
    seek(page, 7, 10)
    wait_until_it_sounds(page)
    before = page.evaluate(_PLAYING)
    expect(page.locator(".bar-title")).to_have_text(second)
    after = page.evaluate(_PLAYING)
    # Two seconds before the end of the first: it was at seven and had ten.
    assert after["time"] - before["time"] < 2.6
    page.wait_for_timeout(2500)
    assert loudness(page) > 0.001


def test_without_blending_the_next_track_follows_the_end(page: Page, server: BucketServer) -> None:
    prefer(page, crossfadeS=0)
    play_first(page, server)
    second = page.locator(".tile h2").nth(1).inner_text()
    seek(page, 9, 10)
    expect(page.locator(".bar-title")).to_have_text(second)
    wait_until_it_sounds(page)


def test_after_the_last_track_it_stops(page: Page, server: BucketServer) -> None:
    open_player(page, server)
    page.locator(".tile-play").last.click()
    wait_until_it_sounds(page)
    seek(page, 9.3, 10)
    expect(page.locator("#player .play")).to_have_accessible_name("Play")
    expect(page.get_by_role("button", name="Next track")).to_be_disabled()


def test_the_sleep_timer_ends_with_the_track(page: Page, looped_server: BucketServer) -> None:
    title = play_first(page, looped_server)
    page.keyboard.press("s")
    page.get_by_role("button", name="End of this track").click()
    seek(page, LOOPED_S - 2, LOOPED_S)
    expect(page.locator("#player .play")).to_have_accessible_name("Play")
    page.wait_for_timeout(1000)  # and nothing begins again
    expect(page.locator("#player .play")).to_have_accessible_name("Play")
    assert page.locator(".bar-title").inner_text() == title


def test_the_sleep_timer_fades_and_stops_after_its_minutes(
    page: Page, looped_server: BucketServer
) -> None:
    page.clock.install()
    play_first(page, looped_server)
    page.get_by_role("button", name="Sleep timer").first.click()
    page.get_by_role("button", name="15 minutes").click()
    expect(page.locator(".sleep-left").first).to_have_text("15m")
    page.clock.fast_forward("14:50")
    page.wait_for_function(
        "async () => (await import('./js/audio/graph.js')).audioGraph().sleep.gain.value < 0.9"
    )
    expect(page.locator("#player .play")).to_have_accessible_name("Pause")
    page.clock.fast_forward("00:15")
    expect(page.locator("#player .play")).to_have_accessible_name("Play")
    page.keyboard.press("k")  # and the next one is heard
    wait_until_it_sounds(page)


def test_the_page_opens_without_network(page: Page, bucket: Bucket) -> None:
    with ExitStack() as line:
        server = line.enter_context(serving(BucketServer(bucket.public)))
        play_first(page, server)
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        page.reload()  # now the worker sees what is asked for
        page.wait_for_selector("main[data-ready]")
        titles = page.locator(".tile h2").all_inner_texts()
    page.reload()
    page.wait_for_selector("main[data-ready]")
    assert page.locator(".tile h2").all_inner_texts() == titles
    page.locator(".tile h2 a").nth(1).click()  # the first one may be in the browser's memory
    expect(page.locator("h1")).to_have_text(titles[1])
    page.locator(".actions button").first.click()
    expect(page.locator("#toast")).to_contain_text("cannot be played")
    page.locator("#open-settings").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_it_can_be_installed(page: Page, server: BucketServer) -> None:
    open_player(page, server)
    wire = page.context.new_cdp_session(page)
    assert wire.send("Page.getAppManifest")["errors"] == []
    icons = json.loads(wire.send("Page.getAppManifest")["data"])["icons"]
    assert {"192x192", "512x512"} <= {one["sizes"] for one in icons}
    for one in icons:
        answer = page.request.get(f"{server.address}/player/{one['src']}")
        assert answer.ok, one


def test_the_nature_bed_has_a_volume_of_its_own_where_a_track_has_it_apart(
    page: Page, tmp_path: Path
) -> None:
    tracks = {"nature_daily": 20.0, "study_daily": 20.0}
    bucket = make_bucket(tmp_path, only=tracks, outputs=("stems",))
    entry = json.loads((bucket.public / "catalog/by-category/nature.json").read_text())[0]
    assert {"musicKey", "bedKey", "loudnessLufs", "peakDbfs"} == set(entry["stems"])
    with serving(BucketServer(bucket.public)) as server:
        open_player(page, server)
        page.locator(".tile[data-category=nature] .tile-play").click()
        wait_until_it_sounds(page)
        page.wait_for_selector("#player:not([hidden]) .wave")
        page.keyboard.press("f")
        bed = page.get_by_role("slider", name="Nature bed")
        expect(bed).to_have_attribute("aria-valuetext", "100 percent of the mix")
        assert not [one for one in server.requests if one.path.endswith("bed.ogg")]
        loudnesses = []
        for share in ("0", "2"):
            bed.fill(share)
            page.wait_for_timeout(1500)
            page.locator(".sheet .wave").focus()
            page.keyboard.press("Home")
            wait_for_position(page, 2, 4)
            loudnesses.append(middle_loudness(page))
        asked = {one.path for one in server.requests if one.path.endswith(".ogg")}
        assert asked == {f"/{entry['stems'][key]}" for key in ("musicKey", "bedKey")}
        assert loudnesses[1] > 1.3 * loudnesses[0]


def middle_loudness(page: Page) -> float:
    """Return the middle of the loudnesses over a second."""
    found = []
    for _ in range(20):
        found.append(loudness(page))
        page.wait_for_timeout(50)
    return sorted(found)[len(found) // 2]
