"""Training the sequence model: JAX, on any device that it finds; nothing that serves imports this file.

Each position of each history asks what is watched next, in the session, or in the coming month, at a moment that is
told or not. A sampled softmax (Jean et al. 2015) with the sampling's log-probability subtracted (Bengio & Senécal 2003)
stands for the one over all titles.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from frontrow.core.random import stable_hash, stream
from frontrow.features.interactions import Interactions
from frontrow.models.content import DIMS
from frontrow.models.sequence.forward import Array, Shape, ask, embed, encode, further
from frontrow.models.sequence.model import SequenceModel, new_bias
from frontrow.models.sequence.rows import Batch, Histories, Question, batches, numbered_countries
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.sequence.tokens import COUNTRIES, GAPS, HORIZONS, STRENGTHS

Parameters = dict[str, Array]
Progress = Callable[[float, str], None]

_FAR = 0.3
"""What the questions beyond the next play count in the loss."""


@dataclass(frozen=True)
class Sampling:
    """How titles are drawn to be told from the answer: int32[n], and each title's log expected count in a draw."""

    chance: NDArray[np.float64]
    log_expected: NDArray[np.float32]

    @classmethod
    def of(cls, counts: NDArray[np.int64], drawn: int, power: float) -> Sampling:
        """By how often each title was watched, to a power; unwatched ones now and then too."""
        chance = (counts.astype(np.float64) + 1) ** power
        chance /= chance.sum()
        return cls(chance, np.log(drawn * chance).astype(np.float32))


