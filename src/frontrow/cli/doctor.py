"""frontrow doctor."""

from __future__ import annotations

import typer

from frontrow.cli.command import FAILED
from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json

EXAMPLE = "frontrow doctor"


def doctor(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say what is wrong with the workspace and how to mend it. Exit 1 if anything fails; warnings leave it 0."""
    with open_workspace(workspace) as opened:
        findings = opened.doctor()
    if as_json:
        say_json({"findings": findings})
    else:
        for finding in findings:
            say(f"{finding.level:4}  {finding.check}: {finding.message}")
            if finding.mend and finding.level != "ok":
                say(f"      {finding.mend}")
    if any(finding.level == "fail" for finding in findings):
        raise typer.Exit(FAILED)
