"""The notebook a person runs on a borrowed GPU: from an empty machine to `track.flac`.

It uses the same backends as every other provider, so what it makes is what a local GPU would make.
The same text is published as `docs/notebooks/SoundFlow_Premium_Colab.ipynb` with an example job.
"""

from __future__ import annotations

import json
from typing import Any

from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.providers.job import job_of

REPOSITORY = "https://github.com/soundflow/soundflow-assets"


def notebook_of(brief: Brief) -> bytes:
    """Return the notebook of one job."""
    return notebook(job_of(brief), brief.title)


def notebook(job: dict[str, Any], title: str) -> bytes:
    """Return a notebook (nbformat 4) that generates `job`; the same job gives the same bytes."""
    settings = json.dumps(job, indent=4, ensure_ascii=False, sort_keys=True)
    extra = "acestep" if "acestep" in str(job["model"]).lower() else "premium"
    cells = [
        _words(
            f"# SoundFlow premium: {title}\n\n"
            "Generates one track on this machine's GPU and leaves it as `track.flac`. On Google "
            "Colab choose *Runtime > Change runtime type > GPU* first, then *Run all*."
        ),
        _code(
            "import importlib.util, subprocess, sys\n"
            'if importlib.util.find_spec("soundflow_assets") is None:\n'
            f'    source = "soundflow-assets[{extra}] @ git+{REPOSITORY}"\n'
            '    subprocess.run([sys.executable, "-m", "pip", "install", "-q", source], check=True)'
        ),
        _words("The job. `duration_s` and `text` may be changed; `seed` decides the music."),
        _code(f"import json\njob = json.loads('''{settings}''')"),
        _words("The model's weights, once. MusicGen's are CC-BY-NC 4.0: non-commercial use only."),
        _code(
            "from pathlib import Path\n"
            'if not Path(job["model"]).is_dir():\n'
            "    from huggingface_hub import snapshot_download\n"
            '    snapshot_download(job["model"])'
        ),
        _code(
            "from soundflow_assets.premium.worker import run_job\n"
            'result = run_job(job, Path("track.flac"), lambda share: print(f"{share:.0%}", '
            'end="\\r"))\n'
            'print(json.dumps(result["facts"], indent=2))'
        ),
        _words("Listen, and download `track.flac` from the files at the left."),
        _code(
            "try:\n    from IPython.display import Audio, display\n"
            '    display(Audio("track.flac"))\n'
            'except ImportError:\n    print("track.flac is ready")'
        ),
    ]
    document = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {
            "accelerator": "GPU",
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }
