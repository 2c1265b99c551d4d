"""Training and evaluation of a workspace: from its log and catalogue to models, and to a report on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np

from frontrow.catalog.title import FOREVER
from frontrow.core.clock import Micros, format_time
from frontrow.core.errors import FrontrowError
from frontrow.core.threads import TRAINING, blas_threads
from frontrow.evaluate.evaluation import evaluate
from frontrow.evaluate.report import Report
from frontrow.features.interactions import interactions_of
from frontrow.features.placements import came_from, placements_of
from frontrow.features.said import ANY, with_context
from frontrow.models.artifact import publish
from frontrow.models.cases.data import Past, TrainingData
from frontrow.models.content import ContentModel
from frontrow.models.learning.train import fit_models
from frontrow.models.names import FACETS
from frontrow.models.query import Query, nobody
from frontrow.models.sequence.checkpoint import clear
from frontrow.models.traits import Traits
from frontrow.wiring import MODELS_FOLDER, UNFINISHED_FOLDER, Parts

Progress = Callable[[float, str], None]
CANARIES = 32


class TrainReport(msgspec.Struct, frozen=True):
    """What a training made. `until` is RFC 3339; `validation` are full-ranking metrics on held-out validation events,
    by horizon; nothing in it comes from a test. `left_out` says of models that were not trained why, by name;
    `context_fields` are the fields of the context that the models know, `unlearned_fields` those that settings name and
    nothing was learned from."""

    version: str
    until: str
    seconds: float
    seed: int
    quick: bool
    counts: dict[str, int]
    validation: dict[str, float]
    left_out: dict[str, str] = {}
    context_fields: list[str] = []
    unlearned_fields: list[str] = []


@blas_threads(TRAINING)
def training_data(parts: Parts, until: Micros | None) -> tuple[TrainingData, ContentModel]:
    """What models learn from: interactions before `until` (None: all), and today's catalogue."""
    head = parts.store.log.head()
    catalogue = parts.engine.catalogue()
    columns = parts.store.lake.log.columns(until)
    content = ContentModel.fit(title for title in catalogue.titles if title is not None)
    placements = placements_of(parts.store.lake.log.shown(until), columns, catalogue.series_of)
    interactions = interactions_of(columns, catalogue.series_of)
    if interactions.offset is not None and interactions.outcomes is not None:  # there were playbacks
        contexts = parts.store.lake.log.contexts(interactions.offset)
        interactions = with_context(interactions, contexts, parts.settings.models.context_fields)
    newest = parts.clock() if head.newest_at is None else head.newest_at
    data = TrainingData(
        interactions=replace(interactions, cell=came_from(interactions, placements)) if placements else interactions,
        n_titles=catalogue.size,
        content=content.matrix(catalogue.titles),
        rankable=catalogue.rankable,
        added_at=np.where(catalogue.added_at < FOREVER, catalogue.added_at, 0),
        until=newest + 1 if until is None else until,
        traits=Traits.of(catalogue.titles),
        placements=placements if placements else None,
        past=Past(
            parts.store.signals.signals_of, parts.engine.between_answers(lambda rooms: rooms.features.space(catalogue))
        ),
    )
    return data, content


def train_workspace(parts: Parts, until: Micros | None, seed: int, quick: bool, progress: Progress) -> TrainReport:
    """Fits all models and publishes them; what was published before goes on serving until then, and if this fails.

    Interrupted, the longest part of it goes on where it stopped when the same training is asked for again.
    FrontrowError where the catalogue holds no title, or nothing was watched or rated before `until`.
    """
    started = parts.clock.wall()
    progress(0.0, "reading the log")
    data, content = training_data(parts, until)
    _check_catalogue(data)
    if until is not None and not len(data.interactions):
        raise FrontrowError(
            f"Nothing that was watched or rated before {format_time(until)} may be learned from",
            "Give a later --until, or none for all events.",
        )
    unfinished = parts.path / UNFINISHED_FOLDER
    fitted = fit_models(
        data, parts.settings.models, seed, lambda part, text: progress(0.05 + 0.85 * part, text),
        content=content, quick=quick, unfinished=unfinished / "train",
    )  # fmt: skip
    progress(0.92, "checking and publishing")
    version = publish(
        parts.path / MODELS_FOLDER,
        fitted.models,
        {"until": data.until, "seed": seed, "quick": quick, "counts": fitted.counts, "validation": fitted.validation},
        parts.clock.wall(),
        canaries(data),
        set().union(*(design.models for _, design in parts.register.all() if design.state != "stopped")),
    )
    clear(unfinished)
    progress(1.0, f"published {version}")
    sequence, fields = fitted.models.sequence, fitted.models.context.fields.known
    if sequence is not None:
        fields += sequence.fields.known
    learned = {field.name for field in fields}
    unlearned = set(parts.settings.models.context_fields) - learned - {ANY}
    seconds = (parts.clock.wall() - started) / 1e6
    return TrainReport(
        version, format_time(data.until), round(seconds, 3), seed, quick, fitted.counts, fitted.validation,
        fitted.left_out, sorted(learned), sorted(unlearned),
    )  # fmt: skip


def canaries(data: TrainingData) -> list[Query]:
    """Queries that a model must answer with finite, varied scores before it may serve: real histories, and nobody's."""
    found = [nobody(data.until)]
    profiles = np.unique(data.interactions.profile)
    for profile in profiles[:: max(1, len(profiles) // CANARIES)][:CANARIES]:
        mine = np.flatnonzero(data.interactions.profile == profile)
        part = data.interactions.take(mine)
        found.append(Query(part.title, part.at, part.weight, data.until))
    return found


def _check_catalogue(data: TrainingData) -> None:
    if not data.rankable.any():
        raise FrontrowError(
            "There is nothing to learn of: the catalogue holds no title that may be recommended",
            "Bring some in first, with frontrow import or PUT /v1/titles.",
        )


def evaluate_workspace(
    parts: Parts, protocol: str, horizon: str | None, request_time: str, seed: int, facets: bool, quick: bool,
    progress: Progress,
) -> Report:  # fmt: skip
    """Full-ranking metrics of every model, the whole (and, with `facets`, without each of them) and the floors on this
    workspace's log; publishes nothing. What it trained longest for stays until the next training publishes, so that an
    interrupted evaluation, and the same one at another request time, need not train it again."""
    progress(0.0, "reading the log")
    data, content = training_data(parts, None)
    _check_catalogue(data)
    report = evaluate(
        data,
        protocol,
        horizon=horizon,
        request_time=request_time,
        seed=seed,
        settings=parts.settings.models,
        progress=lambda part, text: progress(0.03 + 0.97 * part, text),
        content=content,
        titles=parts.engine.catalogue().titles,
        facets=FACETS if facets else {},
        quick=quick,
        weights=parts.settings.tuning.outcome_weights,
        unfinished=parts.path / UNFINISHED_FOLDER / "evaluate",
    )
    if not report.users:
        why = "; ".join(f"{count} {what}" for what, count in report.apart.items() if count)
        raise FrontrowError(f"{protocol} finds no viewer to ask{f' ({why})' if why else ''}", "It needs a longer log.")
    return report
