"""Reads a module's source for arithmetic that machines may do differently.

IEEE 754 settles + - * / sqrt, comparisons and rounding to the last bit; it does not settle sin,
exp, log or pow, for which C libraries and NumPy pick other code on other processors, nor the order
in which BLAS adds. What is not settled may stand inside `round(…, digits)` and nowhere else: a last
bit is lost there.
"""

from __future__ import annotations

import ast

SETTLED_MATH = {
    "ceil", "comb", "copysign", "floor", "fmod", "fsum", "gcd", "inf", "isfinite", "isinf",
    "isnan", "lcm", "nan", "pi", "sqrt", "trunc",
}  # fmt: skip
UNSETTLED_NUMPY = {
    # libm, and NumPy's own vector code for it
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp", "exp2", "expm1",
    "float_power", "hypot", "i0", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "pow", "power", "sin", "sinc", "sinh", "tan", "tanh", "geomspace", "logspace",
    "blackman", "hamming", "hanning", "kaiser",
    # BLAS, or sums in an order of its choosing
    "convolve", "corrcoef", "correlate", "cov", "dot", "einsum", "inner", "linalg", "matmul",
    "matvec", "polyfit", "tensordot", "vdot", "vecdot", "vecmat",
    # complex numbers
    "angle", "cdouble", "clongdouble", "complex128", "complex64", "csingle", "fft",
}  # fmt: skip
# Their rare cases call libm.
UNSETTLED_DRAWS = {
    "beta", "binomial", "chisquare", "dirichlet", "exponential", "gamma", "geometric", "gumbel",
    "laplace", "logistic", "lognormal", "normal", "pareto", "poisson", "power", "rayleigh",
    "standard_exponential", "standard_gamma", "standard_normal", "triangular", "vonmises",
    "weibull",
}  # fmt: skip
# Checksums are defined, and so is what comes out; what goes in to come out again is not.
SETTLED_ZLIB = {"adler32", "crc32", "decompress"}
FOREIGN = {
    "bz2",
    "cmath",
    "gzip",
    "lzma",
    "random",
    "scipy",
    "secrets",
    "statistics",
    "torch",
    "uuid",
}
GENERATORS = {"", "rng", "_rng", "generator"}  # "": what a call returned


def violations(source: str) -> list[str]:
    """Return line and name of everything in a module that machines may do differently."""
    tree = ast.parse(source)
    rounded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _dotted(node.func) in ("round", "np.round")
        if len(node.args) == 2
        for inner in ast.walk(node)
    }
    named = _imported_names(tree)
    found = [
        f"{node.lineno}: {told}"
        for node in ast.walk(tree)
        if id(node) not in rounded and (told := _unsettled(node, named))
    ]
    return list(dict.fromkeys(found))  # `np.linalg.norm` holds `np.linalg`


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what names of other libraries stand for: `np` for numpy, `log` for math.log."""
    named: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {alias.asname or alias.name: f"{node.module}.{alias.name}"
                      for alias in node.names}  # fmt: skip
    return named


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _unsettled(node: ast.AST, named: dict[str, str]) -> str:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        modules = {str(getattr(node, "module", "")), *(alias.name for alias in node.names)}
        return ", ".join(sorted(m for m in modules if m.split(".")[0] in FOREIGN))
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        return _unsettled_operator(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, complex):
        return f"complex number {node.value}"
    if isinstance(node, ast.Call):
        return _unsettled_call(node)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _unsettled_name(node, named)
    return ""


def _unsettled_operator(node: ast.BinOp | ast.AugAssign) -> str:
    if isinstance(node.op, ast.MatMult):
        return "@"
    if isinstance(node.op, ast.Pow):
        sides = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
        whole = sides and all(isinstance(getattr(one, "value", None), int) for one in sides)
        return "" if whole else "**"
    return ""


def _unsettled_call(node: ast.Call) -> str:
    options = {keyword.arg for keyword in node.keywords}
    name = _dotted(node.func)
    if taken := options & {"fastmath", "parallel"}:
        return ", ".join(sorted(taken))
    if name in ("complex", "hash", "pow"):
        return f"{name}()"
    *_, owner, last = ("", "", *name.split("."))
    if last == "PCG64" and not node.args:
        return f"{name}() without a seed"
    if last in UNSETTLED_DRAWS and "." in name and owner in GENERATORS:
        return last
    if name == "sum" and any(_is_fraction(inner) for inner in ast.walk(node)):
        return "sum() of fractions: another way of adding from Python 3.12 on; use math.fsum"
    return ""


def _is_fraction(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def _unsettled_name(node: ast.Name | ast.Attribute, named: dict[str, str]) -> str:
    first, _, rest = _dotted(node).partition(".")
    if isinstance(node, ast.Attribute) and node.attr == "dot":
        return ".dot"
    module, *steps = f"{named.get(first, first)}.{rest}".rstrip(".").split(".")
    if not steps:
        return ""
    if module == "math" and steps[0] not in SETTLED_MATH:
        return f"math.{steps[0]}"
    if module == "zlib" and steps[0] not in SETTLED_ZLIB:
        return f"zlib.{steps[0]}"
    if module == "numpy" and steps[0] in UNSETTLED_NUMPY:
        return f"numpy.{steps[0]}"
    if module == "numpy" and steps[0] == "random" and steps[1:] not in (["Generator"], ["PCG64"]):
        # The step on the way to a name is no name of its own.
        return "" if steps == ["random"] else ".".join(["numpy", *steps])
    return ""
