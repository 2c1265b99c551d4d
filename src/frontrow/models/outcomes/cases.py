"""What outcomes are learned from: what viewers of the past went on to play and what came of it, and what they were
offered when they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.features.batch import Batch
from frontrow.features.history import History
from frontrow.features.outcomes import OUTCOMES
from frontrow.features.pairs import Pairs
from frontrow.features.signals import SIGNAL
from frontrow.features.training_view import CASES_AT_ONCE
from frontrow.models.cases.data import Past
from frontrow.models.outcomes.columns import COLUMNS
from frontrow.models.outcomes.inputs import read
from frontrow.models.outcomes.rates import TitleRates


@dataclass(frozen=True)
class Played:
    """What a viewer who was asked at one moment went on to play, of the titles that were candidates.

    `titles` int64[n] with what the sources said of them, `standardised` float32[FEATURES, n], and what came of it,
    `outcomes` float32[n, OUTCOMES]; the ranker's `moment`, float32[MOMENT]; `as_of`: the log's offset before it.
    """

    viewer: int
    as_of: int
    now: int
    horizon: int
    titles: NDArray[np.int64]
    standardised: NDArray[np.float32]
    moment: NDArray[np.float32]
    outcomes: NDArray[np.float32]


@dataclass(frozen=True)
class Offered:
    """What was put forward to a viewer, all of it, chosen or not: the ranker's columns float32[n, columns], the blend's
    scores, and which were played then."""

    table: NDArray[np.float32]
    blended: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    horizon: int
    viewer: int

    def without(self, columns: Sequence[int]) -> Offered:
        """The same, with columns that say nothing."""
        return replace(self, table=_silenced(self.table, columns))


@dataclass(frozen=True)
class Rows:
    """Plays as equal-length arrays: `table` float32[n, COLUMNS], `outcomes` float32[n, OUTCOMES], the number of the
    horizon, the viewer."""

    table: NDArray[np.float32]
    outcomes: NDArray[np.float32]
    horizon: NDArray[np.int64]
    viewer: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.table)

    def without(self, columns: Sequence[int]) -> Rows:
        """The same, with columns that say nothing."""
        return replace(self, table=_silenced(self.table, columns))


def joined_rows(parts: Sequence[Rows]) -> Rows:
    """All rows in one."""
    parts = [_NO_ROWS, *parts]
    return Rows(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Rows)))


def _silenced(table: NDArray[np.float32], columns: Sequence[int]) -> NDArray[np.float32]:
    table = table.copy()
    table[:, columns] = 0
    return table


def rows_of(played: Sequence[Played], rates: TitleRates, past: Past) -> Rows:
    """All plays' columns, as serving would have read them when the viewers were asked."""
    played = [each for each in played if len(each.titles)]
    viewer, as_of, now, horizon = (
        np.array([getattr(each, name) for each in played], np.int64) for name in ("viewer", "as_of", "now", "horizon")
    )
    history = History(_signals(past, viewer))
    tables = [_NO_ROWS.table]
    for begin in range(0, len(played), CASES_AT_ONCE):
        part = slice(begin, begin + CASES_AT_ONCE)
        some = played[part]
        batch = Batch.as_of(history, viewer[part], as_of[part], now[part], past.space)
        case = np.repeat(np.arange(len(some)), [len(each.titles) for each in some])
        pairs = Pairs(batch, case, np.concatenate([each.titles for each in some]))
        standardised = np.concatenate([each.standardised for each in some], axis=1)
        tables.append(read(standardised, np.stack([each.moment for each in some])[case], pairs, rates))
    case = np.repeat(np.arange(len(played)), [len(each.titles) for each in played])
    outcomes = np.concatenate([_NO_ROWS.outcomes, *(each.outcomes for each in played)])
    return Rows(np.concatenate(tables), outcomes, horizon[case], viewer[case])


_NO_ROWS: Final = Rows(
    np.empty((0, len(COLUMNS)), np.float32), np.empty((0, len(OUTCOMES)), np.float32), np.empty(0, np.int64),
    np.empty(0, np.int64),
)  # fmt: skip


def _signals(past: Past, viewers: NDArray[np.int64]) -> NDArray[np.void]:
    signals = np.concatenate([np.empty(0, SIGNAL), *map(past.signals_of, np.unique(viewers).tolist())])
    return signals[np.argsort(signals["offset"], kind="stable")]
