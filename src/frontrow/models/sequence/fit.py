"""Training the sequence model: JAX, on any device that it finds; nothing that serves imports this file.

Each position of each history asks what is watched next, in the session, or in the coming month, at a moment that is
told or not (loss.py). After each epoch some viewers' latest play is asked for, which training never saw: the parameters
that found it best are kept, and training ends early where it finds nothing better any more.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import optax
from numpy.typing import NDArray

from frontrow.core.random import stable_hash, stream
from frontrow.features.interactions import Interactions
from frontrow.models.sequence.checkpoint import Checkpoint, fingerprint
from frontrow.models.sequence.forward import Array, Shape
from frontrow.models.sequence.held import Held
from frontrow.models.sequence.loss import Parameters, Sampling, loss_of, plain
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.sequence.parameters import carried_on, initial_parameters, numbered_as_before, served
from frontrow.models.sequence.rows import Histories, batches, numbered_countries
from frontrow.models.sequence.settings import SequenceSettings

Progress = Callable[[float, str], None]

_PATIENCE: Final = 4
"""Epochs without a better answer that end a training."""


def fit_sequence(
    interactions: Interactions,
    content: NDArray[np.float32],
    settings: SequenceSettings,
    seed: int = 0,
    progress: Progress = lambda share, text: None,
    start: SequenceModel | None = None,
    unfinished: Path | None = None,
) -> SequenceModel:
    """A model of these interactions; `content` is float32[n_titles, 128].

    `start`, a model of nearly the same titles and interactions, is carried on for a quarter of the epochs. In the
    folder `unfinished` every epoch leaves where training stands, and the same training goes on from there. The same
    input and seed give the same model on one kind of machine, interrupted or not. Raises nothing for small input:
    without a single viewer of two interactions the network stays as it was drawn. OSError where `unfinished` cannot be
    written.
    """
    countries, country = numbered_countries(interactions) if start is None else numbered_as_before(start, interactions)
    fields = interactions.fields if start is None else start.fields
    held = Held(Histories(interactions, country, fields), settings.context, seed)
    kept = np.delete(np.arange(len(interactions)), held.places)
    rest = interactions.take(kept)
    counts = np.bincount(rest.title, minlength=len(content))
    epochs = settings.epochs if start is None else max(1, settings.epochs // 4)
    histories, pace = Histories(rest, country[kept], fields), 1.0 if start is None else 0.3
    training = _Training(histories, content, counts, settings, epochs, pace, seed)
    drawn = partial(initial_parameters, len(content), settings, seed, fields)
    stands = training.begin(carried_on(start, content) if start else drawn())
    checkpoint = None
    if unfinished is not None:
        others = (str(seed).encode(), b"" if start is None else start.vectors.tobytes())
        checkpoint = Checkpoint(unfinished, fingerprint(interactions, content, settings, *others))
        stands = training.taken_up(checkpoint, stands)
        if stands.epoch:
            progress(stands.epoch / epochs, f"sequences: {stands.epoch} of {epochs} epochs were done before")
    began, first = time.monotonic(), stands.epoch
    while stands.epoch < epochs and stands.epoch - stands.best_epoch < _PATIENCE:
        training.run_epoch(stands, partial(_told, progress, epochs, first, began))
        gain = held.gain(stands.parameters, training.content, training.shape) if len(held) else float(stands.epoch)
        if gain > stands.best_gain:
            stands.best, stands.best_gain, stands.best_epoch = stands.parameters, gain, stands.epoch
        if checkpoint is not None:
            training.leave(checkpoint, stands)
    return served(stands.best, content, counts, training.shape, settings.context, countries, fields)


@dataclass
class _Stands:
    """Where a training stands after `epoch` epochs, and the best parameters so far."""

    parameters: Parameters
    optimiser: Any
    key: Array
    rng: np.random.Generator
    best: Parameters
    epoch: int = 0
    best_epoch: int = 0
    best_gain: float = -1.0


class _Training:
    """What one training goes through, epoch by epoch."""

    def __init__(
        self,
        histories: Histories,
        content: NDArray[np.float32],
        counts: NDArray[np.int64],
        settings: SequenceSettings,
        epochs: int,
        pace: float,
        seed: int,
    ) -> None:
        self.settings, self._seed = settings, seed
        self._form = msgspec.structs.replace(settings, epochs=0)  # trainings that differ in this alone share a step
        self.shape = Shape(settings.blocks, settings.heads)
        self.content = jnp.asarray(content)
        self._histories = histories
        self._drawn = min(settings.negatives, len(content))
        self._sampling = Sampling.of(counts, self._drawn, settings.sampling_power)
        questions = int((histories.last - histories.first - 1).sum())
        self._an_epoch = max(1, -(-questions // (settings.context * settings.rows)))
        self._steps, self._peak = epochs * self._an_epoch, settings.learning_rate * pace
        self._log_expected = jnp.asarray(self._sampling.log_expected)

    def begin(self, parameters: Parameters) -> _Stands:
        """The start of it."""
        rng = stream(self._seed, "sequence batches", int(self._histories.title.size))
        key = jax.random.PRNGKey(stable_hash(self._seed, "sequence dropout") >> 33)
        return _Stands(parameters, _optimiser(self.settings).init(parameters), key, rng, parameters)

    def run_epoch(self, stands: _Stands, told: Callable[[float, str], None]) -> None:
        """Learns from every history once."""
        settings = self.settings
        for done, batch in enumerate(batches(self._histories, settings.context, settings.rows, stands.rng), 1):
            others = stands.rng.choice(len(self.content), self._drawn, p=self._sampling.chance).astype(np.int32)
            stands.key, now = jax.random.split(stands.key)
            rate = _rate(stands.epoch * self._an_epoch + done, self._steps, self._peak)
            stands.parameters, stands.optimiser, loss = _step(
                self.shape, self._form, self.content, self._log_expected, stands.parameters, stands.optimiser, rate,
                plain(batch), others, now,
            )  # fmt: skip
            if done % 20 == 0:
                told(stands.epoch + done / self._an_epoch, f"loss {float(loss):.3f}")
        stands.epoch += 1

    def leave(self, checkpoint: Checkpoint, stands: _Stands) -> None:
        """Writes down where it stands."""
        leaves = jax.tree.leaves((stands.parameters, stands.optimiser, stands.key, stands.best))
        stated = {
            "epoch": stands.epoch, "best_epoch": stands.best_epoch, "best_gain": stands.best_gain,
            "rng": json.dumps(stands.rng.bit_generator.state),
        }  # fmt: skip
        checkpoint.write([np.asarray(leaf) for leaf in leaves], stated)

    def taken_up(self, checkpoint: Checkpoint, begun: _Stands) -> _Stands:
        """Where it stood when it was interrupted; `begun` where nothing was left."""
        if (left := checkpoint.read()) is None:
            return begun
        arrays, stated = left
        form = jax.tree.structure((begun.parameters, begun.optimiser, begun.key, begun.best))
        parameters, optimiser, key, best = jax.tree.unflatten(form, [jnp.asarray(array) for array in arrays])
        begun.rng.bit_generator.state = json.loads(stated["rng"])
        return _Stands(
            parameters, optimiser, key, begun.rng, best, stated["epoch"], stated["best_epoch"], stated["best_gain"]
        )


def _told(progress: Progress, epochs: int, first: int, began: float, done: float, text: str) -> None:
    left = (time.monotonic() - began) / max(done - first, 1e-3) * (epochs - done) / 60
    progress(
        min(done / epochs, 1.0),
        f"sequences: epoch {int(done) + 1} of {epochs}, {text}, about {max(left, 0):.0f} min left",
    )


def _rate(done: int, steps: int, peak: float) -> np.float32:
    """The step's size: rising to `peak`, then falling along half a cosine to a fiftieth of it."""
    rising = min(200, max(1, steps // 10))
    if done <= rising:
        return np.float32(peak * done / rising)
    falling = (1 + math.cos(math.pi * min(1.0, (done - rising) / max(1, steps - rising)))) / 2
    return np.float32(peak * (0.02 + 0.98 * falling))


def _optimiser(settings: SequenceSettings) -> optax.GradientTransformation:
    """AdamW (Loshchilov & Hutter 2019) but for the size of a step, so that one compiled step serves every schedule."""
    return optax.chain(
        optax.clip_by_global_norm(1.0), optax.scale_by_adam(b2=0.98), optax.add_decayed_weights(settings.weight_decay)
    )


@partial(jax.jit, static_argnums=(0, 1))
def _step(
    shape: Shape, settings: SequenceSettings, content: Array, log_expected: Array,
    parameters: Parameters, state: Any, rate: Array, batch: dict[str, Any], others: Array, key: Array,
) -> tuple[Parameters, Any, Array]:  # fmt: skip
    loss, slope = jax.value_and_grad(loss_of)(parameters, shape, settings, content, log_expected, batch, others, key)
    change, state = _optimiser(settings).update(slope, state, parameters)
    return jax.tree.map(lambda held, way: held - rate * way, parameters, change), state, loss
