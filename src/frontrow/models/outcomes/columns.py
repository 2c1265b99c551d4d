"""Names of what the outcomes of a title are told from."""

from __future__ import annotations

from typing import Final

from frontrow.features.labels import NAMESPACES
from frontrow.features.outcomes import OUTCOMES
from frontrow.features.taste import SPEEDS
from frontrow.models.names import FEATURES, SOURCE_OF
from frontrow.models.ranker.columns import MOMENT

PAIR_READ: Final = tuple(f"pair_match_{namespace}_{speed}" for namespace in NAMESPACES for speed in SPEEDS)
PROFILE_READ: Final = ("completion", "abandonment")
"""Features by their names in features/definitions.py: of profile × title, and of the profile."""

OWN: Final = (*(f"own_{name}" for name in OUTCOMES), "own_playbacks")
"""What came of the title's playbacks that were learned from (log odds; log minutes), drawn to everybody's, and of how
many."""

TITLE: Final = ("runtime", "runtime_said")
"""Log minutes, and whether the catalogue says them."""

COLUMNS: Final = (*FEATURES, *MOMENT, *PAIR_READ, *PROFILE_READ, *OWN, *TITLE)
"""The sources in standard deviations and the moment, as the ranker reads them, and the above."""


def columns_of(source: str) -> list[int]:
    """Places of the columns that come from a source; how titles' labels match the viewer's is content."""
    told = {name for name in FEATURES if SOURCE_OF[name] == source} | set(PAIR_READ if source == "content" else ())
    return [place for place, name in enumerate(COLUMNS) if name in told]
