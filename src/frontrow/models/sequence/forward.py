"""The pass through the network, written once for numpy (serving) and jax.numpy (training).

A decoder of pre-normalised blocks (RMSNorm: Zhang & Sennrich 2019; gated feed-forward: Shazeer 2020) over the history,
as SASRec (Kang & McAuley 2018) reads it. There are no absolute positions: attention fades by learned weights of how
many steps and how much time lie between two interactions (in the spirit of ALiBi: Press et al. 2022, and of HSTU's
relative bias: Zhai et al. 2024). So a state can be carried on by one interaction, and keys and values of past ones are
kept. The moment asked about comes in after the blocks, as a scale and a shift of the state (FiLM: Perez et al. 2018):
one state answers for every moment and horizon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Array = Any
"""A numpy or jax array of float32."""
Weights = Mapping[str, Array]
"""Parameters by name; see fit.initial_weights for shapes."""

_TINY = 1e-6
_FAR = -1e9


@dataclass(frozen=True)
class Shape:
    """Sizes that parameters alone do not tell."""

    blocks: int
    heads: int


@dataclass(frozen=True)
class Past:
    """What is kept of the interactions before: keys and values of each block, [..., heads, s, size]; their minutes."""

    keys: list[Array]
    values: list[Array]
    minutes: Array

    def __len__(self) -> int:
        return int(self.minutes.shape[-1])


def embed(weights: Weights, vectors: Array, strength: Array, gap: Array) -> Array:
    """float32[..., t, d]: what goes into the first block, from the titles' vectors float32[..., t, d]."""
    return vectors * weights["entering"] + weights["strength"][strength] + weights["gap"][gap]


def encode(
    xp: Any,
    weights: Weights,
    shape: Shape,
    entering: Array,
    minutes: Array,
    past: Past | None = None,
    apart: Array | None = None,
    drop: Callable[[Array, int], Array] = lambda array, place: array,
    latest: bool = False,
) -> tuple[Array, Past]:
    """States after each interaction, float32[..., t, d], and what to keep for those to come.

    `entering` is float32[..., t, d]; `minutes` float32[..., t]; `apart` bool[..., t, s], if given, says which pairs
    must not see each other (other viewers in one row), each at least sees itself; `drop` is dropout, told which of the
    layers asks. With `latest` the state after the latest interaction alone, float32[..., 1, d]: the last block need not
    ask for the others.
    """
    t = entering.shape[-2]
    before = 0 if past is None else len(past)
    all_minutes = minutes if past is None else xp.concatenate([past.minutes, minutes], axis=-1)
    steps = xp.arange(before, before + t)[:, None] - xp.arange(before + t)[None, :]
    hidden = steps < 0
    steps = xp.maximum(steps, 0)
    far = xp.arange(before + t).astype(xp.float32)
    log_steps, near = xp.log1p(far)[steps], (1 / (1 + far))[steps]
    log_time = xp.log1p(xp.maximum(minutes[..., :, None] - all_minutes[..., None, :], 0))[..., None, :, :]
    shut = xp.where(hidden if apart is None else (hidden | apart)[..., None, :, :], _FAR, 0).astype(xp.float32)
    state, keys, values = entering, [], []
    for block in range(shape.blocks):
        name = f"block{block}."
        entered, reading = _norm(xp, state, weights[name + "norm_in"]), weights[name + "query_key_value"]
        if latest and block == shape.blocks - 1:
            size = state.shape[-1]
            parts = [entered[..., -1:, :] @ reading[:, :size], *xp.split(entered @ reading[:, size:], 2, -1)]
            log_steps, near, log_time, shut, state = (
                array[..., -1:, :] for array in (log_steps, near, log_time, shut, state)
            )
        else:
            parts = xp.split(entered @ reading, 3, -1)
        query, key, value = (_heads(xp, part, shape.heads) for part in parts)
        if past is not None:
            key = xp.concatenate([past.keys[block], key], axis=-2)
            value = xp.concatenate([past.values[block], value], axis=-2)
        fade = weights[name + "fade"][:, :, None, None]
        score = query @ xp.swapaxes(key, -1, -2) * query.shape[-1] ** -0.5
        score = score + (fade[0] * log_steps + fade[1] * near) + (fade[2] * log_time + shut)
        odds = xp.exp(score - score.max(-1, keepdims=True))
        read = (odds @ value) / odds.sum(-1, keepdims=True)
        read = xp.swapaxes(read, -2, -3).reshape(state.shape)
        state = state + drop(read @ weights[name + "out"], 2 * block)
        wide, gate = xp.split(_norm(xp, state, weights[name + "norm_wide"]) @ weights[name + "wide"], 2, -1)
        state = state + drop((wide * _silu(xp, gate)) @ weights[name + "narrow"], 2 * block + 1)
        keys.append(key)
        values.append(value)
    return state, Past(keys, values, all_minutes)


def ask(xp: Any, weights: Weights, state: Array, gap: Array, horizon: Array, country: Array, cells: Array) -> Array:
    """float32[..., d]: what a title's vector is multiplied by, for states and moments of one shape [...]; `cells` is
    int32[..., axes] (tokens.Moment)."""
    said = weights["moment_gap"][gap] + weights["moment_horizon"][horizon] + weights["moment_country"][country]
    said = said + weights["moment_cell"][cells].sum(-2)
    scale, shift = xp.split(_silu(xp, said) @ weights["moment"] + weights["moment_bias"], 2, -1)
    return _norm(xp, state * (1 + scale) + shift, weights["norm_out"]) * weights["temperature"]


def further(xp: Any, weights: Weights, state: Array, horizon: Array) -> Array:
    """float32[..., d]: states as questions beyond the next play read them, each by its own matrix; `next` reads them
    as they are. What training learns from such questions stays here and in `ask`: the blocks learn from `next` alone.
    """
    read = state
    for number in range(1, len(weights["further"]) + 1):
        turned = state @ weights["further"][number - 1]
        read = read + xp.where((horizon == number)[..., None], turned, 0)
    return read


def _heads(xp: Any, array: Array, heads: int) -> Array:
    """float32[..., heads, t, size] from float32[..., t, d]."""
    *lead, size = array.shape
    return xp.swapaxes(array.reshape(*lead, heads, size // heads), -2, -3)


def _norm(xp: Any, array: Array, gain: Array) -> Array:
    return array / xp.sqrt((array * array).mean(-1, keepdims=True) + _TINY) * gain


def _silu(xp: Any, array: Array) -> Array:
    return array * (0.5 + 0.5 * xp.tanh(array / 2))
