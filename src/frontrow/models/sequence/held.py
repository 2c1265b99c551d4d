"""Questions that a training keeps to itself, to see when it has learned enough."""

from __future__ import annotations

from functools import partial
from typing import Final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.models.sequence.forward import Array, Shape, ask, embed, encode
from frontrow.models.sequence.loss import Parameters
from frontrow.models.sequence.rows import Histories, Question
from frontrow.models.sequence.tokens import Tokens

MOST: Final = 512
"""Viewers asked."""
_LEAST_VIEWERS, _LEAST_HISTORY = 20, 3
_AT_ONCE: Final = 64


class Held:
    """The latest interaction of some viewers. `places` int64[viewers]: training must neither read nor ask for it."""

    def __init__(self, histories: Histories, length: int, seed: int) -> None:
        able = np.flatnonzero(histories.last - histories.first >= _LEAST_HISTORY)
        chosen = np.sort(stream(seed, "sequence held out").permutation(able)[: min(MOST, len(able) // 10)])
        if len(chosen) < _LEAST_VIEWERS:
            chosen = chosen[:0]
        self.places = histories.last[chosen] - 1
        self._count = np.minimum(length, self.places - histories.first[chosen])
        rows = (self.places - self._count)[:, None] + np.arange(length)
        self._asked = histories.ahead(np.where(np.arange(length) < self._count[:, None], rows, -1))

    def __len__(self) -> int:
        return len(self.places)

    def gain(self, parameters: Parameters, content: Array, shape: Shape) -> float:
        """Mean 1 / log2(1 + rank) of the answers among all titles, the moment told."""
        tokens, asked, apart = self._asked
        gains = []
        for start in range(0, len(self), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            told = _some(tokens, asked, part)
            gains.append(_gains(shape, parameters, content, *told, apart[part], self._count[part] - 1))
        return float(np.concatenate(gains).mean())


def _some(
    tokens: Tokens, asked: Question, part: slice
) -> tuple[dict[str, NDArray[np.generic]], dict[str, NDArray[np.generic]]]:
    moment = {name: array[part] for name, array in vars(asked.moment).items()}
    return {name: array[part] for name, array in vars(tokens).items()}, moment | {"answer": asked.answer[part]}


@partial(jax.jit, static_argnums=0)
def _gains(
    shape: Shape,
    parameters: Parameters,
    content: Array,
    tokens: dict[str, Array],
    asked: dict[str, Array],
    apart: Array,
    place: Array,
) -> Array:
    vectors = parameters["title"] + content @ parameters["content"]
    entering = embed(parameters, vectors[tokens["title"]], tokens["strength"], tokens["gap"])
    states, _ = encode(jnp, parameters, shape, entering, tokens["minutes"], apart=apart)

    def at(array: Array) -> Array:
        return array[jnp.arange(len(place)), place]

    said = ask(jnp, parameters, at(states), *(at(asked[name]) for name in ("gap", "horizon", "country", "cells")))
    scores = said @ vectors.T + parameters["title_bias"]
    answer = at(asked["answer"])
    right = jnp.take_along_axis(scores, answer[:, None], 1)
    better = (scores > right).sum(1) + ((scores == right).sum(1) - 1) / 2
    return 1 / jnp.log2(2 + better)
