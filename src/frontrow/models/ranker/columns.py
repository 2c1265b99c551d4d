"""Names of what the ranker reads of a candidate."""

from __future__ import annotations

from typing import Final

from frontrow.models.names import FEATURES, SOURCE_OF

PAIRS: Final = ("after_last", "after_second", "after_third", "follows_last", "follows_second")
"""What each of the latest titles of the history alone says for a candidate, by transitions and by what-follows."""

MOMENT: Final = ("gap", "gap_said", "history", "same_minute", "days_known", "last_day")
"""Of the history and the moment, the same for every candidate: log seconds since the latest interaction, and whether
any are said to have passed; log interactions; the share of the latest 20 within a minute of the last; log days from the
first to the last; log interactions in the day before the last."""

COLUMNS: Final = (*FEATURES, *(f"behind_{name}" for name in FEATURES), *PAIRS, *MOMENT)
"""Names of the columns: each feature in standard deviations, how far it is behind the best of the candidates (log), and
the above."""


def columns_of(source: str) -> list[int]:
    """Places of the columns that come from a source."""
    names = [name for name in FEATURES if SOURCE_OF[name] == source]
    told = {*names, *(f"behind_{name}" for name in names)}
    told |= {name for name in PAIRS if name.startswith({"transitions": "after", "follow": "follows"}.get(source, "-"))}
    return [place for place, name in enumerate(COLUMNS) if name in told]
