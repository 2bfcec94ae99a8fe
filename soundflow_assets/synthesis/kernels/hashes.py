"""Eight hashes at a time: what `math.noise_bits` is of eight counters, to the last bit.

Written as numbers of 32 bits, the hash would stand in registers of 64, and half of a processor's
wide arithmetic would lie idle. `hashed` makes eight together; `uniforms` and `signed_bytes` make
`lanes` of floats from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import errors, types
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import register_model
from numba.np.arrayobj import make_array

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import (
    DOUBLE,
    LANES,
    SINGLE,
    intrinsic,
    signature_of,
)

Counters = npt.NDArray[np.uint32]  # (LANES,)

STEP = np.uint32(0x9E3779B9)  # between the counters of a sample and the next, as in `noise_bits`
_WORD = ir.IntType(32)
_WORDS = ir.VectorType(_WORD, LANES)


class BitsType(types.Type):
    """The type of eight times 32 bits in a kernel."""

    def __init__(self) -> None:
        super().__init__(name=f"Bits({LANES})")


@register_model(BitsType)
class _Model(PrimitiveModel):
    def __init__(self, manager: Any, kind: BitsType) -> None:
        super().__init__(manager, kind, _WORDS)


BITS = BitsType()


@njit(cache=True, inline="always")
def counter_of(index: int, seed: int) -> np.uint32:
    """Return what `hashed` needs to know of one lane to begin at `noise_bits(index, seed)`."""
    return np.uint32(np.uint32(index) * STEP + np.uint32(seed))


@njit(cache=True)
def counters_of(seed: int) -> Counters:
    """Return the counters of the first eight samples of a noise."""
    counters = np.empty(LANES, np.uint32)
    for lane in range(LANES):
        counters[lane] = counter_of(lane, seed)
    return counters


def _words(value: int) -> Any:
    return ir.Constant(_WORDS, [value] * LANES)


@intrinsic
def hashed(context: Any, counters: Any, further: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the hash of the samples `further` after `counters`, one in each lane."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        array = make_array(sig.args[0])(context, builder, given[0])
        z = builder.load(builder.bitcast(array.data, _WORDS.as_pointer()))
        z.align = 4
        steps = builder.mul(builder.trunc(given[1], _WORD), ir.Constant(_WORD, int(STEP)))
        none = ir.Constant(_WORDS, ir.Undefined)
        first = builder.insert_element(none, steps, ir.Constant(_WORD, 0))
        z = builder.add(z, builder.shuffle_vector(first, none, _words(0)))
        z = builder.xor(z, builder.lshr(z, _words(16)))
        z = builder.mul(z, _words(0x21F0AAAD))
        z = builder.xor(z, builder.lshr(z, _words(15)))
        z = builder.mul(z, _words(0x735A2D97))
        return builder.xor(z, builder.lshr(z, _words(15)))

    return signature_of(BITS, counters, types.intp), code


@intrinsic
def uniforms(context: Any, bits: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float64 lanes in [-1, 1), as `math.noise` makes them of its bits."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        signed = builder.xor(given[0], _words(0x80000000))
        scale = ir.Constant(DOUBLE.vector, [4.656612873077393e-10] * LANES)
        return builder.fmul(builder.sitofp(signed, DOUBLE.vector), scale)

    return signature_of(DOUBLE, bits), code


@intrinsic
def signed_bytes(context: Any, bits: Any, which: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float32 lanes of signed byte `which` of each, a literal, plus a half.

    Each byte is put into the mantissa of 2^15, which is then taken off: quicker than converting.
    """
    if not isinstance(which, types.IntegerLiteral):
        raise errors.RequireLiteralValue("which")
    place = 8 * which.literal_value

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        far = abs(place - 8)
        moved = (builder.shl if place < 8 else builder.lshr)(given[0], _words(far))
        byte = builder.and_(moved, _words(0xFF00))
        number = builder.bitcast(builder.xor(byte, _words(0x47008080)), SINGLE.vector)
        return builder.fsub(number, ir.Constant(SINGLE.vector, [32768.0 + 128.0] * LANES))

    return signature_of(SINGLE, bits, which), code
