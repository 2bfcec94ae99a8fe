"""How the graph is sliced in time.

All free tracks share one daily slicing, so that one run makes one day. `end_offset=1` lets the tick
in the early hours of day D make day D itself: the slice need not be over.
See https://docs.dagster.io/guides/build/partitions-and-backfills
"""

from __future__ import annotations

import datetime as dt

import dagster as dg

FIRST_DATE = dt.date(2025, 1, 1)

daily_tracks = dg.DailyPartitionsDefinition(
    start_date=FIRST_DATE.isoformat(), timezone="UTC", end_offset=1
)

# Keyed by track id; a request adds its key, and the premium watch one for a track it finds.
premium_tracks = dg.DynamicPartitionsDefinition(name="premium_tracks")
