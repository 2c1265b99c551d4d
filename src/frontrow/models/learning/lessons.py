"""What is learned about joining the sources: viewers are asked about what was held out from models fitted for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from frontrow.features.interactions import Interactions
from frontrow.models.blend import Blend
from frontrow.models.blend_fit import LEAST_CASES, Blending, Case
from frontrow.models.cases.asked import (
    FED,
    cases_of,
    hold_out_after,
    hold_out_last,
    hold_out_newcomers,
    liked,
    moments_of,
    sitting,
)
from frontrow.models.cases.unseen import Unseen, hold_out_titles
from frontrow.models.learning.fitting import Fitter, Progress, says, share_of
from frontrow.models.learning.telling import content_tells
from frontrow.models.models import Models
from frontrow.models.names import FACETS, ROW, SOURCE_OF
from frontrow.models.outcomes.cases import joined_rows
from frontrow.models.outcomes.fit import fit_outcomes
from frontrow.models.outcomes.model import OutcomeModel
from frontrow.models.outcomes.rates import TitleRates
from frontrow.models.ranker.examination import examination_of
from frontrow.models.ranker.fit import fit_ranker
from frontrow.models.ranker.lists import Lists, Question, lists_of, questions_about_days, questions_after
from frontrow.models.ranker.network import Ranker

ORDERED = (*FACETS["transitions"], *FACETS["sequence"])
"""Sources that tell the next play from the order of what was watched."""
_CLEAR = 3.0
"""Standard errors by which what they are worth must be above 0."""
_FIRST_CUT = 0.5
"""Share of the epochs that the sequence model before the first cut in time is trained for."""


@dataclass(frozen=True)
class Joined:
    """How the sources are joined: by blends, and, if they could be learned, by a ranker of what they put forward and by
    what may come of it."""

    blend: Blend
    ranker: Ranker | None
    outcomes: OutcomeModel | None


class Lessons:
    """Cases of viewers asked, as they are gathered, and what is learned from them."""

    def __init__(self, fitter: Fitter) -> None:
        self._fitter = fitter
        data = fitter.data
        self._blending, self._lists = Blending([]), Lists()
        self._examination = examination_of(data) if fitter.settings.ranker else None
        self._of_days: dict[int, list[Case]] = {}
        self._rates = TitleRates.of(says(data.interactions), data.n_titles)

    def ask_the_latest(self, progress: Progress) -> Models | None:
        """Asks viewers for their latest interactions, and others, who are left out altogether, for what followed their
        first: models fitted on the rest; None with too few viewers to ask."""
        fitter, seed, viewers = self._fitter, self._fitter.seed, self._fitter.settings.validation_viewers
        progress(0.0, "holding out the latest interactions")
        rest, newcomers = hold_out_newcomers(fitter.data.interactions, viewers // 10, seed)
        rest, asked = hold_out_last(rest, viewers, seed)
        if len(asked) < LEAST_CASES:
            return None
        models = fitter.fit(rest, share_of(progress, 0.06, 0.69))
        models = fitter.with_traits(models, rest)
        progress(0.69, f"asking {len(asked):,} viewers for their next play")
        found = cases_of(asked, models, rest, fitter.data, (1, 0))
        self._blending.add("next", found[1])
        self._blending.add("session", found[0])
        for known in FED:
            new = [each for each in newcomers if np.count_nonzero(each.query.weights) == known]
            near, far = ([what(each) for each in new] for what in (sitting, liked))
            self._blending.add_newcomers("session", known, cases_of(near, models, rest, fitter.data, (0,))[0])
            self._of_days[known] = cases_of(far, models, rest, fitter.data, (0,))[0]
        if fitter.settings.ranker:
            progress(0.84, "asking them again, play by play")
            self._list(questions_after(asked, seed), self._heard, models, rest, seed)
        return models

    def ask_after(self, quantiles: Sequence[float], progress: Progress) -> None:
        """Asks viewers, at cuts in time, what they watched in the days after, and which titles that models knew nothing
        of: some leave training here for that. Every fit carries the sequence model of the one before on."""
        fitter, viewers = self._fitter, self._fitter.settings.validation_viewers
        every, sequence = fitter.data.interactions, None
        cuts = list(moments_of(says(every), tuple(quantiles)))
        gone = hold_out_titles(every, fitter.data, fitter.seed)
        for number, cut in enumerate(cuts):
            told = share_of(progress, number / len(cuts), (number + 1) / len(cuts))
            rest, asked = hold_out_after(every, cut, viewers, fitter.seed)
            rest = rest.take(~np.isin(rest.title, gone))
            if len(asked) * len(cuts) < LEAST_CASES:
                continue
            models = fitter.fit(rest, share_of(told, 0.0, 0.75), part=_FIRST_CUT, start=sequence)
            sequence = models.sequence
            told(0.75, f"asking {len(asked):,} viewers for the days after")
            self._blending.add("days", cases_of(asked, models, rest, fitter.data, (0,))[0])
            unseen, heard = Unseen.of(models, rest, fitter.data), self._heard
            beside = unseen.stand_beside(every, cut, asked, heard.blend())
            self._blending.add_unseen(unseen.taken_up(every, cut, viewers, fitter.seed), beside)
            if fitter.settings.ranker:
                self._list(questions_about_days(asked), heard, models, rest, fitter.seed + cut)
        for known, cases in self._of_days.items():  # last, as they start from the weights of the days
            self._blending.add_newcomers("days", known, cases)

    @property
    def _heard(self) -> Blending:
        """The cases so far without what is unheard, learned from anew: the blend that is published."""
        return self._blending.without(_rows_of(self.unheard)) if self.unheard else self._blending

    def _list(
        self, questions: Iterable[Question], blending: Blending, models: Models, rest: Interactions, seed: int
    ) -> None:
        blends, data = blending.in_order(), self._fitter.data
        self._lists.add(lists_of(questions, blends, models, rest, data, seed, self._examination))

    def hears(self, sources: Sequence[str]) -> bool:
        """Whether any of these sources said anything, and is heard."""
        return self._blending.hears(_rows_of([source for source in sources if source not in self.unheard]))

    @cached_property
    def unheard(self) -> tuple[str, ...]:
        """Sources that would only shuffle what viewers are offered: content that tells nothing of taste, and the order
        of plays where the next one is told no better by it. Known when the viewers were asked."""
        data, seed = self._fitter.data, self._fitter.seed
        unheard = () if content_tells(says(data.interactions), data.content, seed) else FACETS["content"]
        worth = self._blending.worth("next", _rows_of(ORDERED), seed)
        return unheard if worth is None or worth[0] > _CLEAR * worth[1] else unheard + ORDERED

    def joined(self, less: Sequence[str] = ()) -> tuple[Joined, dict[str, float]]:
        """The blends, the ranker and the outcomes, without the sources `less`, and what was measured on the way."""
        blending, lists, seed = self._blending, self._lists, self._fitter.seed
        less = (*less, *self.unheard)
        if less:
            blending, lists = blending.without(_rows_of(less)), lists.without(less)
        weights = blending.in_order()
        ranking = fit_ranker(lists.ranked, weights, seed)
        learned = fit_outcomes(joined_rows(lists.played), lists.offered, weights, ranking, self._rates, seed)
        gained, errors = ranking.gained if ranking else {}, learned.errors if learned else {}
        measured = blending.validation | {f"{horizon}_ranker_gain": round(gain, 6) for horizon, gain in gained.items()}
        measured |= {f"{name}_calibration_error": round(error, 6) for name, error in errors.items()}
        ranker, outcomes = ranking.ranker if ranking else None, learned.model if learned else None
        return Joined(blending.blend(), ranker, outcomes), measured

    def counts(self) -> dict[str, int]:
        """How much was asked."""
        placements = self._fitter.data.placements
        return {f"asked_{horizon}": len(found) for horizon, found in self._blending.cases.items()} | {
            "placements": 0 if self._examination is None or placements is None else len(placements),
            "ranked_lists": len(self._lists.ranked), "outcome_plays": sum(map(len, self._lists.played)),
        }  # fmt: skip


def _rows_of(sources: Sequence[str]) -> list[int]:
    return [row for name, row in ROW.items() if SOURCE_OF[name] in sources]
