"""What the outcomes of candidates are told from: one function for serving (the trail of now) and for training (trails
as they stood at log offsets)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.features.definitions import PAIR_FEATURES, PROFILE_FEATURES
from frontrow.features.pairs import Pairs
from frontrow.models.outcomes.columns import COLUMNS, PAIR_READ, PROFILE_READ
from frontrow.models.outcomes.rates import TitleRates

_OF_PAIRS: Final = tuple(next(each for each in PAIR_FEATURES if each.name == name) for name in PAIR_READ)
_OF_PROFILES: Final = tuple(next(each for each in PROFILE_FEATURES if each.name == name) for name in PROFILE_READ)
_CLIP: Final = 8.0


def read(
    standardised: NDArray[np.float32], moment: NDArray[np.float32], pairs: Pairs, rates: TitleRates
) -> NDArray[np.float32]:
    """float32[len(pairs), COLUMNS]. `standardised` is float32[FEATURES, len(pairs)], what the sources say in standard
    deviations; `moment` float32[MOMENT], or one for each pair."""
    parts = [
        np.clip(standardised.T, -_CLIP, _CLIP),
        np.broadcast_to(moment, (len(pairs), moment.shape[-1])),
        np.stack([feature.read(pairs) for feature in _OF_PAIRS], axis=1),
        np.stack([feature.read(pairs.batch)[pairs.case] for feature in _OF_PROFILES], axis=1),
        rates.read(pairs.title),
        _title(pairs),
    ]
    table = np.concatenate(parts, axis=1, dtype=np.float32)
    assert table.shape[1] == len(COLUMNS)
    return table


def _title(pairs: Pairs) -> NDArray[np.float32]:
    runtime = pairs.batch.space.runtime
    known = pairs.title < len(runtime)
    minutes = np.where(known, runtime[np.where(known, pairs.title, 0)], 0) if len(runtime) else np.zeros(len(pairs))
    return np.stack([np.log(np.maximum(minutes, 1)), minutes > 0], axis=1).astype(np.float32)
