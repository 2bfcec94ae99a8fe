"""The house keeps its shape: imports run downward, and the front door is light."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "soundflow_assets"

# From the ground up: a module may import what stands before it, and its own package.
FLOORS = (
    ("errors", "version", "compiled"),
    ("service_settings",),
    ("progress", "audio", "settings"),
    ("reel",),
    ("plans",),
    ("composition",),
    ("synthesis",),
    ("mastering",),
    ("delivery",),
    ("listening",),
    ("storage",),
    ("catalog", "accounts"),
    ("levelling",),
    ("production",),
    ("publication", "export", "claim", "player"),
    ("premium",),
    ("verification",),
    ("orchestration",),
    ("build",),
    ("definitions", "doctor"),
    ("api",),
    ("cli",),
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
MUSIC = ("plans", "composition", "synthesis", "mastering", "delivery", "listening")
# What is made of a plan must not depend on where or when it is made.
FOREIGN_TO_MUSIC = {
    "dagster",
    "boto3",
    "botocore",
    "click",
    "rich",
    "time",
    "random",
    "os",
    "socket",
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Return the dotted names a module imports anywhere, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(str(node.module))
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def top_of(path: Path) -> str:
    """Return the package or module a file belongs to, directly under the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def ours(names: set[str]) -> set[str]:
    """Return which of our packages and modules are among `names`."""
    parts = (name.split(".") for name in names)
    return {part[1] for part in parts if part[0] == "soundflow_assets" and len(part) > 1}


# Modules that teach numba's compiler types and instructions.
TEACHERS = {"exponents", "hashes", "lanes", "shuffles"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_kernels_are_declared_through_the_one_door_to_numba(path: Path) -> None:
    if top_of(path) == "compiled":
        return
    from_numba = {name for name in imports_of(path) if name.split(".")[0] == "numba"}
    if path.parent.name == "kernels" and path.stem in TEACHERS:
        assert "numba" not in from_numba  # where its own `njit` is
    else:
        assert not from_numba


def test_every_module_has_a_floor() -> None:
    tops = {top_of(path) for path in MODULES} - {"__init__"}
    assert tops <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    top = top_of(path)
    if top == "__init__":
        assert not ours(imports_of(path))
        return
    for other in ours(imports_of(path)):
        assert other == top or FLOOR_OF[other] < FLOOR_OF[top], f"{top} imports {other}"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if top_of(path) in MUSIC],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_music_knows_neither_orchestration_nor_clock(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports_of(path)}
    assert not tops & FOREIGN_TO_MUSIC
    assert "settings" not in ours(imports_of(path))
    text = path.read_text(encoding="utf-8")
    assert not any(call in text for call in (".now(", ".today(", ".utcnow("))


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name == "__init__.py"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_package_says_what_it_is_and_nothing_else(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)


def test_the_graph_loads_without_the_engine() -> None:
    code = (
        "import json, sys\n"
        "import soundflow_assets.definitions\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"numba", "scipy", "boto3", "botocore", "pydub", "lameenc", "PIL", "numpy", "torch"}
    assert not heavy & set(json.loads(done.stdout))
