"""Small versions of the benchmarks: false alarms and power of sequences, mismatch, snapshots, sample sizes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.duration import days_needed
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.power import fixed_units, reduced_variance, sample_plan, stopping_power
from frontrow.experiments.statistics.ratio_mismatch import log_mismatch_evidence, ratio_mismatch
from frontrow.experiments.statistics.snapshots import SnapshotColumns, SnapshotSeries, analyze_snapshots

ALPHA = 0.05


def snapshots(tests: int, looks: int, units: int, effect: float, seed: int = 1) -> pl.DataFrame:
    """Cumulative snapshots of lognormal viewing time, `units` a side between looks."""
    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {
        "test": np.repeat(np.arange(tests), looks),
        "time_since_start": np.tile(np.arange(looks), tests),
    }
    count = np.tile(np.arange(1, looks + 1) * units, tests)
    for side, more in (("c", 0.0), ("t", effect)):
        values = rng.lognormal(0.0, 1.0, (tests, looks, units)) + more
        total = values.sum(axis=2).cumsum(axis=1).ravel()
        square = (values**2).sum(axis=2).cumsum(axis=1).ravel()
        columns |= {f"count_{side}": count, f"mean_{side}": total / count}
        columns[f"variance_{side}"] = (square - total**2 / count) / (count - 1)
    return pl.DataFrame(columns)


def ever(series: list[SnapshotSeries]) -> float:
    return float(np.mean([one.decision in ("ship", "stop") for one in series]))


def test_looking_fifty_times_cries_wolf_no_more_than_alpha_and_the_naive_test_does() -> None:
    frame = snapshots(300, 50, 100, 0.0)
    limit = ALPHA + 3 * (ALPHA * (1 - ALPHA) / 300) ** 0.5
    assert ever(analyze_snapshots(frame, by=["test"], planned_units=5_000)) <= limit
    series = analyze_snapshots(frame, by=["test"])
    assert ever(series) <= limit
    assert np.mean([any(look.naive_p_value < ALPHA for look in one.looks) for one in series]) > 0.2


def test_the_planned_effect_is_found_within_the_planned_sample() -> None:
    variance = float((np.e - 1) * np.e)
    plan = sample_plan(variance, 0.1 * np.exp(0.5), looks=50)
    assert plan.sequence_units <= 1.6 * plan.fixed_units
    assert plan.expected_units <= plan.fixed_units
    step = round(plan.sequence_units / 50)
    found = analyze_snapshots(snapshots(200, 50, step, 0.1 * np.exp(0.5)), by=["test"], planned_units=50 * step)
    assert np.mean([one.decision == "ship" for one in found]) == pytest.approx(0.8, abs=0.09)


def test_stopping_power_agrees_with_simulated_walks() -> None:
    looks, drift = 40, 3.0
    mixture = Mixture.planned(float(looks))
    units = np.arange(1.0, looks + 1)
    steps = np.random.default_rng(1).normal(drift / looks, looks**-0.5, (20_000, looks))
    z = np.abs(steps.cumsum(axis=1)) / np.sqrt(units / looks)
    crossed = (z >= mixture.critical(units, ALPHA)).cumsum(axis=1) > 0
    assert stopping_power(mixture, units, drift) == pytest.approx(crossed.mean(axis=0), abs=0.012)
    assert stopping_power(mixture, units, 0.0)[-1] < ALPHA


def test_covariates_and_unequal_sides_change_the_sample_as_they_should() -> None:
    whole = fixed_units(4.0, 0.1)
    assert fixed_units(reduced_variance(4.0, 0.6), 0.1) == pytest.approx(0.64 * whole)
    assert fixed_units(4.0, 0.1, ratio=3) == pytest.approx(whole * (1 + 1 / 3) / 2)
    with pytest.raises(UsageError):
        fixed_units(0.0, 0.1)


def test_days_follow_the_reach_of_the_past() -> None:
    reach = [100.0, 150, 180, 200]
    assert days_needed(0, reach) == 0
    assert days_needed(50, reach) == pytest.approx(0.5)
    assert days_needed(165, reach) == pytest.approx(2.5)
    assert days_needed(120, reach, share=0.5) == pytest.approx(6)
    assert days_needed(300, [100.0, 100.0]) == float("inf")
    with pytest.raises(UsageError):
        days_needed(10, [5.0, 3.0])


def test_a_planted_mismatch_is_flagged_and_stays() -> None:
    found = ratio_mismatch({"control": 50_500, "arm": 49_500})
    assert found.broken
    assert found.p_value < 0.005
    assert not ratio_mismatch({"control": 50_100, "arm": 49_900}).broken
    later = ratio_mismatch({"control": 500_500, "arm": 500_500}, previous=found)
    assert later.broken
    assert ratio_mismatch({"control": 900, "arm": 100}, {"control": 9, "arm": 1}).p_value == 1


def test_the_sequential_mismatch_test_is_a_martingale() -> None:
    """Its expected factor over one more unit is 1 under the intended shares."""
    shares = np.array([0.3, 0.7])
    now = np.array([40.0, 55])
    start = log_mismatch_evidence(now, shares)
    after = [log_mismatch_evidence(now + step, shares) for step in np.eye(2)]
    assert float(shares @ np.exp(np.array(after) - start)) == pytest.approx(1)


def test_the_sequential_mismatch_test_rarely_cries_wolf_and_finds_a_planted_one() -> None:
    rng = np.random.default_rng(1)
    control = rng.binomial(500, 0.5, (500, 50)).cumsum(axis=1)
    counts = np.stack([control, 500 * np.arange(1, 51) - control], axis=-1).astype(float)
    assert ((np.exp(-log_mismatch_evidence(counts, np.array([0.5, 0.5]))) < 0.005).any(axis=1)).mean() <= 0.01
    previous = ratio_mismatch({"a": 0, "b": 0})
    for look in range(1, 20):
        previous = ratio_mismatch({"a": 5_300 * look, "b": 4_700 * look}, previous=previous)
    assert previous.broken


def test_snapshots_never_withdraw_and_say_what_is_odd() -> None:
    frame = snapshots(40, 30, 200, 0.1)
    turned = frame.with_columns(
        mean_t=pl.when(pl.col("time_since_start") > 15).then(pl.col("mean_c") * 0.7).otherwise("mean_t")
    )
    for one in analyze_snapshots(turned, by=["test"], planned_units=3_000):
        said = [look.decision for look in one.looks]
        changes = [then for then, now in pairwise(said) if now != then]
        assert set(changes) <= {"keep running"}
        lows = [look.low for look in one.looks if look.low is not None]
        assert lows == sorted(lows)
    shrinking = frame.with_columns(count_c=pl.col("count_c").reverse())
    warned = analyze_snapshots(shrinking, by=["test"])[0]
    assert "counts fall over time" in warned.warnings[0]
    empty = frame.with_columns(variance_c=pl.lit(None, pl.Float64))
    assert analyze_snapshots(empty, by=["test"])[0].decision in ("keep running", "broken")


def test_wrong_snapshots_are_refused() -> None:
    frame = snapshots(2, 3, 100, 0.0)
    with pytest.raises(UsageError, match="no column experiment_id"):
        analyze_snapshots(frame)
    with pytest.raises(FrontrowError, match="two snapshots of one time"):
        analyze_snapshots(pl.concat([frame, frame]), by=["test"])
    with pytest.raises(FrontrowError, match="negative count or variance"):
        analyze_snapshots(frame.with_columns(variance_c=-1.0), by=["test"])
    renamed = frame.rename({"count_c": "n"})
    named = SnapshotColumns(control_units="n")
    assert len(analyze_snapshots(renamed, by=["test"], columns=named)) == 2


@pytest.mark.shared
def test_real_experiments_keep_their_verdicts(shared: Path) -> None:
    path = shared / "data" / "asos-experiments" / "asos_digital_experiments_dataset.parquet"
    frame = pl.read_parquet(path)
    chosen = sorted(frame["experiment_id"].unique().to_list())[:12]
    series = analyze_snapshots(frame.filter(pl.col("experiment_id").is_in(chosen)))
    assert sum(one.naive_withdrawals for one in series) > 10
    for one in series:
        said = [look.decision for look in one.looks]
        assert {then for then, now in pairwise(said) if now != then} <= {"keep running"}
