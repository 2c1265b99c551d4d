"""Training: hold out, fit, learn the blends on what was held out, and fit again on everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from frontrow.core.threads import TRAINING, blas_threads
from frontrow.models.cases.data import TrainingData
from frontrow.models.content import ContentModel
from frontrow.models.learning.fitting import Fitter, Progress, says, settings_for, share_of
from frontrow.models.learning.lessons import Joined, Lessons
from frontrow.models.models import Models
from frontrow.models.settings import ModelSettings

_CUTS, _QUICK_CUTS = (0.8, 0.9), (0.85,)
NOTHING_LESS: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True)
class Trained:
    """Models with what was measured on the way.

    `validation` by horizon (on the very viewers that the blend was learned from) and what the ranker adds to each (on
    viewers held out), `counts` of what went in, `less` how the sources are joined without some of them, by the name
    that was asked for, `left_out` why a model that could be trained was not, by its name.
    """

    models: Models
    validation: dict[str, float]
    counts: dict[str, int]
    less: dict[str, Joined]
    left_out: dict[str, str]


@blas_threads(TRAINING)
def fit_models(
    data: TrainingData,
    settings: ModelSettings | None = None,
    seed: int = 0,
    progress: Progress = lambda share, text: None,
    *,
    content: ContentModel | None = None,
    quick: bool = False,
    less: Mapping[str, Sequence[str]] = NOTHING_LESS,
    unfinished: Path | None = None,
) -> Trained:
    """Fits all models on `data` and learns how to blend them, for every horizon, from data alone.

    `next` and `session` are learned on the latest interactions of sampled viewers, `days` on what came after cuts in
    time; with fewer than 20 viewers to ask a prior holds. The same data, settings and seed give the same models.
    `content` is kept with the models, to make vectors of new titles. `less` names sets of sources (FACETS, say) without
    each of which the others are joined too, to tell what it is worth. A set that says nothing anyway is left out.
    In the folder `unfinished` the sequence model, which takes longest, leaves where its training stands: the same call
    goes on from there after an interruption.
    """
    every = data.interactions
    settings, left_out = settings_for(every, settings or ModelSettings(), quick)
    fitter = Fitter(data, content or ContentModel(), settings, seed, unfinished)
    lessons = Lessons(fitter)
    latest = lessons.ask_the_latest(share_of(progress, 0.0, 0.32))
    lessons.ask_after(_QUICK_CUTS if quick else _CUTS, share_of(progress, 0.32, 0.72))
    progress(0.72, "learning to rank")
    joined, validation = lessons.joined()
    without = {name: lessons.joined(sources)[0] for name, sources in less.items() if lessons.hears(sources)}
    progress(0.76, "fitting on everything")
    models = fitter.fit(every, share_of(progress, 0.76, 1.0), start=latest.sequence if latest else None)
    progress(1.0, "what suits a moment")
    models = fitter.with_traits(models, every, latest)
    progress(1.0, "fitted")
    models = replace(models, blend=joined.blend, ranker=joined.ranker, outcomes=joined.outcomes)
    return Trained(models, validation, _counts(data) | lessons.counts(), without, left_out)


def _counts(data: TrainingData) -> dict[str, int]:
    usable = says(data.interactions)
    return {
        "interactions": len(data.interactions),
        "positive": len(usable),
        "profiles": len(np.unique(usable.profile)),
        "titles": data.n_titles,
    }
