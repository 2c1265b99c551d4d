"""What is wrong with a catalogue: records that are sound each by itself, and that no viewer will ever see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.title import Title, Window, may_stand_in_rows
from frontrow.core.clock import parse_time
from frontrow.operate.finding import Finding

NO_CODES: Final = {"UK": "GB", "EL": "GR"}
"""What is often written for a country, and its ISO 3166-1 code, which requests and profiles say."""


def catalogue_findings(catalogue: Catalogue) -> Iterable[Finding]:
    """All findings on it."""
    rankable = int(catalogue.rankable.sum())
    if rankable == 0:
        yield _warn("no titles that rows can hold: pages are empty", "frontrow import, or PUT /v1/titles.")
    titles = [title for title in catalogue.titles if title is not None]
    if rankable:
        episodes = len(titles) - rankable
        yield Finding("ok", "catalogue", f"{rankable:,} titles that rows can hold, {episodes:,} episodes")
    bare = [title for title in titles if may_stand_in_rows(title) and not title.genres]
    if len(bare) > rankable / 2:
        yield _warn(f"{len(bare):,} titles have no genre: no genre rows", "PATCH /v1/titles.")
    if shut := [title for title in titles if title.windows and not any(map(_opens, title.windows))]:
        yield _warn(
            f"{_some(shut)} never shown: no window ends after it begins",
            "Let `until` be later than `from`: PATCH /v1/titles.",
        )
    if lost := [title for title in titles if title.kind == "episode" and not _has_series(catalogue, title)]:
        yield _warn(
            f"{_some(lost)} shown nowhere: an episode is shown as its series, and `series_id` names none",
            "Give it the `series_id` of a title of kind series: PATCH /v1/titles.",
        )
    for wrong, code in NO_CODES.items():
        if named := [title for title in titles if _is_meant_for(title, wrong, code)]:
            yield _warn(
                f"{_some(named)} not open to {code}: its windows name {wrong}, which is no ISO 3166-1 code",
                f"Write {code}: PATCH /v1/titles.",
            )
    if unknown := int(np.count_nonzero(catalogue.kind < 0)):
        yield _warn(
            f"events name {unknown:,} titles that are not in the catalogue; they count once the titles exist",
            "Add them: PUT /v1/titles.",
        )


def _warn(message: str, mend: str) -> Finding:
    return Finding("warn", "catalogue", message, mend)


def _some(titles: Sequence[Title]) -> str:
    return f"{titles[0].title_id} is" if len(titles) == 1 else f"{len(titles):,} titles ({titles[0].title_id} …) are"


def _opens(window: Window) -> bool:
    return window.from_ is None or window.until is None or parse_time(window.from_) < parse_time(window.until)


def _is_meant_for(title: Title, wrong: str, code: str) -> bool:
    """Whether some window of it names a country wrongly, and none is open to it under its code."""
    named = any(wrong in window.countries for window in title.windows)
    return named and all(window.countries and code not in window.countries for window in title.windows)


def _has_series(catalogue: Catalogue, title: Title) -> bool:
    number = catalogue.number.get(title.series_id or "")
    series = None if number is None else catalogue.titles[number]
    return series is not None and series.kind == "series"
