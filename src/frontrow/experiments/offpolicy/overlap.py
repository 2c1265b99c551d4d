"""Whether the log says anything about the policy in question, or should stay silent."""

from __future__ import annotations

import math

import msgspec

from frontrow.experiments.offpolicy.clustered import clustered_error
from frontrow.experiments.offpolicy.log import F64, DecisionLog

MIN_EFFECTIVE = 100.0
"""Decisions."""
MIN_EFFECTIVE_SHARE = 0.01
MAX_WEIGHT_SHARE = 0.05
"""Of all weight, for a single decision."""
MAX_ERRORS_FROM_ONE = 5.0
"""Standard errors by which the mean weight may differ from 1."""


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the log counts. `refused` names every threshold missed; empty: an estimate may be given."""

    decisions: int
    effective: float
    """Kish's effective sample size, (Σw)² / Σw²: as many decisions of the target policy itself would say as much."""
    largest_share: float
    """The largest weight over the sum of all."""
    mean_weight: float
    """1 in expectation; else the propensities are not those that the log was served with, or actions are missing."""
    refused: list[str]


def overlap(log: DecisionLog, weights: F64, mean_is_one: bool = True) -> Overlap:
    """Of float64[n] weights by decision. `mean_is_one`: whether weights of the whole log average 1."""
    total, squares = float(weights.sum()), float((weights**2).sum())
    effective = total**2 / squares if squares > 0 else 0.0
    largest = float(weights.max()) / total if total > 0 else 1.0
    mean = total / len(weights)
    refused = []
    if effective < MIN_EFFECTIVE:
        refused.append(f"only {effective:.0f} effective decisions, {MIN_EFFECTIVE:.0f} are needed")
    if effective < MIN_EFFECTIVE_SHARE * len(weights):
        refused.append(f"only {effective / len(weights):.2%} of the log counts, {MIN_EFFECTIVE_SHARE:.0%} is needed")
    if largest > MAX_WEIGHT_SHARE:
        refused.append(f"one decision has {largest:.0%} of all weight, {MAX_WEIGHT_SHARE:.0%} is allowed")
    error = clustered_error(weights, log.clusters)
    if mean_is_one and math.isfinite(error) and abs(mean - 1) > MAX_ERRORS_FROM_ONE * error + 1e-9:
        refused.append(f"weights average {mean:.2f} instead of 1: the propensities are not those of this log")
    return Overlap(
        decisions=len(weights), effective=effective, largest_share=largest, mean_weight=mean, refused=refused
    )
