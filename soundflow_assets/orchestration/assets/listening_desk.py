"""What the UI shows of a finished track: numbers it plots over time, a picture, links.

The UI shows markdown in place while the whole text is shorter than 1,000 characters, draws images
only from base64 `data:` addresses, and drops HTML; so the waveform is a small SVG in the text, and
the spectrogram, which is larger, stands in a text of its own behind a link.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from soundflow_assets.catalog.publish import PublishResult
    from soundflow_assets.production import Production

SPECTROGRAM_WIDTH = 480
SPECTROGRAM_COLOURS = 24


def track_metadata(production: Production, published: PublishResult) -> dict[str, Any]:
    """Return the metadata of one materialization."""
    plan, entry = production.plan, published.sidecar.entry
    numbers: dict[str, Any] = {
        "loudness_lufs": production.measured("loudness"),
        "true_peak_dbtp": production.measured("true_peak"),
        "stereo_correlation": production.measured("stereo"),
        "duration_s": plan.duration_s,
        "bytes": entry.bytes,
        "render_cpu_s": production.cpu_s["render"],
        "cpu_s": round(sum(production.cpu_s.values()), 3),
        "bpm": plan.bpm,
    }
    texts: dict[str, Any] = {
        "id": plan.id,
        "title": plan.title,
        "category": plan.category,
        "genre": plan.genre,
        "key": plan.key,
        "seed": str(plan.seed),  # beyond what a browser's numbers hold
        "object_key": entry.object_key,
        "sha256": entry.sha256,
        "pcm_sha256": production.pcm_sha256,
        "listen": dg.MetadataValue.url(entry.url or entry.object_key),
    }
    return {**numbers, **texts, **_pictures(production)}


def _pictures(production: Production) -> dict[str, dg.MarkdownMetadataValue]:
    from soundflow_assets.delivery.pictures import overview_png, waveform_uri

    decoded = production.inspection.decoded
    if decoded is None:
        return {}
    sections = production.score.sections
    waveform = waveform_uri(decoded.audio, decoded.sample_rate, sections)
    names = " · ".join(dict.fromkeys(section.name for section in sections))
    overview = overview_png(decoded.audio, decoded.sample_rate, sections, production.plan.title)
    return {
        "picture": dg.MetadataValue.md(f"![waveform]({waveform})\n\n{names}"),
        "spectrogram": dg.MetadataValue.md(f"![spectrogram]({_small_uri(overview)})"),
    }


def _small_uri(picture: bytes) -> str:
    """Return a PNG as a `data:` address of about 30 kB: it stays in the event log for ever."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        height = round(image.height * SPECTROGRAM_WIDTH / image.width)
        small = image.convert("RGB").resize((SPECTROGRAM_WIDTH, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(SPECTROGRAM_COLOURS).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
