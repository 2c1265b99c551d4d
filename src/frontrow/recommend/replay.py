"""What answers were made of, computed again from the log, and compared with what was logged when they were made.

Features and history must be the same bit for bit. The sources' scores are float32 sums whose last bits depend on how
counts were cut into batches, so they must be close. What cannot be the same any more is left out, with the reason:
the catalogue is today's, an erasure or a merge takes events away, a published model is pruned in time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.catalogue import EPISODE, SERIES, Catalogue
from frontrow.catalog.store import TitleStore
from frontrow.catalog.title import FOREVER
from frontrow.core.errors import FrontrowError
from frontrow.events.log import EventColumns, Head, ProfileEvent
from frontrow.features.batch import Batch
from frontrow.features.definitions import PROFILE_FEATURES
from frontrow.features.history import History
from frontrow.features.labels import LabelSpace
from frontrow.features.moments import Moment
from frontrow.features.said import said_of
from frontrow.features.signals import SignalLog
from frontrow.features.training_view import part_of
from frontrow.features.velocity import Velocity, VelocitySettings
from frontrow.features.viewer_state import ViewerState
from frontrow.models.artifact import Artifact
from frontrow.models.content import ContentModel
from frontrow.models.lending import LEARNED
from frontrow.models.models import Models
from frontrow.models.moment.context import SILENT
from frontrow.models.moment.leanings import Leanings
from frontrow.models.names import FEATURES, SOURCE_OF
from frontrow.models.query import Query, nobody
from frontrow.models.sources import Sources
from frontrow.recommend.page_inputs import LoggedValue, PageInputs, decode_inputs, logged_value
from frontrow.recommend.served import Basis, ServedPage, decode_page
from frontrow.recommend.viewer import history_of

Progress = Callable[[float, str], None]

CLOSE: Final = 1e-3
"""How far a source's score may lie from the logged one, as a share of the largest score logged of that source."""
SHOWN: Final = 20
NO_MODEL: Final = "none"
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


class Log(Protocol):
    """What is read of the log."""

    def head(self) -> Head: ...
    def of_profile(self, number: int, after: int = 0, most: int | None = None) -> list[ProfileEvent]: ...


class _Model(NamedTuple):
    """A version (None: untrained), and today's catalogue as it sees it: content vectors and leanings."""

    models: Models | None
    content: NDArray[np.float32]
    leanings: NDArray[np.float32]


