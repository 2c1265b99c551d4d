"""frontrow show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say_json, say_records
from frontrow.core.errors import NotFound, UsageError

EXAMPLE = "frontrow show features 42"


def show(
    what: Annotated[
        Literal["stages", "features", "models", "experiments", "routes"], typer.Argument(show_default=False)
    ],
    profile: Annotated[
        str | None,
        typer.Argument(metavar="[PROFILE_ID]", help="With features: the values of this profile.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is wired and live; with `features PROFILE_ID`, what is known of a profile now."""
    if profile is not None:
        if what != "features":
            raise UsageError(f"show {what} takes no PROFILE_ID; only `show features` does")
        _features_of(profile, workspace, as_json)
        return
    if what == "routes":
        from frontrow.api.routes import route_rows

        records: list[dict[str, Any]] = [*route_rows()]
    else:
        with open_workspace(workspace) as opened:
            records = opened.show(what)
    if as_json:
        say_json({what: records})
    else:
        say_records(records, f"there are no {what}")


def _features_of(profile: str, workspace: Path | None, as_json: bool) -> None:
    from frontrow.features.definitions import PROFILE_FEATURES

    with open_workspace(workspace) as opened:
        try:
            opened.profile(profile)
        except NotFound:
            raise NotFound(
                f"there is no profile {profile}", "Ids are those of events and of `frontrow export tables`."
            ) from None
        told = opened.engine.features(profile)
    if as_json:
        say_json(told)
        return
    units = {feature.name: feature.unit for feature in PROFILE_FEATURES}
    say_records(
        [
            {"feature": name, "value": each.value, "unit": units[name], "updated at": each.updated_at}
            for name, each in told.features.items()
        ],
        f"nothing may be learned of {profile}: it has not consented to personalization",
    )
