"""Titles of tracks: two words of one mood, the same pair not twice in a year.

The category gives the first word its air, the genre the second its place. Words are counted along
the days, not drawn: the first word changes every day and comes round after some four weeks, by
when the second has moved on. No two genres share a second word.
"""

from __future__ import annotations

import datetime as dt

from soundflow_assets.plans.seeds import generator

# The number of first words in each mood is coprime with 7, so that none is tied to a weekday.
FIRST = {
    "Deep Work": (
        "Slate Granite Quiet Steady Cobalt Northern Iron Midnight Graphite Clear Level Polar "
        "Carbon Inner Long Silent Plain Basalt Even Cool Deep Narrow Linear Sober Ashen Vertical "
        "Patient Marble Winter"
    ),
    "Study": (
        "Paper Amber Window Corner Ivory Cedar Margin Second Woollen Copper Drizzle Lantern "
        "Folded Sepia Borrowed Hazel Pencil Afternoon Maple Linen Rainy Gentle Upstairs Velvet "
        "Russet Candle Autumn Wooden Hidden"
    ),
    "Relax": (
        "Slow Pearl Drifting Soft Low Evening Feather Warm Pale Sleeping Tidal Hushed Floating "
        "Lilac Mellow Dim Distant Lunar Opal Silken Unhurried Weightless Quiet Dusky Tender Calm "
        "Ebbing Faded Rosewater"
    ),
    "Nature": (
        "Fern Moss Alder Heron Willow Dew Thistle Birch Otter Juniper Bracken Wren Larch Sedge "
        "Hollow Cedar Mist Upland Rowan Linden Meadow Pebble Clover Hazel Marsh Lichen Swallow "
        "Orchard Summit"
    ),
    "Flow State": (
        "Neon Solar Electric Kinetic Rising Silver Infinite Chrome Radiant Velocity Bright Ultra "
        "Prism Ion Comet Vivid Orbital Sonic Zenith Pulse Arc Magnetic Blazing Luminous Turbo "
        "Quantum Laser Polar Golden"
    ),
}
ANY_FIRST = (
    "Open Blue Second Still Wide Early Northern Golden Clear Hidden Lasting Inner Far Near Tall "
    "Lower Simple Other First"
)
SECOND = {
    "deep": "Harbour Corridor Tide Dock Undertow Basin Strait Anchor Channel Shoal Quay Jetty",
    "house": "District Parade Avenue Gallery Quarter Rooftop Passage Court Lights Block Tenement",
    "techno": "Lattice Engine Circuit Vector Grid Turbine Relay Signal Cycle Foundry Axis Matrix",
    "synth": "Skyline Highway Boulevard Drive Arcade Mirage Coast Freeway Sunset Cassette Motel",
    "lofi": "Notebook Porch Teacup Bookshop Attic Staircase Bicycle Alley Record Sweater Kettle",
    "chillout": "Lagoon Shoreline Hammock Dune Balcony Breeze Palms Cove Pavilion Lull Sandbar",
    "lounge": "Salon Terrace Parlour Mezzanine Veranda Lobby Atrium Soirée Promenade Piazza Bar",
    "jazz": "Refrain Streetcar Cellar Lamplight Rendezvous Brownstone Café Stroll Chorus Ballad",
    "ambient": "Drift Expanse Aurora Fathom Halo Stillness Veil Clearing Aether Plateau Reverie",
    "classic": "Prelude Nocturne Letter Étude Waltz Interlude Elegy Portrait Arietta Sonnet Lied",
    "trance": "Ascent Horizon Skyward Meridian Voyage Spiral Daybreak Stratosphere Beacon Apex",
    "edm": "Festival Wave Burst Cascade Flare Surge Voltage Canyon Crest Anthem Lift Fireworks",
    "dance": "Carousel Mirrorball Holiday Disco Fountain Saturday Confetti Pier Cabaret Rollers",
    "bass": "Slipstream Undercurrent Rapids Gravity Monsoon Torrent Ridge Delta Thunder Gorge",
}
ANY_SECOND = "Room Path Field Shore Hour Season Bridge Garden House Valley Line Morning Map Stair"
_EPOCH = dt.date(2024, 1, 1)


def title_of(category: str, genre: str, date: dt.date) -> str:
    """Return the day's title for a category and genre, such as `Slate Harbour`."""
    first = FIRST.get(category, ANY_FIRST).split()
    second = SECOND.get(genre, ANY_SECOND).split()
    rounds, day = divmod((date - _EPOCH).days, len(first))
    order = generator("title", category).permutation(len(first))
    shift = int(generator("title", category, genre).integers(len(second)))
    return f"{first[int(order[day])]} {second[(rounds + day + shift) % len(second)]}"
