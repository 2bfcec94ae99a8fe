"""Whatever can reach a sample is arithmetic that every machine does alike.

IEEE 754 settles + - * / sqrt, comparisons and rounding to the last bit; it does not settle sin,
exp, log or pow, for which C libraries and NumPy pick other code on other processors, nor the order
in which BLAS adds. So between a plan and its MP3 there are only the former, the polynomials of
`synthesis.kernels.math`, and draws from generators that are seeded by name.

The path is what its roots import, directly or not, so that a new module is on it by itself. A
composition is on it too: it decides what sounds, and a last bit can turn a comparison.

What is not settled may stand inside `round(…, digits)` and nowhere else: a last bit is lost there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_imports import PACKAGE, imports_of

# What decides the bytes of an MP3, and of the loop before its own encoder.
ROOTS = (
    "plans.load",
    "plans.resolve",
    "listening.candidates",  # the choice among three scores
    "mastering.programme",
    "mastering.master",
    "delivery.cover",  # it lies in the MP3's tag
    "delivery.tags",
    "delivery.mp3",
    "delivery.loop",
)
# The rest of what production calls, and why no sample comes from it.
BESIDE_THE_PATH = {
    "delivery.peaks": "a picture's data, made of the finished samples",
    "listening.gates": "judges the finished file; its figures are rounded to thousandths",
    "listening.joins": "judges the finished loop",
    "progress": "tells how far the work is",
}

# They check a configuration, or write a score down; nothing they return is played.
BESIDE_THEIR_PACKAGES = {"composition.check", "composition.codec", "synthesis.check"}

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
FOREIGN = {"cmath", "random", "scipy", "secrets", "statistics", "torch", "uuid"}
GENERATORS = {"", "rng", "_rng", "generator"}  # "": what a call returned


def closure(roots: tuple[str, ...]) -> set[Path]:
    """Return the files of the modules that `roots` import, directly or not, and their own."""
    found: set[Path] = set()
    wanted = [f"soundflow_assets.{root}" for root in roots]
    while wanted:
        path = (PACKAGE.parent / wanted.pop().replace(".", "/")).with_suffix(".py")
        if path.is_file() and path not in found:
            found.add(path)
            wanted += imports_of(path)
    return found


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")


PATH = sorted(closure(ROOTS))


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
    if module == "numpy" and steps[0] in UNSETTLED_NUMPY:
        return f"numpy.{steps[0]}"
    if module == "numpy" and steps[0] == "random" and steps[1:] not in (["Generator"], ["PCG64"]):
        # The step on the way to a name is no name of its own.
        return "" if steps == ["random"] else ".".join(["numpy", *steps])
    return ""


@pytest.mark.parametrize("path", PATH, ids=name_of)
def test_no_sample_depends_on_the_machine(path: Path) -> None:
    found = violations(path.read_text(encoding="utf-8"))
    assert not found, (
        f"{path.relative_to(PACKAGE.parent)} decides samples; use + - * / sqrt, the polynomials of "
        f"synthesis/kernels/math.py and seeded generators: {'; '.join(found)}"
    )


def test_the_path_holds_all_that_makes_sound() -> None:
    names = {name_of(path) for path in PATH}
    packages = {
        name_of(path)
        for package in ("plans", "composition", "synthesis", "mastering")
        for path in (PACKAGE / package).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert packages - names == BESIDE_THEIR_PACKAGES
    assert {"reel", "audio", "compiled", "listening.score_report", "delivery.id3"} <= names


def test_everything_production_calls_is_on_the_path_or_said_to_be_beside_it() -> None:
    called = {
        name.removeprefix("soundflow_assets.")
        for name in imports_of(PACKAGE / "production.py")
        if (PACKAGE.parent / name.replace(".", "/")).with_suffix(".py").is_file()
    }
    on_path = {name_of(path) for path in PATH}
    assert called - on_path == BESIDE_THE_PATH.keys()


def _lines() -> Iterator[tuple[str, str]]:
    yield "import math\nmath.sin(x)", "1 math.sin"
    yield "from math import log\nlog(x)", "1 math.log"
    yield "import numpy as np\nnp.tanh(x)", "1 numpy.tanh"
    yield "import numpy as np\nnp.linalg.norm(x)", "1 numpy.linalg"
    yield "import numpy as np\nnp.fft.rfft(x)", "1 numpy.fft"
    yield "import numpy as np\nnp.random.default_rng(1)", "1 numpy.random.default_rng"
    yield "import numpy as np\nnp.random.seed(1)", "1 numpy.random.seed"
    yield "import numpy as np\nnp.random.Generator(np.random.PCG64())", "1 without a seed"
    yield "from numpy.random import PCG64\nPCG64()", "1 without a seed"
    yield "import random", "1 random"
    yield "from scipy import signal", "1 scipy"
    yield "x ** 2", "1 **"
    yield "x **= 2", "1 **"
    yield "a @ b", "1 @"
    yield "a.dot(b)", "1 .dot"
    yield "z = 1j", "1 complex"
    yield "njit(fastmath=True)", "1 fastmath"
    yield "njit(parallel=True)", "1 parallel"
    yield "rng.standard_normal(3)", "1 standard_normal"
    yield "self.rng.normal()", "1 normal"
    yield "generator('rain').exponential(2.0)", "1 exponential"
    yield "normal(numbers, 3, seed)", "0"
    yield "sum(0.5 * x for x in y)", "1 sum()"
    yield "pow(x, 0.5)", "1 pow()"
    yield "hash('name')", "1 hash()"
    yield "import math\nround(math.log10(x))", "1 math.log10"
    yield "import math\nround(math.log10(x), 2)", "0"
    yield "2**40", "0"
    yield "import math\nmath.sqrt(math.fsum(x))", "0"
    yield "import numpy as np\nnp.random.Generator(np.random.PCG64(seed))", "0"
    yield "def f(rng: np.random.Generator): rng.uniform(0, 1)", "0"
    yield "sum(1 for x in y if x > 0)", "0"


@pytest.mark.parametrize(("source", "expected"), _lines())
def test_the_lint_finds_what_it_is_for(source: str, expected: str) -> None:
    count, _, name = expected.partition(" ")
    found = violations(source)
    assert len(found) == int(count), found
    assert all(name in one for one in found)
