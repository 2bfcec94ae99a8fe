"""What the UI shows of a finished track: numbers it plots over time, a picture, links.

The UI shows markdown in place while the whole text is shorter than 1,000 characters, draws images
only from base64 `data:` addresses, and drops HTML; so the waveform is a small SVG in the text, and
the spectrogram, which is larger, stands in a text of its own behind a link.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from soundflow_assets.audio import Sound
    from soundflow_assets.catalog.publish import PublishResult
    from soundflow_assets.composition.score import Section
    from soundflow_assets.listening.gates import Inspection
    from soundflow_assets.production import Production

SPECTROGRAM_SIZE = (420, 120)
SPECTROGRAM_COLOURS = 16


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
    return {**_pictures(production), **numbers, **texts}


def waveform(inspection: Inspection, sections: Sequence[Section] = ()) -> str:
    """Return a small waveform as markdown, of the loudness that the gates have heard."""
    from soundflow_assets.delivery.pictures import waveform_uri

    heard = inspection.heard
    assert heard is not None  # noqa: S101  what does not decode never gets here
    return f"![waveform]({waveform_uri(heard.energies, heard.duration_s, sections)})"


def _pictures(production: Production) -> dict[str, dg.MarkdownMetadataValue]:
    sections = production.score.sections
    names = " · ".join(dict.fromkeys(section.name for section in sections))
    spectrogram = _spectrogram_uri(production.master)
    return {
        "picture": dg.MetadataValue.md(f"{waveform(production.inspection, sections)}\n\n{names}"),
        "spectrogram": dg.MetadataValue.md(f"![30 Hz to 16 kHz]({spectrogram})"),
    }


def _spectrogram_uri(sound: Sound) -> str:
    """Return a spectrogram as a `data:` address of about 30 kB: the event log keeps it for ever."""
    from PIL import Image

    from soundflow_assets.delivery.pictures import heat_map

    columns, rows = SPECTROGRAM_SIZE
    heat = heat_map(sound, columns, rows)
    out = io.BytesIO()
    Image.fromarray(heat).quantize(SPECTROGRAM_COLOURS).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
