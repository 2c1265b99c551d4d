"""Fitting every model, on everything or on what is left where something is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np

from frontrow.features.interactions import LIKED, Interactions
from frontrow.models.blend import Blend
from frontrow.models.cases.data import TrainingData
from frontrow.models.content import ContentModel
from frontrow.models.follow import fit_follow
from frontrow.models.linear import fit_linear
from frontrow.models.models import Models
from frontrow.models.moment.context_fit import fit_context
from frontrow.models.moment.succession_fit import fit_succession
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.settings import ModelSettings
from frontrow.models.transitions import fit_transitions

Progress = Callable[[float, str], None]

_QUICK_BYTES, _QUICK_MOMENTS, _QUICK_VIEWERS = 20_000_000, 200_000, 200


@dataclass(frozen=True)
class Fitter:
    """Fits the models of `data` as `settings` say; `content` is kept with them, to make vectors of new titles. In the
    folder `unfinished` the sequence model leaves where its training stands."""

    data: TrainingData
    content: ContentModel
    settings: ModelSettings
    seed: int
    unfinished: Path | None

    def fit(
        self, interactions: Interactions, progress: Progress, *, start: SequenceModel | None = None, part: float = 1.0
    ) -> Models:
        """All models but the blend, and those of titles' traits, on what says something for its title; the sequence
        model, which learns from dislikes and early ends too, for `part` of its epochs, or carried on from `start`."""
        settings, n_titles = self.settings, self.data.n_titles
        usable = says(interactions)
        recent = _latest(usable, settings.max_moments)
        fast = share_of(progress, 0.0, 0.2) if settings.sequence.epochs else progress
        fast(0.0, "liked together")
        liked = usable.take(usable.weight >= np.float32(LIKED))
        linear = fit_linear(liked, n_titles, settings.linear_regularization, settings.max_bytes)
        fast(0.25, "watched together")
        watched = fit_linear(usable, n_titles, settings.watched_regularization, settings.max_bytes, name="watched")
        fast(0.5, "what is watched next")
        follow = fit_follow(
            recent, n_titles, regularization=settings.follow_regularization, decay=settings.follow_decay,
            ahead=settings.follow_ahead, max_bytes=settings.max_bytes,
        )  # fmt: skip
        fast(0.95, "what follows what")
        transitions = fit_transitions(recent, n_titles, settings.transition_neighbours)
        sequence = self._sequence(interactions, share_of(progress, 0.2, 1.0), start, part)
        met = np.unique(interactions.title).astype(np.int64)
        return Models(
            linear, watched, follow, transitions, self.content, Blend({}), settings, n_titles, met, sequence=sequence
        )

    def with_traits(self, models: Models, interactions: Interactions, earlier: Models | None = None) -> Models:
        """The same, with what suits a moment and what leads on to what by titles' traits; as strong, or silent, as in
        `earlier`, models of nearly the same log."""
        usable, data, settings = says(interactions), self.data, self.settings
        context = fit_context(
            usable, data.traits, data.n_titles, settings.context_pairs, self.seed, earlier.context if earlier else None
        )
        succession = fit_succession(
            usable,
            data.traits,
            data.leanings(context),
            self.seed,
            earlier.succession if earlier else None,
            context.fields,
        )
        return replace(models, context=context, succession=succession)

    def _sequence(
        self, interactions: Interactions, progress: Progress, start: SequenceModel | None, part: float
    ) -> SequenceModel | None:
        if not self.settings.sequence.epochs:
            return None
        from frontrow.models.sequence.fit import fit_sequence  # JAX, which nothing that serves imports

        told = msgspec.structs.replace(
            self.settings.sequence, epochs=max(1, round(self.settings.sequence.epochs * part))
        )
        every = _latest(interactions, self.settings.max_moments)
        return fit_sequence(every, self.data.content, told, self.seed, progress, start, self.unfinished)


def settings_for(
    interactions: Interactions, settings: ModelSettings, quick: bool = False
) -> tuple[ModelSettings, dict[str, str]]:
    """The settings that these interactions can be trained with, and why what is left out is, by model."""
    sequence, why = settings.sequence, ""
    if quick:
        why = "--quick"
    elif not sequence.epochs:
        why = "models.sequence.epochs = 0"
    elif len(interactions) < sequence.least_interactions:
        why = f"{len(interactions):,} of the {sequence.least_interactions:,} interactions that it needs"
    elif find_spec("jax") is None or find_spec("optax") is None:
        why = "needs pip install 'frontrow[train]'"
    if quick:
        settings = msgspec.structs.replace(
            settings, max_bytes=min(settings.max_bytes, _QUICK_BYTES),
            max_moments=min(settings.max_moments, _QUICK_MOMENTS),
            validation_viewers=min(settings.validation_viewers, _QUICK_VIEWERS),
        )  # fmt: skip
    if not why:
        return settings, {}
    left = msgspec.structs.replace(settings, sequence=msgspec.structs.replace(sequence, epochs=0))
    return left, {"sequence": why}


def says(interactions: Interactions) -> Interactions:
    """Those that say something for their title."""
    return interactions.take(interactions.weight > 0)


def share_of(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that takes up from `start` to `end` of the whole."""
    return lambda share, text: progress(start + (end - start) * share, text)


def _latest(interactions: Interactions, most: int) -> Interactions:
    """The latest `most` interactions, in the same order."""
    if len(interactions) <= most:
        return interactions
    order = np.argsort(-interactions.at, kind="stable")[:most]
    return interactions.take(np.sort(order))
