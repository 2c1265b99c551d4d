"""The sequence model as it serves: numpy alone, with the keys and values of past interactions kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.features.moments import NO_FIELDS, Fields, cells_of_one, fields_from
from frontrow.models.query import Query
from frontrow.models.sequence.forward import Shape, ask, embed, encode, further
from frontrow.models.sequence.kept import Kept, Remembered
from frontrow.models.sequence.tokens import (
    FIRST,
    HORIZONS,
    Tokens,
    gap_bucket,
    gaps_before,
    minutes_since,
    strength_bucket,
)

FORM: Final = 4
"""Rises when the weights' names or meaning change: a model of another form is not read."""
FORM_OF_FIELDS: Final = 5
"""That of a model that knows fields of the context; without them it has the form above, as before there were any."""
KEPT_BYTES: Final = 64_000_000
_LITTLE_WATCHED: Final = 0.25


def new_bias(bias: NDArray[np.float32]) -> np.float32:
    """The bias of a title that nobody has watched yet: that of one with few viewers."""
    return np.float32(np.quantile(bias, _LITTLE_WATCHED)) if len(bias) else np.float32(0)


@dataclass(frozen=True)
class SequenceModel:
    """A trained network.

    `weights` by name (fit.py names them), without those of single titles; `vectors` float32[n_titles, d] of all titles
    known when it was trained, identity and content together; `bias` float32[n_titles]; `context` the most interactions
    that are read; `countries` by number from 1 on; `fields` of the context that it knows.
    """

    weights: dict[str, NDArray[np.float32]]
    vectors: NDArray[np.float32]
    bias: NDArray[np.float32]
    shape: Shape
    context: int
    countries: tuple[str, ...] = ()
    kept: Kept = field(default_factory=lambda: Kept(KEPT_BYTES), compare=False, repr=False)
    fields: Fields = NO_FIELDS

    def score(self, query: Query, content: NDArray[np.float32], n_titles: int) -> NDArray[np.float32]:
        """float32[3, n_titles]: logits for each of HORIZONS, for a query with a history.

        `content` is float32[., 128] by title number: titles newer than the model are read by it, and where it lacks
        them they score as the worst.
        """
        state = self.state(query, content)
        count = len(HORIZONS)
        latest = query.at[np.flatnonzero(query.titles >= 0)[-1]]
        gap = np.repeat(gap_bucket(np.array([query.now - latest])) if query.timed else np.zeros(1, np.int32), count)
        country = np.full(count, self._country(query.country), np.int32)
        horizon = np.arange(count)
        read = further(np, self.weights, np.tile(state, (count, 1)), horizon)
        unknown = self.fields.cells
        place = [unknown if cell is None else cell for cell in cells_of_one(query.moment, self.fields)]
        cells = np.array([place]).repeat(count, 0)
        asked = ask(np, self.weights, read, gap, horizon, country, cells)
        known = min(n_titles, len(self.vectors))
        scores = np.empty((count, n_titles), np.float32)
        for row, of_one in zip(scores, asked, strict=True):  # three products with a vector cost half of one with three
            np.dot(self.vectors[:known], of_one, out=row[:known])
        scores[:, :known] += self.bias[:known]
        if known < n_titles:
            worst = scores[:, :known].min(axis=1, keepdims=True, initial=0)
            newer = content[known:n_titles]
            told = asked @ (newer @ self.weights["content"]).T + new_bias(self.bias)
            scores[:, known:] = worst
            scores[:, known : known + len(newer)] = np.where(newer.any(axis=1), told, worst)
        return scores

    def state(self, query: Query, content: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[d] after the latest interaction, carried on from what is kept where that helps.

        It is the same to rounding whatever is kept, so every worker answers alike.
        """
        tokens = self.read(query)
        about = self.about(tokens.title, content)
        done, before = self.kept.longest(tokens, about)
        if before is not None and done == len(tokens.title):
            return before.state
        vectors = self._vectors(tokens.title[done:], content)
        entering = embed(self.weights, vectors, tokens.strength[done:], tokens.gap[done:])
        past = None if before is None else before.past
        states, past = encode(np, self.weights, self.shape, entering, tokens.minutes[done:], past, latest=True)
        self.kept.keep(tokens, about, Remembered(past, states[-1].copy()))
        last: NDArray[np.float32] = states[-1]
        return last

    def read(self, query: Query) -> Tokens:
        """The latest interactions, at most `context`; what was disliked or hardly begun is read as such.

        Where they begin follows from the length of the whole history alone and moves on by half a context at a time,
        so that most new interactions only carry on what is kept.
        """
        says = np.flatnonzero(query.titles >= 0)
        stride = max(self.context // 2, 1)
        chosen = says[max(0, -(-(len(says) - self.context) // stride) * stride) :]
        at = query.at[chosen]
        gap = gap_bucket(gaps_before(at))
        gap[0] = FIRST if chosen[0] == says[0] else 0
        return Tokens(
            query.titles[chosen].astype(np.int32, copy=False),
            strength_bucket(query.weights[chosen]),
            gap,
            minutes_since(at, int(at[0])),
        )

    def about(self, title: NDArray[np.int32], content: NDArray[np.float32]) -> NDArray[np.int64]:
        """int64[t]: a mark of the content that each title is read by, 0 for those that the model has vectors of:
        a title that is newer than it may be described anew."""
        marks = np.zeros(len(title), np.int64)
        for place in np.flatnonzero((title >= len(self.vectors)) & (title < len(content))).tolist():
            marks[place] = hash(content[title[place]].tobytes())
        return marks

    def _vectors(self, title: NDArray[np.int32], content: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[t, d] of titles, those newer than the model by their content, or 0."""
        known = (title >= 0) & (title < len(self.vectors))
        vectors = np.zeros((len(title), self.vectors.shape[1]), np.float32)
        vectors[known] = self.vectors[title[known]]
        newer = ~known & (title >= 0) & (title < len(content))
        vectors[newer] = content[title[newer]] @ self.weights["content"]
        return vectors

    def _country(self, country: str | None) -> int:
        return self.countries.index(country) + 1 if country in self.countries else 0

    def save(self, folder: Path) -> None:
        """Writes an array a file, and sequence.json."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in (*self.weights.items(), ("vectors", self.vectors), ("bias", self.bias)):
            np.save(folder / f"{name}.npy", array)
        stated: dict[str, Any] = {
            "form": FORM, "blocks": self.shape.blocks, "heads": self.shape.heads, "context": self.context,
            "countries": self.countries, "weights": sorted(self.weights),
        }  # fmt: skip
        if self.fields:
            stated |= {"form": FORM_OF_FIELDS, "fields": self.fields.known}
        (folder / "sequence.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> SequenceModel | None:
        """Reads what `save` wrote, mapped into memory; None where there is none, or it has another form."""
        if not (folder / "sequence.json").is_file():
            return None
        stated = msgspec.json.decode((folder / "sequence.json").read_bytes())
        if stated.get("form") not in (FORM, FORM_OF_FIELDS):
            return None

        def read(name: str) -> NDArray[np.float32]:
            mapped: NDArray[np.float32] = np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray)
            return mapped  # as a plain array: a memmap is slow to index

        return cls(
            {name: read(name) for name in stated["weights"]}, read("vectors"), read("bias"),
            Shape(int(stated["blocks"]), int(stated["heads"])), int(stated["context"]), tuple(stated["countries"]),
            fields=fields_from(stated.get("fields", ())),
        )  # fmt: skip
