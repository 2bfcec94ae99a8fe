"""The whole configuration, read once and cross-checked: plan, genres, kits, patches, nature beds.

What one file may say is declared in `genre` and `model`; this module knows which files there are
and that the names they use of each other exist. Roman numerals are music and are checked by
`composition.check`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs, KitFile, Nature, PatchFile
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.model import FreePlan
from soundflow_assets.plans.references import broken_references
from soundflow_assets.plans.validate import Model, validated
from soundflow_assets.plans.yaml_file import read_yaml

FOLDER = "generator_configs"
FREE_PLAN = "free_daily_plan.yaml"
NATURE = "nature.yaml"


def default_root() -> Path:
    """Return the configuration folder: beside the package when installed, else the checkout's."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / FOLDER
    return packaged if packaged.is_dir() else package.parent / FOLDER


def load_configs(root: Path | None = None) -> Configs:
    """Read and check the whole configuration folder.

    Raises
    ------
    BadInput
        One line per problem, each naming file, path, what was found and what is allowed. All files
        are read before the error is raised, so that one run shows every problem.
    """
    folder = default_root() if root is None else root
    return _loaded(folder, _state(folder))


def _state(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells one state of the folder from another: names, times and sizes."""
    facts = ((path, path.stat()) for path in sorted(root.rglob("*.yaml")) if path.is_file())
    return tuple((str(path), fact.st_mtime_ns, fact.st_size) for path, fact in facts)


@lru_cache(maxsize=1)
def _loaded(root: Path, _state: tuple[tuple[str, int, int], ...]) -> Configs:
    reader = _Reader(root)
    plan = reader.read(FREE_PLAN, FreePlan)
    nature = reader.read(NATURE, Nature)
    genres = reader.folder("genres", GenreSpec)
    kits = reader.folder("kits", KitFile)
    instruments = reader.folder("patches", PatchFile)
    reader.stop_on_problems()
    assert plan is not None and nature is not None  # noqa: S101  else the line above has raised
    configs = Configs(
        plan=plan,
        genres=genres,
        kits={name: kit.sounds for name, kit in kits.items()},
        patches={
            f"{instrument}/{patch}": params
            for instrument, file in instruments.items()
            for patch, params in file.patches.items()
        },
        nature=nature,
    )
    for file, line in broken_references(configs):
        reader.problems.append(f"{reader.where(file)}: {line}")
    reader.stop_on_problems()
    return configs


def load_free_plan(root: Path | None = None) -> FreePlan:
    """Read the free plan alone: which tracks there are, before anything of them is made.

    Raises
    ------
    BadInput
        As `load_configs`, for this one file.
    """
    reader = _Reader(default_root() if root is None else root)
    plan = reader.read(FREE_PLAN, FreePlan)
    reader.stop_on_problems()
    assert plan is not None  # noqa: S101  else the line above has raised
    return plan


class _Reader:
    """Reads files of one folder and collects what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        if not root.is_dir():
            raise BadInput(f"{root}: configuration folder not found")

    def where(self, name: str) -> str:
        """Return a file's name as errors give it."""
        return f"{self.root.name}/{name}"

    def read(self, name: str, model: type[Model]) -> Model | None:
        """Return one file's model, or None after noting its problems."""
        try:
            data = read_yaml(self.root / name, self.where(name))
            return validated(model, data, self.where(name))
        except BadInput as error:
            self.problems.append(str(error))
            return None

    def folder(self, name: str, model: type[Model]) -> dict[str, Model]:
        """Return every `*.yaml` of a folder by its stem, in order of name."""
        paths = sorted((self.root / name).glob("*.yaml"))
        if not paths:
            self.problems.append(f"{self.where(name)}: no .yaml file found")
        read = {path.stem: self.read(f"{name}/{path.name}", model) for path in paths}
        return {stem: value for stem, value in read.items() if value is not None}

    def stop_on_problems(self) -> None:
        """Raise all problems found so far as one error."""
        if self.problems:
            raise BadInput("\n".join(self.problems))
