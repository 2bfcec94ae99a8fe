"""Exact powers of two, by the exponent bits of float64 (IEEE 754)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types

from soundflow_assets.synthesis.kernels.lanes import DOUBLE, LANES, intrinsic, signature_of

_LONGS = ir.VectorType(ir.IntType(64), LANES)


@intrinsic
def power_of_two(context: Any, whole: Any) -> tuple[Any, Callable[..., Any]]:
    """Return 2 to the power of a whole float64, number or lanes, -1022 to 1023, exactly."""
    lanes = whole == DOUBLE
    longs = _LONGS if lanes else ir.IntType(64)

    def constant(value: int) -> Any:
        return ir.Constant(longs, [value] * LANES if lanes else value)

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        biased = builder.add(builder.fptosi(given[0], longs), constant(1023))
        floats = DOUBLE.vector if lanes else ir.DoubleType()
        return builder.bitcast(builder.shl(biased, constant(52)), floats)

    return signature_of(whole, whole), code


@intrinsic
def exponent(context: Any, number: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the whole n with 2**n <= x < 2**(n + 1) of a positive, normal float64."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        longs = ir.IntType(64)
        biased = builder.lshr(builder.bitcast(given[0], longs), ir.Constant(longs, 52))
        return builder.sitofp(builder.sub(biased, ir.Constant(longs, 1023)), ir.DoubleType())

    return signature_of(types.float64, types.float64), code
