"""Random logs of signals, and small catalogues, for the tests of features."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Person, Title
from frontrow.core.clock import DAY, HOUR, MINUTE
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.labels import LabelSpace
from frontrow.features.signals import SIGNAL, Signals

START = 1_770_000_000_000_000 // DAY * DAY
TYPES = ["play", "progress", "progress", "stop", "rate", "unwatch", "impression", "impression", "select", "search",
         "session_start", "session_end", "hide"]  # fmt: skip
LATE = [0, 0, 0, 0, MINUTE, 40 * MINUTE, 5 * HOUR, 3 * DAY, 365 * DAY]
"""How late an event may be."""

told = st.tuples(
    st.integers(1, 3),  # profile
    st.sampled_from(TYPES),
    st.integers(0, 5),  # title
    st.sampled_from([0, 0, 1, 2, 3]),  # playback
    st.sampled_from([0, MINUTE, 20 * MINUTE, 45 * MINUTE, 3 * HOUR, 26 * HOUR]),  # after the one before
    st.sampled_from(LATE),
    st.sampled_from([np.nan, -0.0, 0.0, 30.0, 119.0, 120.0, 500.0, 3000.1]),
    st.sampled_from([np.nan, -0.0, 0.0, 0.1, 0.3, 0.9, 0.92]),
)


def _dense(seed: int) -> list[tuple]:
    """A log in which few titles come again and again, so that playbacks meet their rows at every age."""
    random = np.random.default_rng(seed)
    kinds = ["progress", "progress", "stop", "play", "rate", "impression", "unwatch", "select"]
    return [
        (
            int(random.choice([1, 1, 1, 2])), str(random.choice(kinds, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.02, 0.08])),
            int(random.choice([0, 2, 3])), int(random.integers(0, 3)), int(random.choice([0, MINUTE, HOUR])),
            int(random.choice(LATE)), float(random.choice([np.nan, 100.0, 400.0])), float(random.choice([0.1, 0.95])),
        )
        for _ in range(70)
    ]  # fmt: skip


logs = st.lists(told, max_size=50) | st.integers(0, 2**32 - 1).map(_dense)


def signals_of(log: list[tuple]) -> Signals:
    """SIGNAL rows of a told log, offsets not dense."""
    rows = np.zeros(len(log), SIGNAL)
    clock = START
    for place, (profile, kind, title, playback, step, late, seconds, fraction) in enumerate(log):
        clock += step
        at = clock - late
        played = kind in ("progress", "stop")
        rows[place] = (
            2 * place + 1 + place // 5, at, profile, 0, playback, -1 if kind in ("search", "session_start") else title,
            seconds if played else np.nan, fraction if played else np.nan, 4.0 if kind == "rate" else np.nan,
            60 * (place % 3), TYPE_NUMBER[kind], place % 7 - 1,
        )  # fmt: skip
    return rows


def catalogue() -> Catalogue:
    """Six titles: a film, a film without a record, a series with an episode, two more films."""
    records = [
        Title(title_id="a", name="A", genres=["drama", "war"], languages=["sv"], tags={"slow": 0.5}),
        None,
        Title(title_id="s", name="S", kind="series", genres=["drama"], people=[Person("P")]),
        Title(title_id="e", name="E", kind="episode", series_id="s", season=1, episode=1, genres=["comedy"]),
        Title(title_id="b", name="B", genres=["war"], origin_countries=["SE", "NO"], tags={"slow": 1.0, "loud": 0.2}),
        Title(title_id="c", name="C", genres=["comedy"], people=[Person("P"), Person("Q")], languages=["de", "sv"]),
    ]
    found = Catalogue()
    found.apply(1, [NumberedTitle(n, r.title_id if r else "x", r) for n, r in enumerate(records)])
    return found


def space_of(records: Catalogue) -> LabelSpace:
    """Its labels."""
    space = LabelSpace()
    for number, record in enumerate(records.titles):
        space.set(number, record)
    space.place(records.series_of, records.ids)
    return space
