"""The page itself: what was heard and how it was judged, in one HTML file that needs no network."""

from __future__ import annotations

import html
from importlib import resources
from pathlib import Path

from soundflow_assets.listening.grid import CLEAR_PULSE, grid_of
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.known import Known
from soundflow_assets.listening.music_report import heard_tempo
from soundflow_assets.listening.page import charts
from soundflow_assets.listening.page.heat import png_uri, similarity, spectrogram
from soundflow_assets.listening.structure import Structure, structure_of
from soundflow_assets.listening.verdict import Indicator, Report

_TILES = ("integrated", "range", "true_peak", "tilt", "tempo", "key", "sections", "clicks")
_WORDS = {"integrated": "loudness", "range": "loudness range", "tilt": "spectral tilt"}
_COLUMNS, _ROWS = 940, 216


def write_page(name: str, heard: Hearing, known: Known, report: Report, folder: Path) -> Path:
    """Write the page of a file called `name` and its pictures to `folder`; return the page."""
    stem = name.rsplit(".", 1)[0]
    pictures = {"spectrogram": png_uri(spectrogram(heard.octaves, _COLUMNS, _ROWS))}
    form = _form(heard, known)
    if form is not None:
        pictures["similarity"] = png_uri(similarity(form.distances_db))
    for kind, (data, _) in pictures.items():
        (folder / f"{stem}.{kind}.png").write_bytes(data)
    uris = {kind: uri for kind, (_, uri) in pictures.items()}
    path = folder / f"{stem}.html"
    path.write_text(_document(name, heard, known, report, form, uris), encoding="utf-8")
    return path


def _form(heard: Hearing, known: Known) -> Structure | None:
    bars = grid_of(heard, known.score, heard_tempo(heard)).bars_s
    bars = bars[bars <= heard.duration_s + 1e-6]
    return structure_of(heard.mel, bars) if len(bars) >= 5 else None


def _document(
    name: str,
    heard: Hearing,
    known: Known,
    report: Report,
    form: Structure | None,
    uris: dict[str, str],
) -> str:
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    title = html.escape(known.title or name)
    body = "".join(
        (
            f"<h1>{title}</h1>",
            f'<p class="facts">{html.escape(_facts(name, heard, known))}</p>',
            _tiles(report),
            _card("Waveform", _sections_note(known), charts.waveform_chart(heard, known)),
            _card(
                "Spectrogram",
                "Power per semitone, 66 dB from dark to bright; frequency in Hz.",
                charts.spectrogram_chart(heard, uris["spectrogram"]),
            ),
            _card("Loudness", _LOUDNESS_NOTE, charts.loudness_chart(heard, known)),
            _card("Activity", _activity_note(known), charts.activity_chart(heard, known)),
            _pairs(heard, form, uris),
            _card("All indicators", html.escape(report.closing()), _table(report)),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body><main>{body}"
        f"<footer>SoundFlow listening report of {html.escape(name)}</footer></main></body></html>\n"
    )


_LOUDNESS_NOTE = (
    '<span class="key"><i style="background:var(--main);opacity:.4"></i>momentary'
    '<i style="background:var(--main)"></i>short-term'
    '<i style="background:var(--second)"></i>integrated'
    '<i style="background:var(--warm)"></i>target</span>, LUFS'
)
_PITCH_NOTE = (
    '<span class="key"><i style="background:var(--main)"></i>all voices'
    '<i style="background:var(--second)"></i>bass</span>'
)


def _pairs(heard: Hearing, form: Structure | None, uris: dict[str, str]) -> str:
    left = [
        _card(
            "Spectrum",
            "Third octaves, dB under the highest; dashed: the tilt.",
            charts.spectrum_chart(heard),
        ),
        _card("Bands", "Share of the whole, dB.", charts.shares_chart(heard)),
        _card("Pitch classes", _PITCH_NOTE, charts.pitch_chart(heard)),
    ]
    if form is None:
        return f'<div class="pair">{"".join(left)}</div>'
    note = f"{form.bars} bars; bright where they are alike; dashed where the music turns."
    matrix = _card("Form", note, charts.similarity_chart(form, uris["similarity"]))
    return f'<div class="pair"><div>{"".join(left)}</div><div>{matrix}</div></div>'


def _facts(name: str, heard: Hearing, known: Known) -> str:
    minutes, seconds = divmod(round(heard.duration_s), 60)
    parts = [name, f"{minutes}:{seconds:02d}"]
    if known.plan is not None:
        parts += [known.plan.category, known.plan.spec.title]
    parts += [f"{known.bpm:g} BPM"] if known.bpm else []
    parts += [known.key] if known.key else []
    return " · ".join(parts)


def _tiles(report: Report) -> str:
    judged, misses = report.judged(), report.misses()
    kind = "miss" if misses else "pass"
    tiles = []
    if judged:
        passed = f"{len(judged) - len(misses)} of {len(judged)}"
        tiles.append(f'<div class="tile {kind}"><b>{passed}</b><span>passed</span></div>')
    pulse = report.value("pulse_clarity") if "pulse_clarity" in report else None
    for one in report.indicators:
        if one.name == "tempo" and isinstance(pulse, float) and pulse < CLEAR_PULSE:
            continue
        if one.name in _TILES:
            words = _WORDS.get(one.name, one.name.replace("_", " "))
            tiles.append(
                f'<div class="tile {one.verdict if one.verdict == "miss" else ""}">'
                f"<b>{html.escape(_short(one))}</b>"
                f"<span>{html.escape(f'{words} {one.unit}'.strip())}</span></div>"
            )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _short(one: Indicator) -> str:
    return f"{one.value:.3g}" if isinstance(one.value, float) else one.shown()


def _sections_note(known: Known) -> str:
    return "Peaks of every 10 ms, coloured by section." if known.sections else "Peaks."


def _activity_note(known: Known) -> str:
    key = '<span class="key"><i style="background:var(--main)"></i>onsets a second'
    if known.sections:
        key += '<i style="background:var(--warm)"></i>planned energy, to scale'
    return key + "</span>"


def _card(title: str, note: str, content: str) -> str:
    return f'<section class="card"><h2>{title}</h2><p class="note">{note}</p>{content}</section>'


def _table(report: Report) -> str:
    rows, group = [], ""
    for one in report.indicators:
        rows.append(_row(one, one.group if one.group != group else ""))
        group = one.group
    head = (
        '<tr><th></th><th>indicator</th><th class="n">value</th><th>unit</th><th>target</th>'
        "<th>verdict</th></tr>"
    )
    return f"<table>{head}{''.join(rows)}</table>"


def _row(one: Indicator, group: str) -> str:
    verdict = "" if one.verdict == "info" else one.verdict
    cells = [group, one.name.replace("_", " "), one.shown(), one.unit, one.target, verdict]
    inner = "".join(
        f"<td{' class=n' if place == 2 else ''}>{html.escape(cell)}</td>"
        for place, cell in enumerate(cells)
    )
    return f'<tr class="{one.verdict}{" group" if group else ""}">{inner}</tr>'
