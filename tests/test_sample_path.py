"""Whatever can reach a sample is arithmetic that every machine does alike.

Between a plan and its MP3 there are only operations that `settled_arithmetic` lets through, the
polynomials of `synthesis.kernels.math`, and draws from generators that are seeded by name.

The path is what its roots import, directly or not, so that a new module is on it by itself. A
composition is on it too: it decides what sounds, and a last bit can turn a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from settled_arithmetic import violations
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
    "delivery.stem_pair",
)
# The rest of what production calls, and why no sample comes from it.
BESIDE_THE_PATH = {
    "delivery.peaks": "a picture's data, made of the finished samples",
    "levelling": "sets the level again by what the gates hear, in steps of 0.05 dB",
    "listening.gates": "judges the finished file; its figures are rounded to thousandths",
    "listening.joins": "judges the finished loop",
    "progress": "tells how far the work is",
}

# They check a configuration, or write a score down; nothing they return is played.
BESIDE_THEIR_PACKAGES = {"composition.check", "composition.codec", "synthesis.check"}

# Generated sound comes from a GPU that promises no bytes; its finish need not either.
PREMIUM_ONLY = {"mastering.colour", "mastering.premium", "mastering.takes"}


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
    assert packages - names == BESIDE_THEIR_PACKAGES | PREMIUM_ONLY
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
    yield "import zlib\nzlib.compress(a)", "1 zlib.compress"
    yield "import zlib\nzlib.crc32(a)", "0"
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


@pytest.mark.parametrize(("source", "expected"), list(_lines()))
def test_the_lint_finds_what_it_is_for(source: str, expected: str) -> None:
    count, _, name = expected.partition(" ")
    found = violations(source)
    assert len(found) == int(count), found
    assert all(name in one for one in found)
