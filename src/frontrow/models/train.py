"""Training: hold out, fit, learn the blends on what was held out, and fit again on everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np

from frontrow.core.errors import FrontrowError
from frontrow.core.threads import TRAINING, blas_threads
from frontrow.features.interactions import LIKED, Interactions
from frontrow.models.blend import Blend
from frontrow.models.blend_fit import LEAST_CASES, Blending
from frontrow.models.content import ContentModel
from frontrow.models.context import ContextModel
from frontrow.models.context_fit import fit_context
from frontrow.models.follow import fit_follow
from frontrow.models.linear import fit_linear
from frontrow.models.models import Models
from frontrow.models.names import FACETS, ROW, SOURCE_OF
from frontrow.models.outcomes.cases import joined_rows
from frontrow.models.outcomes.fit import fit_outcomes
from frontrow.models.outcomes.model import OutcomeModel
from frontrow.models.outcomes.rates import TitleRates
from frontrow.models.ranker.examination import examination_of
from frontrow.models.ranker.fit import fit_ranker
from frontrow.models.ranker.lists import Lists, lists_of, questions_about_days, questions_after
from frontrow.models.ranker.network import Ranker
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.settings import ModelSettings
from frontrow.models.succession import SuccessionModel
from frontrow.models.succession_fit import fit_succession
from frontrow.models.telling import content_tells
from frontrow.models.training_cases import FED, cases_of, hold_out_after, hold_out_last, hold_out_newcomers, moments_of
from frontrow.models.training_data import TrainingData
from frontrow.models.transitions import fit_transitions

Progress = Callable[[float, str], None]

_CUTS, _QUICK_CUTS = (0.8, 0.9), (0.85,)
_CLEAR = 3.0
"""Standard errors by which what the order of plays is worth must be above 0."""
NOTHING_LESS: Mapping[str, Sequence[str]] = MappingProxyType({})
_QUICK_BYTES, _QUICK_MOMENTS, _QUICK_VIEWERS = 20_000_000, 200_000, 200


@dataclass(frozen=True)
class Joined:
    """How the sources are joined: by blends, and, if they could be learned, by a ranker of what they put forward and by
    what may come of it."""

    blend: Blend
    ranker: Ranker | None
    outcomes: OutcomeModel | None


@dataclass(frozen=True)
class Trained:
    """Models with what was measured on the way.

    `validation` by horizon (on the very viewers that the blend was learned from) and what the ranker adds to each (on
    viewers held out), `counts` of what went in, `less` how the sources are joined without some of them, by the name
    that was asked for.
    """

    models: Models
    validation: dict[str, float]
    counts: dict[str, int]
    less: dict[str, Joined]


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
    settings = _quick(settings or ModelSettings()) if quick else settings or ModelSettings()
    content = content or ContentModel()
    every = data.interactions
    usable = _says(every)
    counts = {
        "interactions": len(data.interactions),
        "positive": len(usable),
        "profiles": len(np.unique(usable.profile)),
        "titles": data.n_titles,
    }
    learned: SequenceModel | None = None
    suited = succession = None
    blending, lists = Blending([]), Lists()
    examination = examination_of(data) if settings.ranker else None
    progress(0.0, "holding out the latest interactions")
    rest, newcomers = hold_out_newcomers(every, settings.validation_viewers // 10, seed)
    rest, asked = hold_out_last(rest, settings.validation_viewers, seed)
    if len(asked) >= LEAST_CASES:
        models = _fit(rest, data, content, settings, seed, _part(progress, 0.02, 0.22), unfinished=unfinished)
        learned, (suited, succession) = models.sequence, _of_traits(_says(rest), data, settings, seed)
        models = replace(models, context=suited, succession=succession)
        progress(0.22, f"asking {len(asked):,} viewers for their next play")
        found = cases_of(asked, models, rest, data, (1, 0))
        blending.add("next", found[1])
        blending.add("session", found[0])
        for known in FED:
            new = [each for each in newcomers if np.count_nonzero(each.query.weights) == known]
            blending.add_newcomers(known, cases_of(new, models, rest, data, (0,))[0])
        if settings.ranker:
            progress(0.27, "asking them again, play by play")
            after = questions_after(asked, seed)
            lists.add(lists_of(after, blending.in_order(), models, rest, data, seed, examination))
    cuts = list(moments_of(usable, _QUICK_CUTS if quick else _CUTS))
    earlier: SequenceModel | None = None
    for number, cut in enumerate(cuts):
        start = 0.32 + 0.4 * number / len(cuts)
        rest, asked = hold_out_after(every, cut, settings.validation_viewers, seed)
        if len(asked) * len(cuts) >= LEAST_CASES:
            models = _fit(
                rest, data, content, settings, seed, _part(progress, start, start + 0.3 / len(cuts)), part=0.5,
                start=earlier, unfinished=unfinished,
            )  # fmt: skip
            earlier = models.sequence
            progress(start + 0.3 / len(cuts), f"asking {len(asked):,} viewers for the days after")
            blending.add("days", cases_of(asked, models, rest, data, (0,))[0])
            if settings.ranker:
                days = questions_about_days(asked)
                lists.add(lists_of(days, blending.in_order(), models, rest, data, seed + cut, examination))
    progress(0.72, "learning to rank")
    rates = TitleRates.of(usable, data.n_titles)
    unheard = _unheard(blending, usable, data, seed)
    joined, validation = _joined(blending, lists, rates, seed, unheard)
    without = {
        name: _joined(blending, lists, rates, seed, (*sources, *unheard))[0]
        for name, sources in less.items()
        if blending.hears(_rows_of([source for source in sources if source not in unheard]))
    }
    counts |= {f"asked_{horizon}": len(found) for horizon, found in blending.cases.items()} | {
        "placements": 0 if examination is None or data.placements is None else len(data.placements),
        "ranked_lists": len(lists.ranked), "outcome_plays": sum(map(len, lists.played)),
    }  # fmt: skip
    progress(0.76, "fitting on everything")
    models = _fit(every, data, content, settings, seed, _part(progress, 0.76, 1.0), start=learned,
                  unfinished=unfinished)  # fmt: skip
    progress(0.99, "what suits a moment")
    suited, succession = _of_traits(usable, data, settings, seed, suited, succession)
    progress(1.0, "fitted")
    return Trained(
        replace(models, blend=joined.blend, ranker=joined.ranker, outcomes=joined.outcomes, context=suited,
                succession=succession),
        validation, counts, without,
    )  # fmt: skip


def _fit(
    interactions: Interactions,
    data: TrainingData,
    content: ContentModel,
    settings: ModelSettings,
    seed: int,
    progress: Progress,
    *,
    blend: Blend | None = None,
    start: SequenceModel | None = None,
    part: float = 1.0,
    unfinished: Path | None = None,
) -> Models:
    """All models on what says something for its title; the sequence model, which learns from dislikes and early ends
    too, for `part` of its epochs, or carried on from `start`."""
    usable = _says(interactions)
    recent = _latest(usable, settings.max_moments)
    fast = _part(progress, 0.0, 0.2) if settings.sequence.epochs else progress
    fast(0.0, "liked together")
    liked = usable.take(usable.weight >= np.float32(LIKED))
    linear = fit_linear(liked, data.n_titles, settings.linear_regularization, settings.max_bytes)
    fast(0.25, "watched together")
    watched = fit_linear(usable, data.n_titles, settings.watched_regularization, settings.max_bytes)
    fast(0.5, "what is watched next")
    follow = fit_follow(
        recent, data.n_titles, regularization=settings.follow_regularization, decay=settings.follow_decay,
        ahead=settings.follow_ahead, max_bytes=settings.max_bytes,
    )  # fmt: skip
    fast(0.95, "what follows what")
    transitions = fit_transitions(recent, data.n_titles, settings.transition_neighbours)
    sequence = None
    if settings.sequence.epochs:
        epochs = max(1, round(settings.sequence.epochs * part))
        told = msgspec.structs.replace(settings.sequence, epochs=epochs)
        every = _latest(interactions, settings.max_moments)
        sequence = _trainer()(every, data.content, told, seed, _part(progress, 0.2, 1.0), start, unfinished)
    return Models(
        linear, watched, follow, transitions, content, blend or Blend({}), settings, data.n_titles, sequence=sequence
    )


def _of_traits(
    usable: Interactions, data: TrainingData, settings: ModelSettings, seed: int,
    context: ContextModel | None = None, succession: SuccessionModel | None = None,
) -> tuple[ContextModel, SuccessionModel]:  # fmt: skip
    """What suits a moment, and what leads on to what, by titles' traits; as strong, or silent, as earlier models of
    nearly the same log, if given."""
    suited = fit_context(usable, data.traits, data.n_titles, settings.context_pairs, seed, context)
    return suited, fit_succession(usable, data.traits, data.leanings(suited), seed, succession)


def _trainer() -> Callable[..., SequenceModel]:
    """`fit_sequence`, imported only where it is wanted: JAX is no dependency of what serves."""
    try:
        from frontrow.models.sequence.fit import fit_sequence
    except ImportError as error:
        raise FrontrowError(
            f"the sequence model cannot be trained: {error}",
            "pip install 'frontrow[train]', or leave models.sequence.epochs at 0",
        ) from None
    return fit_sequence


def _joined(
    blending: Blending, lists: Lists, rates: TitleRates, seed: int, less: Sequence[str] = ()
) -> tuple[Joined, dict[str, float]]:
    """The blends, the ranker and the outcomes, without the sources `less`, and what was measured on the way."""
    if less:
        blending = blending.without(_rows_of(less))
        lists = lists.without(less)
    weights = blending.in_order()
    ranking = fit_ranker(lists.ranked, weights, seed)
    gained = {} if ranking is None else ranking.gained
    learned = fit_outcomes(joined_rows(lists.played), lists.offered, weights, ranking, rates, seed)
    errors = {} if learned is None else learned.errors
    measured = blending.validation | {f"{horizon}_ranker_gain": round(gain, 6) for horizon, gain in gained.items()}
    measured |= {f"{name}_calibration_error": round(error, 6) for name, error in errors.items()}
    ranker, outcomes = None if ranking is None else ranking.ranker, None if learned is None else learned.model
    return Joined(blending.blend(), ranker, outcomes), measured


def _unheard(blending: Blending, usable: Interactions, data: TrainingData, seed: int) -> tuple[str, ...]:
    """Sources that would only shuffle what viewers are offered: content that tells nothing of taste, and the order of
    plays where the next one is told no better by it."""
    unheard = () if content_tells(usable, data.content, seed) else FACETS["content"]
    worth = blending.worth("next", _rows_of(FACETS["transitions"]), seed)
    if worth is not None and worth[0] <= _CLEAR * worth[1]:
        unheard += FACETS["transitions"]
    return unheard


def _rows_of(sources: Sequence[str]) -> list[int]:
    return [row for name, row in ROW.items() if SOURCE_OF[name] in sources]


def _says(interactions: Interactions) -> Interactions:
    """Those that say something for their title."""
    return interactions.take(interactions.weight > 0)


def _latest(interactions: Interactions, most: int) -> Interactions:
    """The latest `most` interactions, in the same order."""
    if len(interactions) <= most:
        return interactions
    order = np.argsort(-interactions.at, kind="stable")[:most]
    return interactions.take(np.sort(order))


def _quick(settings: ModelSettings) -> ModelSettings:
    return ModelSettings(
        **{name: getattr(settings, name) for name in settings.__struct_fields__}
        | {
            "max_bytes": min(settings.max_bytes, _QUICK_BYTES),
            "max_moments": min(settings.max_moments, _QUICK_MOMENTS),
            "validation_viewers": min(settings.validation_viewers, _QUICK_VIEWERS),
            "sequence": msgspec.structs.replace(settings.sequence, epochs=0),
        }
    )


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that takes up from `start` to `end` of the whole."""
    return lambda share, text: progress(start + (end - start) * share, text)
