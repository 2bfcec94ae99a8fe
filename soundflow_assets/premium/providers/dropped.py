"""Which sounds people have brought for the provider manual; light enough for a sensor."""

from __future__ import annotations

import re
from pathlib import Path

ACCEPTED = (".wav", ".flac", ".mp3", ".ogg", ".m4a")
_TRACK = re.compile(r"[a-z0-9_-]{1,64}")
_REVISION = re.compile(r"r(\d{1,7})")


def sounds_in(folder: Path) -> list[Path]:
    """Return the sounds that lie in a job folder."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in ACCEPTED and not path.name.startswith(".") and path.is_file()
    )


def dropped_sounds(root: Path) -> dict[str, str]:
    """Return for each track with a sound in its latest job folder what tells that sound apart."""
    found: dict[str, str] = {}
    if not root.is_dir():
        return found
    for track in sorted(root.iterdir()):
        if not track.is_dir() or not _TRACK.fullmatch(track.name):
            continue
        jobs = [
            (int(match[1]), job)
            for job in track.iterdir()
            if (match := _REVISION.fullmatch(job.name)) and job.is_dir()
        ]
        if not jobs:
            continue
        sounds = sounds_in(max(jobs)[1])
        if sounds:
            facts = sounds[0].stat()
            found[track.name] = f"{sounds[0].name}-{facts.st_size}-{facts.st_mtime_ns}"
    return found
