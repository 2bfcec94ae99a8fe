"""A person with a GPU: the job goes out once, the sound is taken when it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sounds import flac, music, wav, write
from test_providers import brief

from soundflow_assets.errors import BadInput, Refused
from soundflow_assets.premium.intake import admitted
from soundflow_assets.premium.providers.dropped import dropped_sounds
from soundflow_assets.premium.providers.interface import Watch
from soundflow_assets.premium.providers.manual import Manual, WaitingForPerson
from soundflow_assets.settings import load_settings


def manual(root: Path) -> Manual:
    settings = load_settings({"SOUNDFLOW_MANUAL_FOLDER": str(root)})
    return Manual(settings.providers, settled_s=0.01)


def generate(root: Path, **changes: Any) -> Any:
    asked = brief(**changes)
    provider = manual(root)
    provider.check(asked)
    [sound] = provider.generate([asked], root, Watch())
    return sound


def test_the_job_folder_holds_all_a_person_needs(tmp_path: Path) -> None:
    with pytest.raises(WaitingForPerson, match=r"generate\.ipynb on a GPU and put the sound"):
        generate(tmp_path)
    folder = tmp_path / "one" / "r1"
    names = {path.name for path in folder.iterdir()}
    assert names == {"request.json", "job.json", "prompt.txt", "generate.ipynb", "README.txt"}
    job = json.loads((folder / "job.json").read_text())
    assert job["model"] == "facebook/musicgen-stereo-large"
    assert job["text"] == (folder / "prompt.txt").read_text().strip()
    assert "CC-BY-NC" in (folder / "README.txt").read_text()


@pytest.mark.parametrize("name", ["track.flac", "Meine Musik (1).WAV"])
def test_a_dropped_sound_is_taken_also_after_a_restart(tmp_path: Path, name: str) -> None:
    with pytest.raises(WaitingForPerson):
        generate(tmp_path)
    body = flac(music(12.5)) if name.endswith("flac") else wav(music(12.5))
    write(tmp_path / "one" / "r1" / name, body)
    sound = generate(tmp_path)  # another provider object: all state is on disk
    assert admitted(sound, "manual", 12.0)[0].shape[0] == 2
    assert sound.facts["file"] == name
    assert list(dropped_sounds(tmp_path)) == ["one"]


def test_a_sound_for_an_older_revision_is_not_taken(tmp_path: Path) -> None:
    write(tmp_path / "one" / "r1" / "track.flac", flac(music(12.5)))
    with pytest.raises(WaitingForPerson):
        generate(tmp_path, revision=2)
    assert dropped_sounds(tmp_path) == {}


def test_two_sounds_are_one_too_many(tmp_path: Path) -> None:
    for name in ("a.flac", "b.flac"):
        write(tmp_path / "one" / "r1" / name, flac(music(1.0)))
    with pytest.raises(BadInput, match=r"several sounds \(a\.flac, b\.flac\)"):
        generate(tmp_path)


def test_what_is_no_sound_is_named(tmp_path: Path) -> None:
    write(tmp_path / "one" / "r1" / "track.flac", b"<html>quota exceeded</html>")
    with pytest.raises(Refused, match=r"manual: track\.flac: what came back is not audio"):
        generate(tmp_path)
    (tmp_path / "one" / "r1" / "track.flac").rename(tmp_path / "one" / "r1" / "track.opus")
    with pytest.raises(WaitingForPerson, match=r"found track\.opus, which is none"):
        generate(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="SOUNDFLOW_MANUAL_FOLDER"):
        manual(tmp_path / "file").check(brief())
