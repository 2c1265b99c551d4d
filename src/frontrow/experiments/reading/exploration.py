"""What the slot that pages left to chance earned: under the models, and under the draw.

A decision is a home page that left its slot to chance; the action is the title in it, the propensity the probability
with which it came there. The reward is 1 where a play of more than 2 minutes of that title came from that page within a
day. Pages of one profile are one cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np
import polars as pl

from frontrow.core.errors import FrontrowError
from frontrow.experiments.metrics.page_days import HIT_WITHIN
from frontrow.experiments.offpolicy.log import F64, DecisionLog
from frontrow.experiments.offpolicy.single import inverse_propensity, self_normalised
from frontrow.experiments.offpolicy.value import PolicyValue

SLOTS: Final[Mapping[str, pl.DataType]] = {
    "page": pl.String(), "profile": pl.Int64(), "at": pl.Int64(), "title": pl.Int32(), "explored": pl.Boolean(),
    "propensity": pl.Float64(), "pool": pl.Int64(),
}  # fmt: skip
"""Slots that were left to chance: `title` as in PICKS, `pool` how many it was drawn from."""


class Exploration(msgspec.Struct, frozen=True, kw_only=True):
    """How often the slot's title was played: as the models fill it, and drawn from what they would not show."""

    reward: str
    pages: int
    explored: int
    profiles: int
    as_served: float
    models: list[PolicyValue]
    drawn: list[PolicyValue]


def read_exploration(slots: pl.DataFrame, plays: pl.DataFrame, now: int) -> Exploration:
    """From SLOTS and the PICKS of their profiles. Pages younger than a day at `now` still take plays, and are left out.

    FrontrowError where there is none.
    """
    chosen = slots.filter(pl.col("at") <= now - HIT_WITHIN)
    if chosen.is_empty():
        raise FrontrowError(
            "no page that left a slot to chance is a day old or older",
            "Set tuning.explore_share, for all or in an experiment's arm; pages of known profiles count",
        )
    drawn = chosen["explored"].to_numpy()
    reward, propensity = _played(chosen, plays), chosen["propensity"].to_numpy()
    clusters = chosen["profile"].to_numpy()

    def values(target: F64) -> list[PolicyValue]:
        log = DecisionLog(reward, propensity, target, clusters)
        return [inverse_propensity(log), self_normalised(log)]

    return Exploration(
        reward="share of pages from which the slot's title was played for more than 2 minutes within a day",
        pages=len(reward),
        explored=int(drawn.sum()),
        profiles=len(np.unique(clusters)),
        as_served=float(reward.mean()),
        models=values(np.where(drawn, 0.0, 1.0)),
        drawn=values(np.where(drawn, 1 / chosen["pool"].to_numpy(), 0.0)),
    )


def _played(chosen: pl.DataFrame, plays: pl.DataFrame) -> F64:
    """1 for each page from which the title in its slot was played in time."""
    came = plays.join(
        chosen.select("page", "profile", "title", served_at="at"),
        left_on=["page", "profile", "whole"], right_on=["page", "profile", "title"],
    )  # fmt: skip
    late = pl.col("at") - pl.col("served_at")
    hit = came.filter((late >= 0) & (late <= HIT_WITHIN))["page"].unique()
    return chosen["page"].is_in(hit.implode()).cast(pl.Float64).to_numpy()