def fit_sequence(
    interactions: Interactions,
    content: NDArray[np.float32],
    settings: SequenceSettings,
    seed: int = 0,
    progress: Progress = lambda share, text: None,
    start: SequenceModel | None = None,
) -> SequenceModel:
    """A model of these interactions; `content` is float32[n_titles, 128].

    `start`, a model of nearly the same titles and interactions, is carried on for a quarter of the epochs. The same
    input and seed give the same model on one kind of machine. Raises nothing for small input: without a single viewer
    of two interactions the network stays as it was drawn.
    """
    countries, country = numbered_countries(interactions) if start is None else _as_before(start, interactions)
    histories = Histories(interactions, country)
    counts = np.bincount(interactions.title, minlength=len(content))
    drawn = min(settings.negatives, len(content))
    sampling = Sampling.of(counts, drawn, settings.sampling_power)
    shape = Shape(settings.blocks, settings.heads)
    parameters = _carried_on(start, content) if start else initial_parameters(len(content), settings, seed)
    epochs = settings.epochs if start is None else max(1, settings.epochs // 4)
    steps = epochs * max(1, -(-int((histories.last - histories.first - 1).sum()) // (settings.context * settings.rows)))
    peak = settings.learning_rate * (1.0 if start is None else 0.3)
    optimiser = optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.adamw(
            optax.warmup_cosine_decay_schedule(0, peak, min(200, max(1, steps // 10)), max(2, steps), peak / 50),
            b2=0.98, weight_decay=settings.weight_decay,
        ),
    )  # fmt: skip
    step = jax.jit(partial(_step, optimiser, shape, settings, jnp.asarray(content), jnp.asarray(sampling.log_expected)))
    state = optimiser.init(parameters)
    rng = stream(seed, "sequence batches", len(interactions))
    key = jax.random.PRNGKey(stable_hash(seed, "sequence dropout") >> 33)
    began, done = time.monotonic(), 0
    for epoch in range(epochs):
        for batch in batches(histories, settings.context, settings.rows, rng):
            others = rng.choice(len(content), drawn, p=sampling.chance).astype(np.int32)
            key, now = jax.random.split(key)
            parameters, state, loss = step(parameters, state, _plain(batch), others, now)
            done += 1
            if done % 20 == 0:
                left = (time.monotonic() - began) / done * (steps - done)
                progress(min(done / steps, 1.0), f"sequences: epoch {epoch + 1} of {epochs}, loss {float(loss):.3f}, "
                         f"about {max(left, 0) / 60:.0f} min left")  # fmt: skip
    return _served(parameters, content, counts, shape, settings.context, countries)


def initial_parameters(n_titles: int, settings: SequenceSettings, seed: int) -> Parameters:
    """Where training begins, by name: float32 arrays as forward.py reads them."""
    d, wide = settings.dimension, settings.dimension * settings.widening
    rng = stream(seed, "sequence parameters", n_titles)

    def drawn(*size: int, scale: float) -> Array:
        return jnp.asarray(rng.normal(0, scale, size).astype(np.float32))

    parameters = {
        "title": drawn(n_titles, d, scale=0.05),
        "title_bias": jnp.zeros(n_titles),
        "content": drawn(DIMS, d, scale=0.05),
        "entering": jnp.full(1, d**0.5 / 4),
        "strength": drawn(STRENGTHS, d, scale=0.02),
        "gap": drawn(GAPS, d, scale=0.02),
        "moment_gap": drawn(GAPS, d, scale=0.02),
        "moment_horizon": drawn(len(HORIZONS), d, scale=0.02),
        "moment_country": drawn(COUNTRIES + 1, d, scale=0.02),
        "moment": drawn(d, 2 * d, scale=0.01),
        "moment_bias": jnp.zeros(2 * d),
        "further": jnp.zeros((len(HORIZONS) - 1, d, d)),
        "norm_out": jnp.ones(d),
        "temperature": jnp.full(1, 2 * d**-0.5),
    }
    fade = np.repeat(np.array([[-0.3], [0.5], [-0.1]], np.float32), settings.heads, 1)
    for number in range(settings.blocks):
        parameters |= {
            f"block{number}.norm_in": jnp.ones(d),
            f"block{number}.query_key_value": drawn(d, 3 * d, scale=d**-0.5),
            f"block{number}.fade": jnp.asarray(fade),
            f"block{number}.out": drawn(d, d, scale=d**-0.5 / 2),
            f"block{number}.norm_wide": jnp.ones(d),
            f"block{number}.wide": drawn(d, 2 * wide, scale=d**-0.5),
            f"block{number}.narrow": drawn(wide, d, scale=wide**-0.5 / 2),
        }
    return parameters


def loss_of(
    parameters: Parameters,
    shape: Shape,
    settings: SequenceSettings,
    content: Array,
    log_expected: Array,
    batch: dict[str, Any],
    others: Array,
    key: Array,
) -> Array:
    """Mean negative log-likelihood of the answers among the drawn titles."""
    keys = jax.random.split(key, 2 * shape.blocks + 2)
    # A title's own part is left out at times, so that content alone can stand for it: as for a title of tomorrow.
    alone = jax.random.bernoulli(keys[-1], settings.content_alone, (len(content), 1))
    vectors = jnp.where(alone, 0, parameters["title"]) + content @ parameters["content"]

    def drop(array: Array, place: int) -> Array:
        kept = jax.random.bernoulli(keys[place], 1 - settings.dropout, array.shape)
        return jnp.where(kept, array / (1 - settings.dropout), 0)

    entering = embed(parameters, vectors[batch["title"]], batch["strength"], batch["gap"])
    states, _ = encode(
        jnp, parameters, shape, drop(entering, 2 * shape.blocks), batch["minutes"], apart=batch["apart"], drop=drop
    )
    bias, given = parameters["title_bias"], batch["next"]
    asked = ask(jnp, parameters, states, given["gap"], given["horizon"], given["country"])
    told = _surprise(asked, vectors, bias, log_expected, given["answer"], others)
    # Horizons beyond the next play must not bend what the next play is read from: they cost it a twentieth.
    given_far = batch["far"]
    known = jax.lax.stop_gradient(jnp.take_along_axis(states, batch["far_place"][..., None], 1))
    read = further(jnp, parameters, known, given_far["horizon"])
    asked = ask(jnp, parameters, read, given_far["gap"], given_far["horizon"], given_far["country"])
    fixed = jax.lax.stop_gradient((vectors, bias))
    told_far = _surprise(asked, *fixed, log_expected, given_far["answer"], others)
    return _mean(told, given["counts"]) + _FAR * _mean(told_far, given_far["counts"])


def _surprise(asked: Array, vectors: Array, bias: Array, log_expected: Array, answer: Array, others: Array) -> Array:
    """Negative log-likelihood of each answer among itself and the drawn titles."""
    right = (asked * vectors[answer]).sum(-1) + bias[answer] - log_expected[answer]
    wrong = asked @ vectors[others].T + (bias - log_expected)[others]
    wrong = jnp.where(others == answer[..., None], -1e9, wrong)
    return jnp.logaddexp(right, jax.nn.logsumexp(wrong, axis=-1)) - right


def _mean(told: Array, counts: Array) -> Array:
    return (told * counts).sum() / jnp.maximum(counts.sum(), 1)


def _step(
    optimiser: Any, shape: Shape, settings: SequenceSettings, content: Array, log_expected: Array,
    parameters: Parameters, state: Any, batch: dict[str, Any], others: Array, key: Array,
) -> tuple[Parameters, Any, Array]:  # fmt: skip
    loss, slope = jax.value_and_grad(loss_of)(parameters, shape, settings, content, log_expected, batch, others, key)
    change, state = optimiser.update(slope, state, parameters)
    return optax.apply_updates(parameters, change), state, loss


def _as_before(start: SequenceModel, interactions: Interactions) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Countries as `start` numbers them, and each interaction's."""
    place = {name: number for number, name in enumerate(start.countries, 1)}
    number = np.array(
        [*(place.get(name, 0) for name in interactions.countries), 0], np.int32
    )  # the last is read for -1
    return start.countries, number[interactions.country]


def _carried_on(start: SequenceModel, content: NDArray[np.float32]) -> Parameters:
    """The parameters that a model was served from. Titles newer than it begin with nothing of their own."""
    known = min(len(start.vectors), len(content))
    own = np.zeros((len(content), start.vectors.shape[1]), np.float32)
    own[:known] = start.vectors[:known] - content[:known] @ start.weights["content"]
    bias = np.full(len(content), new_bias(start.bias), np.float32)
    bias[:known] = start.bias[:known]
    arrays = start.weights | {"title": own, "title_bias": bias}
    return {name: jnp.asarray(array) for name, array in arrays.items()}


def _plain(batch: Batch) -> dict[str, Any]:
    def question(asked: Question) -> dict[str, NDArray[Any]]:
        return vars(asked.moment) | {"answer": asked.answer, "counts": asked.counts}

    return vars(batch.tokens) | {
        "apart": batch.apart, "next": question(batch.next), "far": question(batch.far), "far_place": batch.far_place,
    }  # fmt: skip


def _served(
    parameters: Parameters, content: NDArray[np.float32], counts: NDArray[np.int64], shape: Shape, context: int,
    countries: tuple[str, ...],
) -> SequenceModel:  # fmt: skip
    """The serving form. What was never watched is known by its content alone, as a title of tomorrow is."""
    arrays = {name: np.asarray(array, np.float32) for name, array in parameters.items()}
    own, bias = arrays.pop("title"), arrays.pop("title_bias").copy()
    watched = counts > 0
    vectors = np.where(watched[:, None], own, 0) + content @ arrays["content"]
    bias[~watched] = new_bias(bias[watched])
    return SequenceModel(arrays, vectors.astype(np.float32), bias, shape, context, countries)
