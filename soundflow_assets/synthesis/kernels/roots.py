"""Square roots of `lanes`, rounded to nearest as IEEE 754 has it: the same on every processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from soundflow_assets.synthesis.kernels.lanes import intrinsic, signature_of


@intrinsic
def roots(context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the square root of each lane."""

    def code(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        name = f"llvm.sqrt.v{value.count}f{value.bits}"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(value.vector, [value.vector]), name
        )
        return builder.call(function, [given[0]])

    return signature_of(value, value), code
