"""What must hold for any data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_tables import simulated

from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.collect import Columns, collect_moments
from frontrow.experiments.statistics.discovery import benjamini_hochberg, e_benjamini_hochberg
from frontrow.experiments.statistics.effect import Effect, Interval, intersect
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.moments import Moments, merged

METRICS = ["y", "flag:proportion", "y:ratio/d", "y:quantile=.5"]


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    seed, units = draw(st.integers(0, 2**32 - 1)), draw(st.integers(60, 300))
    level, spread = draw(st.floats(5, 500)), draw(st.floats(0.1, 1.5))
    rng = np.random.default_rng(seed)
    arm = np.arange(units) % 2
    before = rng.lognormal(0, spread, units)
    return pl.DataFrame(
        {
            "id": np.arange(units),
            "arm": np.where(arm == 1, "b", "a"),
            "y": level * (before + rng.lognormal(0, spread, units)) * (1 + 0.1 * arm),
            "d": 1.0 + rng.poisson(2, units),
            "x": before,
            "flag": (rng.random(units) < 0.4).astype(float),
        }
    )


def effects(table: pl.DataFrame, control: str = "a", method: str = "sequence") -> list[Effect]:
    return analyze_table(
        table,
        unit="id",
        arm="arm",
        control=control,
        metrics=METRICS,
        covariates=["x"],
        method="fixed" if method == "fixed" else "sequence",
        planned_units=100,
    ).effects


def ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


@settings(max_examples=25, deadline=None)
@given(tables(), st.sampled_from(["sequence", "fixed"]))
def test_swapping_the_arms_flips_the_sign(table: pl.DataFrame, method: str) -> None:
    for one, other in zip(effects(table, "a", method), effects(table, "b", method), strict=True):
        assert one.difference == pytest.approx(-other.difference)
        assert one.p_value == pytest.approx(other.p_value)
        if one.difference_interval is not None:
            low, high = ends(other.difference_interval)
            assert ends(one.difference_interval) == pytest.approx((-high, -low))


@settings(max_examples=25, deadline=None)
@given(tables(), st.floats(0.01, 1000))
def test_another_unit_scales_differences_and_leaves_lifts(table: pl.DataFrame, factor: float) -> None:
    scaled = table.with_columns(pl.col("y") * factor)
    for plain, times in zip(effects(table), effects(scaled), strict=True):
        if "flag" in plain.metric:
            continue
        assert times.difference == pytest.approx(plain.difference * factor, rel=1e-6, abs=1e-9 * factor)
        assert times.lift == (None if plain.lift is None else pytest.approx(plain.lift, rel=1e-6, abs=1e-9))
        assert times.p_value == pytest.approx(plain.p_value, rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(tables(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(table: pl.DataFrame, seed: int) -> None:
    for one, other in zip(effects(table), effects(table.sample(fraction=1, shuffle=True, seed=seed)), strict=True):
        assert one.difference == pytest.approx(other.difference, rel=1e-9, abs=1e-12)
        assert one.p_value == pytest.approx(other.p_value, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(tables(), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_chunks_merge_to_the_whole(table: pl.DataFrame, sizes: list[int]) -> None:
    columns = Columns(("y", "d"), ("x",), (None, None), (1.0, 1.0, 0.0))
    whole = collect_moments(table, [columns], "arm")[0]
    parts: list[dict[tuple[str, str | None], Moments]] = []
    start = 0
    for size in [*sizes, len(table)]:
        chunk = table.slice(start, size)
        start += size
        if len(chunk):
            parts += collect_moments(chunk, [columns], "arm")
    for cell, moments in whole.items():
        together = merged(part[cell] for part in parts if cell in part)
        assert together.count == moments.count
        assert together.mean == pytest.approx(moments.mean)
        assert together.comoment == pytest.approx(moments.comoment, rel=1e-8, abs=1e-6)


def test_a_large_mean_costs_no_digits() -> None:
    values = 1e12 + np.array([1.0, 2.0, 3.0, 4.0])
    parts = [Moments.of(values[:2, None]), Moments.of(values[2:, None]), Moments.empty(1)]
    assert merged(parts).covariance()[0, 0] == pytest.approx(5 / 3)
    table = pl.DataFrame({"arm": ["a"] * 4, "v": values})
    found = collect_moments(table, [Columns(("v",), (), (None,), (1e12,))], "arm")[0][("a", None)]
    assert found.covariance()[0, 0] == pytest.approx(5 / 3)


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 1e7), st.floats(1, 1e8), st.floats(0.001, 0.2))
def test_the_boundary_is_where_the_evidence_reaches_one_over_alpha(planned: float, units: float, alpha: float) -> None:
    for mixture in (Mixture.planned(planned, alpha), Mixture.untuned()):
        z = float(mixture.critical(units, alpha))
        if np.isfinite(z):
            assert float(mixture.log_evidence(z, units)) == pytest.approx(np.log(1 / alpha), abs=1e-6)
            assert float(mixture.log_evidence(0.9 * z, units)) < np.log(1 / alpha)


def test_no_units_rule_out_nothing() -> None:
    assert np.isinf(Mixture.planned(1000).critical(0, 0.05))


@given(st.lists(st.floats(0, 1), max_size=30), st.data())
def test_findings_only_grow_when_p_values_fall(p: list[float], data: st.DataObject) -> None:
    lower = [value * data.draw(st.floats(0, 1)) for value in p]
    before, after = benjamini_hochberg(p), benjamini_hochberg(lower)
    assert (after <= before + 1e-12).all()
    assert (before >= np.array(p) - 1e-12).all()


def test_e_values_find_what_their_sum_allows() -> None:
    assert e_benjamini_hochberg(np.log([100.0, 30, 1]), 0.05).tolist() == [True, True, False]
    assert e_benjamini_hochberg(np.log([19.0, 1, 1]), 0.05).tolist() == [False] * 3


def test_p_values_outside_zero_and_one_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        benjamini_hochberg([0.5, float("nan")])


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(-5, 5), st.floats(0, 5))
def test_intersections_never_widen(a: float, x: float, b: float, y: float) -> None:
    before, now = Interval(a, a + x), Interval(b, b + y)
    both, apart = intersect(before, now)
    assert both is not None
    assert before.low <= both.low <= both.high <= before.high
    assert apart == (before.low > now.high or now.low > before.high)


def test_the_same_table_gives_the_same_bits_however_it_is_chunked_and_whatever_runs_beside_it() -> None:
    table = simulated(200_000, 0.01).with_columns(
        before=pl.when(pl.col("unit") % 50 > 0).then("before"), plays=pl.when(pl.col("unit") % 70 > 0).then("plays")
    )
    asked = {"unit": "unit", "arm": "arm", "control": "control", "covariates": ["before"], "segments": ["country"]}
    metrics = ["minutes", "kept:proportion", "minutes:ratio/plays", "minutes:quantile=.9"]

    def read(cuts: int) -> bytes:
        size = -(-table.height // cuts)
        chunks = pl.concat([table[at : at + size] for at in range(0, table.height, size)], rechunk=False)
        assert chunks.n_chunks() == cuts
        return msgspec.json.encode(analyze_table(chunks, metrics=metrics, **asked))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(read, range(1, 21)))) == 1
