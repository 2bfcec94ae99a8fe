"""A command in a process of its own, and the most memory that it held."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

# `ru_maxrss` would be wrong: a new process starts with the highest of the one that made it.
CODE = """
import sys
from pathlib import Path
from soundflow_assets.cli.main import run
code = run(sys.argv[1:])
print(Path("/proc/self/status").read_text(), file=sys.stderr)
sys.exit(code)
"""


def report_and_peak(
    *arguments: str, environ: Mapping[str, str] | None = None, timeout_s: float = 900
) -> tuple[Any, int]:
    """Run `soundflow` with `arguments`; return its JSON object and its peak memory in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        env=dict(os.environ if environ is None else environ),
        capture_output=True, text=True, timeout=timeout_s,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    assert found, done.stderr
    return json.loads(done.stdout), int(found[1]) * 1024
