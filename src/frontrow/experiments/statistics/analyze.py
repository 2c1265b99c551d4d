"""A per-unit table is read: check → sufficient statistics → effects → discoveries → guardrails → verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import msgspec
import polars as pl

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.analysis import Analysis, ArmUnits
from frontrow.experiments.statistics.discovery import benjamini_hochberg
from frontrow.experiments.statistics.effect import Effect
from frontrow.experiments.statistics.guardrail import read_guardrail
from frontrow.experiments.statistics.inference import AnytimeValid, FixedHorizon, Inference
from frontrow.experiments.statistics.metric import Metric, parse_metric
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.oddities import impossible_units, missing_values, odd_covariates, values_below_zero
from frontrow.experiments.statistics.ratio_mismatch import RatioMismatch, ratio_mismatch
from frontrow.experiments.statistics.readings import read_metrics
from frontrow.experiments.statistics.unit_table import ARM, UnitTable, check_units
from frontrow.experiments.statistics.verdict import Rules, decide
from frontrow.experiments.statistics.words import small

Method = Literal["sequence", "fixed"]


def analyze_table(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    unit: str,
    arm: str,
    control: str,
    metrics: Sequence[Metric | str],
    covariates: Sequence[str] = (),
    segments: Sequence[str] = (),
    method: Method = "sequence",
    alpha: float = 0.05,
    planned_units: float | None = None,
    minimal_effect: float | None = None,
    shares: Mapping[str, float] | None = None,
    drop_bots: bool = False,
    previous: Analysis | None = None,
    faults: Sequence[str] = (),
) -> Analysis:
    """The analysis of a table with one row a unit (see `check_units` for what is refused).

    The first metric is the primary one. `planned_units` is the planned sample a side, fixed before the first look: it
    makes sequences narrow there. `minimal_effect` is the relative lift worth having. `shares` are the arms' intended
    sizes, by arm (equal unless given). With several arms, intervals are at 1 - α / (arms - 1) each, so that α holds
    for all. `previous`, the last look's analysis of the same experiment, makes this one a further look. `faults` are
    what the caller knows to be broken.
    """
    parsed = [parse_metric(item) if isinstance(item, str) else item for item in metrics]
    known_before = list(dict.fromkeys([*covariates, *(name for metric in parsed for name in metric.covariates)]))
    _check_call(parsed, known_before, alpha, planned_units, minimal_effect)
    table = check_units(
        frame,
        unit=unit,
        arm=arm,
        control=control,
        metrics=parsed,
        covariates=known_before,
        segments=segments,
        arms=list(shares or ()),
    )
    _check_previous(previous, parsed, table, method, alpha, planned_units)
    counts = _counts(table)
    mismatch = ratio_mismatch(counts, shares, previous.mismatch if previous else None)
    odd, flagged = impossible_units(table, parsed)
    warnings = [*table.warnings, *missing_values(table, parsed), *values_below_zero(table, parsed)]
    warnings += odd_covariates(table, known_before)
    warnings += [f"{text}; {'left out' if drop_bots else 'kept'}" for text in odd]
    if drop_bots and flagged is not None:
        table = replace(table, frame=table.frame.filter(~flagged))
    level = alpha / (len(table.arms) - 1)
    inference = _inference(method, planned_units, level)
    reading = read_metrics(
        table, parsed, covariates, segments, inference, level, previous if method == "sequence" else None
    )
    effects = _with_discoveries(reading.effects, alpha, parsed[0].name)
    margins = {metric.name: metric.margin for metric in parsed}
    guardrails = [read_guardrail(item, margin) for item in effects if (margin := margins[item.metric]) is not None]
    broken = [*_mismatch_faults(mismatch), *table.faults, *faults]
    rules = Rules(method == "sequence", planned_units, minimal_effect)
    before = {item.arm: item for item in previous.verdicts} if previous else {}
    primaries = [item for item in effects if item.metric == parsed[0].name]
    if not primaries:
        raise FrontrowError(f"{parsed[0].name} cannot be read in any arm: {'; '.join(reading.warnings)}")
    verdicts = [
        decide(item, [guard for guard in guardrails if guard.arm == item.arm], broken, rules, before.get(item.arm))
        for item in primaries
    ]
    return Analysis(
        unit=unit,
        control=table.control,
        arms=[ArmUnits(name, counts[name]) for name in table.arms],
        primary=parsed[0].name,
        method=method,
        alpha=alpha,
        planned_units=planned_units,
        minimal_effect=minimal_effect,
        covariates=known_before,
        mismatch=mismatch,
        verdicts=verdicts,
        effects=effects,
        segments=_with_discoveries(reading.segments, alpha, None),
        guardrails=guardrails,
        warnings=[*warnings, *reading.warnings, *_moved(reading.effects)],
        looks=1 if previous is None else previous.looks + 1,
    )


def _check_call(
    metrics: Sequence[Metric],
    covariates: Sequence[str],
    alpha: float,
    planned: float | None,
    minimal_effect: float | None,
) -> None:
    if not metrics:
        raise UsageError("no metric given", "Name at least one, the primary one first")
    for metric in metrics:
        metric.check()
        if again := [name for name in metric.columns if name in covariates]:
            raise UsageError(f"{again[0]} cannot be both a metric and a covariate", "A covariate is from before")
    names = [metric.name for metric in metrics]
    if len(set(names)) < len(names):
        raise UsageError(f"a metric is given twice: {', '.join(names)}")
    if not 0 < alpha < 0.5:
        raise UsageError("alpha must lie between 0 and .5")
    if planned is not None and not planned > 0:
        raise UsageError("the planned units must be above zero")
    if minimal_effect is not None and not minimal_effect > 0:
        raise UsageError("the minimal effect must be above zero; the metric's `better` says in which direction")


def _check_previous(
    previous: Analysis | None,
    metrics: Sequence[Metric],
    table: UnitTable,
    method: Method,
    alpha: float,
    planned: float | None,
) -> None:
    """A sequence is one plan followed: nothing of it may change between looks, but that a metric joins of which there
    was nothing to read before."""
    if previous is None:
        return
    now = (metrics[0].name, table.control, method, alpha, planned)
    then = (previous.primary, previous.control, previous.method, previous.alpha, previous.planned_units)
    same_metrics = {item.name for item in metrics} >= {item.metric for item in previous.effects}
    if now != then or {*table.arms} != {item.arm for item in previous.arms} or not same_metrics:
        raise UsageError(
            "the previous look had another primary metric, more metrics, another control, method, alpha, plan or arms",
            "Looks of one experiment share them; leave `previous` out to start anew",
        )


def _counts(table: UnitTable) -> dict[str, int]:
    sizes = dict(table.frame.group_by(ARM).len().iter_rows())
    return {name: int(sizes[name]) for name in table.arms}


def _inference(method: Method, planned: float | None, alpha: float) -> Inference:
    if method == "fixed":
        return FixedHorizon()
    return AnytimeValid(Mixture.untuned() if planned is None else Mixture.planned(planned, alpha))


def _with_discoveries(effects: list[Effect], alpha: float, primary: str | None) -> list[Effect]:
    """Benjamini-Hochberg over all but the primary metric, whose interval alone decides."""
    family = [item for item in effects if item.metric != primary]
    adjusted = iter(benjamini_hochberg([item.p_value for item in family]).tolist())
    done = []
    for item in effects:
        if item.metric == primary:
            done.append(item)
        else:
            value = next(adjusted)
            done.append(msgspec.structs.replace(item, adjusted_p_value=value, found=value <= alpha))
    return done


def _mismatch_faults(mismatch: RatioMismatch) -> list[str]:
    if not mismatch.broken:
        return []
    p_value = mismatch.sequential_p_value if mismatch.sequential else mismatch.p_value
    sizes = ", ".join(f"{arm} {count:,}" for arm, count in mismatch.counts.items())
    meant = ", ".join(f"{arm} {share:.1%}" for arm, share in mismatch.shares.items())
    text = f"sample-ratio mismatch (p {small(p_value)}): {sizes} where {meant} were meant; effects cannot be trusted"
    return [text]


def _moved(effects: Sequence[Effect]) -> list[str]:
    return [
        f"{item.metric} in {item.arm} has moved out of an earlier look's interval: the effect changes over time"
        for item in effects
        if item.contradicted
    ]
