"""Other programs on the same score: what a finished MP3 costs them, and us.

    .venv/bin/python bench/peers.py                      deep house, 180 s, five runs
    .venv/bin/python bench/peers.py --genre jazz --runs 9

One score is composed, written as MIDI for FluidSynth (sampled General MIDI) and as a csd for csound
(an orchestra of comparable layers, see `csound_score`), and rendered by whole processes, in turns.
Their WAV goes through the lame program at the quality we encode with. All deliver one MP3: ours is
`soundflow render` without its options, so without a loop cut and stems. It also composes (three
scores, of which it keeps one), masters to a loudness under a true-peak ceiling, decodes the MP3
again and judges it, and writes peaks and a cover, none of which the others do. Figures are medians
of CPU seconds, user and system, of a process and its children.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

DATE = "2026-01-15"
SOUNDFONTS = ("FluidR3_GM.sf2", "TimGM6mb.sf2")
SOUNDFONT_FOLDERS = (Path("/usr/share/sounds/sf2"), Path("/usr/share/soundfonts"))
DEBIAN = "apt-get install fluidsynth fluid-soundfont-gm timgm6mb-soundfont csound lame"
OURS = "soundflow render"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, and the commands that make an MP3 with it, one after the other."""

    name: str
    commands: tuple[tuple[str, ...], ...]


def write_scores(genre: str, seconds: float, folder: Path) -> None:
    """Compose a track and leave `score.mid` and `score.csd` in `folder`."""
    from csound_score import csound_document

    from soundflow_assets.composition.midi import score_to_midi
    from soundflow_assets.listening.candidates import best_candidate
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.plans.resolve import genre_plan

    plan = genre_plan(load_configs(), genre, dt.date.fromisoformat(DATE), duration_s=seconds)
    composed = best_candidate(plan)
    (folder / "score.mid").write_bytes(score_to_midi(composed.score))
    (folder / "score.csd").write_text(csound_document(composed.plan, composed.score))


def peers(genre: str, seconds: float) -> tuple[list[Peer], list[str]]:
    """Return what can be run here, ours first, and what is missing."""
    render = str(Path(sys.executable).with_name("soundflow"))
    ours = (render, "render", "--genre", genre, "--date", DATE, "--duration", f"{seconds:g}")
    found = [Peer(OURS, ((*ours, "--out", "ours", "--json"),))]
    missing = [name for name in ("lame", "csound", "fluidsynth") if shutil.which(name) is None]
    if "lame" in missing:
        return found, missing
    lame = ("lame", "--quiet", "-b", "192", "-q", "5", "out.wav", "out.mp3")
    if "csound" not in missing:
        csound = ("csound", "-d", "-m0", "-W", "-s", "-o", "out.wav", "score.csd")
        found.append(Peer("csound + lame", (csound, lame)))
    if "fluidsynth" not in missing:
        for font in SOUNDFONTS:
            places = [folder / font for folder in SOUNDFONT_FOLDERS if (folder / font).is_file()]
            if not places:
                missing.append(font)
                continue
            play = ("fluidsynth", "-ni", "-q", "-r", "44100", "-F", "out.wav")
            commands = ((*play, str(places[0]), "score.mid"), lame)
            found.append(Peer(f"FluidSynth, {font} + lame", commands))
    return found, missing


def cpu_s(peer: Peer, folder: Path) -> float:
    """Return the CPU seconds of one MP3; a program that makes none is an error."""
    # A warm installation has its bytecode.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in peer.commands:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-1000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = list(folder.rglob("*.mp3"))
    if len(made) != 1 or made[0].stat().st_size < 10_000:
        sys.exit(f"{peer.name}: no MP3 was made")
    made[0].unlink()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a table of medians, and of ratios to ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--genre", default="deep")
    parser.add_argument("--duration", type=float, default=180.0)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    found, missing = peers(asked.genre, asked.duration)
    if missing:
        print(f"not installed: {', '.join(missing)}; on Debian: {DEBIAN}", file=sys.stderr)
    if len(found) == 1:
        sys.exit(2)
    figures: dict[str, list[float]] = {peer.name: [] for peer in found}
    with tempfile.TemporaryDirectory() as name:
        write_scores(asked.genre, asked.duration, Path(name))
        cpu_s(found[0], Path(name))  # kernels are compiled once a machine
        for _ in range(asked.runs):
            for peer in found:  # in turns, so that other work on the machine meets all of them
                figures[peer.name].append(cpu_s(peer, Path(name)))
    ours = figures[OURS]
    print(f"{asked.genre}, {asked.duration:g} s, {asked.runs} runs: CPU s, ratio to ours")
    for name, seconds in figures.items():
        ratio = statistics.median(one / own for one, own in zip(seconds, ours, strict=True))
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{name:36}{statistics.median(seconds):8.2f}  ({spread}){ratio:8.2f}")


if __name__ == "__main__":
    main()
