"""What other rules for who gets which arm would have earned: decisions from the served log, plays from events.

A decision is a home page. The policy that served it drew the viewer's arm with its weight, and left to chance in the
page what its logged propensity says. The policy in question gives arms by rules over the request and the profile. The
reward is 1 where a play of more than 2 minutes came from the page within a day. Pages of one unit are one cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError, InvalidRecord, UsageError
from frontrow.experiments.assignment.conditions import NO_GROUPS
from frontrow.experiments.assignment.ready_condition import ready_condition
from frontrow.experiments.assignment.targeting import attributes_of, check_condition
from frontrow.experiments.design.design import Design
from frontrow.experiments.metrics.page_days import HIT_WITHIN
from frontrow.experiments.offpolicy.clustered import clustered_error
from frontrow.experiments.offpolicy.log import F64, DecisionLog
from frontrow.experiments.offpolicy.reward_table import cross_fitted_rewards
from frontrow.experiments.offpolicy.single import doubly_robust, inverse_propensity, replay, self_normalised
from frontrow.experiments.offpolicy.value import PolicyValue
from frontrow.people.profile import Profile

DECISIONS: Final[Mapping[str, pl.DataType]] = {
    "page": pl.String(), "profile": pl.Int64(), "served_as": pl.UInt32(), "at": pl.Int64(), "variant": pl.String(),
    "propensity": pl.Float64(), "device": pl.String(), "country": pl.String(), "language": pl.String(),
}  # fmt: skip
"""Home pages served under an experiment: `served_as` as in EXPOSURES, `propensity` of the page given its arm."""

FOLDS: Final = 5
"""Of the reward model; its contexts are the devices."""


class Give(msgspec.Struct, frozen=True):
    """A rule of the policy in question: who fulfils the condition gets the arm."""

    arm: str
    when: dict[str, Any] = {}


class OffPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`as_served` is the mean reward of the log itself; each estimate is the policy's, or says why there is none."""

    experiment_id: str
    policy: list[Give]
    reward: str
    pages: int
    units: int
    as_served: float
    as_served_error: float
    estimates: list[PolicyValue]


def check_policy(design: Design, policy: Sequence[Give]) -> None:
    """UsageError for an arm that the design does not have or a condition that is none."""
    arms = [arm.key for arm in design.arms]
    for rule in policy:
        if rule.arm not in arms:
            raise UsageError(f"{design.experiment_id} has no arm {rule.arm[:80]}", f"Arms: {', '.join(arms)}")
        try:
            check_condition(rule.when)
        except InvalidRecord as error:
            raise UsageError(f"the condition of {rule.arm}: {error.pointer or '/'}: {error.message}") from None


def read_off_policy(
    design: Design, policy: Sequence[Give], decisions: pl.DataFrame, plays: pl.DataFrame,
    profiles: Mapping[int, Profile], units: Mapping[int, str], now: int,
) -> OffPolicy:  # fmt: skip
    """The value of `policy`: rules in order, who fulfils none gets the control.

    `decisions` are DECISIONS, `plays` PICKS of their profiles; `units` says by profile number whose decisions they are
    (those who are in no unit are left out). Pages younger than a day at `now` still take plays, and are left out.
    """
    chosen = decisions.filter(
        pl.col("at") <= now - HIT_WITHIN, pl.col("profile").is_in(pl.Series(list(units), dtype=pl.Int64).implode())
    )
    if chosen.is_empty():
        raise FrontrowError(
            f"no home page of {design.experiment_id} is a day old or older",
            "Pages of known profiles that consent count, from a day after they were served",
        )
    arms = [arm.key for arm in design.arms]
    if strange := sorted(set(chosen["variant"]) - set(arms)):
        raise FrontrowError(f"the served log holds arms that the design does not have: {', '.join(strange)}")
    log, target, action = _log(design, arms, policy, chosen, plays, profiles, units)
    return OffPolicy(
        experiment_id=design.experiment_id,
        policy=list(policy),
        reward="share of home pages from which something was played for more than 2 minutes within a day",
        pages=len(log),
        units=len(np.unique(log.clusters if log.clusters is not None else [])),
        as_served=float(log.reward.mean()),
        as_served_error=clustered_error(log.reward, log.clusters),
        estimates=_estimates(log, chosen, target, action),
    )


def _log(
    design: Design, arms: Sequence[str], policy: Sequence[Give], chosen: pl.DataFrame, plays: pl.DataFrame,
    profiles: Mapping[int, Profile], units: Mapping[int, str],
) -> tuple[DecisionLog, F64, NDArray[np.int64]]:  # fmt: skip
    """The log, the policy's float64[n, arms] probabilities, and the int64[n] arms that were served."""
    weights = np.array([arm.weight for arm in design.arms])
    action = np.array([arms.index(variant) for variant in chosen["variant"]], np.int64)
    target = np.zeros((chosen.height, len(arms)))
    target[np.arange(chosen.height), _given(arms, policy, chosen, profiles)] = 1.0
    numbers: dict[str, int] = {}
    clusters = [numbers.setdefault(units[profile], len(numbers)) for profile in chosen["profile"]]
    inside = chosen["propensity"].to_numpy()
    log = DecisionLog(
        reward=_played(chosen, plays),
        propensity=weights[action] * inside,
        target=target[np.arange(chosen.height), action] * inside,  # within a page the policy does as the log did
        clusters=np.array(clusters, np.int64),
    )
    return log, target, action


def _given(
    arms: Sequence[str], policy: Sequence[Give], chosen: pl.DataFrame, profiles: Mapping[int, Profile]
) -> list[int]:
    """Which arm the policy gives on each page."""
    rules = [(arms.index(rule.arm), ready_condition(rule.when, NO_GROUPS)) for rule in policy]
    given = []
    for number, device, country, language in chosen.select("profile", "device", "country", "language").iter_rows():
        said = attributes_of(profiles[number], {"device": device, "country": country, "language": language})
        given.append(next((arm for arm, holds in rules if holds(said)), 0))
    return given


def _played(chosen: pl.DataFrame, plays: pl.DataFrame) -> F64:
    """1 for each page that a lasting play came from in time."""
    came = plays.join(chosen.select("page", "profile", served_at="at"), on=["page", "profile"])
    late = pl.col("at") - pl.col("served_at")
    hit = came.filter((late >= 0) & (late <= HIT_WITHIN))["page"].unique()
    return chosen["page"].is_in(hit.implode()).cast(pl.Float64).to_numpy()


def _estimates(log: DecisionLog, chosen: pl.DataFrame, target: F64, action: NDArray[np.int64]) -> list[PolicyValue]:
    kinds: dict[tuple[object, ...], int] = {}
    context = np.array([kinds.setdefault((device,), len(kinds)) for device in chosen["device"]], np.int64)
    found = [inverse_propensity(log), self_normalised(log)]
    if len(log) >= FOLDS:
        predicted, expected = cross_fitted_rewards(
            context, action, log.reward, target, clusters=log.clusters, folds=FOLDS
        )
        found.append(doubly_robust(log, predicted, expected))
    if np.allclose(log.propensity, log.propensity[0], rtol=1e-6):
        found.append(replay(log))
    return found
