"""Events as metrics read them, written by hand; and what one viewer's days come to."""

from __future__ import annotations

import numpy as np
import polars as pl

from frontrow.catalog.title import FOREVER
from frontrow.core.clock import DAY, SECOND
from frontrow.events.event import TYPE_NUMBER
from frontrow.experiments.metrics.page_days import PAGE_DAYS, PAGES, page_days
from frontrow.experiments.metrics.totals import unit_totals
from frontrow.experiments.metrics.unit_days import EVENTS, empty, unit_days

START = 20_000 * DAY
"""Midnight UTC."""
TITLES = 8


def event(type_, at, title=-1, profile=1, **fields):
    """One event, `at` in seconds after START."""
    absent = dict.fromkeys(EVENTS) | {"playback": 0, "session": 0}
    return absent | {
        "type": TYPE_NUMBER[type_], "at": int(START + at * SECOND), "title": title, "profile": profile
    } | fields  # fmt: skip


def table(*events):
    """EVENTS, in order of arrival."""
    return pl.DataFrame([each | {"offset": at} for at, each in enumerate(events, 1)], schema=dict(EVENTS))


def watch(at, title, seconds, profile=1, fraction=0.5, **fields):
    """A playback as two events."""
    key = {"playback": int(at) * 10 + title + 1, **fields}
    return [
        event("play", at, title, profile, **key),
        event("stop", at + seconds, title, profile, seconds=float(seconds), fraction=fraction, **key),
    ]


def days_of(*events, series_of=None, added_at=None):
    """(DAYS, PICKS)."""
    series = np.arange(TITLES, dtype=np.int32) if series_of is None else np.array(series_of, np.int32)
    added = np.full(len(series), FOREVER) if added_at is None else np.array(added_at, np.int64)
    return unit_days(table(*events), series, added)


def totals_of(*events, pages=None, days=60, genres=(), members=None, **titles):
    """The totals of units (profile 1, unless said) over `days` from START, as dicts by unit."""
    by_day, picks = days_of(*events, **titles)
    served = empty(PAGE_DAYS) if pages is None else page_days(pl.DataFrame(pages, schema=dict(PAGES)), picks)
    own = pl.DataFrame({"profile": [1], "unit": ["1"]} if members is None else members)
    spans = own.select("unit").unique().with_columns(
        from_day=pl.lit(START // DAY, pl.Int32), to_day=pl.lit(START // DAY + days - 1, pl.Int32)
    )  # fmt: skip
    shares = pl.DataFrame(
        list(genres), schema={"title": pl.Int32, "genre": pl.Int32, "share": pl.Float64}, orient="row"
    )
    rows = unit_totals(by_day, served, own, spans, shares).to_dicts()
    return rows[0] if members is None else {row["unit"]: row for row in rows}


def page(page_id, at, picks=None, degraded=False, took_ms=10.0, profile=1):
    """A home page of PAGES."""
    moment = int(START + at * SECOND)
    return dict(zip(PAGES, (page_id, profile, moment, moment, degraded, took_ms, picks), strict=True))
