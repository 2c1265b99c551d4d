"""What the fold of features reads and keeps, as rows of numpy arrays.

Signals are events as they arrived; a *trail* is what is kept of one profile's signals: three rings of rows, each with a
cap, and a standing. Integers and unchanged or largest floats only, no sums: so a trail is the same, bit for bit,
however its signals were cut into batches. Sums and decays are made when a feature is read.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR, MINUTE
from frontrow.events.event import TYPE_NUMBER

SIGNAL: Final = np.dtype(
    [
        ("offset", np.int64), ("at", np.int64), ("profile", np.int64), ("joined", np.int64), ("playback", np.int64),
        ("title", np.int32),
        ("seconds", np.float32), ("fraction", np.float32), ("value", np.float32), ("tz", np.int16),
        ("type", np.int8), ("device", np.int8),
    ]
)  # fmt: skip
"""One event that may be learned from. Times in microseconds UTC, `tz` in minutes (0: not said), NaN and -1 absent,
`playback` a 64-bit hash (0: no id). `joined` is the offset of the merge
that made the event this profile's, 0 for its own."""

ROW: Final = np.dtype(
    [
        ("offset", np.int64), ("last", np.int64), ("profile", np.int64), ("at", np.int64), ("until", np.int64),
        ("playback", np.int64), ("title", np.int32), ("seconds", np.float32), ("fraction", np.float32),
        ("weight", np.float32), ("hour", np.int16), ("type", np.int8), ("device", np.int8),
    ]
)  # fmt: skip
"""One row of a ring: an event, or all events of one playback. `offset` and `at` are those of its first event to arrive,
`last` the offset and `type` the type of the last, `until` the largest `at`; `seconds` and `weight` the largest so far,
`fraction` the latest, `hour` the local hour of the week at `at` (0: Monday 00:00 to 167)."""

STANDING: Final = np.dtype(
    [
        ("offset", np.int64), ("profile", np.int64), ("first_at", np.int64), ("newest_at", np.int64),
        ("session", np.int64), ("session_at", np.int64), ("count", np.int64), ("type", np.int8),
    ]
)  # fmt: skip
"""Where a profile stands after an event: `session` is the offset at which the running session began and `session_at`
that event's `at`; `count` the events so far."""

PLAYED: Final = "played"
SHOWN: Final = "shown"
ACTED: Final = "acted"
CAPS: Final = {PLAYED: 512, SHOWN: 512, ACTED: 256}
"""Rings and how many rows each keeps of a profile, the latest to arrive. Playbacks, ratings and `unwatch`; impressions;
everything else."""

SESSION_GAP: Final = 30 * MINUTE
PLAYBACK_LIMIT: Final = 4 * HOUR
"""A playback without an id ends at its `stop`, or so long after it began."""

PLAY_TYPES: Final = np.array([TYPE_NUMBER[name] for name in ("play", "progress", "stop")], np.int8)
RATE: Final = TYPE_NUMBER["rate"]
UNWATCH: Final = TYPE_NUMBER["unwatch"]
STOP: Final = TYPE_NUMBER["stop"]
IMPRESSION: Final = TYPE_NUMBER["impression"]
SELECT: Final = TYPE_NUMBER["select"]
SEARCH: Final = TYPE_NUMBER["search"]
SESSION_START: Final = TYPE_NUMBER["session_start"]
SESSION_END: Final = TYPE_NUMBER["session_end"]

_RING_OF: Final = np.full(128, list(CAPS).index(ACTED), np.int8)
_RING_OF[[*PLAY_TYPES.tolist(), RATE, UNWATCH]] = list(CAPS).index(PLAYED)
_RING_OF[IMPRESSION] = list(CAPS).index(SHOWN)

Signals = NDArray[np.void]
Rows = NDArray[np.void]


_BYTES: Final = np.dtype((np.void, ROW.itemsize))  # numpy moves them many times as fast as fields


def copied(rows: Rows) -> Rows:
    """Rows to write to."""
    return rows.view(_BYTES).copy().view(ROW)


def appended(ring: Rows, rows: Rows, cap: int) -> Rows:
    """A ring with further rows, the latest `cap` of all; nothing of what leaves it is held on to."""
    kept = ring[max(0, len(ring) + len(rows) - cap) :]
    return np.concatenate([kept.view(_BYTES), rows[-cap:].view(_BYTES)]).view(ROW)


def ring_numbers(signals: Signals) -> NDArray[np.int8]:
    """Which ring each signal goes to, as a place in CAPS."""
    numbers: NDArray[np.int8] = _RING_OF[signals["type"]]
    return numbers


class SignalLog(Protocol):
    """What features ask of the log. Signals are events with consent, as they came."""

    def signals(self, after: int = 0) -> Signals:
        """SIGNAL rows of all profiles that consent today, offsets above `after`, in order of offset."""
        ...

    def signals_of(self, profile: int, after: int = 0, most: int | None = None) -> Signals:
        """SIGNAL rows of one profile number, offsets above `after`, in order of offset, the first `most` of them."""
        ...
