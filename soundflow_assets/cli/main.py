"""The command group, and what every command shares: exit codes and errors in one sentence.

=====  ===============================================================
code   meaning
=====  ===============================================================
0      done
1      tried and failed
2      refused: bad input, bad configuration, or a gate said no
130    interrupted (Ctrl-C or SIGTERM)
=====  ===============================================================

Commands import what they need when they run, so that `soundflow --help` answers at once.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from soundflow_assets.cli.output import print_json
from soundflow_assets.errors import BadInput, Refused, SoundFlowError

FAILED, REFUSED, INTERRUPTED = 1, 2, 130

# command -> the module that holds it, under the same name, and its line in the help
COMMANDS = {
    "daily": ("daily", "Make a day's tracks and the catalogs, through Dagster."),
    "premium": ("premium", "Make a premium track by a model, on any GPU."),
    "prompts": ("prompts", "List, show and enhance premium prompts."),
    "render": ("render", "Make one track into a folder, without a bucket."),
    "measure": ("measure", "Report on any audio file as a listener would hear it."),
    "verify": ("verify", "Make a track again and compare it with what was published."),
    "catalog": ("catalog", "Rebuild, validate and show the catalogs; take tracks out."),
    "accounts": ("accounts", "Users, tokens and entitlements of the service."),
    "serve": ("serve", "Serve catalogs, live generation and the player."),
    "web": ("web", "Put the player into the bucket, for use without the service."),
    "doctor": ("doctor", "Check this installation and say what to do."),
}


class _Commands(click.Group):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"soundflow_assets.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, help="Show logs and, on an error, where it arose.")
@click.version_option(package_name="soundflow-assets", prog_name="soundflow")
@click.pass_context
def soundflow(ctx: click.Context, debug: bool) -> None:
    """Compose, render, check and publish focus music every day."""
    ctx.obj = debug


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # Both, because a shell starts background jobs with SIGINT ignored, and Dagster gives SIGTERM
    # whatever handler SIGINT has.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # Importing and composing make many small objects and hardly a cycle: looking for cycles after
    # every 700 of them takes a twentieth of a short command.
    gc.set_threshold(20_000, 20, 50)
    # A run of our own tells nobody: Dagster reads this when there is no instance to say so.
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors go to stderr in one sentence."""
    if "--debug" in arguments:  # wherever it was written
        arguments = ["--debug", *(one for one in arguments if one != "--debug")]
    try:
        code = soundflow.main(arguments, prog_name="soundflow", standalone_mode=False)
    except click.ClickException as error:
        return _complain(arguments, error.format_message(), REFUSED)
    except SoundFlowError as error:
        code = REFUSED if isinstance(error, (BadInput, Refused)) else FAILED
        return _complain(arguments, str(error), code)
    except (click.Abort, KeyboardInterrupt):
        return _complain(arguments, "interrupted; nothing half-made is listed", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone: not our failure, and nobody to tell.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 0
    except Exception as error:
        text = f"{type(error).__name__}: {error}; this is a defect, --debug shows where"
        return _complain(arguments, text, FAILED)
    return int(code or 0)


def _complain(arguments: Sequence[str], sentence: str, code: int) -> int:
    if "--debug" in arguments:
        traceback.print_exc()
    for line in sentence.splitlines():
        print(f"soundflow: {line}", file=sys.stderr)
    if "--json" in arguments:
        report: dict[str, Any] = {"error": sentence, "exit_code": code}
        print_json(report)
    return code
