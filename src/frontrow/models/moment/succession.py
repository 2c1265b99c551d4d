"""What leads on to what, and what goes with the sitting: by what titles share.

Two parts, each a product of what a title is and what was watched. `order`: how much likelier (log-odds) a title is
chosen right after the latest one, by the traits of both. `sitting`: how much likelier after what was watched in the
sitting that is going on, beyond that order: a sitting has an intent that its first plays betray. A title that nobody
has watched yet leads on and fits in by its traits. `succession_fit` says how they are learned, and when a part is
silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR
from frontrow.models.query import Query

PARTS: Final = ("order", "sitting")
SITTING: Final = 4 * HOUR
"""Longest time from one play's beginning to the next one's in a sitting."""
GAP_EDGES: Final = (DAY, 4 * DAY)
"""Times since the latest play from which what it leads on to counts otherwise."""
GAPS: Final = len(GAP_EDGES) + 1


def gap_of(elapsed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of GAPS a time since the latest play (microseconds) is."""
    return np.searchsorted(np.array(GAP_EDGES), elapsed, side="left")


@dataclass(frozen=True)
class Part:
    """`title` and `after`, float32[names, rank] each: a title's traits times `title`, times what was watched before
    times `after`, is what the part says. Of rank 0 it is silent."""

    title: NDArray[np.float32]
    after: NDArray[np.float32]

    @property
    def rank(self) -> int:
        """How many numbers stand for a title."""
        return int(self.title.shape[1])


@dataclass(frozen=True)
class SuccessionModel:
    """The parts, the `names` of the traits they read, and `fading` float32[GAPS]: how much the order counts after each
    gap; `usual`, its mean: where it is not known how much time has passed.
    `strength` are the ridges (of the order, of the sitting) that were chosen."""

    names: tuple[str, ...]
    order: Part
    sitting: Part
    fading: NDArray[np.float32]
    usual: float
    strength: tuple[float, float] = (0.0, 0.0)

    @property
    def parts(self) -> dict[str, Part]:
        """Its parts by name."""
        return {"order": self.order, "sitting": self.sitting}

    @property
    def silent(self) -> bool:
        """Whether it says nothing at all."""
        return not self.order.rank and not self.sitting.rank

    @property
    def rows(self) -> int:
        """Numbers that it keeps of each title."""
        return 2 * (self.order.rank + self.sitting.rank)

    def table(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[rows, titles] of titles by their traits, float32[titles, names]: for each part what they are as the
        title in question, then as one watched before."""
        factors = np.hstack([self.order.title, self.order.after, self.sitting.title, self.sitting.after])
        table: NDArray[np.float32] = factors.T @ matrix.T
        return table

    def score(self, query: Query, table: NDArray[np.float32], part: str, n_titles: int) -> NDArray[np.float32] | None:
        """float32[titles of the table, n_titles at most]: what one of PARTS says of titles, by what `table` made of
        them; None where it says nothing."""
        own = self.parts[part]
        watched = np.flatnonzero((query.weights > 0) & (query.titles >= 0) & (query.titles < table.shape[1]))
        if not own.rank or not len(watched):
            return None
        first = 0 if part == "order" else 2 * self.order.rank
        title, after = table[first : first + own.rank, :n_titles], table[first + own.rank : first + 2 * own.rank]
        elapsed = query.elapsed
        if part == "order":
            factor = self.usual if elapsed is None else float(self.fading[gap_of(np.array([elapsed]))[0]])
            reading: NDArray[np.float32] = after[:, query.titles[watched[-1]]] * np.float32(factor)
        else:
            if elapsed is None or elapsed > SITTING:
                return None
            going_on = query.titles[watched[_sitting_began(query.at[watched]) :]]
            reading = after[:, np.unique(going_on)].mean(axis=1).astype(np.float32)
        said: NDArray[np.float32] = reading @ title
        return said

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """All numbers, by name."""
        told = {"fading": self.fading}
        for name, part in self.parts.items():
            told |= {f"{name}_title": part.title, f"{name}_after": part.after}
        return told

    def save(self, folder: Path) -> None:
        """Writes an array a file, and succession.json."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.arrays().items():
            np.save(folder / f"{name}.npy", array)
        stated = {"names": self.names, "usual": self.usual, "strength": self.strength}
        (folder / "succession.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> SuccessionModel:
        """Reads what `save` wrote; a silent one where there is nothing."""
        if not (folder / "succession.json").is_file():
            return NO_SUCCESSION
        stated = msgspec.json.decode((folder / "succession.json").read_bytes())
        order, sitting = (
            Part(np.load(folder / f"{part}_title.npy"), np.load(folder / f"{part}_after.npy")) for part in PARTS
        )
        fading, strength = np.load(folder / "fading.npy"), (float(stated["strength"][0]), float(stated["strength"][1]))
        return cls(tuple(stated["names"]), order, sitting, fading, float(stated["usual"]), strength)


def _sitting_began(at: NDArray[np.int64]) -> int:
    """The place of the first play of the sitting that the last one, of ascending moments, is of."""
    apart = np.flatnonzero(np.diff(at) > SITTING)
    return int(apart[-1]) + 1 if len(apart) else 0


def nothing(names: int = 0) -> Part:
    """A part that is silent."""
    return Part(np.zeros((names, 0), np.float32), np.zeros((names, 0), np.float32))


NO_SUCCESSION: Final = SuccessionModel((), nothing(), nothing(), np.ones(GAPS, np.float32), 1.0)
