"""What answers were made of, computed again (recomputation.py) and compared with what was logged when they were made.

Features and history must be the same bit for bit. The sources' scores are float32 sums whose last bits depend on how
counts were cut into batches, so they must be close.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.models.lending import COUNTED, LEARNED
from frontrow.models.names import FEATURES, ROW, SOURCE_OF
from frontrow.models.query import Query
from frontrow.models.reading import Reading
from frontrow.recommend.page_inputs import LoggedValue, PageInputs, decode_inputs
from frontrow.recommend.recomputation import Recomputation
from frontrow.recommend.served import Basis, ServedPage, decode_page

Progress = Callable[[float, str], None]

CLOSE: Final = 1e-3
"""How far a source's score may lie from the logged one, as a share of the largest score logged of that source."""
SHOWN: Final = 20
_POPULAR: Final = ("popular", "popular_country")


class Difference(msgspec.Struct, frozen=True):
    """One value that came out other than it was logged: of which answer, which value, and both, shortened."""

    page_id: str
    value: str
    logged: str
    recomputed: str


class Verification(msgspec.Struct):
    """What came of a comparison. `values` counts single features, histories and scores; `skipped` answers, and
    `not_compared` scores, by reason; `differences` the first of `different`."""

    pages: int = 0
    compared: int = 0
    values: int = 0
    different: int = 0
    skipped: dict[str, int] = {}
    not_compared: dict[str, int] = {}
    differences: list[Difference] = []


def verify(again: Recomputation, logged: Sequence[tuple[bytes, bytes]], progress: Progress) -> Verification:
    """Compares answers (bodies as logged) with what comes of computing them again."""
    cases = [(decode_page(page), decode_inputs(inputs)) for page, inputs in logged]
    cases.sort(key=lambda case: case[0].offset)
    found, skipped, not_compared = Verification(pages=len(cases)), Counter[str](), Counter[str]()
    popular = again.popular() if cases else None
    for number, (page, inputs) in enumerate(cases):
        progress(number / len(cases), f"page {number + 1} of {len(cases)}")
        basis = page.basis
        reason = "it says not what it was made from" if basis is None else again.lost(page, inputs, basis)
        if reason is not None or basis is None:
            skipped[reason or ""] += 1
            continue
        found.compared += 1
        query = again.query(page, basis)
        if inputs.features:
            _compare_features(page, inputs, again.features(page, inputs, basis), found)
        _compare_history(page, inputs, query, found)
        if inputs.sources and popular is not None:
            reading = again.reading(page, basis, query, popular)
            _compare_scores(again, page, inputs, basis, reading, found, not_compared)
    found.skipped, found.not_compared = dict(skipped), dict(not_compared)
    return found


def _compare_features(
    page: ServedPage, inputs: PageInputs, again: Mapping[str, LoggedValue], found: Verification
) -> None:
    for name, now in again.items():
        was = inputs.features.get(name)
        if was is not None:  # a feature that came later was not logged
            found.values += 1
            if now != was:
                _differs(found, page, f"feature {name}", _told(was), _told(now))


def _compare_scores(
    again: Recomputation, page: ServedPage, inputs: PageInputs, basis: Basis,
    reading: Reading, found: Verification, not_compared: Counter[str],
) -> None:  # fmt: skip
    slots = np.frombuffer(inputs.slots, np.int32)
    logged = np.frombuffer(inputs.scores, np.float32).reshape(len(inputs.sources), len(slots))
    uncounted, known = again.uncounted(basis), again.known(page, basis, slots)
    for was, name in zip(logged, inputs.sources, strict=True):
        if name in inputs.failed or name in reading.failed or name not in FEATURES:
            not_compared["the source had failed, or is gone"] += 1
        elif SOURCE_OF[name] in _POPULAR and uncounted:
            not_compared[uncounted] += 1
        else:
            found.values += 1
            now = reading.rows[ROW[name], slots]
            far = np.abs(now - was) > CLOSE * max(float(np.abs(was).max(initial=0)), 1e-6)
            if ROW[name] in LEARNED + COUNTED:  # they may have been lent
                far &= known
            for slot in np.flatnonzero(far)[:1].tolist():
                what = f"score {name} of title {again.catalogue.ids[slots[slot]]} ({far.sum()} of {len(slots)})"
                _differs(found, page, what, str(was[slot]), str(now[slot]))


def _compare_history(page: ServedPage, inputs: PageInputs, query: Query, found: Verification) -> None:
    for name, was, now in (
        ("titles", inputs.titles, query.titles),
        ("times", inputs.at, query.at),
        ("weights", inputs.weights, query.weights),
    ):
        found.values += 1
        if was != now.tobytes():
            told = np.frombuffer(was, now.dtype)
            _differs(found, page, f"history: {name}", _shortened(told), _shortened(now))


def _differs(found: Verification, page: ServedPage, value: str, logged: str, recomputed: str) -> None:
    found.different += 1
    if len(found.differences) < SHOWN:
        found.differences.append(Difference(page.page_id, value, logged, recomputed))


def _told(value: LoggedValue) -> str:
    numbers = _shortened(np.frombuffer(value.data, value.kind))
    return numbers if value.names is None else f"{', '.join(value.names[:3])}: {numbers}"


def _shortened(values: NDArray[np.generic]) -> str:
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    return f"{', '.join(map(str, values[-3:].tolist())) or 'none'}{more}"
