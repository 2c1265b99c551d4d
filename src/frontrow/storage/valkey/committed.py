"""What was committed since: read from the database, in parts that Valkey takes in one go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from frontrow.core.clock import Micros
from frontrow.events.log import ProfileEvent
from frontrow.experiments.design.store import ControlStore
from frontrow.storage.database import Readers
from frontrow.storage.event_columns import read_columns
from frontrow.storage.event_log import read_head
from frontrow.storage.event_rows import to_fold
from frontrow.storage.signals import read_signals
from frontrow.storage.state_changes import Change, changes_after, newest_change
from frontrow.storage.titles import SELECT_CHANGED, to_numbered
from frontrow.storage.valkey.form import Told, encode, events_bytes, feed_part, place_of, title_bytes

EVENTS: Final = 1_000
TITLES: Final = 1_000
FAR: Final = 50_000
"""Offsets behind, from which on folds are made anew when asked for rather than taken on."""

_EVENTS: Final = (
    "SELECT profile, offset, at, type, title, seconds, fraction, value, playback_id, device, tz_offset_minutes, learn"
    " FROM events WHERE offset > ? ORDER BY offset LIMIT ?"
)

LONGEST: Final = 64
"""Events of one profile in one part; with more its folds go, and are made anew when they are asked for."""


@dataclass
class Work:
    """What Valkey is to do for a part: forget all it held (`anew`), of the feed what is before `oldest`; let keys of
    profiles go (`gone`); append to those of others, where it holds them; take up parts of the feed, titles (number,
    version, record), changes, and all experiments (b"": as they are). `rewriting` changes what the feed holds."""

    anew: bool
    oldest: int
    gone: list[int]
    changes: list[tuple[int, bytes]]
    rewriting: list[Change]
    viewer: dict[int, bytes] = field(default_factory=dict)
    trail: dict[int, bytes] = field(default_factory=dict)
    feed: list[tuple[int, bytes]] = field(default_factory=list)
    titles: list[tuple[int, int, bytes]] = field(default_factory=list)
    experiments: bytes = b""

    def arguments(self) -> list[bytes | int]:
        """As the script `PUBLISH` takes it."""
        counted = (
            [(number,) for number in self.gone], self.viewer.items(), self.trail.items(), self.feed, self.titles,
            self.changes,
        )  # fmt: skip
        flat: list[bytes | int] = [int(self.anew), self.oldest, self.experiments]
        for rows in counted:
            flat.append(len(rows))
            for row in rows:
                flat.extend(row)
        return flat


class Committed:
    """Any thread may ask. `feed` is how many offsets back the feed reaches; `token()` is another text each time."""

    def __init__(
        self, readers: Readers, experiments: ControlStore, default_consent: bool, feed: int, token: Callable[[], str]
    ) -> None:
        self._readers, self._experiments, self._token = readers, experiments, token
        self._default_consent, self._feed = default_consent, feed

    def stand(self) -> tuple[int, int]:
        """The log's offset and the number of the latest change, as of one moment."""
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            return read_head(connection).offset, newest_change(connection)

    def after(self, told: Told, fresh: bool) -> tuple[Told, Work, bool]:
        """Where the state stands once a part of what is new is told, that part, and whether it is the last. `fresh`:
        nothing is told yet. A part holds some events and some titles, and all changes at once.

        What profiles' keys hold is void (a new epoch) where the log's past changed in a way that is not noted, or the
        state is far behind.
        """
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            head = read_head(connection)
            changes = changes_after(connection, told.changes)
            newest = newest_change(connection)
            rewritten = sum(change.kind != "profile" for change in changes or ())
            if fresh or changes is None or head.rewrites != told.rewrites + rewritten or _far(head.offset, told):
                told = Told(
                    told.workspace, told.form, told.clock, self._token(), max(0, head.offset - self._feed),
                    rewrites=head.rewrites, changes=newest,
                )  # fmt: skip
                changes, fresh = [], True
            work = _work(changes, fresh, max(0, head.offset - self._feed))
            offset = _events(connection, told.offset, self._default_consent, work)
            offset = head.offset if offset is None else offset
            titles, told_titles = _titles(connection, told.titles, work)
        version = self._experiments.version()
        if version != told.experiments or fresh:
            stored = self._experiments.everything()
            work.experiments = encode({key: tuple(each) for key, each in stored.items()})
        done = offset == head.offset and told_titles == titles
        at, seen = head.newest_at, Micros(head.newest_seen)
        stands = Told(
            told.workspace, told.form, told.clock, told.epoch, offset, at, seen, head.rewrites, told_titles, version,
            newest, done,
        )  # fmt: skip
        return stands, work, done


def _far(offset: int, told: Told) -> bool:
    """Whether taking on what is held would take longer than making it anew; not while just that is being done."""
    return (told.whole and offset - told.offset > FAR) or offset < told.offset


def _work(changes: list[Change], anew: bool, oldest: int) -> Work:
    return Work(
        anew=anew,
        oldest=oldest,
        gone=sorted({number for change in changes for number in change.numbers}),
        changes=[(change.change, encode(tuple(change))) for change in changes],
        rewriting=[change for change in changes if change.kind != "profile"],
    )


def _events(connection: sqlite3.Connection, after: int, default_consent: bool, work: Work) -> int | None:
    """Adds the next events to the work; the last one's offset, None if there are no more after them."""
    rows = connection.execute(_EVENTS, (after, EVENTS)).fetchall()
    if not rows:
        return None
    last = int(rows[-1][1])
    events: dict[int, list[ProfileEvent]] = {}
    for profile, *row in rows:
        events.setdefault(profile, []).append(to_fold(tuple(row)))
    work.viewer = {number: events_bytes(own) if len(own) <= LONGEST else b"" for number, own in events.items()}
    signals = read_signals(connection, after, last)
    order = np.argsort(signals["profile"], kind="stable")
    for own in np.split(signals[order], np.flatnonzero(np.diff(signals["profile"][order])) + 1):
        if len(own):
            work.trail[int(own["profile"][0])] = own.tobytes() if len(own) <= LONGEST else b""
    part = feed_part(read_columns(connection, after, None, default_consent, len(rows)))
    work.feed.append((place_of(part), part))
    return None if len(rows) < EVENTS else last


def _titles(connection: sqlite3.Connection, after: int, work: Work) -> tuple[int, int]:
    """Adds changed titles to the work; the version now, and that up to which they are told."""
    (version,) = connection.execute("SELECT titles_version FROM head").fetchone()
    if version == after:
        return version, after
    rows = connection.execute(SELECT_CHANGED, (after, TITLES)).fetchall()
    told = version if len(rows) < TITLES else rows[-1][3]
    if len(rows) == TITLES:  # the rest of a version comes with it: what is told of one is told whole
        rows = [row for row in rows if row[3] < told] or connection.execute(
            SELECT_CHANGED.replace("version > ?", "version = ?"), (told, -1)
        ).fetchall()
        told = rows[-1][3]
    work.titles = [(row[0], row[3], title_bytes(to_numbered(row[:3]))) for row in rows]
    return version, told
