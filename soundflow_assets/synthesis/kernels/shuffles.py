"""Numbers that change lanes, and what all lanes together come to; see `lanes`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import errors, types

from soundflow_assets.synthesis.kernels.lanes import intrinsic, rearranged, signature_of


@intrinsic
def shifted(context: Any, value: Any, by: Any) -> tuple[Any, Callable[..., Any]]:
    """Return each lane's neighbour `by` lanes before it, a literal from 1; zero where none is."""
    if not isinstance(by, types.IntegerLiteral):
        raise errors.RequireLiteralValue("by")
    places = [value.count + lane - by.literal_value for lane in range(value.count)]
    order = [place if place >= value.count else 0 for place in places]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        zero = ir.Constant(value.vector, [0.0] * value.count)
        return rearranged(builder, zero, given[0], order)

    return signature_of(value, value, by), code


@intrinsic
def crossed(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the lanes with their halves exchanged."""
    order = [(lane + value.count // 2) % value.count for lane in range(value.count)]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return rearranged(builder, given[0], given[0], order)

    return signature_of(value, value), code


@intrinsic
def behind(context: Any, before: Any, value: Any, by: Any) -> tuple[Any, Callable[..., Any]]:
    """Return each lane's neighbour `by` lanes before it, a literal from 1, of `before` and `value`.

    Where samples follow as many others, these are the samples `by` earlier.
    """
    if not isinstance(by, types.IntegerLiteral):
        raise errors.RequireLiteralValue("by")
    order = [value.count + lane - by.literal_value for lane in range(value.count)]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return rearranged(builder, given[0], given[1], order)

    return signature_of(value, value, value, by), code


def _halves(one: Any, other: Any, first: int) -> tuple[Any, Callable[..., Any]]:
    half = one.count // 2
    order = [first + lane for lane in range(half)]
    order += [one.count + place for place in order]

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return rearranged(builder, given[0], given[1], order)

    return signature_of(one, one, other), code


@intrinsic
def first_halves(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the first half of the lanes of `one`, then the first half of those of `other`."""
    return _halves(one, other, 0)


@intrinsic
def last_halves(context: Any, one: Any, other: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the last half of the lanes of `one`, then the last half of those of `other`."""
    return _halves(one, other, one.count // 2)


@intrinsic
def last(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the number in the last lane."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        return builder.extract_element(given[0], ir.Constant(ir.IntType(32), value.count - 1))

    return signature_of(value.number, value), code


def _folded(value: Any, step: Callable[..., Any]) -> tuple[Any, Callable[..., Any]]:
    """Return what takes the lanes together from the first to the last, two at a time."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        found = builder.extract_element(given[0], ir.Constant(ir.IntType(32), 0))
        for lane in range(1, value.count):
            own = builder.extract_element(given[0], ir.Constant(ir.IntType(32), lane))
            found = step(builder, found, own)
        return found

    return signature_of(value.number, value), code


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
            return rearranged(builder, one, other, list(order))

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

    return signature_of(types.UniTuple(a, 8), a, a, a, a, a, a, a, a), code
