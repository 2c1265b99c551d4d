"""Reading a workspace's experiments and planning new ones: from its logs to the rooms that compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
import polars as pl

from frontrow.core.clock import parse_time
from frontrow.core.errors import FrontrowError
from frontrow.experiments.assignment.split import Unit
from frontrow.experiments.design.design import Design
from frontrow.experiments.metrics.tables import MetricTables, ranges, refresh
from frontrow.experiments.metrics.unit_days import PICKS, empty, unit_days
from frontrow.experiments.reading.exploration import Exploration, read_exploration
from frontrow.experiments.reading.looks import LookBook
from frontrow.experiments.reading.members import members_of, own_exposures
from frontrow.experiments.reading.offpolicy import Give, OffPolicy, check_policy, read_off_policy
from frontrow.experiments.reading.plan import Plan, Wanted, make_plan
from frontrow.experiments.reading.read import Asked, Service, read_experiment
from frontrow.experiments.statistics.analysis import Analysis
from frontrow.recommend.served import decode_page
from frontrow.recommend.served_table import ServedTable
from frontrow.wiring import Parts

NEWEST: Final = 2_000
"""Pages and lists that are looked at for who is in which experiment."""
Progress = Callable[[float, str], None]


def metric_tables(parts: Parts) -> MetricTables:
    """The metric tables with all that has happened until now."""
    catalogue = parts.engine.catalogue()
    pages = ServedTable(parts.served.since)
    return refresh(
        parts.metrics, parts.store.metric_events, pages, catalogue.series_of, catalogue.added_at, parts.clock()
    )


def read(parts: Parts, experiment_id: str, asked: Asked, progress: Progress) -> tuple[Design, Analysis]:
    """One look at an experiment. It is kept, so that the next one knows what was decided."""
    design = parts.register.find(experiment_id)[1]
    progress(0.0, "bringing the metric tables up to date")
    tables = metric_tables(parts)
    service = Service(
        tables=tables,
        people=parts.store.people.everyone,
        genres=genre_shares(parts),
        default_consent=parts.settings.privacy.default_consent,
        now=parts.clock(),
    )
    progress(0.6, "computing assignment and effects")
    assigner = parts.register.assigner([msgspec.structs.replace(design, state="running")])
    looks = LookBook(parts.store.looks)
    previous = looks.last(design) if asked.method == "sequence" and not asked.anew else None
    analysis = read_experiment(design, service, assigner, asked, previous)
    if asked.method == "sequence":
        looks.keep(design, analysis)
    return design, analysis


def off_policy(parts: Parts, experiment_id: str, policy: Sequence[Give], progress: Progress) -> OffPolicy:
    """What giving an experiment's arms by other rules would have earned, from the pages that the served log keeps."""
    design = parts.register.find(experiment_id)[1]
    if design.started_at is None:
        raise FrontrowError(f"{experiment_id} has not been started", "frontrow experiment start ID")
    check_policy(design, policy)
    progress(0.0, "reading the pages served under it")
    members = members_of(parts.store.people.everyone(), design.unit, parts.settings.privacy.default_consent, ())
    served = ServedTable(parts.served.since).decisions(experiment_id, 0)
    served = served.filter(pl.col("at") >= parse_time(design.started_at))
    own, _ = own_exposures(served, members.filter("consents", pl.col("unit").is_not_null()))
    progress(0.3, "reading the plays that followed")
    plays = picks_of(parts, own["profile"])
    profiles = {each.number: each.profile for each in parts.store.people.everyone()}
    units = dict(members.filter("consents").drop_nulls("unit").select("profile", "unit").iter_rows())
    progress(0.9, "estimating")
    return read_off_policy(design, policy, own, plays, profiles, units, parts.clock())


def exploration(parts: Parts, progress: Progress) -> Exploration:
    """What the slots that pages left to chance earned, from the pages that the served log keeps."""
    progress(0.0, "reading the pages that left a slot to chance")
    slots = ServedTable(parts.served.since).slots(0)
    progress(0.3, "reading the plays that followed")
    plays = picks_of(parts, slots["profile"])
    progress(0.9, "estimating")
    return read_exploration(slots, plays, parts.clock())


def picks_of(parts: Parts, profiles: pl.Series) -> pl.DataFrame:
    """PICKS of some profiles."""
    catalogue, source = parts.engine.catalogue(), parts.store.metric_events
    log = source.changes(0, np.zeros(0, np.int32))
    among = np.isin(log.touched, profiles.unique().to_numpy())
    log = log._replace(touched=log.touched[among], counts=log.counts[among])
    plays = [unit_days(source.of(part, log.offset), catalogue.series_of, catalogue.added_at)[1] for part in ranges(log)]
    return pl.concat([empty(PICKS), *plays])


def exposed(parts: Parts) -> set[str]:
    """The experiments that somebody was served: by the metric tables as they are, and the newest pages and lists."""
    kept = parts.metrics.load()
    known = set() if kept is None else set(kept.exposures["experiment"].unique().to_list())
    newest = (decode_page(each.body) for each in parts.served.newest(NEWEST))
    return known.union(*(page.experiments for page in newest if not page.aside))


def plan(parts: Parts, wanted: Wanted, unit: Unit, progress: Progress) -> Plan:
    """How long a test must run, from this workspace's past."""
    wanted.check()
    progress(0.0, "bringing the metric tables up to date")
    tables = metric_tables(parts)
    progress(0.6, "looking at the past")
    members = members_of(parts.store.people.everyone(), unit, parts.settings.privacy.default_consent, ())
    return make_plan(wanted, unit, tables, members, genre_shares(parts), parts.clock())


def genre_shares(parts: Parts) -> pl.DataFrame:
    """`title`, `genre` (a number), `share`: each title split evenly over its genres."""
    numbers: dict[str, int] = {}
    rows: list[tuple[int, int, float]] = []
    for title, record in enumerate(parts.engine.catalogue().titles):
        genres: Sequence[str] = () if record is None else sorted(set(record.genres))
        rows += [(title, numbers.setdefault(genre, len(numbers)), 1 / len(genres)) for genre in genres]
    return pl.DataFrame(rows, schema={"title": pl.Int32, "genre": pl.Int32, "share": pl.Float64}, orient="row")
