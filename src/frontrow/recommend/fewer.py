"""Fewer like this: what a viewer asked for less of, and all that is like it, comes down in what is answered next."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.likeness import Likeness
from frontrow.recommend.scoring import Scored
from frontrow.recommend.viewer import Viewer

MOST: Final = 50
"""Titles, those named last, of which fewer like them come."""


def fewer_wanted(viewer: Viewer, likeness: Likeness, size: int) -> tuple[NDArray[np.float32], NDArray[np.int32]] | None:
    """How like something that the viewer asked for less of each title below `size` is, 0..1 (1 for that itself), and
    which that is (-1: none): float32 and int32[size]. None where nothing was asked for, or nothing may be learned."""
    asked = viewer.state.less_like
    if not asked or not viewer.personal:
        return None
    like, named = np.zeros(size, np.float32), np.full(size, -1, np.int32)
    for title in sorted(asked, key=lambda each: (asked[each], each))[-MOST:]:
        if title >= size:
            continue
        numbers, share = likeness.of(title)
        for some, much in ((numbers, share), (np.array([title]), np.ones(1, np.float32))):
            nearer = much > like[some]
            like[some[nearer]], named[some[nearer]] = much[nearer], title
    return like, named


def lowered(scored: Scored, wanted: tuple[NDArray[np.float32], NDArray[np.int32]] | None, weight: float) -> Scored:
    """The scores of every horizon, less `weight` for a title that is all alike to one of which fewer are wanted."""
    if wanted is None:
        return scored
    like, named = wanted
    lower = like * np.float32(-weight)
    blended = {horizon: scores + lower[: len(scores)] for horizon, scores in scored.blended.items()}
    return replace(scored, blended=blended, lower=lower, lower_for=named)
