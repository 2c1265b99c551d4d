"""Who is asking, at which moment: profile, state, place, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.rights import Place
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.moments import UNKNOWN, Moment, device_number, local_hour, offset_of
from frontrow.features.said import said_of
from frontrow.features.seen import Seen, seen_at
from frontrow.features.viewer_state import ViewerState
from frontrow.models.query import Query, nobody
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile
from frontrow.recommend.arms import PLAIN, Resolved
from frontrow.recommend.views import Views

_SILENT = frozenset(
    TYPE_NUMBER[name] for name in ("impression", "session_start", "session_end", "survey", "cancel", "rejoin")
)


@dataclass(frozen=True)
class Viewer:
    """One viewer at one moment. `now` is the moment answered for, microseconds UTC. `personal` is whether rows may
    learn from the viewer (consent); seen, hidden and listed hold regardless. `past`: the state ends at `now`."""

    profile_id: str | None
    known: KnownProfile | None
    now: int
    place: Place
    language: str | None
    device: str | None
    context: dict[str, Any]
    personal: bool
    state: ViewerState
    seen: Seen
    query: Query
    available: NDArray[np.bool_]
    arm: Resolved = PLAIN
    past: bool = False

    @property
    def number(self) -> int | None:
        """The profile number, if somebody has this id."""
        return self.known.number if self.known else None


@dataclass(frozen=True)
class Asking:
    """The part of a request that says who, when and where; `at` in microseconds UTC or None."""

    profile_id: str | None
    now: int
    at: int | None = None
    country: str | None = None
    language: str | None = None
    device: str | None = None
    context: dict[str, Any] | None = None


def load_viewer(
    asking: Asking, known: KnownProfile | None, views: Views, default_consent: bool, arm: Resolved = PLAIN
) -> Viewer:
    """The viewer with all stored events or, where `at` is given, with those up to it."""
    profile = known.profile if known else Profile(profile_id=asking.profile_id or "nobody")
    consent = profile.consent.personalization
    personal = default_consent if consent is None else consent
    catalogue = views.catalogue
    place = Place(asking.country or profile.country, profile.plan, profile.limit)
    available = catalogue.rights.mask(place, asking.now, catalogue.size)
    state = views.viewers.state(known, catalogue, asking.at)
    moment = _moment(asking, profile.timezone, state.clock if personal else None)
    seen = seen_at(state, asking.now, available, catalogue.episodes)
    return Viewer(
        profile_id=asking.profile_id,
        known=known,
        now=asking.now,
        place=place,
        language=asking.language or profile.language,
        device=asking.device,
        context=asking.context or {},
        personal=personal,
        state=state,
        seen=seen,
        query=history_of(state, asking.now, place.country, moment, arm.tuning.history, asking.at is None)
        if personal
        else nobody(asking.now, place.country, moment, asking.at is None),
        available=available,
        arm=arm,
        past=asking.at is not None,
    )


def deeds_of(viewer: Viewer) -> int:
    """How many of the viewer's events say something of what it wants; those on screen do not."""
    return sum(count for kind, count in viewer.state.types.items() if kind not in _SILENT)


def _moment(asking: Asking, timezone: str | None, clock: int | None) -> Moment:
    """The viewer's local hour, by the profile's time zone, else by what its latest event said; the device; and what the
    request says in its context."""
    zoned = offset_of(timezone, asking.now)
    return Moment(
        local_hour(asking.now, clock if zoned is None else zoned),
        UNKNOWN if asking.device is None else device_number(asking.device),
        said_of(asking.context),
    )


def history_of(state: ViewerState, now: int, country: str | None, moment: Moment, most: int, all_stored: bool) -> Query:
    """What models read of a state: its latest `most` interactions. `all_stored` as in Query."""
    recent = state.interactions[-most:]
    count = len(recent)
    return Query(
        titles=np.fromiter((each.title for each in recent), np.int32, count),
        at=np.fromiter((each.at for each in recent), np.int64, count),
        weights=np.fromiter((each.weight for each in recent), np.float32, count),
        now=now,
        country=country,
        hours=np.fromiter((each.hour for each in recent), np.int16, count),
        devices=np.fromiter((each.device for each in recent), np.int8, count),
        moment=moment,
        all_stored=all_stored,
    )
