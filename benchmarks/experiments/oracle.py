"""Ours beside scipy, statsmodels and gbstats, which run in an environment of their own (--with DIR: an existing one).

`python benchmarks/experiments/oracle.py` makes the environment in a temporary folder (it needs a package index), asks
it about tables that both are given, and writes oracle.json: per figure the largest relative difference. Gate: 1e-6.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("gbstats==0.8.0", "statsmodels==0.15.0", "scipy==1.17.1")
GATE = 1e-6
OTHERWISE = "cuped, lift"
"""Another figure: gbstats divides the adjusted difference by the control's plain mean, ours by the adjusted one."""
Columns = dict[str, list[float]]


def columns(count: int, seed: int, better: float) -> Columns:
    """One arm: long-tailed minutes that go with those of before, plays, and who came back."""
    random = np.random.default_rng(seed)
    level = random.gamma(1.5, 1.0, count)
    return {
        "minutes": (level * random.exponential(10.0, count) * better).tolist(),
        "before": (level * random.exponential(10.0, count)).tolist(),
        "plays": (1.0 + random.poisson(level)).tolist(),
        "kept": (random.random(count) < 0.3 * better).astype(float).tolist(),
    }


def ours(control: Columns, arm: Columns) -> dict[str, list[float]]:
    """Difference, its interval and p-value (mean, CUPED, ratio), and the lift's."""
    import polars as pl

    from frontrow.experiments.statistics.analyze import analyze_table

    parts = [pl.DataFrame(side).with_columns(arm=pl.lit(name)) for name, side in (("a", control), ("b", arm))]
    table = pl.concat(parts).with_row_index("unit")
    figures = {}
    asked: list[tuple[str, str, list[str]]] = [
        ("mean", "minutes", []), ("cuped", "minutes", ["before"]), ("ratio", "minutes:ratio/plays", []),
        ("proportion", "kept:proportion", []),
    ]  # fmt: skip
    for name, metric, covariates in asked:
        effect = analyze_table(
            table, unit="unit", arm="arm", control="a", metrics=[metric], covariates=covariates, method="fixed"
        ).effects[0]
        for what, value, ends in (
            ("difference", effect.difference, effect.difference_interval),
            ("lift", effect.lift, effect.lift_interval),
        ):
            if name != "proportion" or what == "difference":
                assert value is not None
                assert ends is not None
                figures[f"{name}, {what}"] = [value, ends.low, ends.high]
        figures[f"{name}, p"] = [effect.p_value]
    return figures | our_numbers(control, arm)


def our_numbers(control: Columns, arm: Columns) -> dict[str, list[float]]:
    """What stands beside the effects: sizes of arms, many metrics, quantiles, sample size; and Welch's test again."""
    from frontrow.experiments.statistics.discovery import benjamini_hochberg, benjamini_yekutieli
    from frontrow.experiments.statistics.moments import Moments
    from frontrow.experiments.statistics.power import fixed_units
    from frontrow.experiments.statistics.ratio_mismatch import ratio_mismatch

    moments = Moments.of(np.array([arm["minutes"]]).T)
    return {
        "sizes, chi-square p (scipy)": [ratio_mismatch(dict(zip("ab", _sizes(control), strict=True))).p_value],
        "discoveries (scipy, statsmodels)": [*benjamini_hochberg(_p_values(control))] * 2,
        "discoveries, dependent (scipy)": [*benjamini_yekutieli(_p_values(control))],
        "quantiles (scipy)": [_quantile(arm, share) for share in (0.5, 0.9)],
        "sample, units (statsmodels)": [fixed_units(float(moments.covariance()[0, 0]), 1.0, ratio=2.0)],
    }


def _quantile(side: Columns, share: float) -> float:
    from frontrow.experiments.statistics.quantiles import quantile_estimate

    found = quantile_estimate(np.array(side["minutes"]), share)
    assert found is not None
    return found.value


def _sizes(side: Columns) -> list[int]:
    return [int(sum(side["minutes"])), int(sum(side["before"]))]


def _p_values(side: Columns) -> list[float]:
    return [(value % 1.0) ** 3 for value in side["minutes"][:40]]


