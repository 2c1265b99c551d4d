"""Small per-unit tables that the tests write themselves."""

from __future__ import annotations

import numpy as np
import polars as pl

F64 = np.ndarray


def golden(count: int, shift: int) -> tuple[F64, F64, F64, F64]:
    """(minutes, minutes before, plays, clicked) without chance, the same numbers that the oracles were given."""
    i = np.arange(count)
    plays = 1.0 + (i * 7) % 5
    before = ((i * 37) % 101) / 10
    minutes = 0.6 * before + ((i * 53 + shift) % 97) / 10 + shift * 0.05
    clicked = ((i * 29 + shift * 3) % 10 < 3 + shift % 2).astype(float)
    return minutes, before, plays, clicked


def golden_table() -> pl.DataFrame:
    """60 units of control (`a`) and 75 of the arm (`b`)."""
    parts = []
    for arm, count, shift in (("a", 60, 0), ("b", 75, 11)):
        minutes, before, plays, clicked = golden(count, shift)
        columns = {"minutes": minutes, "before": before, "plays": plays, "clicked": clicked}
        parts.append(pl.DataFrame(columns).with_columns(arm=pl.lit(arm)))
    return pl.concat(parts).with_row_index("unit")


def simulated(units: int = 4_000, effect: float = 0.0, seed: int = 1, arms: int = 2) -> pl.DataFrame:
    """Viewing time with a long tail, what was watched before, plays, a flag and a country; `effect` is relative."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, arms, units)
    before = rng.lognormal(2.0, 0.8, units)
    minutes = (before * rng.lognormal(0.0, 0.5, units) + rng.lognormal(1.0, 0.8, units)) * (1 + effect * arm)
    return pl.DataFrame(
        {
            "unit": np.arange(units),
            "arm": np.array(["control", "b", "c"])[arm],
            "minutes": minutes,
            "before": before,
            "plays": 1 + rng.poisson(3, units),
            "kept": rng.random(units) < 0.3,
            "country": rng.choice(["NO", "SE", "DK"], units),
        }
    )
