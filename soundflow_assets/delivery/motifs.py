"""Which motif a genre has on its covers."""

from __future__ import annotations

from soundflow_assets.delivery import motifs_geometric as geometric
from soundflow_assets.delivery import motifs_pictorial as pictorial
from soundflow_assets.delivery.scene import Motif
from soundflow_assets.plans.seeds import seed_of

_MOTIFS: dict[str, Motif] = {
    "deep": geometric.ripples,
    "house": geometric.arches,
    "techno": geometric.grid,
    "synth": geometric.sunset,
    "lofi": pictorial.record,
    "chillout": pictorial.waves,
    "lounge": pictorial.petals,
    "jazz": pictorial.keys,
    "ambient": pictorial.glow,
    "classic": pictorial.staff,
    "trance": geometric.beams,
    "edm": geometric.chevrons,
    "dance": geometric.mirror_ball,
    "bass": geometric.bass_waves,
}


def motif_of(genre: str) -> Motif:
    """Return a genre's motif; a genre without its own shares one, always the same."""
    motif = _MOTIFS.get(genre)
    if motif is None:
        known = sorted(_MOTIFS)
        motif = _MOTIFS[known[seed_of("motif", genre) % len(known)]]
    return motif
