"""Every feature, defined once. From a definition come the online value (`features.online`), the point-in-time training
view and the backfill (`features.training_view`), `frontrow show features` and docs/features.md.

What a feature is computed from is a trail (`features.signals`): bounded, folded from the log as events arrive. Its
`read` is one function of arrays, for one profile now and for a million moments of the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import DEVICES
from frontrow.features import activity, pairs, taste, titles
from frontrow.features.habits import HABIT_HALF_LIFE
from frontrow.features.labels import NAMESPACES
from frontrow.features.signals import ACTED, CAPS, PLAYED, SHOWN

Entity = Literal["profile", "session", "profile × title", "title", "country"]
Type = Literal["number", "vector", "sequence", "map"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature.

    `read` takes a Batch (entity profile, session), Pairs (profile × title) or Asked (title, country) and returns
    Values. `axis` names a vector's elements. `window` and `half_life` are microseconds, `cap` the rows that it is
    computed from at most, `rings` which of the trail's. Times are the events' own (`at`); what is folded is folded in
    order of arrival.
    """

    name: str
    meaning: str
    entity: Entity
    type: Type
    unit: str
    read: Callable[[Any], Any]
    life: str
    rings: tuple[str, ...] = ()
    axis: tuple[str, ...] = ()
    window: tuple[int, ...] = ()
    half_life: tuple[int, ...] = ()
    cap: int | None = None
    owner: str = "features"


_SINCE_EVICTED: Final = "until its rows leave the trail"
_SESSION_LIFE: Final = "until 30 minutes without an event, or session_end"
_SPANS: Final = tuple(activity.WINDOWS)
_ALL_SPANS: Final = tuple(activity.WINDOWS.values())
_GROUPS: Final = {
    "plays": ("playbacks begun", PLAYED),
    "ratings": ("ratings", PLAYED),
    "impressions": ("titles on screen", SHOWN),
    "selects": ("details opened", ACTED),
    "searches": ("searches", ACTED),
}
_LABELS: Final = {
    "genre": "genres", "tag": "tags", "person": "people", "language": "audio languages",
    "origin": "countries of origin",
}  # fmt: skip


def _counts_and_rates() -> Iterator[Feature]:
    for group, (meaning, ring) in _GROUPS.items():
        yield Feature(
            name=group, meaning=f"{meaning} in the last hour, day, week and month", entity="profile", type="vector",
            unit=meaning, axis=_SPANS, read=partial(activity.counts, group=group), window=_ALL_SPANS, rings=(ring,),
            cap=CAPS[ring], life="30 days",
        )  # fmt: skip
        yield Feature(
            name=f"{group}_rate", meaning=f"{meaning} a day, smoothed: each fades by half in an hour, day, week, month",
            entity="profile", type="vector", unit=f"{meaning} a day", axis=_SPANS,
            read=partial(activity.rates, group=group), half_life=_ALL_SPANS, rings=(ring,), cap=CAPS[ring],
            life="64 half-lives",
        )  # fmt: skip


def _tastes() -> Iterator[Feature]:
    for namespace in NAMESPACES:
        for speed, half_life in taste.SPEEDS.items():
            yield Feature(
                name=f"taste_{namespace}_{speed}",
                meaning=f"{_LABELS[namespace]} of what was watched and liked, as shares",
                entity="profile", type="map", unit="0..1", read=partial(taste.taste, namespace=namespace, speed=speed),
                half_life=(half_life,), rings=(PLAYED,), cap=CAPS[PLAYED], life=_SINCE_EVICTED,
            )  # fmt: skip


def _histories() -> Iterator[Feature]:
    for name, (meaning, unit) in {
        "titles": ("the titles played or rated, an episode as its series", "title numbers; ids in JSON"),
        "ages": ("how long ago each began", "hours"),
        "gaps": ("from the beginning of the one before", "hours"),
        "seconds": ("how long each was watched", "seconds"),
        "fraction": ("the position reached in each", "0..1"),
        "weight": ("how much each says for its title", "0..1"),
    }.items():
        yield Feature(
            name=f"recent_{name}", meaning=f"{meaning}; recent playbacks and ratings in order of arrival",
            entity="profile", type="sequence", unit=unit, read=partial(activity.recent, what=name), rings=(PLAYED,),
            cap=CAPS[PLAYED], life=_SINCE_EVICTED,
        )  # fmt: skip


def _manners() -> Iterator[Feature]:
    for name, meaning, read in (
        ("completion", "share of playbacks over two minutes that reached .9", taste.completion),
        ("abandonment", "share of playbacks over two minutes left below .2 for a day", taste.abandonment),
    ):
        yield Feature(
            name=name, meaning=f"{meaning}, fading, smoothed by half a playback of each kind", entity="profile",
            type="number", unit="0..1", read=read, half_life=(taste.SPEEDS["slow"],), rings=(PLAYED,), cap=CAPS[PLAYED],
            life="64 half-lives",
        )  # fmt: skip
    for what, axis in (("hour", taste.HOURS), ("weekday", taste.WEEKDAYS), ("device", DEVICES)):
        yield Feature(
            name=f"habit_{what}", meaning=f"share of playbacks by {what}"
            + ("" if what == "device" else ", in local time where the event said its offset, else UTC"),
            entity="profile", type="vector", unit="0..1", axis=axis, read=partial(taste.habit, what=what),
            half_life=(HABIT_HALF_LIFE,), rings=(PLAYED,), cap=CAPS[PLAYED], life=_SINCE_EVICTED,
        )  # fmt: skip
    for what, meaning in (
        ("event", "since the newest event"), ("play", "since something was last played"),
        ("session", "since the latest session began"), ("first_event", "since the first event"),
    ):  # fmt: skip
        yield Feature(
            name=f"hours_since_{what}", meaning=meaning, entity="profile", type="number", unit="hours",
            read=partial(activity.hours_since, what=what), rings=(PLAYED,) if what == "play" else (),
            life=_SINCE_EVICTED if what == "play" else "the profile's",
        )  # fmt: skip
    yield Feature(
        name="events_total", meaning="events so far", entity="profile", type="number", unit="events",
        read=activity.events_total, life="the profile's",
    )  # fmt: skip


