"""Logs in which the moment decides: bright titles by day on the phone, dark ones in the evening on TV, or by mood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import DEVICES
from frontrow.features.interactions import Interactions
from frontrow.features.moments import Field, Fields, Moment
from frontrow.models.traits import Traits
from worlds import START, interactions

TITLES = 40
TV, PHONE = DEVICES.index("tv"), DEVICES.index("phone")
MORNING, EVENING = Moment(24 + 8, PHONE), Moment(24 + 20, TV)
"""Tuesday 8:00 on the phone, Tuesday 20:00 on TV."""


def dark(title: int | NDArray[np.int32]) -> bool | NDArray[np.bool_]:
    return title % 2 == 0


def titles() -> list[Title]:
    return [
        Title(
            title_id=f"t{n}", name=f"Title {n}", genres=["Drama"], tags={"dark" if dark(n) else "bright": 0.9},
            runtime_minutes=100.0 if dark(n) else 25.0,
        )
        for n in range(TITLES)
    ]  # fmt: skip


TRAITS = Traits.of(titles())


def plays(viewers: int = 120, each: int = 14, seed: int = 0, effect: bool = True) -> Interactions:
    """What is watched follows the moment in four of five plays; without the effect, never."""
    random = np.random.default_rng(seed)
    rows, hours, devices = [], [], []
    for viewer in range(viewers):
        chosen: set[int] = set()
        for play in range(each):
            evening = random.random() < (0.8 if viewer % 2 else 0.3)
            fits = evening if effect else random.random() < 0.5
            wants_dark = fits if random.random() < 0.8 else not fits
            left = [title for title in range(TITLES) if dark(title) == wants_dark and title not in chosen]
            chosen.add(title := int(random.choice(left)))
            rows.append((viewer, title, START + play * DAY + viewer * HOUR, 1.0))
            weekday = int(random.integers(7))
            hours.append(weekday * 24 + int(random.integers(18, 23) if evening else random.integers(7, 12)))
            devices.append(TV if evening else PHONE)
    return replace(interactions(rows), hour=np.array(hours, np.int16), device=np.array(devices, np.int8))


MOODS = Fields((Field("mood", ("bright", "gloomy")), Field("noise", ("a", "b", "c"))))


def said(log: Interactions, seed: int = 0, effect: bool = True) -> Interactions:
    """A log in which the hour and the device tell nothing, and the field `mood` of the context goes with what is
    watched in four of five plays; without the effect, never. `noise` never tells anything; of a fifth of the plays
    nothing is said."""
    random = np.random.default_rng(seed + 1)
    fits = dark(log.title) if effect else random.random(len(log)) < 0.5
    mood = np.where(random.random(len(log)) < 0.8, fits, ~fits).astype(np.int8)
    told = np.stack([mood, random.integers(0, 3, len(log)).astype(np.int8)], 1)
    told[random.random(len(log)) < 0.2] = -1
    return replace(log, fields=MOODS, said=told)
