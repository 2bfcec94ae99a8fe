"""Compression whose bytes depend on the data alone: DEFLATE (RFC 1951) in a zlib stream (RFC 1950).

Every zlib inflates it. It is written here because those that deflate differ: zlib-ng, Apple's and
the classic one find other matches, and an MP3 with a cover in its tag would have other bytes on
another machine. One block of fixed Huffman codes; matches are found by chains of equal hashes, the
longest of the nearest few is taken.
"""

from __future__ import annotations

import itertools
import zlib

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]

_SHORTEST, _LONGEST = 3, 258
_WINDOW = 32768
_HASH_BITS = 15
_TRIES = 16
_END = 256  # the symbol after the last byte


def _firsts(extra: list[int], first: int) -> Codes:
    """Return the first value of each code, when code n stands for 2**extra[n] values."""
    return np.array(list(itertools.accumulate((1 << bits for bits in extra[:-1]), initial=first)))


# RFC 1951, 3.2.5. A length of 258 has a code of its own, without extra bits.
_LENGTH_EXTRA = [0] * 8 + [bits for bits in range(1, 6) for _ in range(4)]
_LENGTH_FIRST = np.append(_firsts(_LENGTH_EXTRA, _SHORTEST), _LONGEST)
_LENGTH_BITS = np.array([*_LENGTH_EXTRA, 0])
_PLACE_EXTRA = [0, 0] + [bits for bits in range(14) for _ in range(2)]
_PLACE_FIRST = _firsts(_PLACE_EXTRA, 1)
_PLACE_BITS = np.array(_PLACE_EXTRA)


def compress(data: bytes) -> bytes:
    """Return `data` as a zlib stream: the same bytes on every machine.

    >>> zlib.decompress(compress(b"abcabcabcabc"))
    b'abcabcabcabc'
    """
    source = np.frombuffer(data, dtype=np.uint8)
    out = np.zeros(source.size + source.size // 8 + 16, dtype=np.uint8)  # 9 bits a byte at most
    size = _deflate(source, out)
    return b"\x78\x01" + out[:size].tobytes() + zlib.adler32(data).to_bytes(4, "big")


@njit(cache=True)
def _reversed(code: int, bits: int) -> int:
    """Huffman codes are packed from their highest bit on, everything else from the lowest."""
    turned = 0
    for _ in range(bits):
        turned = turned << 1 | code & 1
        code >>= 1
    return turned


@njit(cache=True)
def _put(out: Bytes, at: int, value: int, bits: int) -> int:
    """Write `bits` of `value` at bit `at`, lowest first; return the bit after them."""
    for _ in range(bits):
        out[at >> 3] |= np.uint8((value & 1) << (at & 7))
        value >>= 1
        at += 1
    return at


@njit(cache=True)
def _put_symbol(out: Bytes, at: int, symbol: int) -> int:
    """Write a literal, the end, or the code of a length, in the fixed code of RFC 1951, 3.2.6."""
    if symbol < 144:
        return _put(out, at, _reversed(0b00110000 + symbol, 8), 8)
    if symbol < 256:
        return _put(out, at, _reversed(0b110010000 + symbol - 144, 9), 9)
    if symbol < 280:
        return _put(out, at, _reversed(symbol - 256, 7), 7)
    return _put(out, at, _reversed(0b11000000 + symbol - 280, 8), 8)


@njit(cache=True)
def _code_of(value: int, firsts: Codes) -> int:
    """Return the code that stands for `value`: the last whose first value is not above it."""
    code = firsts.size - 1  # not searchsorted: loading it takes longer than all the searching
    while firsts[code] > value:
        code -= 1
    return code


@njit(cache=True)
def _put_match(out: Bytes, at: int, length: int, back: int) -> int:
    """Write that `length` bytes stand there as they stood `back` bytes before."""
    code = _code_of(length, _LENGTH_FIRST)
    at = _put_symbol(out, at, _END + 1 + code)
    at = _put(out, at, length - _LENGTH_FIRST[code], _LENGTH_BITS[code])
    place = _code_of(back, _PLACE_FIRST)
    at = _put(out, at, _reversed(place, 5), 5)
    return _put(out, at, back - _PLACE_FIRST[place], _PLACE_BITS[place])


@njit(cache=True)
def _deflate(data: Bytes, out: Bytes) -> int:
    """Write `data` as one block to `out`, which holds zeros; return its length in bytes."""
    size = data.size
    newest = np.full(1 << _HASH_BITS, -1, dtype=np.int32)
    older = np.full(size, -1, dtype=np.int32)
    at = _put(out, 0, 0b011, 3)  # the last block, of fixed codes
    n = 0
    while n < size:
        length, back = 0, 0
        most = min(_LONGEST, size - n)
        if most >= _SHORTEST:
            candidate = newest[_hash(data, n)]
            for _ in range(_TRIES):
                if candidate < 0 or n - candidate > _WINDOW:
                    break
                same = 0
                while same < most and data[candidate + same] == data[n + same]:
                    same += 1
                if same > length:
                    length, back = same, n - candidate
                candidate = older[candidate]
        if length >= _SHORTEST:
            at = _put_match(out, at, length, back)
        else:
            length = 1
            at = _put_symbol(out, at, int(data[n]))
        for m in range(n, min(n + length, size - _SHORTEST + 1)):
            key = _hash(data, m)
            older[m] = newest[key]
            newest[key] = m
        n += length
    return (_put_symbol(out, at, _END) + 7) // 8


@njit(cache=True)
def _hash(data: Bytes, at: int) -> int:
    """Return a hash of the three bytes from `at` on."""
    three = int(data[at]) | int(data[at + 1]) << 8 | int(data[at + 2]) << 16
    return (three * 40503 >> 9) & ((1 << _HASH_BITS) - 1)
