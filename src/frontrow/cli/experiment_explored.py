"""frontrow experiment explored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress

if TYPE_CHECKING:
    from frontrow.experiments.reading.exploration import Exploration

EXAMPLE = "frontrow experiment explored --json"


def explored(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """What the slot that pages left to chance (tuning.explore_share) earned: under the models, and under the draw.

    Where the log says too little there is no estimate, but how much too little.
    """
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        found = opened.exploration(progress)
    if as_json:
        say_json(found)
        return
    say("\n".join(_lines(found)))


def _lines(found: Exploration) -> list[str]:
    from frontrow.cli.experiment_offpolicy import estimate_lines
    from frontrow.experiments.statistics.words import number

    return [
        f"{found.pages:,} home pages of {found.profiles:,} profiles left a slot to chance, {found.explored:,} of them "
        f"drew a title; {found.reward}",
        f"as served: {number(found.as_served)}",
        "what the models put there:",
        *(f"  {line}" for line in estimate_lines(found.models)),
        "drawn from what they would not show:",
        *(f"  {line}" for line in estimate_lines(found.drawn)),
    ]
