"""How often one may ask: a sliding window for each token or client, in memory."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from soundflow_assets.api.problems import Problem


class Limiter:
    """Lets each key ask as often as `rate` says, for example `120/minute`; None for any number."""

    def __init__(self, rate: str | None) -> None:
        self._item: RateLimitItem | None = None if rate is None else parse(rate)
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._rate = rate

    def refusal(self, key: str) -> Problem | None:
        """Count a request; return the 429 to answer with where it is one too many."""
        if self._item is None or self._window.hit(self._item, key):
            return None
        stats = self._window.get_window_stats(self._item, key)
        wait_s = max(1, math.ceil(stats.reset_time - time.time()))
        return Problem(
            429,
            f"more than {self._rate}; try again in {wait_s} s",
            headers={"Retry-After": str(wait_s)},
        )

    def admit(self, key: str) -> None:
        """Count a request; raise the 429 where it is one too many."""
        problem = self.refusal(key)
        if problem is not None:
            raise problem
