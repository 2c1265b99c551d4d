"""The ranker as it serves: a small feed-forward network over a candidate's columns, in numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.models.blend import HORIZONS
from frontrow.models.names import FEATURES
from frontrow.models.ranker.columns import COLUMNS

SHORTLIST: Final = 200
"""Titles that the blend puts forward for each horizon; the ranker orders these."""
CLIP: Final = 8.0
"""Standard deviations beyond which a feature says no more to the ranker (the blend takes it as it is)."""
_FAR: Final = 5.0

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class Ranker:
    """What to add to a candidate's blended score, in the blend's unit (log odds of being chosen from the candidates).

    `layers`: weights float32[in, out] and biases float32[out]; the first reads the COLUMNS, brought to mean 0 and
    deviation 1 by `mean` and `scale`, and the horizon. `trust` float32[3], by HORIZONS: how much of its answer is
    added, 0 where it did not help viewers that it was not trained on.
    """

    layers: tuple[Layer, ...]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    trust: NDArray[np.float32]

    def added(self, table: NDArray[np.float32], mixture: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[horizons, candidates] from the candidates' table and, for each horizon asked, its shares of HORIZONS
        (float32[horizons, 3])."""
        weights, bias = self.layers[0]
        columns = len(self.mean)
        entering = self.standard(table) @ weights[:columns] + bias
        return np.stack([
            self._after(entering + shares @ weights[columns:]) * (shares @ self.trust) for shares in mixture
        ]).astype(np.float32)  # fmt: skip

    def standard(self, table: NDArray[np.float32], in_place: bool = False) -> NDArray[np.float32]:
        """The table as the first layer reads it."""
        table = table if in_place else table.copy()
        said = table[:, : len(FEATURES)]
        np.clip(said, -CLIP, CLIP, out=said)
        standard = np.subtract(table, self.mean, out=table)
        standard *= self.scale
        return np.clip(standard, -_FAR, _FAR, out=standard)

    def _after(self, entering: NDArray[np.float32]) -> NDArray[np.float32]:
        state = np.maximum(entering, 0)
        for weights, bias in self.layers[1:-1]:
            state = np.maximum(state @ weights + bias, 0)
        weights, bias = self.layers[-1]
        answer: NDArray[np.float32] = (state @ weights + bias)[:, 0]
        return answer

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """All parameters, by name."""
        named = {"mean": self.mean, "scale": self.scale, "trust": self.trust}
        for number, (weights, bias) in enumerate(self.layers):
            named |= {f"weights{number}": weights, f"bias{number}": bias}
        return named

    def save(self, folder: Path) -> None:
        """Writes an array a file, and ranker.json, which names the columns."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.arrays().items():
            np.save(folder / f"{name}.npy", array)
        stated = {"columns": COLUMNS, "horizons": HORIZONS, "layers": len(self.layers)}
        (folder / "ranker.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> Ranker | None:
        """Reads what `save` wrote; None where there is none, or it reads other columns than there are today."""
        if not (folder / "ranker.json").is_file():
            return None
        stated = msgspec.json.decode((folder / "ranker.json").read_bytes())
        if tuple(stated["columns"]) != COLUMNS or tuple(stated["horizons"]) != HORIZONS:
            return None

        def read(name: str) -> NDArray[np.float32]:
            array: NDArray[np.float32] = np.load(folder / f"{name}.npy")
            return array

        layers = tuple((read(f"weights{number}"), read(f"bias{number}")) for number in range(int(stated["layers"])))
        return cls(layers, read("mean"), read("scale"), read("trust"))


def shortlist(blended: NDArray[np.float32], among: NDArray[np.bool_], most: int = SHORTLIST) -> NDArray[np.int64]:
    """Numbers, ascending, of the titles to rank again: the best `most` by scores float32[titles], `among` bool[titles],
    that are not -inf. No score may be NaN."""
    scores = np.where(among, blended, np.float32(-np.inf))
    best = np.arange(len(scores))
    if len(scores) > most:
        best = np.sort(np.argpartition(scores, len(scores) - most)[len(scores) - most :])
    return best[np.isfinite(scores[best])]
