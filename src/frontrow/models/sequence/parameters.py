"""The sequence model's parameters: where training begins, or goes on from a model, and what it serves with."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.features.interactions import Interactions
from frontrow.features.moments import NO_FIELDS, Fields
from frontrow.models.content import DIMS
from frontrow.models.sequence.forward import Array, Shape
from frontrow.models.sequence.loss import Parameters
from frontrow.models.sequence.model import SequenceModel, new_bias
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.sequence.tokens import COUNTRIES, GAPS, HORIZONS, STRENGTHS


def initial_parameters(n_titles: int, settings: SequenceSettings, seed: int, fields: Fields = NO_FIELDS) -> Parameters:
    """Where training begins, by name: float32 arrays as forward.py reads them. `fields` of the context have rows of
    `moment_cell` after those of hour, weekday and device; the last row is of what is not known."""
    d, wide = settings.dimension, settings.dimension * settings.widening
    rng = stream(seed, "sequence parameters", n_titles)

    def drawn(*size: int, scale: float) -> Array:
        return jnp.asarray(rng.normal(0, scale, size).astype(np.float32))

    parameters = {
        "title": drawn(n_titles, d, scale=0.05),
        "title_bias": jnp.zeros(n_titles),
        "content": drawn(DIMS, d, scale=0.05),
        "entering": jnp.full(1, d**0.5 / 4, jnp.float32),
        "strength": drawn(STRENGTHS, d, scale=0.02),
        "gap": drawn(GAPS, d, scale=0.02),
        "moment_gap": drawn(GAPS, d, scale=0.02),
        "moment_horizon": drawn(len(HORIZONS), d, scale=0.02),
        "moment_country": drawn(COUNTRIES + 1, d, scale=0.02),
        "moment_cell": drawn(fields.cells + 1, d, scale=0.02),
        "moment": drawn(d, 2 * d, scale=0.01),
        "moment_bias": jnp.zeros(2 * d),
        "further": jnp.zeros((len(HORIZONS) - 1, d, d)),
        "norm_out": jnp.ones(d),
        "temperature": jnp.full(1, 2 * d**-0.5, jnp.float32),
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


def numbered_as_before(start: SequenceModel, interactions: Interactions) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Countries as `start` numbers them, and each interaction's."""
    place = {name: number for number, name in enumerate(start.countries, 1)}
    number = np.array(
        [*(place.get(name, 0) for name in interactions.countries), 0], np.int32
    )  # the last is read for -1
    return start.countries, number[interactions.country]


def carried_on(start: SequenceModel, content: NDArray[np.float32]) -> Parameters:
    """The parameters that a model was served from. Titles newer than it begin with nothing of their own."""
    known = min(len(start.vectors), len(content))
    own = np.zeros((len(content), start.vectors.shape[1]), np.float32)
    own[:known] = start.vectors[:known] - content[:known] @ start.weights["content"]
    bias = np.full(len(content), new_bias(start.bias), np.float32)
    bias[:known] = start.bias[:known]
    arrays = start.weights | {"title": own, "title_bias": bias}
    return {name: jnp.asarray(array) for name, array in arrays.items()}


def served(
    parameters: Parameters, content: NDArray[np.float32], counts: NDArray[np.int64], shape: Shape, context: int,
    countries: tuple[str, ...], fields: Fields = NO_FIELDS,
) -> SequenceModel:  # fmt: skip
    """The serving form. What was never watched is known by its content alone, as a title of tomorrow is."""
    arrays = {name: np.asarray(array, np.float32) for name, array in parameters.items()}
    own, bias = arrays.pop("title"), arrays.pop("title_bias").copy()
    watched = counts > 0
    vectors = np.where(watched[:, None], own, 0) + content @ arrays["content"]
    bias[~watched] = new_bias(bias[watched])
    return SequenceModel(arrays, vectors.astype(np.float32), bias, shape, context, countries, fields=fields)
