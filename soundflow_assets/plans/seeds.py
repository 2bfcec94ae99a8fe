"""Seeds: SHA-256 over what a choice depends on, so that nothing else can change it.

Never `hash()` (salted per process), the clock, or the order of a set. Each role of each track
draws from a generator of its own, so that adding a part does not change its neighbours.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np


def seed_of(*scope: object) -> int:
    """Return a 63-bit seed for `scope`, the same in every process and on every machine."""
    text = "\x1f".join(map(str, scope))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*scope: object) -> np.random.Generator:
    """Return a PCG64 generator seeded by `scope`."""
    return np.random.Generator(np.random.PCG64(seed_of(*scope)))


@lru_cache(maxsize=64)  # every bar of a track asks for the same
def shuffled(scope: tuple[object, ...], count: int) -> tuple[int, ...]:
    """Return the numbers below `count` in the order that `scope` deals them."""
    return tuple(generator(*scope).permutation(count).tolist())
