"""What the stories of this room stand on, put together by wiring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import Clock
from frontrow.core.horizon import Horizon
from frontrow.core.log import Log
from frontrow.core.stages import Stages
from frontrow.features.online import OnlineFeatures
from frontrow.features.pairs import Pairs
from frontrow.features.state import StateStore
from frontrow.people.store import KnownProfile, Profiles
from frontrow.recommend.arms import Arms
from frontrow.recommend.fewer import fewer_wanted, lowered
from frontrow.recommend.intent import intent_of, lifted
from frontrow.recommend.outcomes import Asked, version_of
from frontrow.recommend.page_inputs import basis_of, encode_inputs, is_sampled, take_inputs
from frontrow.recommend.request import HomeRequest, ListRequest, RankRequest, check_request
from frontrow.recommend.rows import RowMaker
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import ServedLog, ServedPage, encode_page
from frontrow.recommend.viewer import Asking, Viewer, load_viewer
from frontrow.recommend.views import Views

_log = Log("frontrow")


@dataclass
class Rooms:
    """Stores, views, clocks and settings. `clock` is the service's *now*, `wall` the machine's time. `staff`: whoever
    asks is no viewer, and what is answered is logged as such."""

    views: Views
    features: OnlineFeatures
    people: Profiles
    served: ServedLog
    clock: Clock
    wall: Clock
    rows: Sequence[RowMaker]
    arms: Arms
    states: StateStore
    default_consent: bool = True
    further_minutes: int = 30
    values_share: float = 0.01
    staff: bool = False

    def asking(self, asked: HomeRequest | ListRequest | RankRequest, language: str | None = None) -> Asking:
        """Who, when and where, from a request; InvalidRecord where an id or time is malformed."""
        at = check_request(asked)
        return Asking(
            asked.profile_id, self.clock() if at is None else at, at, asked.country, language, asked.device,
            asked.context,
        )  # fmt: skip

    def viewer(self, asking: Asking, views: Views) -> Viewer:
        """The viewer who asks; somebody unknown is nobody in particular."""
        return self.viewer_of(asking, None if asking.profile_id is None else self.people.find(asking.profile_id), views)

    def viewer_of(self, asking: Asking, known: KnownProfile | None, views: Views) -> Viewer:
        """The viewer who is `known`."""
        said = {"device": asking.device, "country": asking.country, "language": asking.language}
        arm = self.arms.resolve(asking.profile_id, known, said)
        return load_viewer(asking, known, views, self.default_consent, arm)

    def take_arms(self) -> None:
        """Takes up changed experiments and the versions of models that they need, before a request does."""
        try:
            self.arms.fresh()
        except Exception as error:  # noqa: BLE001 - each answer says so; a server that is not up says nothing
            _log.error("experiments cannot be read", error=type(error).__name__)
            return
        self.arms.load(self.views.pin)

    def score(
        self, views: Views, viewer: Viewer, horizons: Sequence[Horizon], fresh: NDArray[np.bool_],
        wanted: NDArray[np.bool_] | None = None,
    ) -> Scored:  # fmt: skip
        """All sources' scores, blended for each horizon, lowered for what the viewer asked fewer of, and moved by what
        the running session is after.

        `fresh`, bool[titles], is what may be shown and is new to the viewer: among these, always all of them, titles
        are compared, so that a title's score is the same in every answer. Those `wanted` are scored too."""
        tuning, scorer = viewer.arm.tuning, views.scorer_of(viewer.arm.model)
        asked = None if scorer.outcomes is None else self._asked(views, viewer)
        scored = scorer.score(
            viewer.query, horizons, fresh if wanted is None else fresh | wanted, tuning.source_factors, asked, fresh
        )
        try:
            if tuning.less_like:
                fewer = fewer_wanted(viewer, views.likeness_of(viewer.arm.model), len(fresh))
                scored = lowered(scored, fewer, tuning.less_like)
        except Exception as error:  # noqa: BLE001 - as below
            scored = replace(scored, failed=scored.failed | {"less like": type(error).__name__})
        if not tuning.session_intent:
            return scored
        try:
            intent = intent_of(viewer, self.features, views.catalogue)
            return lifted(scored, intent, tuning.session_intent, views.catalogue)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the scores are there
            return replace(scored, failed=scored.failed | {"session intent": type(error).__name__})

    def _asked(self, views: Views, viewer: Viewer) -> Asked | None:
        """Of whom outcomes may be told, and by which weights; None for somebody of whom nothing may be learned."""
        if viewer.known is None or not viewer.personal:
            return None
        known, features, catalogue = viewer.known, self.features, views.catalogue

        def pairs(titles: NDArray[np.int64]) -> Pairs:
            read = features.of_profile_at if viewer.past else features.of_profile
            return features.pairs(read(known.number, known.generation, viewer.now, catalogue), titles)

        return Asked(pairs, viewer.arm.tuning.outcome_weights)

    def log_served(self, page: ServedPage, viewer: Viewer | None, scored: Scored | None = None) -> None:
        """Keeps what was served, and of a sample what it was made of. A page that was being made while its profile was
        erased is not kept."""
        known = viewer.known if viewer else None
        if viewer is not None and scored is not None and scored.weighed:
            page.weights = version_of(viewer.arm.tuning.outcome_weights)
        page.basis = basis_of(viewer, self.views) if viewer else None
        page.aside = self.staff or (viewer is not None and viewer.past)
        stranger = None
        if known is None and page.profile_id is not None:
            stranger = self.people.stranger(page.profile_id)
            if stranger is None:
                return  # who has become somebody meanwhile asks anew
            page.profile_id = None  # nobody's page: its id would be all that is held of somebody unknown
        sampled = viewer is not None and is_sampled(page, self.values_share)
        inputs = take_inputs(page, viewer, scored, self.features, self.views) if sampled and viewer else None
        self.served.put(page.page_id, known.number if known else None, self.wall(), encode_page(page), stranger)
        if inputs is not None:  # taken before: where a trail takes Long, nothing is logged yet
            self.served.put_inputs(page.page_id, known.number if known else None, self.wall(), encode_inputs(inputs))
        if known is not None and self.people.find(known.profile.profile_id) is None:
            self.served.erase(known.number, [known.profile.profile_id])

    def degraded(self, views: Views, stages: Stages, viewer: Viewer | None) -> str | None:
        """What is not as it should be behind an answer, or None."""
        problems = [
            views.model_problem, self.states.problem(), stages.degraded, viewer.arm.problem if viewer else None
        ]  # fmt: skip
        if views.models is None and views.model_problem is None:
            problems.insert(0, "no trained model: popularity and content serve")
        return "; ".join(problem for problem in problems if problem) or None
