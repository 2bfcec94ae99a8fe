"""A disk that is full, and a person who has had enough: one sentence, and nothing half-made."""

import os
import resource
import subprocess
import sys
from pathlib import Path

DATE = "2025-01-15"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name[:3] != "R2_"}
    kept.pop("DAGSTER_HOME", None)
    return {**kept, "SOUNDFLOW_BUCKET": str(folder / "bucket")}


def run(
    folder: Path, *arguments: str, largest_file: int | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, which may write no larger file."""

    def limited() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [sys.executable, "-c", "from soundflow_assets.cli.main import main; main()", *arguments],
        env={**environment(folder), **environ},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_a_disk_that_takes_no_more_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "render", "--category", "Study", "--date", DATE, "--duration", "10",
               "--out", str(tmp_path / "out"), largest_file=100_000)  # fmt: skip
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_with_130_and_nothing_listed(tmp_path: Path) -> None:
    code = (
        "import os, signal, threading\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts background jobs\n"
        "from soundflow_assets.cli import main\n"
        "threading.Timer(4.0, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "main.main(['daily', '--date', '2025-01-15', '--duration', '1200'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "bucket").glob("audio/**/*.json"))
