"""What an answer was made of, computed again from the log as it stood when the answer was made.

What cannot be the same any more is told, with the reason: the catalogue is today's, an erasure or a merge takes events
away, a published model is pruned in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

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
from frontrow.models.models import Models
from frontrow.models.moment.context import SILENT
from frontrow.models.moment.leanings import Leanings
from frontrow.models.query import Query, nobody
from frontrow.models.reading import Reading
from frontrow.models.sources import Sources
from frontrow.recommend.page_inputs import LoggedValue, PageInputs, logged_value
from frontrow.recommend.served import Basis, ServedPage
from frontrow.recommend.viewer import history_of

NO_MODEL: Final = "none"


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
class Recomputation:
    """Computes again what answers were made of. `generation_of` gives a profile number's generation today (None:
    erased); `columns` reads all events that may be learned from, without it there is no popularity."""

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

    def lost(self, page: ServedPage, inputs: PageInputs, basis: Basis) -> str | None:
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

    def query(self, page: ServedPage, basis: Basis) -> Query:
        """Whom the models were asked for, fed what was known then."""
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

    def features(self, page: ServedPage, inputs: PageInputs, basis: Basis) -> dict[str, LoggedValue]:
        """Of the profile, by name."""
        history = History(self.signals.signals_of(basis.profile))
        profile, offset, now = np.array([[basis.profile], [inputs.trail_offset], [page.now]])
        batch = Batch.as_of(history, profile, offset, now, self._space)
        return {feature.name: logged_value(feature.read(batch), 0) for feature in PROFILE_FEATURES}

    def reading(self, page: ServedPage, basis: Basis, query: Query, popular: Popular) -> Reading:
        """What sources say of every title that there was."""
        model, size = self._model(page.model), basis.titles
        assert model is not None, "answers whose model is lost are left out"
        added = np.where(self.catalogue.added_at < FOREVER, self.catalogue.added_at, 0)
        sources = Sources(
            model.models, model.content[:size], popular.upto(page.offset), added[:size], model.leanings[:, :size],
            self.catalogue.rankable[:size],
        )  # fmt: skip
        return sources.read(query, size)

    def known(self, page: ServedPage, basis: Basis, titles: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of which titles it can be told again what was said: not of one that the answer's models have not met, where
        any title has changed since, as that may have been like it."""
        model = self._model(page.model)
        if model is None or model.models is None or not self._changed_since(basis.titles_version):
            return np.ones(len(titles), bool)
        return np.isin(titles, model.models.met)

    def popular(self) -> Popular:
        """Popularity, to be asked for in the order of the log."""
        return Popular(self.columns, self.catalogue, self.velocity)

    def uncounted(self, basis: Basis) -> str | None:
        """Why popularity at the time cannot be counted again."""
        if self.columns is None:
            return "popularity was not counted again"
        if self.log.head().recounts != basis.recounts:
            return "popularity: somebody's views were counted again since (an erasure, a merge, consent)"
        changed = self._changed_since(basis.titles_version)
        if any(self.catalogue.kind[number] in (EPISODE, SERIES) for number in changed):
            return "popularity: series have changed since"
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


class Popular:
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
