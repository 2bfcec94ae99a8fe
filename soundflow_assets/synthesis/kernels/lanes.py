"""Eight numbers at a time: vectors that a kernel handles like one number; and exact powers of two.

A recursive filter waits for its own last sample, so a processor with eight-fold arithmetic uses an
eighth of itself. `Lanes` let eight recursions that do not know of each other (channels, stretches
of time, lines of a reverb) run side by side in one loop. They are LLVM vectors: every processor
does the same eight additions or multiplications, in one instruction or in several, so the bits are
the same everywhere. Nothing is ever summed across lanes but by name.

A `Lanes` value comes from `load` (eight neighbours of an array, of its dtype, float32 or float64)
or `splat` (one number eight times), knows + - * / with its own kind and with one number, and goes
back by `store`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import errors, types
from numba.core.datamodel.models import PrimitiveModel
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic as _intrinsic
from numba.extending import lower_builtin, register_model
from numba.np.arrayobj import make_array

LANES = 8
RAMP = np.arange(LANES, dtype=np.float64)  # how many lanes stand before each
RAMP_SINGLE = RAMP.astype(np.float32)

intrinsic: Any = _intrinsic  # what it makes is called without its first parameter

_MASK = ir.VectorType(ir.IntType(32), LANES)
_LONGS = ir.VectorType(ir.IntType(64), LANES)


class LanesType(types.Type):
    """The type of eight floats of `bits` 32 or 64 in a kernel."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        super().__init__(name=f"Lanes(f{bits})")

    @property
    def vector(self) -> Any:
        """The LLVM type."""
        return ir.VectorType(ir.DoubleType() if self.bits == 64 else ir.FloatType(), LANES)


@register_model(LanesType)
class _Model(PrimitiveModel):
    def __init__(self, manager: Any, kind: LanesType) -> None:
        super().__init__(manager, kind, kind.vector)


SINGLE, DOUBLE = LanesType(32), LanesType(64)


def _signature(*kinds: Any) -> Any:
    return signature(*kinds)


def _splat(builder: Any, number: Any, kind: LanesType) -> Any:
    empty = ir.Constant(kind.vector, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, empty, ir.Constant(_MASK, [0] * LANES))


