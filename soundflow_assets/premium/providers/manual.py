"""A person with a GPU: a job folder goes out, a file dropped beside it comes back.

The folder `<manual folder>/<track id>/r<revision>/` holds the job and says in words what to do. The
state is all on disk, so whoever waits may be killed and started again. Where nobody has dropped
anything yet, the run ends with what to do next; dropping the file and running again finishes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from soundflow_assets.delivery.decode import decode
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound, read_sound
from soundflow_assets.premium.providers.dropped import ACCEPTED, sounds_in
from soundflow_assets.premium.providers.interface import Watch
from soundflow_assets.premium.providers.job import job_of
from soundflow_assets.premium.providers.notebook import notebook_of
from soundflow_assets.settings import Providers

_SETTLED_S = 1.0  # a file that still grows is still being copied


class WaitingForPerson(Failed):
    """The job is out; nobody has brought the sound yet. Not a fault, and not to be retried."""


class Manual:
    """Generates by asking a person."""

    def __init__(self, settings: Providers, settled_s: float = _SETTLED_S) -> None:
        """Take the folder from the settings."""
        self._folder = settings.manual_folder
        self._settled_s = settled_s

    def check(self, brief: Brief) -> None:
        """Refuse a folder that cannot be written (`BadInput`)."""
        try:
            self._job_folder(brief).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(
                f"SOUNDFLOW_MANUAL_FOLDER={self._folder}: cannot be written: "
                f"{error.strerror or error}"
            ) from None

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Write the jobs that are not out yet, and take the sounds that are there.

        Raises
        ------
        WaitingForPerson
            When a sound is not there yet; says where it belongs.
        """
        for brief in briefs:
            self._written(brief)
        return [self._taken(brief) for brief in briefs]

    def _written(self, brief: Brief) -> None:
        folder = self._job_folder(brief)
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            "request.json": brief.request.to_bytes(),
            "job.json": json.dumps(job_of(brief), indent=2, ensure_ascii=False).encode() + b"\n",
            "prompt.txt": brief.rendered.text.encode() + b"\n",
            "generate.ipynb": notebook_of(brief),
            "README.txt": _instructions(brief, folder).encode(),
        }
        for name, body in files.items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != body:
                beside = path.with_name(f".{name}.new")
                beside.write_bytes(body)
                beside.replace(path)

    def _taken(self, brief: Brief) -> Sound:
        folder = self._job_folder(brief)
        dropped = sounds_in(folder)
        if not dropped:
            others = [
                path.name
                for path in folder.iterdir()
                if path.suffix not in (".json", ".txt", ".ipynb", ".new")
            ]
            seen = f" (found {', '.join(sorted(others))}, which is none)" if others else ""
            raise WaitingForPerson(
                f"{brief.track_id}: waiting for a person: run {folder / 'generate.ipynb'} on a "
                f"GPU and put the sound ({', '.join(ACCEPTED)}) into {folder}{seen}; then "
                "materialize the track again"
            )
        if len(dropped) > 1:
            names = ", ".join(path.name for path in dropped)
            raise BadInput(f"{folder}: several sounds ({names}); leave the one to be published")
        path = dropped[0]
        self._settle(path)
        sound = read_sound(path, f"manual: {path.name}")
        container = decode(path).container
        return Sound(
            sound.parts,
            sound.sample_rate,
            generator=f"brought by a person as {container}",
            facts={"file": path.name, "bytes": path.stat().st_size},
        )

    def _settle(self, path: Path) -> None:
        """Wait until a file no longer grows."""
        size = -1
        while size != path.stat().st_size:
            size = path.stat().st_size
            time.sleep(self._settled_s)

    def _job_folder(self, brief: Brief) -> Path:
        return self._folder / brief.track_id / f"r{brief.request.revision}"


def _instructions(brief: Brief, folder: Path) -> str:
    request = brief.request
    return (
        f"{brief.title} ({request.category}, {request.duration:g} s, {brief.model.name})\n\n"
        "1. Open generate.ipynb where there is a GPU (Google Colab: Runtime > Change runtime type\n"
        "   > GPU) and run all cells; it writes track.flac.\n"
        f"2. Put that file into this folder:\n   {folder}\n"
        f"3. Run: soundflow premium --resume {brief.track_id}\n   or materialize the partition "
        f"{brief.track_id} of premium/track again.\n\n"
        f"Any stereo WAV, FLAC, MP3, Ogg or M4A of at least {request.duration:g} s will do.\n"
        f"Rights: {brief.model.statement}\n"
    )
