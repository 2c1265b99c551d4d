"""Many metrics and segments: which findings to believe so that few of them are false.

Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001 where the tests may depend in any way; Wang & Ramdas 2022, False
discovery rate control with e-values.

With sequences, each p-value is the smallest that any look so far has given. It is valid at any stopping time and only
falls, so that Benjamini-Hochberg's findings only grow over the looks: none is withdrawn while the family of tests stays
the same. As always with that procedure, independence or positive dependence (PRDS) is assumed, which metrics of the
same units mostly have; `benjamini_yekutieli` assumes nothing. `e_benjamini_hochberg` assumes nothing either, but a
finding of one look can be gone at the next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.experiments.statistics.moments import F64


def benjamini_hochberg(p_values: ArrayLike) -> F64:
    """Adjusted p-values, float64[m]: those at or below α are findings with a false discovery rate of at most α."""
    p = np.asarray(p_values, np.float64)
    if p.ndim != 1 or bool(np.any(~((p >= 0) & (p <= 1)))):
        raise ValueError("p-values must be a list of numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def benjamini_yekutieli(p_values: ArrayLike) -> F64:
    """The same under any dependence, larger by 1 + 1/2 + … + 1/m."""
    adjusted = benjamini_hochberg(p_values)
    return np.minimum(adjusted * np.sum(1 / np.arange(1, len(adjusted) + 1)), 1.0)


def e_benjamini_hochberg(log_evidence: ArrayLike, alpha: float) -> NDArray[np.bool_]:
    """Findings among e-values given by their logarithms, bool[m], under any dependence."""
    logs = np.asarray(log_evidence, np.float64)
    order = np.argsort(-logs, kind="stable")
    passes = logs[order] >= np.log(len(logs) / (alpha * np.arange(1, len(logs) + 1)))
    found = np.zeros(len(logs), bool)
    if passes.any():
        found[order[: np.flatnonzero(passes)[-1] + 1]] = True
    return found
