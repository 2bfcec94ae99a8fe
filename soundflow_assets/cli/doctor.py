"""`soundflow doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

import dataclasses

import click

from soundflow_assets.cli.output import console, json_option, print_json

_MARKS = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Check this installation and say what to do; exits with 2 where something is wrong."""
    from soundflow_assets.doctor.diagnose import diagnose

    findings = diagnose()
    problems = sum(finding.state == "problem" for finding in findings)
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print_json({"problems": problems, "findings": rows})
    else:
        out = console()
        for finding in findings:
            out.print(f"{_MARKS[finding.state]:<8} {finding.check}: {finding.found}", markup=False)
            if finding.remedy:
                out.print(f"         {finding.remedy}", markup=False)
    return 2 if problems else 0
