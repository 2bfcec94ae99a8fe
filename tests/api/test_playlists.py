"""Playlists and feeds: what players and readers take, and never a premium file."""

import json
import re
from xml.etree import ElementTree as ET

import httpx
import pytest

XSPF = "{http://xspf.org/ns/0/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def addresses_play(api, addresses: list[str]) -> None:
    assert addresses
    for address in addresses:
        response = api.client.head(address)
        assert response.status_code == 200, address
        assert response.headers["content-type"] == "audio/mpeg"


def test_m3u8_lists_files_that_play(api) -> None:
    response = api.client.get("/playlists/deep-work.m3u8")
    assert response.headers["content-type"] == "application/vnd.apple.mpegurl"
    lines = response.text.splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:SoundFlow: Deep Work"]
    pairs = list(zip(lines[2::2], lines[3::2], strict=True))
    seconds = round(api.client.get("/catalog/free").json()[0]["durationSec"])
    assert all(re.fullmatch(rf"#EXTINF:{seconds},.+", line) for line, _ in pairs)
    addresses_play(api, [address for _, address in pairs])
    assert len(api.client.get("/playlists/all.m3u8").text.splitlines()) == 2 + 2 * 4


def test_xspf_lists_files_that_play(api) -> None:
    response = api.client.get("/playlists/all.xspf")
    assert response.headers["content-type"] == "application/xspf+xml"
    tracks = ET.fromstring(response.content).findall(f"{XSPF}trackList/{XSPF}track")  # noqa: S314
    assert len(tracks) == 4
    addresses_play(api, [track.findtext(f"{XSPF}location") for track in tracks])
    assert "Löss & <Rain>" in [track.findtext(f"{XSPF}title") for track in tracks]
    for track in tracks:
        assert api.client.get(track.findtext(f"{XSPF}image")).content == b"cover"


def test_the_json_feed_is_one_and_premium_has_no_attachment(api) -> None:
    response = api.client.get("/feed.json")
    assert response.headers["content-type"] == "application/feed+json"
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in feed["items"]] == [
        entry["id"] for entry in api.client.get("/catalog/all").json()
    ]
    for item in feed["items"]:
        assert ("attachments" in item) == item["id"].startswith("free-")
        for attachment in item.get("attachments", ()):
            size = api.client.head(attachment["url"]).headers["content-length"]
            assert attachment["size_in_bytes"] == int(size)


def test_the_rss_feed_is_a_podcast_of_music_and_premium_has_no_enclosure(api) -> None:
    response = api.client.get("/feed.xml")
    assert response.headers["content-type"] == "application/rss+xml"
    channel = ET.fromstring(response.content).find("channel")  # noqa: S314
    assert channel.findtext(f"{PODCAST}medium") == "music"
    items = channel.findall("item")
    assert len(items) == 5
    for item in items:
        enclosure = item.find("enclosure")
        assert (enclosure is not None) == item.findtext("guid").startswith("free-")
        entry = api.client.get(f"/tracks/{item.findtext('guid')}").json()
        assert item.findtext(f"{ITUNES}duration") == str(round(entry["durationSec"]))
    addresses_play(api, [one.get("url") for one in channel.iter("enclosure")])


def test_the_guid_of_a_feed_is_the_one_the_specification_gives() -> None:
    from soundflow_assets.api.playlists import feed_guid

    # The example of https://github.com/Podcastindex-org/podcast-namespace, tag podcast:guid.
    address = "https://podnews.net/rss"
    assert feed_guid(address) == "9b024349-ccf0-5f69-a609-6b82873eab3c"


@pytest.mark.parametrize("path", ["deep-work.m3u8", "all.xspf"])
def test_a_held_playlist_is_304(api, path: str) -> None:
    first = api.client.get(f"/playlists/{path}")
    etag = {"If-None-Match": first.headers["etag"]}
    assert api.client.get(f"/playlists/{path}", headers=etag).status_code == 304


@pytest.mark.parametrize("path", ["jazz.m3u8", "jazz.xspf", "premium.m3u8", "..m3u8", "%00.xspf"])
def test_a_playlist_there_is_not_is_404(api, path: str) -> None:
    response: httpx.Response = api.client.get(f"/playlists/{path}")
    assert response.status_code == 404
    assert json.loads(response.content)["status"] == 404
