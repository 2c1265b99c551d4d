"""What training the sequence model minimises: a sampled softmax over every question of a batch.

A sampled softmax (Jean et al. 2015) with the sampling's log-probability subtracted (Bengio & Senécal 2003) stands for
the one over all titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from frontrow.models.sequence.forward import Array, Shape, ask, embed, encode, further
from frontrow.models.sequence.rows import Batch, Question
from frontrow.models.sequence.settings import SequenceSettings

Parameters = dict[str, Array]

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
    asked = ask(jnp, parameters, states, *_moment(given))
    told = _surprise(asked, vectors, bias, log_expected, given["answer"], others)
    # Horizons beyond the next play must not bend what the next play is read from: they cost it a twentieth.
    given_far = batch["far"]
    known = jax.lax.stop_gradient(jnp.take_along_axis(states, batch["far_place"][..., None], 1))
    read = further(jnp, parameters, known, given_far["horizon"])
    asked = ask(jnp, parameters, read, *_moment(given_far))
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


def _moment(question: dict[str, Array]) -> tuple[Array, Array, Array, Array]:
    """As `ask` takes it."""
    return question["gap"], question["horizon"], question["country"], question["cells"]


def plain(batch: Batch) -> dict[str, Any]:
    """A batch as jax takes it: arrays by name."""

    def question(asked: Question) -> dict[str, NDArray[Any]]:
        return vars(asked.moment) | {"answer": asked.answer, "counts": asked.counts}

    return vars(batch.tokens) | {
        "apart": batch.apart, "next": question(batch.next), "far": question(batch.far), "far_place": batch.far_place,
    }  # fmt: skip
