"""The one door to numba: `njit`, with compiled code kept by the state of the sources.

numba rebuilds a cached kernel when its own file changes, but not when a function that it has
inlined from another file does, and would go on playing the old sound. So the folder's name is a
hash of every source that may hold a kernel: another state of the sources starts from nothing. numba
must know the folder before the first kernel is declared, so kernels take `njit` from here, never
from numba itself.

Kept code is machine code: damaged, it would play something else, or crash. So it carries a hash,
and what is damaged, or cannot be written, is compiled again.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
from numba.core import caching

PACKAGE = Path(__file__).resolve().parent
SOURCES = ("synthesis", "mastering", "delivery", "listening")
PREFIX = "kernels-"
_DIGEST_BYTES = 32
_Function = TypeVar("_Function", bound=Callable[..., Any])


def sources_digest() -> str:
    """Return a short hash over every Python source of the packages with kernels."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def wanted_home() -> Path:
    """Return where compiled kernels belong: `NUMBA_CACHE_DIR`, or this package's `__pycache__`."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    return Path(given) if given else Path(__file__).with_name("__pycache__")


def cache_folder() -> Path:
    """Return a writable folder for the present sources, created; older states are removed.

    Where they belong, else among the user's temporary files (an installation may be read-only),
    else in a temporary folder of this process.
    """
    for home in (wanted_home, _temporary_home):
        try:
            return _folder_in(home())
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def _temporary_home() -> Path:
    home = Path(tempfile.gettempdir()) / f"soundflow-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.lstat().st_uid != os.getuid():  # what lies there is run
        raise PermissionError(f"{home} belongs to somebody else")
    return home


def _folder_in(home: Path) -> Path:
    folder = home / (PREFIX + sources_digest())
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath(".used").touch()
    for other in home.glob(PREFIX + "*"):
        if other.name != folder.name:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _load_numba_without_blas() -> None:
    """Load what numba would with the first kernel, but not scipy's linear algebra beside it.

    That takes 0.3 s and 16 MB of every process, to tell whether matrices can be multiplied in a
    kernel; none of ours may (another machine's BLAS gives other bits).
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules:
        return
    sys.modules[blas] = None  # type: ignore[assignment]  # importing it fails, as if it were not there
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules[blas]


_load_numba_without_blas()
FOLDER: Final = cache_folder()
numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]


_Files: Any = caching.IndexDataCacheFile
_Cache: Any = caching.FunctionCache


class _HashedFiles(_Files):  # type: ignore[misc]
    """A kernel's files: an index, and code of each signature behind the hash of its bytes."""

    def _save_data(self, name: str, data: Any) -> None:
        code = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(code).digest() + code)

    def _load_data(self, name: str) -> Any:
        data = Path(self._data_path(name)).read_bytes()
        digest, code = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        if hashlib.sha256(code).digest() != digest:
            raise ValueError(f"{name} is damaged")
        return pickle.loads(code)  # noqa: S301  our own folder

    def _load_index(self) -> Any:
        try:
            return super()._load_index()
        except Exception:  # whatever a damaged pickle may raise
            return {}


class _KernelCache(_Cache):  # type: ignore[misc]
    """numba's cache, which no state of its folder can make fail."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _HashedFiles(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the kept kernel, None where there is none that is whole."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # as above; the kernel is compiled and kept anew
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel, if the folder lets us; in memory it is already."""
        try:
            super().save_overload(sig, data)
        except OSError:
            return


def njit(*, cache: bool = False, **options: Any) -> Callable[[_Function], _Function]:
    """Return the decorator that makes a function a kernel; options are those of `numba.njit`."""

    def declared(function: _Function) -> _Function:
        kernel: Any = numba.njit(**options)(function)
        if cache:
            kernel._cache = _KernelCache(function)
        return cast("_Function", kernel)

    return declared
