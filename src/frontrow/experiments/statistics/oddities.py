"""What in a table deserves a warning: missing values, impossible activity, and the caps of winsorised metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import chi2_contingency, ttest_ind

from frontrow.experiments.statistics.metric import Metric
from frontrow.experiments.statistics.unit_table import ARM, UnitTable
from frontrow.experiments.statistics.words import number, small

BOT_TIMES = 20.0
"""A unit is flagged where it has more than this many times the 99th percentile of all units."""
FEW_BELOW = 0.05
"""A column with more negative values than this share is one that can be negative."""
_ODD_P = 0.001


def cap_of(table: UnitTable, metric: Metric, column: str) -> float | None:
    """The winsor quantile of a column over all arms together; from the pooled data, so that no arm chooses its own."""
    if metric.winsor is None:
        return None
    cap = table.frame[table.names[column]].quantile(metric.winsor, "linear")
    return None if cap is None else float(cap)


def missing_values(table: UnitTable, metrics: Sequence[Metric]) -> list[str]:
    """A warning for each column with gaps, sharper where one arm has more of them than chance explains."""
    warnings = []
    for column in dict.fromkeys(name for metric in metrics for name in metric.columns):
        name = table.names[column]
        if not table.frame[name].null_count():
            continue
        gaps = table.frame.group_by(ARM).agg(pl.col(name).null_count().alias("gaps"), pl.len()).sort(ARM)
        total = int(gaps["gaps"].sum())
        text = f"{total} units have no {column} and are left out of its metrics"
        counts = np.stack([gaps["gaps"].to_numpy(), gaps["len"].to_numpy() - gaps["gaps"].to_numpy()]).astype(float)
        if counts.sum(axis=1).all():
            p_value = float(chi2_contingency(counts, correction=False).pvalue)
            if p_value < _ODD_P:
                text += f"; more often in one arm than another (p {small(p_value)}), so that its effects may be theirs"
        warnings.append(text)
    return warnings


def values_below_zero(table: UnitTable, metrics: Sequence[Metric]) -> list[str]:
    """A warning for each column in which few values are below zero, which looks like a mistake in the data."""
    warnings = []
    for column in dict.fromkeys(name for metric in metrics if not metric.non_negative for name in metric.columns):
        values = table.frame[table.names[column]].drop_nulls()
        below = int((values < 0).sum())
        if 0 < below <= FEW_BELOW * len(values):
            worst = number(float(values.min()))  # type: ignore[arg-type]
            text = f"{below} units have {column} below zero (down to {worst})"
            warnings.append(f"{text}: if it never can be, say --non-negative {column}, and mend the data")
    return warnings


def odd_covariates(table: UnitTable, covariates: Sequence[str]) -> list[str]:
    """A warning for each covariate with gaps, and for each that differs between arms before anything has happened."""
    warnings = []
    for column in covariates:
        values = table.frame.select(ARM, pl.col(table.names[column]).alias("value"))
        if gaps := values["value"].null_count():
            warnings.append(f"{gaps} units have no {column}; they count as average before the experiment")
        known = values.drop_nulls()
        sides = {name: known.filter(pl.col(ARM) == name)["value"].to_numpy() for name in table.arms}
        control = sides.pop(table.control)
        for name, side in sides.items():
            if min(len(side), len(control)) < 2 or side.std() + control.std() == 0:
                continue
            p_value = float(ttest_ind(side, control, equal_var=False).pvalue)
            if p_value < _ODD_P:
                text = f"{column} differs between {name} and {table.control} (p {small(p_value)})"
                warnings.append(f"{text}: a covariate must be from before the experiment, and the assignment fair")
    return warnings


def impossible_units(table: UnitTable, metrics: Sequence[Metric]) -> tuple[list[str], pl.Series | None]:
    """Warnings that state the rule, and the mask of flagged units (None: none). No arm is treated otherwise."""
    warnings: list[str] = []
    flagged: pl.Series | None = None
    for metric in metrics:
        values = table.frame[table.names[metric.column]]
        if metric.of_service or (metric.kind in ("proportion", "quantile") and metric.ceiling is None):
            continue
        limit, rule = _limit(values, metric)
        if limit is None:
            continue
        above = (values > limit).fill_null(False)
        if count := int(above.sum()):
            warnings.append(f"{count} units look like bots: {metric.column} above {number(limit)}, {rule}")
            flagged = above if flagged is None else flagged | above
    return list(dict.fromkeys(warnings)), flagged


def _limit(values: pl.Series, metric: Metric) -> tuple[float | None, str]:
    if metric.ceiling is not None:
        return metric.ceiling, "more than a unit can do, as declared"
    usual = values.quantile(0.99, "linear")
    if usual is None or usual <= 0:
        return None, ""
    return BOT_TIMES * float(usual), f"{BOT_TIMES:g} times the 99th percentile of all units"
