"""Playlists for players and feeds for readers, made from catalog entries; pure functions.

Formats: extended M3U in UTF-8 (RFC 8216 section 4 gives its grammar), XSPF 1 (xspf.org/spec), JSON
Feed 1.1 (jsonfeed.org/version/1.1), RSS 2.0 with the itunes and podcast namespaces and
`podcast:medium` music (podcastindex.org/namespace/1.0). Premium tracks stand in feeds as news,
never with a file, and not at all in playlists, which are lists of files.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

Entry = Mapping[str, Any]
NEWEST = 50  # items of a feed
_XSPF = "http://xspf.org/ns/0/"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST = "https://podcastindex.org/namespace/1.0"
_ATOM = "http://www.w3.org/2005/Atom"
# The namespace that podcastindex.org gives for podcast:guid.
_GUIDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
_DESCRIPTION = "Focus music, composed anew every day."

for _prefix, _uri in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
    ET.register_namespace(_prefix, _uri)


def m3u8(entries: Iterable[Entry], title: str) -> bytes:
    """Return an extended M3U playlist of the free tracks among `entries`."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(title)}"]
    for entry in _free(entries):
        lines += [f"#EXTINF:{round(entry['durationSec'])},{_line(entry['title'])}", entry["url"]]
    return ("\n".join(lines) + "\n").encode()


def xspf(entries: Iterable[Entry], title: str, base_url: str) -> bytes:
    """Return an XSPF playlist of the free tracks among `entries`."""
    ET.register_namespace("", _XSPF)
    root = ET.Element(f"{{{_XSPF}}}playlist", version="1")
    _add(root, _XSPF, "title", title)
    tracks = ET.SubElement(root, f"{{{_XSPF}}}trackList")
    for entry in _free(entries):
        track = ET.SubElement(tracks, f"{{{_XSPF}}}track")
        _add(track, _XSPF, "location", entry["url"])
        _add(track, _XSPF, "identifier", f"urn:soundflow:{entry['id']}")
        _add(track, _XSPF, "title", entry["title"])
        _add(track, _XSPF, "creator", "SoundFlow")
        _add(track, _XSPF, "album", entry["category"])
        _add(track, _XSPF, "image", _cover(entry, base_url))
        _add(track, _XSPF, "duration", str(round(entry["durationSec"] * 1000)))
    return _document(root)


def json_feed(entries: Sequence[Entry], base_url: str) -> bytes:
    """Return a JSON Feed 1.1 of the newest entries."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "SoundFlow",
        "description": _DESCRIPTION,
        "home_page_url": f"{base_url}/",
        "feed_url": f"{base_url}/feed.json",
        "icon": f"{base_url}/icons/icon-512.png",
        "language": "en",
        "items": [_item(entry, base_url) for entry in entries[:NEWEST]],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def rss(entries: Sequence[Entry], base_url: str) -> bytes:
    """Return an RSS 2.0 feed of the newest entries, a podcast of medium music."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    for name, text in (
        ("title", "SoundFlow"),
        ("link", f"{base_url}/"),
        ("description", _DESCRIPTION),
        ("language", "en"),
    ):
        ET.SubElement(channel, name).text = text
    itself = {"href": f"{base_url}/feed.xml", "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, f"{{{_ATOM}}}link", itself)
    _add(channel, _PODCAST, "medium", "music")
    _add(channel, _PODCAST, "guid", feed_guid(f"{base_url}/feed.xml"))
    _add(channel, _ITUNES, "author", "SoundFlow")
    _add(channel, _ITUNES, "explicit", "false")
    ET.SubElement(channel, f"{{{_ITUNES}}}category", text="Music")
    for entry in entries[:NEWEST]:
        _rss_item(channel, entry, base_url)
    return _document(root)


def feed_guid(address: str) -> str:
    """Return the podcast:guid of a feed: of its address without scheme and final slashes."""
    parts = urlsplit(address)
    return str(uuid.uuid5(_GUIDS, f"{parts.netloc}{parts.path}".rstrip("/")))


def _rss_item(channel: ET.Element, entry: Entry, base_url: str) -> None:
    item = ET.SubElement(channel, "item")
    ET.SubElement(item, "title").text = entry["title"]
    ET.SubElement(item, "link").text = _page(entry, base_url)
    ET.SubElement(item, "guid", isPermaLink="false").text = entry["id"]
    ET.SubElement(item, "description").text = _sentence(entry)
    ET.SubElement(item, "pubDate").text = format_datetime(_published(entry))
    ET.SubElement(item, "category").text = entry["category"]
    if entry["tier"] == "free":
        ET.SubElement(
            item, "enclosure", url=entry["url"], length=str(entry["bytes"]), type="audio/mpeg"
        )
    _add(item, _ITUNES, "duration", str(round(entry["durationSec"])))
    ET.SubElement(item, f"{{{_ITUNES}}}image", href=_cover(entry, base_url))


def _item(entry: Entry, base_url: str) -> dict[str, Any]:
    item = {
        "id": entry["id"],
        "url": _page(entry, base_url),
        "title": entry["title"],
        "content_text": _sentence(entry),
        "date_published": _published(entry).isoformat(),
        "image": _cover(entry, base_url),
        "tags": [entry["category"], entry["genre"], entry["tier"], *entry["goalTags"]],
        "_soundflow": {
            "bpm": entry["bpm"], "key": entry["key"], "tier": entry["tier"],
            "content_sha256": entry["sha256"],
        },
    }  # fmt: skip
    if entry["tier"] == "free":
        item["attachments"] = [
            {
                "url": entry["url"],
                "mime_type": "audio/mpeg",
                "size_in_bytes": entry["bytes"],
                "duration_in_seconds": entry["durationSec"],
            }
        ]
    return item


def _free(entries: Iterable[Entry]) -> Iterable[Entry]:
    return (entry for entry in entries if entry["tier"] == "free")


def _page(entry: Entry, base_url: str) -> str:
    return f"{base_url}/#/t/{quote(entry['id'])}"


def _cover(entry: Entry, base_url: str) -> str:
    return f"{base_url}/tracks/{quote(entry['id'])}/cover"


def _sentence(entry: Entry) -> str:
    beat = f"{entry['bpm']:g} BPM, " if entry["bpm"] else ""
    minutes, seconds = divmod(round(entry["durationSec"]), 60)
    premium = " Premium." if entry["tier"] == "premium" else ""
    return (
        f"{entry['category']}: {entry['genre']}, {beat}{entry['key']}, {minutes}:{seconds:02}."
        f"{premium}"
    )


def _published(entry: Entry) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(entry["date"]), dt.time(), dt.UTC)


def _line(text: str) -> str:
    """Return a text on one line, for a format in which lines mean something."""
    return " ".join(text.split())


def _add(parent: ET.Element, namespace: str, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{namespace}}}{name}").text = text


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
