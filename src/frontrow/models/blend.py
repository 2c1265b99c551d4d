"""Joining the features: each is standardised, over the same titles whoever asks (Sources.read), and weighted by
horizon."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.core.horizon import Horizon
from frontrow.models.names import FEATURES, ROW

HORIZONS = ("next", "session", "days")
SETTLED = 20
"""Interactions from which a viewer is no newcomer."""
_AFTER = {"session": "after_", "days": "days_after_"}
_UNSEEN, _LEVELS = "unseen", ("late_level", "level")
SOON, LONG = 7 * DAY, 365 * DAY
"""How soon a wait begins to tell, and after how long it has told everything; microseconds."""
_MONTH = 30.0
_TINY = 1e-12

PRIOR: dict[str, dict[str, float]] = {
    "next": {"follow": 0.11, "watched_recent": 0.08, "transitions": 0.06, "watched": 0.04, "content": 0.05,
             "popular_7": 0.02, "country": 0.02, "fresh": 0.02, "context": 0.5, "leads_on": 0.5, "sitting": 0.5},
    "session": {"follow": 0.1, "watched_recent": 0.08, "transitions": 0.05, "watched": 0.06, "linear": 0.03,
                "content": 0.05, "popular_7": 0.05, "country": 0.03, "fresh": 0.03, "context": 0.5,
                "leads_on": 0.3, "sitting": 0.5},
    "days": {"linear": 0.3, "watched_recent": 0.02, "content": 0.03, "popular_2": 0.15, "popular_7": 0.15,
             "popular_30": 0.05, "country": 0.1, "fresh": 0.05},
}  # fmt: skip
"""Where learning starts from, and what holds when there is too little to learn from."""

UNTRAINED = {"content": 1.0, "popular_7": 0.6, "popular_30": 0.2, "country": 0.4, "fresh": 0.3}
"""Weights without a trained model."""

NOBODY = {"popular_7": 0.7, "popular_30": 0.3, "country": 0.5, "fresh": 0.2}
"""Weights for a viewer without a history, whom no training viewer stands for."""


NATURAL = [ROW["context"], ROW["leads_on"], ROW["sitting"]]
"""Features that are log-odds, which a blend takes as they are."""


def weights_of(named: dict[str, float]) -> NDArray[np.float32]:
    """float32[len(FEATURES)] from weights by name."""
    return np.array([named.get(name, 0.0) for name in FEATURES], np.float32)


def mixture(horizon: Horizon) -> NDArray[np.float32]:
    """float32[3]: the shares of HORIZONS in a horizon. days=N is `session` at one day and below, `days` from 30 on,
    between them by the logarithm of N."""
    shares = np.zeros(len(HORIZONS), np.float32)
    if horizon.name != "days":
        shares[HORIZONS.index(horizon.name)] = 1
        return shares
    far = np.float32(np.clip(np.log(max(horizon.days, 1)) / np.log(_MONTH), 0, 1))
    shares[HORIZONS.index("days")], shares[HORIZONS.index("session")] = far, 1 - far
    return shares


@dataclass(frozen=True)
class Blend:
    """Weights by horizon name (next, session, days), float32[len(FEATURES)] each, none negative.

    Negative weights fit a little better, but where the personal sources have nothing to say they would rank the
    least popular titles first.

    `newcomers`: for `session` (and the next play) and for `days`, weights after so many interactions, all below
    SETTLED; between them, and to the horizon's own at SETTLED, they change with the logarithm of how many there are.
    Without any, the horizon's own hold for everybody.

    `unseen`: weights of titles that models know nothing of, for the next play and the session, and `levels`, what they
    have ahead of the others there: what was added just now, and what has been there LONG, or nobody knows how long;
    between them by how long it has `waited`. None: they are weighed like any other.
    """

    by_horizon: dict[str, NDArray[np.float32]]
    newcomers: dict[str, dict[int, NDArray[np.float32]]] = field(default_factory=dict)
    unseen: NDArray[np.float32] | None = None
    levels: tuple[float, float] = (0.0, 0.0)

    def weights(self, horizon: Horizon, known: int = SETTLED) -> NDArray[np.float32]:
        """float32[len(FEATURES)] for a horizon, as `mixture` says, and a viewer with `known` interactions."""
        own = [_after(known, self._stages(name), self.by_horizon[name]) for name in HORIZONS]
        return mixture(horizon) @ np.stack(own)

    def settled(self, known: int) -> float:
        """How much of the horizon's own weights is in those of a viewer with `known` interactions, 0..1."""
        stages = self._stages("session")
        if known >= SETTLED or not stages:
            return 1.0
        return float(np.interp(np.log(max(known, 1)), np.log([max(stages), SETTLED]), [0, 1]))

    def _stages(self, name: str) -> dict[int, NDArray[np.float32]]:
        """The weights of newcomers that hold for a horizon."""
        return self.newcomers.get("days" if name == "days" else "session", {})

    def of_unseen(self, horizon: Horizon, known: int = SETTLED) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights of titles that models know nothing of, and their `levels`, float32[2]."""
        weights = self.weights(horizon, known)
        if self.unseen is None:
            return weights, np.zeros(2, np.float32)
        far = mixture(horizon)[HORIZONS.index("days")]
        return far * weights + (1 - far) * self.unseen, (1 - far) * np.array(self.levels, np.float32)

    def for_nobody(self, horizon: Horizon) -> NDArray[np.float32]:
        """Weights for a viewer without a history: NOBODY, and of what the moment says as much as for anybody."""
        return weights_of(NOBODY | {"context": float(self.weights(horizon)[ROW["context"]])})

    def save(self, folder: Path) -> None:
        """Writes blend.json: weights by horizon (and for newcomers, as after_N, and of unseen titles) and feature."""
        both = self.by_horizon | {
            f"{_AFTER[horizon]}{known}": weights
            for horizon, stages in self.newcomers.items()
            for known, weights in stages.items()
        }
        named = {name: dict(zip(FEATURES, weights.tolist(), strict=True)) for name, weights in both.items()}
        if self.unseen is not None:
            named[_UNSEEN] = dict(zip(FEATURES, self.unseen.tolist(), strict=True)) | dict(
                zip(_LEVELS, self.levels, strict=True)
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "blend.json").write_bytes(msgspec.json.format(msgspec.json.encode(named)))

    @classmethod
    def load(cls, folder: Path) -> Blend:
        """Reads what `save` wrote; features it does not know are 0."""
        named = msgspec.json.decode((folder / "blend.json").read_bytes(), type=dict[str, dict[str, float]])
        newcomers = {
            horizon: {int(name[len(kind) :]): weights_of(named[name]) for name in named if name.startswith(kind)}
            for horizon, kind in _AFTER.items()
        }
        unseen = weights_of(named[_UNSEEN]) if _UNSEEN in named else None
        late, level = (named.get(_UNSEEN, {}).get(name, 0.0) for name in _LEVELS)
        return cls({horizon: weights_of(named[horizon]) for horizon in HORIZONS}, newcomers, unseen, (late, level))


def _after(known: int, stages: dict[int, NDArray[np.float32]], settled: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights after `known` interactions, between those of the `stages` and, at SETTLED, the settled."""
    if known >= SETTLED or not stages:
        return settled
    counts = [*sorted(stages), SETTLED]
    at = np.interp(np.log(max(known, 1)), np.log(counts), np.arange(len(counts)))
    low, part = int(at), np.float32(at % 1)
    then = settled if counts[low + 1] == SETTLED else stages[counts[low + 1]]
    return (1 - part) * stages[counts[low]] + part * then


