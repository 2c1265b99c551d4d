"""What one process keeps in memory to answer from: folds of the stores, brought up to date before every answer."""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import TitleChanges
from frontrow.catalog.title import FOREVER
from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log
from frontrow.events.log import EventFeed, LogParts
from frontrow.features.laid_counts import LaidCounts
from frontrow.features.state import StateStore
from frontrow.features.velocity import Velocity, VelocitySettings
from frontrow.models.artifact import Artifact, current_version, published
from frontrow.models.content import DIMS, ContentModel
from frontrow.models.models import Models
from frontrow.models.moment.context import SILENT
from frontrow.models.moment.leanings import Leanings
from frontrow.recommend.likeness import Likeness
from frontrow.recommend.pinned import Pinned
from frontrow.recommend.scoring import Scorer
from frontrow.recommend.search import SearchIndex
from frontrow.recommend.view_counts import ViewCounts
from frontrow.recommend.viewers import Viewers

_log = Log("frontrow")


class Views:
    """Catalogue, title vectors, search index, popularity, viewers' states and the published model. `history` is what
    popularity is counted from at first, and whenever all is counted anew, `beside` the answers or not; else the log;
    `laid` are counts on disk that it goes on from.

    `fresh` costs three small reads when nothing changed. Each view carries the version or offset that it stands at.
    `forgetting` are told of profiles, by number, that were erased or merged, or whose consent has changed.
    """

    def __init__(
        self,
        titles: TitleChanges,
        log: EventFeed,
        states: StateStore,
        models_folder: Path,
        velocity: VelocitySettings | None = None,
        history: LogParts | None = None,
        beside: bool = False,
        laid: LaidCounts | None = None,
    ) -> None:
        self._titles, self._models_folder = titles, models_folder
        self.catalogue = Catalogue()
        self.search = SearchIndex()
        self.viewers = Viewers(states)
        self.forgetting: list[Callable[[Container[int]], None]] = [self.viewers.forget, self._forget_histories]
        self._counts = ViewCounts(log, history or log, velocity, beside, laid)
        self.models: Models | None = None
        self.model_version = "none"
        self.model_problem: str | None = None
        self._asked_version: str | None = None
        self._content = ContentModel()
        self._vectors = np.zeros((0, DIMS), np.float32)
        self._leanings = Leanings(SILENT)
        self._scorer: Scorer | None = None
        self._likeness: Likeness | None = None
        self._pinned: dict[str, Pinned] = {}

    def fresh(self) -> Views:
        """These views, with everything that was acknowledged before this call."""
        self._take_titles()
        before = self.velocity
        changed = self._counts.fresh(self.catalogue.series_of)
        if changed:
            for forget in self.forgetting:
                forget(changed)
        if self.velocity is not before:
            self._velocity_changed()
        return self

    def lay_counts(self) -> None:
        """Brings counts on disk up to date, for processes that start later."""
        self._counts.lay(self.titles_now().series_of)

    def titles_now(self) -> Catalogue:
        """The catalogue alone, with everything that was acknowledged before this call."""
        self._take_titles()
        return self.catalogue

    def take_model(self) -> None:
        """Loads a newly published model; a broken one is refused, said once, and the old one stays: in a process that
        has none yet, the newest kept version that can be loaded."""
        version = current_version(self._models_folder)
        if version is None or version == self._asked_version:
            return
        self._asked_version = version
        try:
            artifact = Artifact.load(self._models_folder)
        except FrontrowError as error:
            older = self._older_model(version) if self.models is None else None
            if older is not None:
                self._take_artifact(older)
            self.model_problem = f"model {version} was refused: {error.message}; serving {self.model_version}"
            _log.error("model refused", version=version, error=error.message, serving=self.model_version)
            return
        self._take_artifact(artifact)
        _log.info("model taken up", version=artifact.version)

    def _older_model(self, refused: str) -> Artifact | None:
        for each in published(self._models_folder):
            if each["version"] != refused:
                with suppress(FrontrowError):
                    return Artifact.load(self._models_folder, str(each["version"]))
        return None

    def _take_artifact(self, artifact: Artifact) -> None:
        self.models, self.model_version, self.model_problem = artifact.models, artifact.version, None
        self._content = artifact.models.content
        self._vectors = self._content.matrix(self.catalogue.titles)
        self._leanings = Leanings(artifact.models.context, self.catalogue.titles, artifact.models.succession)
        self._scorer = self._likeness = None

    def pin(self, versions: set[str]) -> set[str]:
        """Loads the versions that arms ask for and lets the others go; those that cannot be used."""
        for version in self._pinned.keys() - versions:
            del self._pinned[version]
        refused = set()
        for version in versions - {self.model_version}:
            try:
                self.pinned(version)
            except FrontrowError as error:
                refused.add(version)
                _log.error("an experiment's model was refused", version=version, error=error.message)
        return refused

    def pinned(self, version: str) -> Pinned:
        """A version beside the published one; loaded where it is not yet."""
        if version not in self._pinned:
            self._pinned[version] = Pinned(Artifact.load(self._models_folder, version).models, self.catalogue)
        return self._pinned[version]

    def scorer_of(self, version: str | None) -> Scorer:
        """Scores by a version; None: by the published one."""
        if version is None or version == self.model_version:
            return self.scorer
        return self.pinned(version).scorer(self.catalogue, self.velocity)

    def likeness_of(self, version: str | None) -> Likeness:
        """Likeness by a version; None: by the published one."""
        if version is None or version == self.model_version:
            return self.likeness
        return self.pinned(version).likeness(self.catalogue)

    @property
    def velocity(self) -> Velocity:
        """Popularity."""
        return self._counts.velocity

    @property
    def offset(self) -> int:
        """The log offset up to which popularity goes."""
        return self._counts.offset

    @property
    def recounts(self) -> int:
        """How often somebody's views had been counted again (Head.recounts)."""
        return self._counts.recounts

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Content vectors by title number, float32[n, DIMS], each of length 1 or 0."""
        return self._vectors[: self.catalogue.size]

    @property
    def scorer(self) -> Scorer:
        """Scores by the published model, or without one by content, popularity and freshness."""
        if self._scorer is None:
            added = np.where(self.catalogue.added_at < FOREVER, self.catalogue.added_at, 0)
            able = self.catalogue.rankable
            self._scorer = Scorer(self.models, self.vectors, self.velocity, added, self._leanings.table, able)
        return self._scorer

    @property
    def likeness(self) -> Likeness:
        """What is like what."""
        if self._likeness is None:
            self._likeness = Likeness(self.models, self.vectors, self.catalogue.rankable)
        return self._likeness

    def _forget_histories(self, _numbers: Container[int]) -> None:
        for models in (self.models, *(pinned.models for pinned in self._pinned.values())):
            if models is not None:
                models.forget_histories()

    def _take_titles(self) -> None:
        if self._titles.version() == self.catalogue.version:
            return
        version, changes = self._titles.changed_since(self.catalogue.version)
        series_of = self.catalogue.series_of.copy()
        numbers = self.catalogue.apply(version, changes)
        if len(self._vectors) < self.catalogue.size:
            grown = np.zeros((max(64, 2 * len(self._vectors), self.catalogue.size), DIMS), np.float32)
            grown[: len(self._vectors)] = self._vectors
            self._vectors = grown
        if numbers:
            self._vectors[numbers] = self._content.matrix([self.catalogue.titles[number] for number in numbers])
        self._leanings.take(numbers, self.catalogue.titles)
        for pinned in self._pinned.values():
            pinned.take(numbers, self.catalogue)
        for number in numbers:
            self.search.set(number, self.catalogue.titles[number])
        self._counts.remap(series_of, self.catalogue.series_of)
        self._scorer = self._likeness = None

    def _velocity_changed(self) -> None:
        self._scorer = None
        for pinned in self._pinned.values():
            pinned.stale()