_SESSION: Final = (
    Feature(
        name="session_minutes", meaning="since the running session began", entity="session", type="number",
        unit="minutes", read=activity.session_minutes, life=_SESSION_LIFE,
    ),
    Feature(
        name="session_counts", meaning="what happened in the running session", entity="session", type="vector",
        unit="events", axis=activity.GROUPS, read=activity.session_counts, cap=sum(CAPS.values()), life=_SESSION_LIFE,
    ),
    Feature(
        name="session_intent", meaning="genres of what was opened, played or found by search in the running session",
        entity="session", type="map", unit="0..1", read=taste.session_intent, rings=(PLAYED, ACTED),
        cap=CAPS[PLAYED] + CAPS[ACTED], life=_SESSION_LIFE,
    ),
)  # fmt: skip


def _between() -> Iterator[Feature]:
    for name, meaning, unit, read, ring in (
        ("pair_plays", "playbacks and ratings of the title", "playbacks", pairs.plays, PLAYED),
        ("pair_position", "position reached in the latest playback", "0..1", pairs.position, PLAYED),
        ("pair_hours_since_seen", "since it was last played or rated", "hours", pairs.hours_since_seen, PLAYED),
        ("pair_hours_since_shown", "since it was last on screen", "hours", pairs.hours_since_shown, SHOWN),
        ("pair_impressions", "how often it was on screen", "impressions", pairs.impressions, SHOWN),
        ("pair_impressions_unplayed", "how often it was on screen since it was last played or rated", "impressions",
         pairs.impressions_unplayed, SHOWN),
    ):  # fmt: skip
        yield Feature(
            name=name, meaning=meaning, entity="profile × title", type="number", unit=unit, read=read, rings=(ring,),
            cap=CAPS[ring], life=_SINCE_EVICTED,
        )  # fmt: skip
    for namespace in NAMESPACES:
        for speed, half_life in taste.SPEEDS.items():
            yield Feature(
                name=f"pair_match_{namespace}_{speed}",
                meaning=f"the profile's taste in {_LABELS[namespace]}, summed over those of the title",
                entity="profile × title", type="number", unit="0..",
                read=partial(pairs.match, namespace=namespace, speed=speed), half_life=(half_life,), rings=(PLAYED,),
                cap=CAPS[PLAYED], life=_SINCE_EVICTED,
            )  # fmt: skip


_CATALOGUE: Final = (
    Feature(
        name="title_views", meaning="viewers in the last hour, day, week and month", entity="title", type="vector",
        unit="viewer-days", axis=_SPANS, read=titles.views, window=_ALL_SPANS, life="30 days",
    ),
    Feature(
        name="title_views_country", meaning="the same in the country asked for", entity="title", type="vector",
        unit="viewer-days", axis=_SPANS, read=titles.views_in_country, window=_ALL_SPANS, life="30 days",
    ),
    Feature(
        name="title_momentum", meaning="viewers of the last day against a day of the last week, smoothed by one",
        entity="title", type="number", unit="ratio", read=titles.momentum, window=(DAY, 7 * DAY), life="7 days",
    ),
    Feature(
        name="country_views", meaning="viewers of all titles in the country in the last hour, day, week and month",
        entity="country", type="vector", unit="viewer-days", axis=_SPANS, read=titles.of_country, window=_ALL_SPANS,
        life="30 days",
    ),
)  # fmt: skip

FEATURES: Final[tuple[Feature, ...]] = (
    *_counts_and_rates(),
    *_tastes(),
    *_histories(),
    *_manners(),
    *_SESSION,
    *_between(),
    *_CATALOGUE,
)
"""All features, in the order in which they are shown."""

_BY_NAME: Final = {each.name: each for each in FEATURES}


def feature(name: str) -> Feature:
    """The one definition of a feature."""
    return _BY_NAME[name]


PROFILE_FEATURES: Final = tuple(each for each in FEATURES if each.entity in ("profile", "session"))
PAIR_FEATURES: Final = tuple(each for each in FEATURES if each.entity == "profile × title")
TITLE_FEATURES: Final = tuple(each for each in FEATURES if each.entity == "title")
COUNTRY_FEATURES: Final = tuple(each for each in FEATURES if each.entity == "country")


def spans_text(spans: tuple[int, ...]) -> str:
    """Windows or half-lives for people."""
    return ", ".join(f"{span // DAY} d" if span >= 2 * DAY else f"{span // HOUR} h" for span in spans)
