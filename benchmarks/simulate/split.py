"""The time split on simulated tables: who is asked, what is relevant, and what any ranking of it is worth.

As `frontrow evaluate --protocol time-split` has it: cut at the 0.8 quantile of event times; asked are viewers with a
play before and a relevant one after; relevant are titles played to 70 % or rated 3.5 after the cut, in the catalogue
seen before it and not in the viewer's history.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

TOP = 10


@dataclass(frozen=True)
class Split:
    """`cut` in microseconds UTC; `asked` are viewers' numbers; `relevant` and `history` bool[asked, titles];
    `candidates` bool[titles]; `country` of each asked; `plays` (viewer, title, at) before the cut."""

    cut: int
    asked: np.ndarray
    country: np.ndarray
    relevant: np.ndarray
    history: np.ndarray
    candidates: np.ndarray
    plays: pl.DataFrame


def make_split(tables: Path, titles: int, quantile: float = 0.8) -> Split:
    """The split of the tables in a folder; numbers are those of the simulated ids."""
    events = pl.read_parquet(tables / "events.parquet", columns=["type", "profile_id", "title_id", "at", "fraction",
                                                                 "seconds", "value", "country"])  # fmt: skip
    cut = int(np.quantile(events["at"].to_physical().to_numpy(), quantile))
    told = events.filter(pl.col("type").is_in(["stop", "rate"])).select(
        at=pl.col("at").to_physical(),
        viewer=pl.col("profile_id").str.slice(2).cast(pl.Int64),
        title=pl.col("title_id").str.slice(2, 5).cast(pl.Int64),
        counts=(pl.col("type") == "rate") | (pl.col("seconds") > 120),
        liked=pl.when(pl.col("type") == "rate").then(pl.col("value") >= 3.5).otherwise(pl.col("fraction") >= 0.7),
        country=pl.col("country"),
    )
    past = told.filter((pl.col("at") < cut) & pl.col("counts"))
    n = int(told["viewer"].max()) + 1
    history = np.zeros((n, titles), bool)
    every = told.filter(pl.col("at") < cut)
    history[every["viewer"], every["title"]] = True
    candidates = np.zeros(titles, bool)
    candidates[past["title"].unique()] = True
    relevant = np.zeros((n, titles), bool)
    future = told.filter((pl.col("at") >= cut) & pl.col("liked"))
    relevant[future["viewer"], future["title"]] = True
    relevant &= candidates & ~history
    asked = np.flatnonzero(history.any(axis=1) & relevant.any(axis=1))
    country = np.full(n, "", object)
    country[told["viewer"]] = told["country"].to_numpy()
    return Split(cut, asked, country[asked], relevant[asked], history[asked], candidates, past)


def ndcg(split: Split, scores: np.ndarray) -> np.ndarray:
    """NDCG@10 of each asked viewer; `scores` is [asked, titles] or [titles]."""
    scores = np.broadcast_to(scores, split.relevant.shape).astype(np.float64).copy()
    scores[:, ~split.candidates] = -np.inf
    scores[split.history] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    hits = np.take_along_axis(split.relevant, top, axis=1) & np.isfinite(np.take_along_axis(scores, top, axis=1))
    return gain(hits, split.relevant.sum(axis=1))


def gain(hits: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """NDCG of [viewers, 10] hits, the ideal cut at min(10, relevant)."""
    discount = 1 / np.log2(np.arange(2, TOP + 2))
    ideal = np.cumsum(discount)[np.minimum(relevant, TOP) - 1]
    return (hits * discount).sum(axis=1) / ideal


def popularity(split: Split, days: float) -> np.ndarray:
    """Distinct viewers of each title in the last `days` before the cut."""
    recent = split.plays.filter(pl.col("at") >= split.cut - days * 86_400e6).unique(["viewer", "title"])
    return np.bincount(recent["title"].to_numpy(), minlength=len(split.candidates)).astype(np.float64)


def mean_interval(values: np.ndarray, seed: int = 0, times: int = 1_000) -> dict[str, float]:
    """The mean and its 95 % bootstrap interval over viewers."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (times, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}
