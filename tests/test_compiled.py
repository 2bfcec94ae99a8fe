"""Kept kernels are used, and no state of their folder can spoil the sound or stop the work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import pytest

from soundflow_assets import compiled

ROOT = Path(__file__).parents[1]


def twice_and_one(x: float) -> float:
    return 2.0 * x + 1.0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A kernel folder of this test's own."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(tmp_path)
    yield tmp_path
    numba.config.CACHE_DIR = before


def fetched() -> tuple[float, int, int]:
    """Declare the kernel as a new process would; return its answer, hits and misses."""
    kernel: Any = compiled.njit(cache=True)(twice_and_one)
    answer = kernel(20.0)
    return answer, sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())


def one(folder: Path, ending: str) -> Path:
    [path] = folder.rglob(f"*{ending}")
    return path


def halved(data: bytes) -> bytes:
    return data[: len(data) // 2]


def bit_flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def emptied(_data: bytes) -> bytes:
    return b""


def zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def of_other_code(_data: bytes) -> bytes:
    return b"\x80\x04N."  # a whole pickle, of None


def test_a_kernel_is_compiled_once(folder: Path) -> None:
    assert fetched() == (41.0, 0, 1)
    assert fetched() == (41.0, 1, 0)


def test_a_kept_kernel_can_be_part_of_one_that_is_compiled(folder: Path) -> None:
    fetched()
    kept: Any = compiled.njit(cache=True)(twice_and_one)
    assert (kept(20.0), sum(kept.stats.cache_hits.values())) == (41.0, 1)

    def and_one_more(x: float) -> float:
        return kept(x) + 1.0

    assert compiled.njit()(and_one_more)(20.0) == 42.0


@pytest.mark.parametrize("damage", [halved, bit_flipped, emptied, zeroed, of_other_code])
@pytest.mark.parametrize("ending", [".nbc", ".nbi"])
def test_a_damaged_kernel_is_compiled_and_kept_anew(
    folder: Path, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    fetched()
    path = one(folder, ending)
    path.write_bytes(damage(path.read_bytes()))
    answer, hits, misses = fetched()
    assert answer == 41.0
    if (ending, damage) != (".nbi", bit_flipped):  # a flipped bit of an index may not matter
        assert (hits, misses) == (0, 1)
    assert fetched() == (41.0, 1, 0)


def test_a_kernel_that_cannot_be_kept_sounds_all_the_same(folder: Path) -> None:
    fetched()
    path = one(folder, ".nbc")
    path.unlink()
    path.mkdir()  # where the file belongs, so that it can be neither read nor replaced
    assert fetched() == (41.0, 0, 1)


def told(code: str, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


KERNEL_AND_FOLDER = (
    "import json; from soundflow_assets import compiled; "
    "from soundflow_assets.synthesis.kernels.math import dexp2; "
    "value = dexp2(3.0); hits = sum(dexp2.stats.cache_hits.values()); "
    "print(json.dumps([value, str(compiled.FOLDER), hits]))"
)


ARRAY_KERNEL = (
    "import json, sys, numpy as np; "
    "from soundflow_assets.synthesis.kernels.loudness import block_peaks; "
    "peaks = block_peaks(np.ones((2, 90), dtype=np.float32), 45); "
    "print(json.dumps([peaks.tolist(), 'numba.np.arraymath' in sys.modules]))"
)


def test_a_process_whose_kernels_are_kept_loads_no_compiler(tmp_path: Path) -> None:
    for compiles in (True, False):
        assert told(ARRAY_KERNEL, NUMBA_CACHE_DIR=str(tmp_path)) == [[1.0, 1.0], compiles]


def test_a_folder_that_cannot_be_written_is_replaced_by_a_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache"), "TMPDIR": str(tmp_path)}
    value, folder, hits = told(KERNEL_AND_FOLDER, **environment)
    assert (value, hits) == (8.0, 0)
    assert Path(folder).parent == tmp_path / f"soundflow-{os.getuid()}"
    assert Path(folder).parent.stat().st_mode & 0o077 == 0, "nobody else may put code there"
    assert told(KERNEL_AND_FOLDER, **environment) == [8.0, folder, 1]


def test_the_doctor_notes_where_kernels_are_kept_instead(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code = (
        "import json; from soundflow_assets.doctor.machine import machine_findings; "
        "print(json.dumps({one.check: [one.state, one.found] for one in machine_findings()}))"
    )
    wanted = str(tmp_path / "file" / "cache")
    state, found = told(code, NUMBA_CACHE_DIR=wanted, TMPDIR=str(tmp_path))["kernel cache"]
    assert state == "note"
    assert found.startswith(f"{wanted} cannot be written: compiled kernels are kept in {tmp_path}")
    assert told(code, NUMBA_CACHE_DIR=str(tmp_path / "own"))["kernel cache"][0] == "ok"
