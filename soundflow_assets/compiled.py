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
from llvmlite import binding as llvm
from numba.core import caching, codegen
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys

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


def _load_compiler_without_blas() -> None:
    """Load what numba needs to compile, but not scipy's linear algebra beside it.

    That takes 0.3 s and 16 MB, to tell whether matrices can be multiplied in a kernel; none of
    ours may (another machine's BLAS gives other bits).
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules:
        return
    sys.modules[blas] = None  # type: ignore[assignment]  # importing it fails, as if it were not there
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules[blas]


FOLDER: Final = cache_folder()
numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]


_Files: Any = caching.IndexDataCacheFile
_Cache: Any = caching.FunctionCache
_Library: Any = codegen.JITCodeLibrary


class _KeptLibrary(_Library):  # type: ignore[misc]
    """A kernel's machine code; its bitcode is parsed where another kernel takes it in, if ever.

    That, and listing what the bitcode defines, is a third of loading a kernel.
    """

    _kept_bitcode: bytes | None = None
    _shared_module: Any

    @classmethod
    def _unserialize(cls, code_generator: Any, state: Any) -> Any:
        name, _, (machine_code, bitcode) = state
        library = cls(code_generator, name)
        library.enable_object_caching()
        library._set_compiled_object(machine_code)
        library._kept_bitcode = bitcode
        library._finalize_final_module()
        return library

    def get_pointer_to_function(self, name: str) -> int:
        """Return the address of a function, 0 where there is none."""
        if self._kept_bitcode is None:
            return int(super().get_pointer_to_function(name))
        return int(self._codegen._engine.get_function_address(name))

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None and self._kept_bitcode is not None:
            self._shared_module = llvm.parse_bitcode(self._kept_bitcode)
        return super()._get_module_for_linking()


cpu_target.target_context.codegen()._library_class = _KeptLibrary


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
        """Return the kept kernel, None where there is none that is whole.

        numba loads all that it can compile first; kept code needs its memory allocator alone.
        """
        rtsys.initialize(target_context)
        try:
            kernel = self._load_overload(sig, target_context)
        except Exception:  # as above; the kernel is compiled and kept anew
            kernel = None
        if kernel is None:
            _load_compiler_without_blas()
        return kernel

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