def their_numbers(control: Columns, arm: Columns) -> dict[str, list[float]]:
    """The same, and Welch's test, by scipy and statsmodels."""
    from scipy.stats import chisquare, false_discovery_control, ttest_ind
    from scipy.stats.mstats import mquantiles
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.power import zt_ind_solve_power

    welch = ttest_ind(arm["minutes"], control["minutes"], equal_var=False)
    within = welch.confidence_interval(0.95)
    p_values = _p_values(control)
    effect = 1.0 / float(np.std(arm["minutes"], ddof=1))
    units = zt_ind_solve_power(effect, alpha=0.025, power=0.8, ratio=2.0, alternative="larger")
    return {
        "mean, difference (scipy)": [np.mean(arm["minutes"]) - np.mean(control["minutes"]), within.low, within.high],
        "mean, p (scipy)": [welch.pvalue],
        "sizes, chi-square p (scipy)": [chisquare(_sizes(control)).pvalue],
        "discoveries (scipy, statsmodels)": [
            *false_discovery_control(p_values), *multipletests(p_values, method="fdr_bh")[1]
        ],
        "discoveries, dependent (scipy)": [*false_discovery_control(p_values, method="by")],
        "quantiles (scipy)": [*map(float, mquantiles(arm["minutes"], [0.5, 0.9], alphap=1, betap=1))],
        "sample, units (statsmodels)": [float(units)],
    }  # fmt: skip


def theirs(control: Columns, arm: Columns) -> dict[str, list[float]]:
    """The effects by gbstats, proportions by statsmodels, all else by scipy or statsmodels."""
    from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
    from gbstats.models import statistics as gb
    from statsmodels.stats.proportion import confint_proportions_2indep

    sides = [{name: np.array(values) for name, values in side.items()} for side in (control, arm)]

    def mean(values: Any) -> Any:
        return gb.SampleMeanStatistic(n=len(values), sum=values.sum(), sum_squares=(values**2).sum())

    pooled = [np.concatenate([side[name] for side in sides]) for name in ("minutes", "before")]
    within = np.cov(pooled[0], pooled[1])
    theta = within[0, 1] / within[1, 1]
    kinds = {
        "mean": [mean(side["minutes"]) for side in sides],
        "cuped": [
            gb.RegressionAdjustedStatistic(
                n=len(side["minutes"]), post_statistic=mean(side["minutes"]), pre_statistic=mean(side["before"]),
                post_pre_sum_of_products=(side["minutes"] * side["before"]).sum(), theta=theta,
            )
            for side in sides
        ],
        "ratio": [
            gb.RatioStatistic(
                n=len(side["minutes"]), m_statistic=mean(side["minutes"]), d_statistic=mean(side["plays"]),
                m_d_sum_of_products=(side["minutes"] * side["plays"]).sum(),
            )
            for side in sides
        ],
    }  # fmt: skip
    figures = {}
    for name, (a, b) in kinds.items():
        for what, kind in (("difference", "absolute"), ("lift", "relative")):
            found = TwoSidedTTest(a, b, FrequentistConfig(difference_type=kind)).compute_result()
            figures[f"{name}, {what}"] = [found.expected, *found.ci]
            if kind == "absolute":
                figures[f"{name}, p"] = [found.p_value]
    a, b = (side["kept"] for side in sides)
    low, high = confint_proportions_2indep(b.sum(), len(b), a.sum(), len(a), method="wald", compare="diff")
    figures["proportion, difference"] = [b.mean() - a.mean(), low, high]
    return figures | their_numbers(control, arm)


def main() -> None:
    began = time.perf_counter()
    tables = [(columns(400, seed, 1.0), columns(470, seed + 100, 1.1)) for seed in range(5)]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[sys.argv.index("--with") + 1]) if "--with" in sys.argv else Path(made)
        python = folder / "bin" / "python"
        if not python.exists():
            venv.create(folder, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        done = subprocess.run(
            [python, __file__, "--oracle"], input=json.dumps(tables), capture_output=True, text=True, check=True
        )
    worst: dict[str, float] = {}
    for (control, arm), told in zip(tables, json.loads(done.stdout), strict=True):
        own = ours(control, arm)
        own |= {f"{name} (scipy)": own[name] for name in ("mean, difference", "mean, p")}
        for name, values in told.items():
            if name == OTHERWISE:
                continue
            apart = [abs(mine - other) / max(abs(other), 1e-9) for mine, other in zip(own[name], values, strict=True)]
            worst[name] = max(worst.get(name, 0.0), *apart)
    from result import write

    write(
        __file__,
        {
            "oracles": list(PACKAGES),
            "tables": len(tables),
            "defined otherwise, not compared": OTHERWISE,
            "largest relative difference": worst,
            "gates": {"1e-6": max(worst.values()) <= GATE},
        },
        began,
    )


if __name__ == "__main__":
    if "--oracle" in sys.argv:
        print(json.dumps([theirs(*table) for table in json.load(sys.stdin)]))
    else:
        main()
