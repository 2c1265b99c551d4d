"""What the running session is after, brought to bear on scores: the feature `session_intent`, and nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.core.horizon import NEXT, SESSION
from frontrow.features.batch import Batch
from frontrow.features.definitions import feature
from frontrow.features.online import OnlineFeatures
from frontrow.features.signals import SESSION_GAP
from frontrow.features.taste import session_opened
from frontrow.recommend.scoring import Scored
from frontrow.recommend.viewer import Viewer

NEAR: Final = (NEXT, SESSION)
"""Horizons that a session's intent says something for."""
NOTHING: Final[Mapping[str, float]] = {}

_INTENT: Final = feature("session_intent")


def intent_of(viewer: Viewer, features: OnlineFeatures, catalogue: Catalogue) -> Mapping[str, float]:
    """What a viewer's running session wants (`wanted`); empty without one or without consent, and for a past moment
    that the session has passed."""
    known, newest = viewer.known, viewer.state.newest_at
    if known is None or not viewer.personal or newest is None or viewer.now - newest > SESSION_GAP:
        return NOTHING  # nearly always: the trail of somebody who was not here for days is not even read
    batch = features.of_profile(known.number, known.generation, viewer.now, catalogue)
    return NOTHING if viewer.past and int(batch.now[0]) > viewer.now else wanted(batch)


def wanted(batch: Batch) -> Mapping[str, float]:
    """How much each genre is wanted in the batch's only case, 0..1 together: the shares that `session_intent` gives
    them, drawn to nothing by one title of no genre, so that the first that is opened counts half."""
    shares = _INTENT.read(batch).named(0)
    opened = session_opened(batch).item()
    return {genre: share * opened / (opened + 1) for genre, share in shares.items()}


def lifted(scored: Scored, intent: Mapping[str, float], weight: float, catalogue: Catalogue) -> Scored:
    """The scores, those of NEAR horizons with what the session adds to every title: `weight` standard deviations where
    a title is all of what is wanted."""
    near = [each for each in NEAR if each in scored.blended]
    if not intent or not near:
        return scored
    added = np.zeros(len(scored.blended[near[0]]), np.float32)
    for genre, share in intent.items():
        added += catalogue.of_genre(genre)[: len(added)] * np.float32(weight * share)
    blended = scored.blended | {each: scored.blended[each] + added for each in near}
    return replace(scored, blended=blended, intent=intent, lift=added)
