"""A bucket with real tracks and the player in it, and how to open it."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from bucket_server import BucketServer
from playwright.sync_api import Page
from week import make

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import Output
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.player import PAGE_KEY, publish_player
from soundflow_assets.storage.local import LocalStore

TODAY = dt.date(2025, 1, 20)  # the newest day. Its bed of nature is as loud as the music.
YESTERDAY = TODAY - dt.timedelta(days=1)
SHORT_S = 10.0
LOOPED_S = 90.0  # long enough for whole phrases between opening and ending
PREMIUM_ID = f"premium-{TODAY}-custom_focus_1"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where things lie: the public and the private bucket."""

    public: Path
    premium: Path


def make_bucket(
    folder: Path,
    *,
    looped: bool = False,
    only: dict[str, float] | None = None,
    outputs: tuple[Output, ...] = ("loop",),
) -> Bucket:
    """Make five tracks of today, two of yesterday, a premium one, catalogs and player.

    `looped` makes the Deep Work tracks long enough for a loop cut; `only` names tracks of today
    with their seconds, and nothing else is made; `outputs` is what is made beside the MP3.
    """
    found = Bucket(folder / "public", folder / "premium")
    public = LocalStore(found.public)
    library = Library(public, LocalStore(found.premium), "https://music.example")
    scratch = folder / "scratch"
    scratch.mkdir()
    configs = load_configs()
    ids = [entry.id for entry in configs.plan.tracks]
    wanted = [(TODAY, one) for one in ids] + [(YESTERDAY, one) for one in ids[:2]]
    for day, track_id in [(TODAY, one) for one in only] if only else wanted:
        seconds = LOOPED_S if looped and track_id == "deep_work_daily" else SHORT_S
        seconds = only[track_id] if only else seconds
        plan = free_plan(configs, day, track_id, seconds)
        make(library, plan.model_copy(update={"outputs": outputs}), scratch)
    if not only:
        ordered = free_plan(configs, TODAY, "relax_daily", SHORT_S, 7)
        change = {"tier": "premium", "track_id": "custom_focus_1", "title": "Ordered Calm"}
        make(library, ordered.model_copy(update=change), scratch)
    commit_catalogs(library)
    publish_player(public)
    return found


def address(server: BucketServer, route: str = "") -> str:
    """Return the player's address in a bucket."""
    return f"{server.address}/{PAGE_KEY}{route}"


def open_player(page: Page, server: BucketServer, route: str = "") -> None:
    """Open the player and wait until it shows its view."""
    page.goto(address(server, route))
    page.wait_for_selector("main[data-ready]")
