"""The engine: one place that answers everything about a viewer. Each method is a story of its own file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import TypeVar

from frontrow.catalog.catalogue import Catalogue
from frontrow.core.clock import format_time
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.features.definitions import PROFILE_FEATURES
from frontrow.features.values import as_json
from frontrow.recommend.answers import Explanation, Features, FeatureValue, Page, RankedSlate, Rows, Slate
from frontrow.recommend.explain import explain
from frontrow.recommend.finding import search, similar
from frontrow.recommend.further import further_rows
from frontrow.recommend.home import home
from frontrow.recommend.lists import rank, recommendations
from frontrow.recommend.request import (
    ExplainRequest,
    HomeRequest,
    ListRequest,
    RankRequest,
    RowsRequest,
    SearchRequest,
    SimilarRequest,
)
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.standing import Standing, standing

T = TypeVar("T")
AS_EVER = ExplainRequest()


class Engine:
    """Answers one request at a time (its views are not shared between threads without `_turn`).

    `last_stages` holds the milliseconds that each stage of the last answer took.
    """

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.last_stages: dict[str, float] = {}
        self._turn = threading.RLock()

    def as_staff(self) -> Engine:
        """This engine, asked by somebody who is no viewer: what it answers is logged as nobody's experience."""
        other = copy(self)
        other.rooms = replace(self.rooms, staff=True)
        return other

    def home(self, asked: HomeRequest) -> Page:
        """A home page; see `recommend.home`."""
        return self._answer(lambda stages: home(asked, self.rooms, stages))

    def rows(self, page_id: str, asked: RowsRequest) -> Rows:
        """Further rows of a served page; see `recommend.further`."""
        return self._answer(lambda stages: further_rows(page_id, asked, self.rooms, stages))

    def recommendations(self, asked: ListRequest) -> Slate:
        """The best titles for a viewer; see `recommend.lists`."""
        return self._answer(lambda stages: recommendations(asked, self.rooms, stages))

    def rank(self, asked: RankRequest) -> RankedSlate:
        """Given titles in a viewer's order; see `recommend.lists`."""
        return self._answer(lambda stages: rank(asked, self.rooms, stages))

    def similar(self, title_id: str, asked: SimilarRequest) -> Slate:
        """Titles like a title; see `recommend.finding`."""
        return self._answer(lambda stages: similar(title_id, asked, self.rooms, stages))

    def search(self, asked: SearchRequest) -> Slate:
        """Titles that match a query; see `recommend.finding`."""
        return self._answer(lambda stages: search(asked, self.rooms, stages))

    def explain(self, profile_id: str, title_id: str, asked: ExplainRequest = AS_EVER) -> Explanation:
        """Why a title is shown to a profile, or why not; see `recommend.explain`."""
        return self._answer(lambda stages: explain(profile_id, title_id, asked, self.rooms, stages))

    def standing(self, profile_id: str, title_id: str) -> Standing:
        """How a viewer stands to a title; see `recommend.standing`."""
        return self._answer(lambda stages: standing(profile_id, title_id, self.rooms, stages))

    def features(self, profile_id: str) -> Features:
        """All features of a profile now; none of an unknown one, or without its consent."""
        check_id(profile_id, "/profile_id")
        return self._answer(lambda _: self._features(profile_id))

    def assigner(self) -> Assigner:
        """Who is in which arm, with every change that was answered before this call; immutable."""
        with self._turn:
            self.rooms.take_arms()
            return self.rooms.arms.fresh().assigner

    def refresh(self) -> None:
        """Brings views up to date and takes up a newly published model; called now and then beside the answers."""
        with self._turn:
            self.rooms.views.take_model()  # first, so that titles get their vectors once, and from it
            self.rooms.views.fresh()
            self.rooms.take_arms()

    def catalogue(self) -> Catalogue:
        """The catalogue with everything that was acknowledged before this call, for work beside the answers."""
        return self.between_answers(lambda rooms: rooms.views.titles_now())

    def between_answers(self, work: Callable[[Rooms], T]) -> T:
        """Runs `work` while no answer is being made; for threads beside the one that answers."""
        with self._turn:
            return work(self.rooms)

    def _features(self, profile_id: str) -> Features:
        rooms, views = self.rooms, self.rooms.views.fresh()
        known = rooms.people.find(profile_id)
        consent = known.profile.consent.personalization if known else None
        if known is None or not (rooms.default_consent if consent is None else consent):
            return Features(profile_id, {})
        batch = rooms.features.of_profile(known.number, known.generation, rooms.clock(), views.catalogue)
        ids = views.catalogue.ids
        found = {}
        for feature in PROFILE_FEATURES:
            value = as_json(feature.read(batch), 0, feature.axis, ids if feature.name == "recent_titles" else None)
            newest = int(batch.newest(feature.rings)[0])
            found[feature.name] = FeatureValue(value, format_time(newest) if newest else None)
        return Features(profile_id, found)

    def _answer(self, story: Callable[[Stages], T]) -> T:
        with self._turn:
            stages = Stages()
            answer = story(stages)
            self.last_stages.clear()
            self.last_stages.update(stages.took)
            return answer
