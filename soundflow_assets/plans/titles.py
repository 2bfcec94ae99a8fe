"""Titles of tracks: two words of one mood, never the same pair twice in years.

A category gives the first word its air, a genre the second its place. The pair is counted, not
drawn: neighbouring days take words far apart in the lists.
"""

from __future__ import annotations

import datetime as dt
import math

from soundflow_assets.plans.seeds import seed_of

FIRST = {
    "Deep Work": (
        "Slate Granite Quiet Steady Cobalt Northern Iron Midnight Graphite Clear Level Polar "
        "Carbon Inner Long Silent Plain Basalt Even Cool Deep Narrow Linear Sober Ashen Vertical"
    ),
    "Study": (
        "Paper Amber Window Corner Ivory Cedar Margin Second Woollen Copper Drizzle Lantern "
        "Folded Sepia Borrowed Hazel Pencil Afternoon Maple Linen Rainy Gentle Upstairs Velvet"
    ),
    "Relax": (
        "Slow Pearl Drifting Soft Low Evening Harbour Feather Warm Pale Sleeping Tidal Hushed "
        "Floating Lilac Mellow Dim Distant Lunar Opal Silken Unhurried Weightless Quiet"
    ),
    "Nature": (
        "Fern Moss Alder Heron Willow Dew Thistle Birch Otter Juniper Bracken Wren Larch Sedge "
        "Hollow Cedar Mist Upland Rowan Linden Meadow Pebble Clover Hazel"
    ),
    "Flow State": (
        "Neon Solar Electric Kinetic Rising Silver Infinite Chrome Radiant Velocity Bright Ultra "
        "Prism Ion Comet Vivid Orbital Sonic Zenith Pulse Arc Magnetic Blazing Luminous"
    ),
}
ANY_FIRST = "Open Blue Second Still Wide Early Northern Golden Clear Hidden Lasting Inner Far Near"
SECOND = {
    "deep": "Harbour Corridor Tide Current Dock Undertow Basin Strait Anchor Channel Shoal Quay",
    "house": "District Parade Avenue Arcade Gallery Terrace Quarter Rooftop Passage Court Lights",
    "techno": "Lattice Engine Circuit Vector Grid Turbine Relay Signal Cycle Foundry Axis Matrix",
    "synth": "Skyline Highway Horizon Boulevard Drive Arcadia Mirage Coast Freeway Sunset Signal",
    "lofi": "Notebook Porch Teacup Bookshop Attic Staircase Bicycle Alley Record Sweater Umbrella",
    "chillout": "Lagoon Veranda Shoreline Hammock Dune Balcony Breeze Palms Cove Pavilion Lull",
    "lounge": "Salon Terrace Parlour Mezzanine Cocktail Veranda Lobby Atrium Soirée Promenade",
    "jazz": "Refrain Streetcar Cellar Lamplight Rendezvous Corner Brownstone Nocturne Café Stroll",
    "ambient": "Drift Expanse Aurora Fathom Halo Stillness Veil Clearing Aether Plateau Reverie",
    "classic": "Prelude Nocturne Letter Étude Waltz Interlude Elegy Portrait Arietta Sonnet Lied",
    "trance": "Ascent Horizon Skyward Meridian Voyage Summit Spiral Daybreak Stratosphere Beacon",
    "edm": "Festival Wave Burst Cascade Flare Surge Voltage Canyon Crest Anthem Skyline Lift",
    "dance": "Carousel Mirrorball Boulevard Holiday Parade Disco Fountain Saturday Confetti Pier",
    "bass": "Slipstream Undercurrent Rapids Gravity Monsoon Torrent Ridge Delta Fault Drop Thunder",
}
ANY_SECOND = "Room Path Field Shore Hour Season Bridge Garden House Valley Line Morning Map Stair"
_EPOCH = dt.date(2024, 1, 1)


def title_of(category: str, genre: str, date: dt.date) -> str:
    """Return a title such as `Slate Harbour`.

    Along the days of one category and genre the pairs run through all combinations before one
    comes back.
    """
    first = FIRST.get(category, ANY_FIRST).split()
    second = [*SECOND.get(genre, ANY_SECOND).split(), *ANY_SECOND.split()]
    pairs = len(first) * len(second)
    stride = _coprime(pairs)
    offset = seed_of("title", category, genre) % pairs
    place = ((date - _EPOCH).days * stride + offset) % pairs
    row, column = divmod(place, len(second))
    # Shift each row so that the second word changes as well when the first moves by one.
    word = second[(column + row) % len(second)]
    return f"{first[row]} {word}"


def _coprime(size: int) -> int:
    """Return a stride near the golden section of `size` that visits every place."""
    stride = int(size * 0.618034)
    while math.gcd(stride, size) != 1:
        stride += 1
    return stride
