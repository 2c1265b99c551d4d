"""From a checked table to the effects of every metric, arm and segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.collect import Cell, Columns, collect_moments
from frontrow.experiments.statistics.effect import Effect, Segment, read_effect
from frontrow.experiments.statistics.estimate import Estimate, adjustment, estimate, outcomes
from frontrow.experiments.statistics.inference import Inference
from frontrow.experiments.statistics.metric import Metric
from frontrow.experiments.statistics.moments import Moments, merged
from frontrow.experiments.statistics.oddities import cap_of
from frontrow.experiments.statistics.quantiles import quantile_estimate
from frontrow.experiments.statistics.unit_table import ARM, UnitTable

MAX_LEVELS = 50
"""Levels of one segment column that are read, the largest ones."""

Pair = tuple[Estimate, Estimate]
Estimates = Callable[[Metric, Cell, Cell], tuple[Pair, Pair | None] | None]


@dataclass(frozen=True)
class Reading:
    """Effects without discoveries yet, overall and by segment."""

    effects: list[Effect]
    segments: list[Effect]
    warnings: list[str]


def read_metrics(
    table: UnitTable,
    metrics: Sequence[Metric],
    covariates: Sequence[str],
    segments: Sequence[str],
    inference: Inference,
    alpha: float,
    previous: Analysis | None,
) -> Reading:
    """All effects; metrics that cannot be read in some cell are named in the warnings and left out there."""
    warnings: list[str] = []
    prepared = [_columns(table, metric, covariates) for metric in metrics if metric.kind != "quantile"]
    before = {(item.metric, item.arm, item.segment): item for item in _all(previous)}

    def read(metric: Metric, arm: str, segment: Segment | None, estimates: Estimates) -> Effect | None:
        level = segment.level if segment else None
        found = estimates(metric, (table.control, level), (arm, level))
        where = f" in {segment.column} {segment.level}" if segment else ""
        if found is None:
            warnings.append(f"{metric.name}: too few units in {arm} or {table.control}{where} to say anything")
            return None
        pair, plain = found
        if segment is None and pair[0].variance + pair[1].variance == 0:
            warnings.append(f"{metric.name}: no variance in {arm} and {table.control}, so no interval")
        past = before.get((metric.name, arm, segment))
        return read_effect(metric, arm, pair, inference, alpha, segment=segment, plain=plain, previous=past)

    whole = _estimates(table, metrics, prepared, None, bool(covariates))
    effects = [read(metric, arm, None, whole) for metric in metrics for arm in table.arms[1:]]
    parts: list[Effect | None] = []
    for at, column in enumerate(segments):
        name = f"segment {at}"
        levels = table.frame[name].value_counts().sort(["count", name], descending=[True, False])[name].to_list()
        if len(levels) > MAX_LEVELS:
            warnings.append(f"{column} has {len(levels)} levels; the {MAX_LEVELS} largest are read")
        within = _estimates(table, metrics, prepared, name, bool(covariates))
        chosen = [Segment(column, level) for level in levels[:MAX_LEVELS]]
        parts += [read(metric, arm, part, within) for part in chosen for metric in metrics for arm in table.arms[1:]]
    return Reading([item for item in effects if item], [item for item in parts if item], warnings)


def _all(previous: Analysis | None) -> list[Effect]:
    return [] if previous is None else [*previous.effects, *previous.segments]


def _columns(table: UnitTable, metric: Metric, shared: Sequence[str]) -> Columns:
    covariates = list(dict.fromkeys([*shared, *metric.covariates]))
    names = [table.names[name] for name in (*metric.columns, *covariates)]
    known = [table.frame[name].drop_nulls().to_numpy() for name in names]
    return Columns(
        outcome=tuple(table.names[name] for name in metric.columns),
        covariates=tuple(table.names[name] for name in covariates),
        caps=tuple(cap_of(table, metric, name) for name in metric.columns),
        centres=tuple(float(values.mean()) if len(values) else 0.0 for values in known),
    )


def _estimates(
    table: UnitTable, metrics: Sequence[Metric], prepared: Sequence[Columns], segment: str | None, adjusted: bool
) -> Estimates:
    """A function that gives ((control, arm) adjusted, the same without covariates) for a metric and two cells."""
    collected = collect_moments(table.frame, prepared, ARM, segment) if prepared else []
    order = [metric for metric in metrics if metric.kind != "quantile"]
    moments = {metric.name: cells for metric, cells in zip(order, collected, strict=True)}
    keys = [ARM] if segment is None else [ARM, segment]
    parts: dict[Cell, pl.DataFrame] = {}
    if len(order) < len(metrics):
        split = table.frame.partition_by(keys, as_dict=True)
        parts = {(str(key[0]), None if segment is None else str(key[1])): part for key, part in split.items()}

    def of_moments(metric: Metric, control: Cell, arm: Cell) -> tuple[Pair, Pair | None] | None:
        cells = moments[metric.name]
        if control not in cells or arm not in cells:
            return None
        level = control[1]
        pooled = merged(cell for (_, other), cell in cells.items() if other == level)
        plain = _pair(*(estimate(_outcome_only(cells[key], metric), metric.kind) for key in (control, arm)))
        if plain is None or not (adjusted or metric.covariates):
            return None if plain is None else (plain, None)
        if plain[0].variance == plain[1].variance == 0:
            return plain, None  # nothing to narrow, and what varies with covariates is rounding
        theta = adjustment(pooled, metric.kind)
        pair = _pair(*(estimate(cells[key], metric.kind, theta) for key in (control, arm)))
        return None if pair is None else (pair, plain)

    def of_values(metric: Metric, control: Cell, arm: Cell) -> tuple[Pair, Pair | None] | None:
        if control not in parts or arm not in parts or metric.quantile is None:
            return None
        name, share = table.names[metric.column], metric.quantile
        pair = _pair(*(quantile_estimate(parts[key][name].drop_nulls().to_numpy(), share) for key in (control, arm)))
        return None if pair is None else (pair, None)

    def choose(metric: Metric, control: Cell, arm: Cell) -> tuple[Pair, Pair | None] | None:
        return (of_values if metric.kind == "quantile" else of_moments)(metric, control, arm)

    return choose


def _outcome_only(moments: Moments, metric: Metric) -> Moments:
    first = outcomes(metric.kind)
    return Moments(moments.count, moments.mean[:first], moments.comoment[:first, :first])


def _pair(control: Estimate | None, arm: Estimate | None) -> Pair | None:
    return None if control is None or arm is None else (control, arm)
