"""The golden sounds under other settings of process, libraries and processor: the same bytes.

What is set differs from what this machine would do by itself in everything that is known to change
results: hash seed, locale, time zone, threads, NumPy's and the C library's code for newer
processors, the instruction set kernels are compiled for, the length of stretches on disk. The last
test leaves the processor itself behind and runs on an emulated one of 2008.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from golden_sounds import hash_of, libm_digest, names, processor_features

PROGRAM = Path(__file__).with_name("golden_sounds.py")
ON_OLD_PROCESSOR = ("track/house", "bed/rain", "mp3/nature_daily")
OTHER_BLOCK = 141_120  # a third: also a multiple of every step that mastering goes by
GLIBC = platform.libc_ver()[0] == "glibc"
GENERIC = {"NUMBA_CPU_NAME": "generic"}

pytestmark = pytest.mark.slow


def threads(count: int) -> dict[str, str]:
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    return {f"{library}_NUM_THREADS": str(count) for library in libraries}


def foreign_locale() -> str:
    """Return a locale with another alphabet, or another decimal point, if one is installed."""
    told = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    installed = told.lower().split()
    wanted = ("tr_TR.UTF-8", "de_DE.UTF-8")
    return next((one for one in wanted if one.lower().replace("-", "") in installed), "POSIX")


def sounded(environment: dict[str, str], *arguments: str, before: tuple[str, ...] = ()) -> Any:
    """Return what the program prints with these settings."""
    done = subprocess.run(
        [*before, sys.executable, str(PROGRAM), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"under {environment}:\n{done.stderr[-2000:]}"
    return json.loads(done.stdout)


def require_same(found: dict[str, str], settings: object) -> None:
    differing = [name for name, sha256 in found.items() if sha256 != hash_of(name)]
    assert not differing, f"other bytes under {settings}: {', '.join(differing)}"


def test_no_library_uses_newer_instructions() -> None:
    dispatched = processor_features()
    settings = {
        "PYTHONHASHSEED": "0",
        "LC_ALL": foreign_locale(),
        "TZ": "Asia/Kathmandu",
        "NPY_DISABLE_CPU_FEATURES": " ".join(dispatched),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
        **threads(1),
    }
    told = sounded(settings)
    assert told["processor"] == [], "NumPy was to do without"
    if GLIBC and "X86_V3" in dispatched:
        assert told["libm"] != libm_digest(), "the C library was to do without"
    assert told["sha256"].keys() == set(names())
    require_same(told["sha256"], settings)


def test_some_libraries_do_and_stretches_are_shorter() -> None:
    settings = {
        "PYTHONHASHSEED": "random",
        "LC_ALL": "C",
        "TZ": "America/St_Johns",
        "NPY_DISABLE_CPU_FEATURES": " ".join(processor_features()[1:]),
        **threads(4),
    }
    told = sounded(settings, "--block", str(OTHER_BLOCK))
    require_same(told["sha256"], {**settings, "stretch": OTHER_BLOCK})


@pytest.fixture(scope="module")
def generic_kernels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings under which kernels are compiled for any x86-64, into a folder of their own."""
    return {**GENERIC, "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("kernels"))}


def test_kernels_compiled_for_any_processor(generic_kernels: dict[str, str]) -> None:
    settings = {**generic_kernels, "PYTHONHASHSEED": "1"}
    require_same(sounded(settings)["sha256"], settings)


def test_a_processor_of_2008(generic_kernels: dict[str, str]) -> None:
    emulator = shutil.which("qemu-x86_64")
    if platform.machine() != "x86_64":
        pytest.skip(f"kernels are compiled here for {platform.machine()}, not for x86-64")
    if emulator is None:
        pytest.skip("qemu-x86_64 is not installed; on Debian: apt-get install qemu-user")
    sounded(generic_kernels, *ON_OLD_PROCESSOR)  # compiled here: the emulator would take minutes
    told = sounded(generic_kernels, *ON_OLD_PROCESSOR, before=(emulator, "-cpu", "Nehalem"))
    assert told["processor"] == [], "the emulated processor has none of them"
    require_same(told["sha256"], "an emulated Nehalem")
