"""Features as they were: arrays over many moments of the past, for training and for checking what was served.

A moment is (profile number, log offset, time): the values are those that serving had when the log stood at that
offset, bit for bit. There is no default for the offset: what came later must not be seen by mistake. Catalogue and
consent are today's, as everywhere (the contract).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.events.log import EventColumns
from frontrow.features.batch import Batch
from frontrow.features.definitions import Feature
from frontrow.features.history import History
from frontrow.features.labels import LabelSpace
from frontrow.features.pairs import Pairs
from frontrow.features.title_trends import TitleTrends
from frontrow.features.titles import Asked
from frontrow.features.values import Ragged, Values

CASES_AT_ONCE = 1_024

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Equal-length int64 arrays: profile numbers, log offsets (inclusive), times in microseconds UTC."""

    profile: Numbers
    as_of: Numbers
    now: Numbers

    def __len__(self) -> int:
        return len(self.profile)

    def part(self, part: slice) -> Moments:
        """Some of them."""
        return Moments(self.profile[part], self.as_of[part], self.now[part])


def profile_features(
    features: Sequence[Feature], history: History, space: LabelSpace, moments: Moments
) -> dict[str, Values]:
    """Values of features of profiles and sessions by name, a row (or a run of Ragged) for each moment."""
    parts: dict[str, list[Values]] = {feature.name: [] for feature in features}
    for _, batch in _batches(history, space, moments):
        for feature in features:
            parts[feature.name].append(feature.read(batch))
    return {name: _joined(values) for name, values in parts.items()}


def pair_features(
    features: Sequence[Feature], history: History, space: LabelSpace, moments: Moments, case: Numbers, title: Numbers
) -> dict[str, NDArray[np.generic]]:
    """Values of features of profile × title: `case[i]` is a place in `moments` (ascending), `title[i]` a title
    number."""
    parts: dict[str, list[NDArray[np.generic]]] = {feature.name: [] for feature in features}
    for begin, batch in _batches(history, space, moments):
        some = slice(*np.searchsorted(case, [begin, begin + len(batch)]).tolist())
        pairs = Pairs(batch, case[some] - begin, title[some])
        for feature in features:
            parts[feature.name].append(feature.read(pairs))
    return {name: np.concatenate(values) for name, values in parts.items() if values}


def title_features(
    features: Sequence[Feature], columns: EventColumns, series_of: NDArray[np.int32], as_of: Sequence[int],
    now: Sequence[int], titles: Sequence[Numbers], country: Sequence[str | None],
) -> Iterator[dict[str, NDArray[np.generic]]]:  # fmt: skip
    """Values of features of titles and countries, page by page: the titles of page i as they stood at log offset
    `as_of[i]` (ascending) and time `now[i]`, seen from `country[i]`. `columns` are the log's from its beginning."""
    trends, stands = TitleTrends(), 0
    for offset, moment, some, place in zip(as_of, now, titles, country, strict=True):
        upto = int(np.searchsorted(columns.offset, offset, side="right"))
        if upto < stands:
            raise ValueError("as_of must ascend")
        trends.update(part_of(columns, slice(stands, upto)), series_of)
        stands = upto
        asked = Asked(trends, some, moment, place)
        yield {feature.name: feature.read(asked) for feature in features}


def part_of(columns: EventColumns, part: slice) -> EventColumns:
    """Some of the events, by their places."""
    arrays = {field.name: getattr(columns, field.name) for field in fields(columns) if field.name != "countries"}
    return replace(columns, **{name: values[part] for name, values in arrays.items()})


def _batches(history: History, space: LabelSpace, moments: Moments) -> Iterator[tuple[int, Batch]]:
    for begin in range(0, len(moments), CASES_AT_ONCE):
        some = moments.part(slice(begin, begin + CASES_AT_ONCE))
        yield begin, Batch.as_of(history, some.profile, some.as_of, some.now, space)


def _joined(parts: list[Values]) -> Values:
    if not parts or not isinstance(parts[0], Ragged):
        return np.concatenate(parts) if parts else np.empty(0)  # type: ignore[arg-type]
    ragged = [part for part in parts if isinstance(part, Ragged)]
    ends = np.cumsum([0, *(int(part.first[-1]) for part in ragged)])
    first = [part.first[:-1] + end for part, end in zip(ragged, ends.tolist(), strict=False)]
    keys = None if ragged[0].keys is None else np.concatenate([part.keys for part in ragged if part.keys is not None])
    return Ragged(
        np.concatenate([part.values for part in ragged]), np.concatenate([*first, ends[-1:]]), keys, ragged[0].names
    )
