"""The forecast of outcomes as it serves: a weighted sum of a candidate's columns for each, calibrated, in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.features.outcomes import OUTCOMES
from frontrow.models.blend import HORIZONS
from frontrow.models.outcomes.columns import COLUMNS
from frontrow.models.outcomes.rates import TitleRates

PLAY: Final = "play"
MINUTES: Final = "minutes"
ALL: Final = (PLAY, *OUTCOMES)
"""Everything that may be forecast. `minutes` are minutes, the others chances; all but `play` if it is played."""
INPUTS: Final = len(COLUMNS) + len(HORIZONS)
_FAR: Final = 5.0
_MOST_LOG: Final = 7.0


@dataclass(frozen=True)
class OutcomeModel:
    """What may come of a title.

    `heads` float32[names, INPUTS + 1]: for each of `names` weights of COLUMNS, brought to mean 0 and deviation 1 by
    `mean` and `scale`, of the horizon's shares, and a constant; they give the log of `minutes`, the log odds of the
    others, which `lines` float32[names, 2], slope and intercept, calibrate. `play` float32[HORIZONS, 2]: the same for
    the log of a title's share of the odds of what is put forward. `missing` says why the rest of ALL is not forecast.
    """

    names: tuple[str, ...]
    heads: NDArray[np.float32]
    lines: NDArray[np.float32]
    play: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    rates: TitleRates
    missing: dict[str, str]

    def chances_of_play(
        self, scores: NDArray[np.float32], of: NDArray[np.float32], mixture: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """float32[len(of)]: how likely titles with the scores `of` are played within the horizon, beside those with
        `scores` (what is put forward); `mixture` are the horizon's shares of HORIZONS."""
        slope, constant = mixture @ self.play
        return chance(slope * (of - log_sum(scores)) + constant)

    def after_play(self, table: NDArray[np.float32], mixture: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """float32[n] for each of `names` from float32[n, COLUMNS]: what comes of it if it is played."""
        columns = len(COLUMNS)
        told = standard(table, self.mean, self.scale) @ self.heads[:, :columns].T
        told += self.heads[:, columns:-1] @ mixture + self.heads[:, -1]
        told = told * self.lines[:, 0] + self.lines[:, 1]
        return {
            name: np.exp(np.minimum(told[:, place], _MOST_LOG)) if name == MINUTES else chance(told[:, place])
            for place, name in enumerate(self.names)
        }

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """All parameters, by name."""
        own = {name: getattr(self, name) for name in ("heads", "lines", "play", "mean", "scale")}
        return own | {"rates": self.rates.table, "usual": self.rates.usual}

    def save(self, folder: Path) -> None:
        """Writes an array a file, and outcomes.json, which names columns, horizons, outcomes and what is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.arrays().items():
            np.save(folder / f"{name}.npy", array)
        stated = {"columns": COLUMNS, "horizons": HORIZONS, "names": self.names, "missing": self.missing}
        (folder / "outcomes.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> OutcomeModel | None:
        """Reads what `save` wrote; None where there is none, or it reads other columns than there are today."""
        if not (folder / "outcomes.json").is_file():
            return None
        stated = msgspec.json.decode((folder / "outcomes.json").read_bytes())
        if tuple(stated["columns"]) != COLUMNS or tuple(stated["horizons"]) != HORIZONS:
            return None
        read = {name: np.load(folder / f"{name}.npy") for name in ("heads", "lines", "play", "mean", "scale")}
        rates = TitleRates(np.load(folder / "rates.npy"), np.load(folder / "usual.npy"))
        return cls(tuple(stated["names"]), **read, rates=rates, missing=dict(stated["missing"]))


def standard(table: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """The columns as the heads read them."""
    found: NDArray[np.float32] = np.clip((table - mean) * scale, -_FAR, _FAR)
    return found


def log_sum(scores: NDArray[np.float32]) -> np.float32:
    """The log of the sum of the odds."""
    most = scores.max(initial=-np.inf)
    return np.float32(most + np.log(np.exp(scores - most).sum())) if np.isfinite(most) else np.float32(0)


def chance(log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds as chances."""
    found: NDArray[np.float32] = (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)
    return found
