"""Eight or sixteen numbers at a time: vectors that a kernel handles like one number.

A recursive filter waits for its own last sample, so a processor with eight-fold arithmetic uses an
eighth of itself. `Lanes` let recursions that do not know of each other (channels, stretches of
time, lines of a reverb) run side by side in one loop. They are LLVM vectors: every processor does
the same additions or multiplications, in one instruction or in several, so the bits are the same
everywhere. Nothing is ever summed across lanes but by name; see `shuffles`.

A `Lanes` value comes from `load` (eight neighbours of an array, of its dtype, float32 or float64)
or `splat` (one number eight times), or as sixteen of float32 from `load_wide` or `splat_wide`. It
knows + - * / with its own kind and with one number, and goes back by `store`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel.models import PrimitiveModel
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.core.typing.templates import signature as _signature
from numba.extending import intrinsic as _intrinsic
from numba.extending import lower_builtin, register_model
from numba.np.arrayobj import make_array

LANES = 8
WIDE_LANES = 16
RAMP = np.arange(LANES, dtype=np.float64)  # how many lanes stand before each
RAMP_SINGLE = RAMP.astype(np.float32)

intrinsic: Any = _intrinsic  # what it makes is called without its first parameter
signature_of: Any = _signature


class LanesType(types.Type):
    """The type of `count` floats of `bits` 32 or 64 in a kernel."""

    def __init__(self, bits: int, count: int) -> None:
        self.bits = bits
        self.count = count
        super().__init__(name=f"Lanes(f{bits}, {count})")

    @property
    def vector(self) -> Any:
        """The LLVM type."""
        return ir.VectorType(ir.DoubleType() if self.bits == 64 else ir.FloatType(), self.count)

    @property
    def number(self) -> Any:
        """The type of one of them."""
        return types.float64 if self.bits == 64 else types.float32


@register_model(LanesType)
class _Model(PrimitiveModel):
    def __init__(self, manager: Any, kind: LanesType) -> None:
        super().__init__(manager, kind, kind.vector)


SINGLE, DOUBLE = LanesType(32, LANES), LanesType(64, LANES)
WIDE = LanesType(32, WIDE_LANES)


def _splat(builder: Any, number: Any, kind: LanesType) -> Any:
    empty = ir.Constant(kind.vector, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(ir.IntType(32), 0))
    return rearranged(builder, first, empty, [0] * kind.count)


def _in_lanes(builder: Any, sig: Any, given: Any) -> list[Any]:
    """Return what was given as lanes of the kind that comes back: numbers stand in all of them."""
    kind = sig.return_type
    return [
        value if own == kind else _splat(builder, value, kind)
        for value, own in zip(given, sig.args, strict=True)
    ]


def rearranged(builder: Any, one: Any, other: Any, order: list[int]) -> Any:
    """Return lanes taken from `one`, numbered from 0, and from `other`, numbered after them."""
    places = ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order)
    return builder.shuffle_vector(one, other, places)


def _arithmetic(sign: Any, instruction: str) -> None:
    """Let `sign` work between lanes, and between lanes and one number of their kind."""
    pairs = [
        (kind, one, other)
        for kind in (SINGLE, DOUBLE, WIDE)
        for one, other in ((kind, kind), (kind.number, kind), (kind, kind.number))
    ]

    class Template(ConcreteTemplate):
        cases = [signature_of(*pair) for pair in pairs]  # noqa: RUF012

    infer_global(sign)(Template)

    def lower(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return getattr(builder, instruction)(*_in_lanes(builder, sig, given))

    for _, one, other in pairs:
        lower_builtin(sign, one, other)(lower)


for _sign, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_sign, _instruction)


def _kind_of(dtype: Any) -> LanesType:
    return DOUBLE if dtype == types.float64 else SINGLE


def _place(context: Any, builder: Any, sig: Any, given: Any, kind: LanesType) -> Any:
    """Return where element `given[1]` of the array `given[0]` lies, as lanes of them."""
    array = make_array(sig.args[0])(context, builder, given[0])
    return builder.bitcast(builder.gep(array.data, [given[1]]), kind.vector.as_pointer())


def _loaded(array: Any, kind: LanesType) -> tuple[Any, Callable[..., Any]]:
    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        value = builder.load(_place(context, builder, sig, given, kind))
        value.align = kind.bits // 8
        return value

    return signature_of(kind, array, types.intp), code


@intrinsic
def load(context: Any, array: Any, at: Any) -> tuple[Any, Callable[..., Any]]:
    """Return elements `at` to `at + 7` of a one-dimensional contiguous array. No bounds check."""
    return _loaded(array, _kind_of(array.dtype))


@intrinsic
def load_wide(context: Any, array: Any, at: Any) -> tuple[Any, Callable[..., Any]]:
    """Return elements `at` to `at + 15` of a contiguous array of float32. No bounds check."""
    return _loaded(array, WIDE)


@intrinsic
def store(context: Any, array: Any, at: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Write lanes to elements `at` and on of a contiguous array of their kind. No bounds check."""
    kind = WIDE if value == WIDE and array.dtype == types.float32 else _kind_of(array.dtype)

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        into = _place(context, builder, sig, given, kind)
        builder.store(given[2], into).align = kind.bits // 8
        return context.get_dummy_value()

    return signature_of(types.void, array, types.intp, kind), code


def _all(number: Any, kind: LanesType) -> tuple[Any, Callable[..., Any]]:
    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return _splat(builder, given[0], kind)

    return signature_of(kind, number), code


@intrinsic
def splat(context: Any, number: Any) -> tuple[Any, Callable[..., Any]]:
    """Return one float32 or float64 in all of eight lanes."""
    return _all(number, _kind_of(number))


@intrinsic
def splat_wide(context: Any, number: Any) -> tuple[Any, Callable[..., Any]]:
    """Return one float32 in all of sixteen lanes."""
    return _all(types.float32, WIDE)


@intrinsic
def widened(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float32 lanes as float64."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.fpext(given[0], DOUBLE.vector)

    return signature_of(DOUBLE, SINGLE), code


@intrinsic
def narrowed(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float64 lanes as float32, rounded to nearest."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.fptrunc(given[0], SINGLE.vector)

    return signature_of(SINGLE, DOUBLE), code


def _choose(predicate: str, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    kind = one if isinstance(one, LanesType) else other

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        lanes = _in_lanes(builder, sig, given)
        first = builder.fcmp_ordered(predicate, *lanes)
        return builder.select(first, *lanes)

    kinds = [own if own == kind else kind.number for own in (one, other)]
    return signature_of(kind, *kinds), code


@intrinsic
def smaller(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the smaller of lanes and lanes or a number; the second where either is NaN."""
    return _choose("<", one, other)


@intrinsic
def larger(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the larger of lanes and lanes or a number; the second where either is NaN."""
    return _choose(">", one, other)


def _each(name: str, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return what calls LLVM's own function `name` of each lane."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        full = f"llvm.{name}.v{value.count}f{value.bits}"
        function = builder.module.globals.get(full) or ir.Function(
            builder.module, ir.FunctionType(value.vector, [value.vector]), full
        )
        return builder.call(function, [given[0]])

    return signature_of(value, value), code


@intrinsic
def floored(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the next whole number below."""
    return _each("floor", value)


@intrinsic
def roots(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the square root, rounded to nearest as IEEE 754 has it."""
    return _each("sqrt", value)