def waited(added_at: NDArray[np.int64], now: int) -> NDArray[np.float32]:
    """How long titles without a view have been there at `now`, float32[titles]: 0 for what was added then, 1 from LONG
    on and where nobody knows (time 0), between them by the logarithm of the time in SOON; 1 too for what is yet to
    come: nobody can play it.

    Views that come by chance at a rate of its own (gamma distributed over titles) leave a title that had none for so
    long a rate that falls as the inverse of the time: log odds that fall as its logarithm.
    """
    ago = np.clip(now - added_at, 0, LONG)
    part = np.log1p(ago / SOON) / np.log1p(LONG / SOON)
    return np.where((added_at > 0) & (added_at <= now), part, 1).astype(np.float32)


def prior_blend() -> Blend:
    """The blend before anything is learned."""
    return Blend({horizon: weights_of(PRIOR[horizon]) for horizon in HORIZONS})


def untrained_blend() -> Blend:
    """The blend without a trained model."""
    return Blend(dict.fromkeys(HORIZONS, weights_of(UNTRAINED)))


def scales(rows: NDArray[np.float32], over: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and scale of each of FEATURES: `spread`, but of what has a unit of its own (NATURAL) the scale is 1. So a
    moment that hardly differs from others adds little, instead of being blown up to a standard deviation."""
    mean, scale = spread(rows, over)
    scale[NATURAL] = scale[NATURAL] > 0
    return mean, scale


def spread(rows: NDArray[np.float32], over: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and 1 / standard deviation of each feature over the titles with `over` 1; a constant feature, or one whose
    squares no float32 holds: 0."""
    count = max(float(over.sum()), 1.0)
    with np.errstate(invalid="ignore", over="ignore"):  # products of finite numbers may raise the flag, too
        mean = (rows @ over) / count
        variance = (np.square(rows) @ over) / count - np.square(mean)
        usable = variance > np.maximum(1e-6 * np.square(mean), _TINY)
    scale = np.zeros(len(rows), np.float32)
    np.divide(1, np.sqrt(variance, where=usable, out=np.ones_like(variance)), out=scale, where=usable)
    return mean.astype(np.float32), scale
