"""What was served: the log of pages and lists, from which further rows, attribution and learning come.

A page is laid down whole, with the rows that were not asked for yet, as columns: per slot the title, its score, the
source that spoke for it, the title it was explained by, its propensity and its origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import format_time
from frontrow.people.store import Stranger

MODEL, EXPLORE, CURATED, PROMOTED = "model", "explore", "curated", "promoted"
"""Where a slot came from."""


class ServedRow(msgspec.Struct, gc=False, array_like=True):
    """One row as columns. `titles` and `because` are little-endian int32 (−1: none), `scores` float32, `sources`
    indexes into the page's sources."""

    row_id: str
    kind: str
    title: str
    code: str
    reason: str
    reason_because: int
    least: int
    titles: bytes
    scores: bytes
    sources: bytes
    because: bytes

    def numbers(self) -> NDArray[np.int32]:
        """Title numbers, in order."""
        return np.frombuffer(self.titles, np.int32)


class Basis(msgspec.Struct, gc=False, array_like=True):
    """What, beside model, offset, moment and context, an answer was made from: with those, what it was made of can be
    computed again (`recommend.recomputation`).

    `profile` (0: nobody known) and `generation` say whose events, `viewer_offset` up to which log offset, `past`
    whether only those dated up to the moment. `country` is the one that held, `hour` and `device` the moment
    (features.moments.Moment; what else was said of it is the page's `context`), `personal` whether history counted,
    `history` how many interactions at most. The catalogue stood at `titles_version` with numbers below `titles`; views
    had been counted again `recounts` times (events.log.Head).
    """

    profile: int
    generation: int
    viewer_offset: int
    past: bool
    country: str | None
    personal: bool
    titles_version: int
    titles: int
    recounts: int
    hour: int
    device: int
    history: int


class Chance(msgspec.Struct, gc=False, array_like=True):
    """The slot of a page that was left to chance: `title` is in it, `instead` what the models put there; `explored`
    whether the title was drawn from a pool of so many; `propensity` that the slot came to hold what it holds."""

    row_id: str
    column: int
    title: int
    instead: int
    explored: bool
    propensity: float
    pool: int


class Tail(msgspec.Struct, gc=False, array_like=True):
    """Rows from place `first` on that were laid anew, when they were asked for and the viewer had done something since:
    the moment, the log's head, the model and the basis that took the place of the page's."""

    first: int
    now: int
    offset: int
    model: str
    basis: Basis


class ServedPage(msgspec.Struct, gc=False, array_like=True):
    """A page or list as laid down. `now` is the moment answered for, `offset` the log's head, microseconds and offset.

    `propensity` is that of the page given its arm, and of every slot but that in `chance` it is 1; `origin` is that of
    every slot, but EXPLORE of the one in `chance` if it was explored. `experiments` holds the
    variant of each experiment in which the viewer was randomised: this entry is an exposure to it. `took_ms` is how
    long a page took from the request to here (None: not measured). `aside`: no viewer's, but asked by staff or for a
    moment of its own (`at`); it counts in no metric and is no exposure. `shown` rows have been answered so far; `deeds`
    is how many of the viewer's events said something (viewer.deeds_of) when what has not been shown was laid last.
    `weights`: those that joined the outcomes (recommend.outcomes.version_of), empty where the order was by what is
    played alone.
    """

    page_id: str
    profile_id: str | None
    now: int
    offset: int
    model: str
    degraded: str | None
    country: str | None
    language: str | None
    device: str | None
    context: dict[str, object]
    asked: str
    columns: int
    shown: int
    sources: list[str]
    rows: list[ServedRow]
    propensity: float = 1.0
    origin: str = MODEL
    experiments: dict[str, str] = {}
    took_ms: float | None = None
    basis: Basis | None = None
    aside: bool = False
    deeds: int = 0
    tails: list[Tail] = []
    weights: str = ""
    chance: Chance | None = None

    def as_json(self, ids: Sequence[str]) -> dict[str, Any]:
        """The page in words; `ids` are title ids by number."""
        rows = [
            {
                "row_id": row.row_id,
                "kind": row.kind,
                "title": row.title,
                "items": [ids[number] for number in row.numbers().tolist()],
            }
            for row in self.rows
        ]
        return {
            "page_id": self.page_id,
            "asked": self.asked,
            "generated_at": format_time(self.now),
            "model": self.model,
            "country": self.country,
            "language": self.language,
            "device": self.device,
            "context": self.context,
            "experiments": self.experiments,
            "outcome_weights": self.weights,
            "rows_shown": self.shown,
            "propensity": self.propensity,
            "chance": self._chance(ids),
            "rows": rows,
        }

    def _chance(self, ids: Sequence[str]) -> dict[str, Any] | None:
        left = self.chance
        if left is None:
            return None
        return {
            "row_id": left.row_id, "column": left.column, "title_id": ids[left.title], "instead": ids[left.instead],
            "origin": EXPLORE if left.explored else self.origin, "propensity": left.propensity, "pool": left.pool,
        }  # fmt: skip


class StoredPage(Protocol):
    """One entry of the served log."""

    @property
    def body(self) -> bytes: ...
    @property
    def created_at(self) -> int: ...
    @property
    def profile(self) -> int | None: ...
    @property
    def stranger(self) -> Stranger | None: ...


class ServedLog(Protocol):
    """Keeps what was served. Reads see what any process has put, at once."""

    def new_id(self, prefix: str) -> str:
        """A new id: unguessable, and telling where it is kept; one that tells nothing when nothing can be kept."""
        ...

    def put(
        self, page_id: str, profile: int | None, created_at: int, body: bytes, stranger: Stranger | None = None
    ) -> None:
        """Keeps one page; `profile` is a profile number or None for an unknown one (`stranger` tells it if it comes to
        be known), `created_at` wall time."""
        ...

    def amend(self, page_id: str, before: bytes, body: bytes) -> bool:
        """Replaces a page's body `before`, in whichever process's log it is; False, and nothing done, where it is
        another by now."""
        ...

    def put_inputs(self, page_id: str, profile: int | None, created_at: int, body: bytes) -> None:
        """Keeps what a page of the sample was made of, as long as the page."""
        ...

    def sampled(self, most: int) -> Sequence[tuple[bytes, bytes]]:
        """The latest pages whose inputs are kept, at most so many: bodies of page and inputs."""
        ...

    def get(self, page_id: str) -> StoredPage | None: ...

    def erase(self, number: int, profile_ids: Sequence[str] = ()) -> int:
        """Erases what was served to a profile; how many entries went."""
        ...


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ServedPage).decode


def encode_page(page: ServedPage) -> bytes:
    """The page as kept."""
    return _encode(page)


def decode_page(body: bytes) -> ServedPage:
    """A kept page."""
    return _decode(body)
