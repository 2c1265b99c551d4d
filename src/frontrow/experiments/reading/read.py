"""An experiment is read: exposure → assignment checked → outcomes and covariates → statistics → verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import polars as pl

from frontrow.core.clock import format_time, parse_time
from frontrow.core.errors import FrontrowError
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.design.design import Design
from frontrow.experiments.metrics.definitions import METRICS, MetricDefinition, metric_named
from frontrow.experiments.metrics.tables import MetricTables
from frontrow.experiments.reading.members import CROSSED_LIMIT, Mismatch, check_assignment, members_of, own_exposures
from frontrow.experiments.reading.unit_rows import COVARIATE_DAYS, DAILY, daily_rows, exposed_units, unit_rows
from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.metric import Metric
from frontrow.experiments.statistics.novelty import effect_by_day
from frontrow.experiments.statistics.verdict import Verdict
from frontrow.people.store import KnownProfile


@dataclass(frozen=True)
class Asked:
    """How to read. `covariate_days` before exposure narrow the intervals (0: none). `anew` knows no look before this
    one, and its looks are no continuation of those."""

    segments: Sequence[str] = ()
    covariate_days: int = COVARIATE_DAYS
    method: Literal["sequence", "fixed"] = "sequence"
    drop_bots: bool = False
    anew: bool = False


@dataclass(frozen=True)
class Service:
    """What of the service is read: its metric tables, profiles, and titles' genres (`title`, `genre`, `share`)."""

    tables: MetricTables
    people: Callable[[], Iterable[KnownProfile]]
    genres: pl.DataFrame
    default_consent: bool
    now: int
    """Microseconds UTC, by the service's clock."""


def read_experiment(
    design: Design, service: Service, assigner: Assigner, asked: Asked, previous: Analysis | None
) -> Analysis:
    """What an experiment's numbers say. `assigner` knows this experiment; `previous` is the last look's analysis.

    Who was served a page or list in an arm is a unit, from that day on to now or to the day on which the experiment was
    stopped. FrontrowError where nobody was exposed, an arm has no units, or it never ran.
    """
    if design.started_at is None:
        raise FrontrowError(f"{design.experiment_id} has not been started", "frontrow experiment start ID")
    until = service.now if design.stopped_at is None else min(service.now, parse_time(design.stopped_at))
    members = members_of(service.people(), design.unit, service.default_consent, asked.segments)
    exposures = service.tables.exposures.filter(pl.col("experiment") == design.experiment_id)
    exposures = exposures.filter(pl.col("first_at") >= parse_time(design.started_at))
    exposures, merged = own_exposures(exposures, members)
    units = exposed_units(exposures, members, until + 1)
    _refuse_nobody(design, units)
    left_aside = _without_consent(exposures, members) + _merged(merged)
    members = members.filter("consents")
    mismatch = check_assignment(exposures, service.people(), assigner, design.experiment_id)
    rows = unit_rows(
        units, service.tables, members, service.genres, until, asked.covariate_days, asked.segments
    )  # fmt: skip
    followed = {each.metric for each in previous.effects} if previous else set()
    metrics, left_out, unread = choose_metrics(design, rows, asked.covariate_days > 0, followed)
    analysis = analyze_table(
        rows,
        unit="unit",
        arm="arm",
        control=design.arms[0].key,
        metrics=metrics,
        segments=asked.segments,
        method=asked.method,
        alpha=design.alpha,
        planned_units=design.planned_units,
        minimal_effect=design.minimal_effect,
        shares={arm.key: arm.weight for arm in design.arms if arm.weight > 0},
        drop_bots=asked.drop_bots,
        previous=None if previous is None else _of_metrics(previous, {each.name for each in metrics}),
        faults=_faults(mismatch, tolerated=False),
    )
    notes = _faults(mismatch, tolerated=True) + left_aside + left_out
    analysis = msgspec.structs.replace(
        analysis,
        unit=design.unit,
        warnings=[*analysis.warnings, *notes],
        verdicts=_held(analysis.verdicts, unread),
    )
    return _with_novelty(analysis, design, service, units, members, until)


def choose_metrics(
    design: Design, rows: pl.DataFrame, adjusted: bool, followed: Collection[str] = ()
) -> tuple[list[Metric], list[str], list[str]]:
    """The primary metric, the guardrails, and all others of which there is anything; warnings that name those left
    out; and the guardrails that cannot be read yet. FrontrowError where the primary cannot.

    Metrics that were `followed` at the last look stay, at zero too: what was counted can leave the log, with a viewer
    who is forgotten, consent withdrawn or age."""
    margins = {guard.metric: guard.margin for guard in design.guardrails}
    primary = metric_named(design.primary)
    guards = [metric_named(name) for name in margins if name != primary.name]
    if not _readable(primary, rows):
        raise FrontrowError(
            f"{primary.name} cannot be read yet: nothing of it is in the log", "Read again when there is"
        )
    chosen = [primary, *(each for each in guards if _readable(each, rows))]
    chosen += [
        each
        for each in METRICS
        if each not in (primary, *guards)
        and (_readable(each, rows) if each.name in followed else _anything(each, rows))
    ]
    absent = [each.name for each in METRICS if each not in chosen]
    never, gone = ([name for name in absent if (name in followed) == past] for past in (False, True))
    warnings = [f"nothing to read yet of {', '.join(never)}"] if never else []
    if gone:
        warnings.append(
            f"all of {', '.join(gone)} has left the log since the last look: left out, and begun anew if it comes"
        )
    metrics = [each.metric(margins.get(each.name), adjusted) for each in chosen]
    return metrics, warnings, [each.name for each in guards if each not in chosen]


