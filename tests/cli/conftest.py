"""Running the command line in this process, with nothing of the outer environment."""

import os
from pathlib import Path

import pytest
from command_line import Answer, Soundflow

from soundflow_assets.cli.main import run


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty local bucket, and an environment that names nothing else."""
    for name in list(os.environ):
        if name.startswith(("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_")) or name == "DAGSTER_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "bucket"))
    return tmp_path / "bucket"


@pytest.fixture
def soundflow(bucket: Path, capsys: pytest.CaptureFixture[str]) -> Soundflow:
    """Run `soundflow` with these arguments."""

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return call
