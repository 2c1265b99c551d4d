"""docs/features.md, from the definitions: python -m frontrow.features.document > docs/features.md"""

from __future__ import annotations

import sys

from frontrow.features.definitions import FEATURES, Feature, spans_text
from frontrow.features.signals import CAPS, ROW

_HEAD = """\
# Features

Written by `python -m frontrow.features.document`; a test holds it to the definitions in `features/definitions.py`.

Each feature is defined once. Its value is one function of arrays over *trails*, bounded records of what a profile did,
folded from the log in order of arrival (a late event counts from when it arrives, by its own time). Serving reads one
trail, brought up to the log's end (`features/online.py`); training reads the trails of any profile at any log offset
(`features/training_view.py`, where the offset has no default), bit for bit the same. A new feature is there for the
whole past at once: the backfill is the training view. Only events with consent are folded, and nobody's features are
shown without today's consent. Titles, genres and the like are today's catalogue's.

They are for the API, the console and models of your own. Of Frontrow's own models the forecasts of
outcomes read the matches of profile × title, `completion` and `abandonment` (docs/adr/0026); the others learn from
interactions (`features/interactions.py`), moments, habits and velocity, each of which training and serving share too.

A profile's trail holds at most {rows:,} rows of {width} bytes: {caps}.
What has left it counts no more: counts of somebody very busy stop at the cap. A playback is one row, however many
events it has.
"""


def _row(feature: Feature) -> str:
    cells = (
        f"`{feature.name}`", feature.meaning, feature.type + (f" [{len(feature.axis)}]" if feature.axis else ""),
        feature.unit, spans_text(feature.window), spans_text(feature.half_life),
        "" if feature.cap is None else f"{feature.cap:,}", feature.life, feature.owner,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def features_page() -> str:
    """The page, as Markdown."""
    caps = ", ".join(f"{cap} {name}" for name, cap in CAPS.items())
    lines = [_HEAD.format(rows=sum(CAPS.values()), width=ROW.itemsize, caps=caps)]
    for entity in dict.fromkeys(feature.entity for feature in FEATURES):
        lines += [
            f"## Of a {entity}\n" if entity != "profile × title" else "## Of a profile and a title\n",
            "| feature | meaning | type | unit | window | half-life | cap (rows) | life | owner |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_row(feature) for feature in FEATURES if feature.entity == entity),
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(features_page())