def _readable(definition: MetricDefinition, rows: pl.DataFrame) -> bool:
    if definition.below is not None:
        return bool((rows[definition.below] > 0).any())
    return rows[definition.value].null_count() < rows.height


def _anything(definition: MetricDefinition, rows: pl.DataFrame) -> bool:
    return _readable(definition, rows) and bool((rows[definition.value].drop_nulls() != 0).any())


def _of_metrics(analysis: Analysis, names: Collection[str]) -> Analysis:
    """A look as if it had been of these metrics only."""
    effects, segments = (
        [each for each in many if each.metric in names] for many in (analysis.effects, analysis.segments)
    )
    return msgspec.structs.replace(analysis, effects=effects, segments=segments)


def _held(verdicts: list[Verdict], unread: Sequence[str]) -> list[Verdict]:
    """Nothing ships while a guardrail cannot be read."""
    if not unread:
        return verdicts
    why = f"guardrail {', '.join(unread)} cannot be read yet"
    return [
        msgspec.structs.replace(each, decision="keep running", reasons=[why, *each.reasons])
        if each.decision == "ship"
        else each
        for each in verdicts
    ]


def _refuse_nobody(design: Design, units: pl.DataFrame) -> None:
    seen = set(units["arm"].to_list())
    if not seen:
        raise FrontrowError(
            f"nobody has been served anything under {design.experiment_id} since {design.started_at}",
            "Exposure is a page or list served to a known profile that consents, without `at` and, where there "
            "are keys, by one of role app",
        )
    if strange := sorted(seen - {arm.key for arm in design.arms}):
        raise FrontrowError(f"the served log holds arms that the design does not have: {', '.join(strange)}")


def _faults(mismatch: Mismatch, tolerated: bool) -> list[str]:
    if not mismatch.wrong or (mismatch.wrong <= CROSSED_LIMIT * mismatch.checked) != tolerated:
        return []
    return [
        f"{mismatch.wrong} of {mismatch.checked} exposed profiles were served another arm than the one that their id "
        f"is assigned to, for example {mismatch.example}"
    ]


def _without_consent(exposures: pl.DataFrame, members: pl.DataFrame) -> list[str]:
    gone = exposures.join(members.filter(~pl.col("consents")), on="profile")["profile"].n_unique()
    text = f"{gone} exposed profiles do not consent to experiments or personalization today and are left out"
    return [text] if gone else []


def _merged(profiles: int) -> list[str]:
    text = f"what {profiles} profiles were served under another id, before a merge, is no exposure of theirs"
    return [text] if profiles else []


def _with_novelty(
    analysis: Analysis, design: Design, service: Service, units: pl.DataFrame, members: pl.DataFrame, until: int
) -> Analysis:
    """The primary metric's effect by day since exposure, where its days add up and there are enough of them."""
    if analysis.primary not in DAILY:
        return analysis
    rows, days = daily_rows(analysis.primary, units, service.tables, members, until)
    if days < 2 or rows.group_by("arm").agg(pl.col("unit").n_unique()).filter(pl.col("unit") > 1).height < len(
        analysis.arms
    ):
        return analysis
    found = effect_by_day(
        rows, unit="unit", arm="arm", control=design.arms[0].key, day="day", value="value", days=days,
        alpha=design.alpha,
    )  # fmt: skip
    return msgspec.structs.replace(
        analysis, novelty=[msgspec.structs.replace(each, metric=analysis.primary) for each in found]
    )


def heading(design: Design, service_now: int) -> tuple[str, str]:
    """Title and subtitle of a report."""
    name = design.experiment_id
    begun = _minute(design.started_at or "")
    ended = (
        f"stopped {_minute(design.stopped_at)}" if design.stopped_at else f"read {_minute(format_time(service_now))}"
    )
    return name, f"{design.hypothesis} (started {begun}, {ended}; by {design.unit})"


def glossary(analysis: Analysis) -> list[tuple[str, str]]:
    """The metrics of an analysis with their units and definitions."""
    named = [metric_named(name) for name in dict.fromkeys(each.metric for each in analysis.effects)]
    return [(f"{each.name} ({each.unit}; {each.better} is better)", each.meaning) for each in named]


def _minute(time: str) -> str:
    return f"{time[:10]} {time[11:16]} UTC"
