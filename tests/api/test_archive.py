"""Tracks that have left the window of the catalogs are still there for who knows them."""

import dataclasses

from api.conftest import publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import open_library


def test_a_track_older_than_the_catalogs_is_found_in_its_month(settings, serve) -> None:
    library = open_library(dataclasses.replace(settings, catalog_limit=2))
    for month in ("01", "02", "03", "04"):
        publish(library, date=f"2025-{month}-15")
    commit_catalogs(library)
    api = serve(settings)
    listed = [entry["id"] for entry in api.client.get("/catalog/all").json()]
    assert listed == ["free-2025-04-15-deep_work_daily", "free-2025-03-15-deep_work_daily"]
    for _ in range(2):
        old = api.client.get("/tracks/free-2025-01-15-deep_work_daily")
        assert old.json()["date"] == "2025-01-15"
        assert api.client.head(old.json()["url"]).status_code == 200
    assert api.client.get("/tracks/free-2025-01-15-deep_work_daily/cover").content == b"cover"
    for unknown in ("free-2025-01-16-deep_work_daily", "free-2020-01-15-x", "nothing"):
        assert api.client.get(f"/tracks/{unknown}").status_code == 404
