"""What pages and lists are tuned by: resolved for each request, so that an experiment's arm may override it."""

from __future__ import annotations

from typing import Annotated

import msgspec


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class Tuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tunables of pages and lists (`[tuning]`); arms override them as `tuning.NAME`."""

    because_rows: Annotated[
        int, msgspec.Meta(ge=0, le=20, extra_json_schema=_said('Rows of "because you watched" on one page.'))
    ] = 4
    new_days: Annotated[
        int, msgspec.Meta(ge=1, le=3650, extra_json_schema=_said("New releases joined the catalogue in so many days."))
    ] = 60
    leaving_days: Annotated[
        int, msgspec.Meta(ge=1, le=365, extra_json_schema=_said("Leaving soon means within so many days."))
    ] = 14
    genre_pairs: Annotated[
        int,
        msgspec.Meta(
            ge=0, le=20, extra_json_schema=_said("Rows where two genres meet: among the viewer's first so many.")
        ),
    ] = 5
    search_personal_share: Annotated[
        float,
        msgspec.Meta(
            ge=0, le=5, extra_json_schema=_said("How far a viewer's own scores move the order of what a search finds.")
        ),
    ] = 0.2