@dataclass
class Replay:
    """Computes answers' inputs again. `generation_of` gives a profile number's generation today (None: erased);
    `columns` reads all events that may be learned from; without it popularity's scores are not compared."""

    log: Log
    signals: SignalLog
    titles: TitleStore
    catalogue: Catalogue
    generation_of: Callable[[int], int | None]
    models_folder: Path
    velocity: VelocitySettings | None = None
    columns: Callable[[], EventColumns] | None = None
    _space: LabelSpace = field(init=False)
    _models: dict[str, _Model | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._space = LabelSpace()
        for number, record in enumerate(self.catalogue.titles):
            self._space.set(number, record)
        self._space.place(self.catalogue.series_of, self.catalogue.ids)

    def verify(self, logged: Sequence[tuple[bytes, bytes]], progress: Progress) -> Verification:
        """Compares answers (bodies as logged) with what comes of computing them again."""
        cases = [(decode_page(page), decode_inputs(inputs)) for page, inputs in logged]
        cases.sort(key=lambda case: case[0].offset)
        found, skipped, not_compared = Verification(pages=len(cases)), Counter[str](), Counter[str]()
        counts = _Popular(self.columns if cases else None, self.catalogue, self.velocity)
        for number, (page, inputs) in enumerate(cases):
            progress(number / len(cases), f"page {number + 1} of {len(cases)}")
            basis = page.basis
            reason = "it says not what it was made from" if basis is None else self._lost(page, inputs, basis)
            if reason is not None or basis is None:
                skipped[reason or ""] += 1
                continue
            found.compared += 1
            query = self._query(page, basis)
            self._compare_features(page, inputs, basis, found)
            _compare_history(page, inputs, query, found)
            if inputs.sources:
                self._compare_scores(page, inputs, basis, query, counts, found, not_compared)
        found.skipped, found.not_compared = dict(skipped), dict(not_compared)
        return found

    def _lost(self, page: ServedPage, inputs: PageInputs, basis: Basis) -> str | None:
        """Why an answer cannot be computed again, or None."""
        if basis.profile:
            generation = self.generation_of(basis.profile)
            if generation is None:
                return "its profile was merged into another or erased"
            if generation != basis.generation:
                return "another profile was merged into its own since"
        changed = self._changed_since(basis.titles_version)
        involved = {*np.frombuffer(inputs.slots, np.int32).tolist(), *np.frombuffer(inputs.titles, np.int32).tolist()}
        if basis.profile:
            involved |= {event.title for event in self.log.of_profile(basis.profile)}
        if changed & involved:
            return "titles that it was made from have changed since"
        if self._model(page.model) is None:
            return "its model is no longer kept"
        return None

    def _changed_since(self, version: int) -> set[int]:
        if version == self.catalogue.version:
            return set()
        return {change.number for change in self.titles.changed_since(version)[1]}

    def _model(self, version: str) -> _Model | None:
        """A version, and what it makes of today's catalogue; None if it cannot be loaded."""
        if version not in self._models:
            try:
                models = None if version == NO_MODEL else Artifact.load(self.models_folder, version).models
                content = models.content if models else ContentModel()
                leanings = Leanings(SILENT)
                if models:
                    leanings = Leanings(models.context, self.catalogue.titles, models.succession)
                self._models[version] = _Model(models, content.matrix(self.catalogue.titles), leanings.table)
            except FrontrowError:
                self._models[version] = None
        return self._models[version]

    def _query(self, page: ServedPage, basis: Basis) -> Query:
        moment = Moment(basis.hour, basis.device, said_of(page.context))
        if not basis.profile or not basis.personal:
            return nobody(page.now, basis.country, moment, not basis.past)
        events = [
            event
            for event in self.log.of_profile(basis.profile)
            if event.offset <= basis.viewer_offset and (event.at <= page.now or not basis.past)
        ]
        state = ViewerState(self.catalogue)
        state.fold(sorted(events, key=lambda event: (event.at, event.offset)))
        return history_of(state, page.now, basis.country, moment, basis.history, not basis.past)

    def _compare_features(self, page: ServedPage, inputs: PageInputs, basis: Basis, found: Verification) -> None:
        if not inputs.features:
            return
        history = History(self.signals.signals_of(basis.profile))
        profile, offset, now = np.array([[basis.profile], [inputs.trail_offset], [page.now]])
        batch = Batch.as_of(history, profile, offset, now, self._space)
        for feature in PROFILE_FEATURES:
            was = inputs.features.get(feature.name)
            if was is not None:  # a feature that came later was not logged
                found.values += 1
                again = logged_value(feature.read(batch), 0)
                if again != was:
                    _differs(found, page, f"feature {feature.name}", _told(was), _told(again))

    def _compare_scores(
        self, page: ServedPage, inputs: PageInputs, basis: Basis, query: Query, counts: _Popular, found: Verification,
        not_compared: Counter[str],
    ) -> None:  # fmt: skip
        model, size = self._model(page.model), basis.titles
        assert model is not None, "answers whose model is lost are left out"
        added = np.where(self.catalogue.added_at < FOREVER, self.catalogue.added_at, 0)
        sources = Sources(
            model.models, model.content[:size], counts.upto(page.offset), added[:size], model.leanings[:, :size]
        )
        slots = np.frombuffer(inputs.slots, np.int32)
        was = np.frombuffer(inputs.scores, np.float32).reshape(len(inputs.sources), len(slots))
        now, failed = sources.score(query, size)
        uncounted = self._why_not(basis)
        known = np.isin(slots, model.models.watched.titles) if model.models else np.ones(len(slots), bool)
        for place, name in enumerate(inputs.sources):
            row = FEATURES.index(name) if name in FEATURES else -1
            if name in inputs.failed or name in failed or name not in FEATURES:
                not_compared["the source had failed, or is gone"] += 1
            elif SOURCE_OF[name] in _POPULAR and uncounted:
                not_compared[uncounted] += 1
            else:
                found.values += 1
                again = now[row, slots]
                far = np.abs(again - was[place]) > CLOSE * max(float(np.abs(was[place]).max(initial=0)), 1e-6)
                if row in LEARNED and uncounted:  # whether a title that models do not know had a view, counts tell
                    far &= known
                for slot in np.flatnonzero(far)[:1].tolist():
                    what = f"score {name} of title {self.catalogue.ids[slots[slot]]} ({far.sum()} of {len(slots)})"
                    _differs(found, page, what, str(was[place, slot]), str(again[slot]))

    def _why_not(self, basis: Basis) -> str | None:
        """Why popularity at the time cannot be counted again."""
        if self.columns is None:
            return "popularity was not counted again"
        if self.log.head().recounts != basis.recounts:
            return "popularity: somebody's views were counted again since (an erasure, a merge, consent)"
        changed = self._changed_since(basis.titles_version)
        if any(self.catalogue.kind[number] in (EPISODE, SERIES) for number in changed):
            return "popularity: series have changed since"
        return None


class _Popular:
    """Popularity as the log stood at ascending offsets; none without a log."""

    def __init__(
        self, read: Callable[[], EventColumns] | None, catalogue: Catalogue, settings: VelocitySettings | None
    ) -> None:
        self._columns = None if read is None else read()
        self._series_of = catalogue.series_of
        self._velocity = Velocity(0, settings)
        self._stands = 0

    def upto(self, offset: int) -> Velocity | None:
        """With all events up to an offset."""
        if self._columns is None:
            return None
        end = int(np.searchsorted(self._columns.offset, offset, side="right"))
        self._velocity.update(part_of(self._columns, slice(self._stands, end)), self._series_of)
        self._stands = max(self._stands, end)
        return self._velocity


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