def _arithmetic(sign: Any, instruction: str) -> None:
    """Let `sign` work between lanes, and between lanes and one number of their kind."""
    pairs = [
        (kind, one, other)
        for kind, number in ((SINGLE, types.float32), (DOUBLE, types.float64))
        for one, other in ((kind, kind), (number, kind), (kind, number))
    ]

    class Template(ConcreteTemplate):
        cases = [_signature(*pair) for pair in pairs]  # noqa: RUF012

    infer_global(sign)(Template)

    def lower(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        kind = sig.return_type
        lanes = [
            value if own == kind else _splat(builder, value, kind)
            for value, own in zip(given, sig.args, strict=True)
        ]
        return getattr(builder, instruction)(*lanes)

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
    """Return where element `given[1]` of the array `given[0]` lies, as eight of them."""
    array = make_array(sig.args[0])(context, builder, given[0])
    return builder.bitcast(builder.gep(array.data, [given[1]]), kind.vector.as_pointer())


@intrinsic
def load(context: Any, array: Any, at: Any) -> tuple[Any, Callable[..., Any]]:
    """Return elements `at` to `at + 7` of a one-dimensional contiguous array. No bounds check."""
    kind = _kind_of(array.dtype)

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        value = builder.load(_place(context, builder, sig, given, kind))
        value.align = kind.bits // 8
        return value

    return _signature(kind, array, types.intp), code


@intrinsic
def store(context: Any, array: Any, at: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Write lanes to elements `at` to `at + 7` of a contiguous array. No bounds check."""
    kind = _kind_of(array.dtype)

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        into = _place(context, builder, sig, given, kind)
        builder.store(given[2], into).align = kind.bits // 8
        return context.get_dummy_value()

    return _signature(types.void, array, types.intp, kind), code


@intrinsic
def splat(context: Any, number: Any) -> tuple[Any, Callable[..., Any]]:
    """Return one float32 or float64 in all lanes."""
    kind = _kind_of(number)

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return _splat(builder, given[0], kind)

    return _signature(kind, number), code


@intrinsic
def widened(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float32 lanes as float64."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.fpext(given[0], DOUBLE.vector)

    return _signature(DOUBLE, SINGLE), code


@intrinsic
def narrowed(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return float64 lanes as float32, rounded to nearest."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.fptrunc(given[0], SINGLE.vector)

    return _signature(SINGLE, DOUBLE), code


def _choose(predicate: str, one: Any) -> tuple[Any, Callable[..., Any]]:
    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        first = builder.fcmp_ordered(predicate, given[0], given[1])
        return builder.select(first, given[0], given[1])

    return _signature(one, one, one), code


@intrinsic
def smaller(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the smaller of two lanes; the second where either is not a number."""
    return _choose("<", one)


@intrinsic
def larger(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the larger of two lanes; the second where either is not a number."""
    return _choose(">", one)


@intrinsic
def floored(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the next whole number below."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return _floor(builder, given[0], sig.args[0])

    return _signature(value, value), code


def _floor(builder: Any, value: Any, kind: LanesType) -> Any:
    name = f"llvm.floor.v{LANES}f{kind.bits}"
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, ir.FunctionType(kind.vector, [kind.vector]), name
    )
    return builder.call(function, [value])


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

    return _signature(whole, whole), code


@intrinsic
def exponent(context: Any, number: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the whole n with 2**n <= x < 2**(n + 1) of a positive, normal float64."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        longs = ir.IntType(64)
        biased = builder.lshr(builder.bitcast(given[0], longs), ir.Constant(longs, 52))
        return builder.sitofp(builder.sub(biased, ir.Constant(longs, 1023)), ir.DoubleType())

    return _signature(types.float64, types.float64), code


@intrinsic
def shifted(context: Any, value: Any, by: Any) -> tuple[Any, Callable[..., Any]]:
    """Return each lane's neighbour `by` lanes before it, a literal 1 to 7; zero where none is."""
    if not isinstance(by, types.IntegerLiteral):
        raise errors.RequireLiteralValue("by")
    places = [LANES + lane - by.literal_value for lane in range(LANES)]
    order = [place if place >= LANES else 0 for place in places]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        zero = ir.Constant(value.vector, [0.0] * LANES)
        return builder.shuffle_vector(zero, given[0], ir.Constant(_MASK, order))

    return _signature(value, value, by), code


@intrinsic
def crossed(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the lanes with their halves exchanged: the last four first."""
    order = [(lane + LANES // 2) % LANES for lane in range(LANES)]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.shuffle_vector(given[0], given[0], ir.Constant(_MASK, order))

    return _signature(value, value), code


@intrinsic
def behind(context: Any, before: Any, value: Any, by: Any) -> tuple[Any, Callable[..., Any]]:
    """Return each lane's neighbour `by` lanes before it, a literal 1 to 7, of `before` and `value`.

    Where eight samples follow eight others, these are the samples `by` earlier.
    """
    if not isinstance(by, types.IntegerLiteral):
        raise errors.RequireLiteralValue("by")
    order = [LANES + lane - by.literal_value for lane in range(LANES)]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.shuffle_vector(given[0], given[1], ir.Constant(_MASK, order))

    return _signature(value, value, value, by), code


@intrinsic
def last(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the number in the last lane."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.extract_element(given[0], ir.Constant(ir.IntType(32), LANES - 1))

    return _signature(types.float64 if value == DOUBLE else types.float32, value), code


def _folded(value: Any, step: Callable[..., Any]) -> tuple[Any, Callable[..., Any]]:
    """Return what takes the lanes together from the first to the last, two at a time."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        found = builder.extract_element(given[0], ir.Constant(ir.IntType(32), 0))
        for lane in range(1, LANES):
            own = builder.extract_element(given[0], ir.Constant(ir.IntType(32), lane))
            found = step(builder, found, own)
        return found

    return _signature(types.float64 if value == DOUBLE else types.float32, value), code


@intrinsic
def total_of(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the sum of all lanes, from the first to the last."""
    return _folded(value, lambda builder, total, own: builder.fadd(total, own))


@intrinsic
def largest_of(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the largest number of all lanes."""

    def larger_of(builder: Any, most: Any, own: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", most, own), most, own)

    return _folded(value, larger_of)


@intrinsic
def turned(
    context: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any
) -> tuple[Any, Callable[..., Any]]:
    """Return eight lanes transposed: first the first elements of all, then the second, …."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        def pick(one: Any, other: Any, *order: int) -> Any:
            return builder.shuffle_vector(one, other, ir.Constant(_MASK, list(order)))

        pairs = []
        for one, other in zip(given[::2], given[1::2], strict=True):
            pairs.append(pick(one, other, 0, 8, 1, 9, 4, 12, 5, 13))
            pairs.append(pick(one, other, 2, 10, 3, 11, 6, 14, 7, 15))
        fours = []
        for k in (0, 4):
            for low, high in ((pairs[k], pairs[k + 2]), (pairs[k + 1], pairs[k + 3])):
                fours.append(pick(low, high, 0, 1, 8, 9, 4, 5, 12, 13))
                fours.append(pick(low, high, 2, 3, 10, 11, 6, 7, 14, 15))
        lower = [pick(fours[k], fours[k + 4], 0, 1, 2, 3, 8, 9, 10, 11) for k in range(4)]
        upper = [pick(fours[k], fours[k + 4], 4, 5, 6, 7, 12, 13, 14, 15) for k in range(4)]
        return context.make_tuple(builder, sig.return_type, lower + upper)

    return _signature(types.UniTuple(a, LANES), a, a, a, a, a, a, a, a), code
