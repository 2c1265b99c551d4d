"""When viewers come, on which device, with what in mind, and how much they mean to watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.places import TIMEZONES
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.utilities import HOUR_PARTS
from frontrow.simulate.viewers import Viewers, hours_of
from frontrow.simulate.words import MOODS

_PLAYS = (0.07, 0.48, 0.26, 0.13, 0.06)
"""Shares of sessions with 0, 1, … 4 plays."""
INTENT_SHARE: Final = 0.8
WEEKEND: Final = 1.35
"""How much more they come on a day of the weekend."""
BY_HOUR: Final = np.array([
    [1.6, 0.9, 0.9, 0.6, 0.7], [0.5, 2.2, 0.9, 0.9, 0.2], [0.5, 1.8, 0.9, 1.6, 0.5],
    [0.8, 1.3, 1.4, 1.1, 1.2], [2.0, 0.6, 0.9, 0.6, 1.3], [1.2, 1.6, 1.2, 0.8, 1.2],
])  # fmt: skip
"""How much each device is taken at each part of the day, times what the viewer takes anyway."""


@dataclass(frozen=True)
class Sessions:
    """Arrays by session, sorted by (viewer, start). `start` is in seconds from the first midnight UTC, as planned: who
    is still watching comes later. `offset` is the zone's seconds east of UTC; `intent` a mood (len(MOODS): none)."""

    viewer: NDArray[np.int64]
    start: NDArray[np.int64]
    offset: NDArray[np.int64]
    device: NDArray[np.int64]
    plays: NDArray[np.int64]
    intent: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.viewer)


def zone_offsets(settings: WorldSettings) -> NDArray[np.int64]:
    """int64[days, zones]: seconds east of UTC at each day's noon (UTC)."""
    first = datetime.fromtimestamp(settings.start / 1e6, UTC) + timedelta(hours=12)
    zones = [ZoneInfo(name) for name in TIMEZONES]
    noons = [first + timedelta(days=day) for day in range(settings.days)]
    return np.array([[_seconds(noon.astimezone(zone)) for zone in zones] for noon in noons], np.int64)


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def first_weekday(settings: WorldSettings) -> int:
    """Weekday of the first day, 0 for Monday."""
    return datetime.fromtimestamp(settings.start / 1e6, UTC).weekday()


def make_sessions(settings: WorldSettings, viewers: Viewers) -> Sessions:
    """All sessions of a world."""
    rng, days = settings.stream("sessions"), settings.days
    viewer = np.repeat(np.arange(len(viewers)), rng.poisson(viewers.sessions * days))
    weekday = (np.arange(days) + first_weekday(settings)) % 7
    weight = np.where(weekday >= 5, WEEKEND, 1.0)
    local_day = rng.choice(days, len(viewer), p=weight / weight.sum())
    hour = hours_of(rng, viewers.rhythm[viewer])
    offset = zone_offsets(settings)[local_day, viewers.timezone[viewer]]
    start = local_day * 86_400 + (hour * 3_600).astype(np.int64) - offset
    kept = (start >= np.maximum(viewers.created[viewer] + 120, 0)) & (start < days * 86_400 - 600)
    viewer, start, offset, hour = viewer[kept], start[kept], offset[kept], hour[kept]
    order = np.lexsort((start, viewer))
    viewer, start, offset, hour = viewer[order], start[order], offset[order], hour[order]
    part = np.searchsorted(np.array(HOUR_PARTS), hour, side="right")
    share = np.cumsum(viewers.device[viewer] * BY_HOUR[part], axis=1)
    device = (rng.random(len(viewer)) * share[:, -1] >= share.T[:-1]).sum(axis=0)
    plays = rng.choice(len(_PLAYS), len(viewer), p=_PLAYS)
    minded = rng.random(len(viewer)) < INTENT_SHARE
    intent = np.where(minded, rng.integers(0, len(MOODS), len(viewer)), len(MOODS))
    return Sessions(viewer, start, offset, device, plays, intent)
