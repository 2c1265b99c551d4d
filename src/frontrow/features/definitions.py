"""Every feature of a profile, defined once: name, meaning, unit, and how it is read from the viewer's state.

A feature is a pure function of the state at a moment; the state is the fold of the log. So its value when training is
its value when serving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY
from frontrow.events.event import TYPES
from frontrow.features.seen import Seen
from frontrow.features.viewer_state import ViewerState

RECENT = 20
LABELS = 12


class Records(Protocol):
    """What features read of the catalogue."""

    @property
    def ids(self) -> list[str]: ...
    @property
    def titles(self) -> list[Title | None]: ...


@dataclass(frozen=True)
class Moment:
    """What a feature is computed from: the state at `now` (microseconds UTC) and the catalogue of today."""

    state: ViewerState
    seen: Seen
    now: int
    records: Records


@dataclass(frozen=True)
class Feature:
    """One feature. `personal` ones learn from the viewer and are absent without consent."""

    name: str
    meaning: str
    unit: str
    read: Callable[[Moment], object]
    personal: bool = True


def _since(moment: Moment, days: float) -> int:
    return sum(1 for each in moment.state.interactions if moment.now - each.at < days * DAY and each.weight > 0)


def _taste(moment: Moment, labels: Callable[[Title], list[str]]) -> dict[str, float]:
    taste: dict[str, float] = {}
    for each in moment.state.interactions:
        title = moment.records.titles[each.title] if each.title < len(moment.records.titles) else None
        if title is not None and each.weight > 0:
            for label in labels(title):
                taste[label] = taste.get(label, 0.0) + each.weight
    total = sum(taste.values()) or 1.0
    most = sorted(taste.items(), key=lambda each: (-each[1], each[0]))[:LABELS]
    return {label: round(value / total, 6) for label, value in most}


def _finished(moment: Moment) -> float | None:
    weights = [each.weight for each in moment.state.interactions]
    return round(sum(weight >= 1 for weight in weights) / len(weights), 6) if weights else None


def _recent(moment: Moment) -> list[str]:
    return [moment.records.ids[each.title] for each in moment.state.interactions[: -RECENT - 1 : -1]]


FEATURES: Final[tuple[Feature, ...]] = (
    Feature("watched_count", "titles watched", "titles", lambda m: len(m.seen.watched), personal=False),
    Feature("in_progress_count", "titles in progress", "titles", lambda m: len(m.seen.in_progress), personal=False),
    Feature("hidden_count", "titles hidden", "titles", lambda m: len(m.seen.hidden), personal=False),
    Feature("list_count", "titles on My List", "titles", lambda m: len(m.seen.listed), personal=False),
    Feature("interactions_1d", "plays and ratings of the last day", "interactions", lambda m: _since(m, 1)),
    Feature("interactions_7d", "plays and ratings of the last 7 days", "interactions", lambda m: _since(m, 7)),
    Feature("interactions_30d", "plays and ratings of the last 30 days", "interactions", lambda m: _since(m, 30)),
    Feature("completion_rate", "share of plays and ratings that were finished or liked", "0..1", _finished),
    Feature("recent_titles", "the last titles played or rated, newest first", "title ids", _recent),
    Feature("taste_genres", "share of each genre in what was watched", "0..1", lambda m: _taste(m, lambda t: t.genres)),
    Feature(
        "taste_languages",
        "share of each audio language in what was watched",
        "0..1",
        lambda m: _taste(m, lambda t: [*t.languages]),
    ),
    Feature("habit_hours", "plays by local hour of the day", "events", lambda m: list(m.state.hours)),
    Feature("habit_devices", "plays by device", "events", lambda m: dict(m.state.devices)),
    Feature(
        "events_by_type",
        "events by type",
        "events",
        lambda m: {TYPES[kind]: count for kind, count in sorted(m.state.types.items())},
    ),
    Feature(
        "impressions_unplayed",
        "titles shown at least three times and never played",
        "titles",
        lambda m: sum(1 for t, n in m.state.impressions.items() if n >= 3 and t not in m.seen.watched),
    ),
)
"""All features, in the order in which they are shown."""
