"""The console's page of one profile's features, drawn; they move while it is watched."""

from __future__ import annotations

from typing import NamedTuple

from frontrow.features.definitions import PROFILE_FEATURES, Feature
from frontrow.recommend.answers import Features, FeatureValue
from frontrow.web.render import render

LONGEST_BAR = 60.0
"""Width of the largest value's bar, in units of the drawing."""
MOST_SHOWN = 12


class Bar(NamedTuple):
    """One named number of a vector or map."""

    name: str
    value: str
    width: str


class Line(NamedTuple):
    """One feature: its value as text, or as bars."""

    name: str
    meaning: str
    unit: str
    text: str
    bars: list[Bar]
    updated: str


class Group(NamedTuple):
    """Features of one kind."""

    title: str
    lines: list[Line]


def features_page(answer: Features) -> bytes:
    """The whole page."""
    return render("features.html", direction="ltr", profile=answer.profile_id, groups=_groups(answer))


def features_part(answer: Features) -> bytes:
    """The table alone, as it is now."""
    return render("features_table.html", groups=_groups(answer))


def _groups(answer: Features) -> list[Group]:
    groups: dict[str, list[Line]] = {}
    for feature in PROFILE_FEATURES:
        found = answer.features.get(feature.name)
        if found is not None:
            groups.setdefault(_title(feature), []).append(_line(feature, found))
    return [Group(title, lines) for title, lines in groups.items()]


def _title(feature: Feature) -> str:
    if feature.entity == "session":
        return "This session"
    kinds = {"taste": "Taste", "recent": "Recent history", "habit": "Habits", "hours": "How long ago"}
    return kinds.get(feature.name.split("_")[0], "Activity" if feature.type == "vector" else "Manner")


def _line(feature: Feature, found: FeatureValue) -> Line:
    value, bars, text = found.value, [], ""
    if isinstance(value, dict):
        numbers = [(name, each) for name, each in value.items() if isinstance(each, int | float)][:24]
        shown = numbers if feature.type == "vector" else numbers[:MOST_SHOWN]
        most = max((number for _, number in shown), default=0) or 1
        bars = [Bar(name, f"{number:.3g}", f"{LONGEST_BAR * number / most:.1f}") for name, number in shown]
        text = "" if bars else "nothing yet"
    elif isinstance(value, list):
        text = ", ".join(_number(each) for each in value[:MOST_SHOWN]) or "nothing yet"
    else:
        text = _number(value)
    return Line(feature.name, feature.meaning, feature.unit, text, bars, found.updated_at or "")


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
