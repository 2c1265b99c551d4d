"""Over all the moments at which viewers may come: what they would begin, on the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.sessions import BY_HOUR, INTENT_SHARE, WEEKEND
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import Traits
from frontrow.simulate.utilities import CONTEXTS, HOUR_PARTS, NAT, Utilities, lasting
from frontrow.simulate.viewers import Viewers, hours_of
from frontrow.simulate.words import MOODS

Shares = NDArray[np.float64]
_HOURS_TRIED: Final = 20_000
SAMPLE: Final = 1_000
"""Viewers by whom fame is levelled."""


def habits_of(settings: WorldSettings, viewers: Viewers, rows: NDArray[np.int64]) -> Shares:
    """float64[rows, contexts]: how often each viewer comes in each context."""
    rng, rhythms = settings.stream("hours of habit"), int(viewers.rhythm.max()) + 1
    hours = [hours_of(rng, np.full(_HOURS_TRIED, rhythm)) for rhythm in range(rhythms)]
    parts = [np.searchsorted(np.array(HOUR_PARTS), each, side="right") for each in hours]
    counts = np.array([np.bincount(each, minlength=len(BY_HOUR)) for each in parts]) / _HOURS_TRIED
    device = viewers.device[rows][:, None, :] * BY_HOUR[None, :, :]
    device /= device.sum(axis=2, keepdims=True)
    weekend = np.array([5.0, 2 * WEEKEND])
    share = counts[viewers.rhythm[rows]][:, :, None, None] * (weekend / weekend.sum())[:, None] * device[:, :, None, :]
    return np.asarray(share.reshape(len(rows), CONTEXTS))


def over_moments(weight: Shares, habit: Shares, utilities: Utilities) -> Shares:
    """float64[viewers, titles] probabilities, from `weight` (exp of what is wanted at any moment): the mean over each
    viewer's contexts and over intents. Every moment has a denominator of its own, so that their mean is no softmax."""
    context = np.exp(utilities.context.astype(np.float64) / NAT)
    intent = np.exp(utilities.intent.astype(np.float64) / NAT)
    chance = np.zeros_like(weight)
    shares = np.append(np.full(len(MOODS), INTENT_SHARE / len(MOODS)), 1 - INTENT_SHARE)
    for share, wanted in zip(shares.tolist(), intent, strict=True):
        minded = context * wanted
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.nan_to_num(share * habit / (weight @ minded.T), posinf=0.0)
        chance += scaled @ minded
    return np.asarray(chance * weight)


def levelled(settings: WorldSettings, traits: Traits, utilities: Utilities, viewers: Viewers) -> Utilities:
    """The same, with `fame` less what titles draw by suiting many moments and viewers: so that fame alone says how
    often a title is played on the whole, and no world is one of blockbusters by accident."""
    sample = settings.stream("level").integers(0, len(viewers), SAMPLE)
    always, moved = lasting(traits, utilities, viewers, sample)
    wants = (always + moved // 2).astype(np.float64) / NAT
    weight = np.exp(wants - wants.max(axis=1, keepdims=True))
    share = over_moments(weight, habits_of(settings, viewers, sample), utilities).mean(axis=0) * len(traits)
    draw = np.rint(np.log(share.clip(0.02, 50.0)) * NAT).astype(np.int16)
    return replace(utilities, fame=utilities.fame - draw)
