"""What suits a moment: the local hour, the weekday, the device, and what else is said of it (`context.NAME`).

A leaning s(title, cell) says how much likelier (log-odds) a title is chosen in a cell of an axis, one hour, say. It
comes from the title's traits, and a part of its own; a moment's is the sum over the axes that are known. `context_fit`
says how they are learned. What a viewer usually does is taken off: s(title, moment) less the mean of s over the moments
at which this viewer watches, as everything else that is known of the viewer was learned at those. Of fields of the
context, which no habit is kept of, what everybody usually says is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.features.habits import habit_of
from frontrow.features.moments import AXES, CELLS, NO_FIELDS, NO_MOMENT, Fields, cells_of_one, fields_from
from frontrow.models.query import Query

HABIT_PRIOR = 10.0
"""Playbacks that everybody's habits weigh against a viewer's own."""
_SIZES = [axis.stop - axis.start for axis in AXES.values()]


@dataclass(frozen=True)
class ContextModel:
    """`weights` float32[len(names), cells] is what a unit of each trait says for each cell; `own` float32[titles,
    cells] titles' own parts; `usual` float32[cells] everybody's habit, each axis summing to 1. `strength` are the
    ridges (of traits, of own parts) that were chosen; None: nothing was found, and the model is silent. `fields` are
    those of the context that say something; without any, cells are CELLS."""

    names: tuple[str, ...]
    weights: NDArray[np.float32]
    own: NDArray[np.float32]
    usual: NDArray[np.float32]
    strength: tuple[float, float] | None
    fields: Fields = NO_FIELDS

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.fields.cells

    @property
    def silent(self) -> bool:
        """Whether it says nothing of any title."""
        return self.strength is None

    def table(self, matrix: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Leanings float32[cells, len(numbers)] of titles by their traits (float32[len(numbers), len(names)])."""
        table: NDArray[np.float32] = self.weights.T @ matrix.T
        known = np.flatnonzero(numbers < len(self.own))
        table[:, known] += self.own[numbers[known]].T
        return table

    def reading(self, query: Query) -> NDArray[np.float32]:
        """float32[cells]: what a query's moment takes of each cell, less what is usual for its viewer."""
        moment = query.moment
        if self.silent or moment == NO_MOMENT:
            return np.zeros(self.cells, np.float32)
        reading = -self._habit(query)
        for axis, cell in zip(self.fields.axes.values(), cells_of_one(moment, self.fields), strict=True):
            never = cell is not None and cell >= CELLS and not self.usual[cell]
            if cell is None or never or not self.usual[axis].any():
                reading[axis] = 0
            else:
                reading[cell] += 1
        return reading

    def _habit(self, query: Query) -> NDArray[np.float32]:
        """The viewer's own, drawn to everybody's by HABIT_PRIOR playbacks."""
        if query.hours is None or query.devices is None or not len(query):
            return self.usual
        own, known = habit_of(query.hours, query.devices, query.at)
        share = np.repeat(known / (known + HABIT_PRIOR), _SIZES)
        habit = self.usual.copy()
        habit[:CELLS] = (1 - share) * self.usual[:CELLS] + share * own
        return habit

    def save(self, folder: Path) -> None:
        """Writes weights.npy, own.npy, usual.npy and context.json."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("weights", "own", "usual"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        stated: dict[str, Any] = {"names": self.names, "strength": self.strength}
        if self.fields:
            stated["fields"] = self.fields.known
        (folder / "context.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> ContextModel:
        """Reads what `save` wrote."""
        stated = msgspec.json.decode((folder / "context.json").read_bytes())
        strength = stated["strength"]
        weights, own, usual = (np.load(folder / f"{name}.npy") for name in ("weights", "own", "usual"))
        chosen = None if strength is None else (float(strength[0]), float(strength[1]))
        return cls(tuple(stated["names"]), weights, own, usual, chosen, fields_from(stated.get("fields", ())))


def silent(usual: NDArray[np.float32] | None = None) -> ContextModel:
    """A model that says nothing."""
    nothing = np.zeros((0, CELLS), np.float32)
    return ContextModel((), nothing, nothing, np.zeros(CELLS, np.float32) if usual is None else usual, None)


SILENT = silent()
