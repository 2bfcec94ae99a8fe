"""What is compressed comes out as it went in, small, and as the same bytes everywhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.delivery.cover import CoverBrief, draw_cover
from soundflow_assets.delivery.deflate import compress
from soundflow_assets.plans.seeds import generator

DIGEST = "b8ca603bd21e7c82ec0908896865c429f57753f876c9fffc71df317cd9834b4b"


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(st.tuples(st.binary(max_size=40), st.integers(1, 300)), max_size=20))
def test_any_data_comes_back(pieces: list[tuple[bytes, int]]) -> None:
    data = b"".join(piece * times for piece, times in pieces)
    assert zlib.decompress(compress(data)) == data


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 257, 258, 259, 260, 32768, 32769, 70000])
def test_every_length_and_distance_comes_back(size: int) -> None:
    chance = generator("deflate", size).integers(0, 256, size, dtype="uint8").tobytes()
    for data in (bytes(size), chance, b"abc" + chance + b"abc" + chance):
        assert zlib.decompress(compress(data)) == data
        assert len(compress(data)) <= len(data) * 9 // 8 + 8


def test_the_bytes_are_these_on_every_machine() -> None:
    data = b"".join(bytes([n * n % 251]) * (n % 9) for n in range(5000))
    assert hashlib.sha256(compress(data)).hexdigest() == DIGEST


def test_a_cover_is_nearly_as_small_as_zlib_makes_it() -> None:
    energies = tuple(n / 64 for n in range(64))
    day = dt.date(2025, 1, 15).isoformat()
    file = draw_cover(CoverBrief("Woollen Veranda", "Study", "lounge", (day,), energies, 7))
    at = file.index(b"IDAT")
    body = file[at + 4 : at + 4 + int.from_bytes(file[at - 4 : at], "big")]
    assert len(body) < 1.3 * len(zlib.compress(zlib.decompress(body), 6))
