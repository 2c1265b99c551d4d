"""All that happened as one table of events, in order of time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.clock import SECOND
from frontrow.events.event import EventType
from frontrow.simulate.pages import ROW_IDS, Found, Impressions
from frontrow.simulate.places import CODES
from frontrow.simulate.plays import BREAK, Plays
from frontrow.simulate.profiles import profile_id
from frontrow.simulate.sessions import Sessions
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.titles import episode_id, title_id
from frontrow.simulate.traits import Traits
from frontrow.simulate.viewers import DEVICES, Viewers

Column = NDArray[Any]
PROGRESS_SHARE, ENDED_SHARE, UNLISTED_SHARE, LESS_SHARE = 0.10, 0.4, 0.3, 0.25
_TIES: Final[tuple[EventType, ...]] = (
    "session_start", "impression", "search", "select", "list_add", "play", "progress", "stop", "rate", "hide",
    "less_like", "list_remove", "session_end",
)  # fmt: skip
"""The order of one viewer's events of one second."""
_INTEGERS = ("session", "at", "title", "playback", "row", "column", "row_id", "playing")
_SCHEMA: Final = dict.fromkeys(_INTEGERS, pl.Int32) | {
    "seconds": pl.Float32, "fraction": pl.Float32, "value": pl.Float32,
}  # fmt: skip


def session_times(sessions: Sessions, plays: Plays, end: int) -> tuple[Column, Column, Column]:
    """When sessions truly began and ended, seconds, and which took place: who was still watching did not come again."""
    n = len(sessions)
    start, last = sessions.start.copy(), sessions.start + 90
    first = np.searchsorted(plays.session, np.arange(n + 1))
    played = np.flatnonzero(np.diff(first))
    opening = first[played]
    start[played] = plays.at[opening] - plays.pause[opening]
    np.maximum.at(last, plays.session, plays.at + plays.seconds + 10)
    last[played] = np.maximum.reduceat(plays.at + plays.seconds + 10, opening) if len(played) else last[played]
    until = _latest_before(sessions.viewer, np.where(_has(n, played), last, np.iinfo(np.int32).min))
    taken = _has(n, played) | ((sessions.plays == 0) & (start > until + BREAK))
    return start, last, taken & (start >= 0) & (start < end)


def _has(n: int, which: Column) -> Column:
    found = np.zeros(n, bool)
    found[which] = True
    return found


def _latest_before(viewer: Column, moment: Column) -> Column:
    """For each session the latest moment of the viewer's earlier ones."""
    base = viewer.astype(np.int64) << 33
    shifted = np.concatenate([[np.iinfo(np.int32).min], moment[:-1]])
    shifted[np.diff(viewer, prepend=-1) > 0] = np.iinfo(np.int32).min
    return np.asarray(np.maximum.accumulate(base + shifted) - base)


class EventTable:
    """Builds the table of events. Times are seconds from the first midnight until the last column is made."""

    def __init__(
        self,
        settings: WorldSettings,
        traits: Traits,
        viewers: Viewers,
        sessions: Sessions,
        plays: Plays,
        names: list[str],
    ) -> None:
        self.settings, self.traits, self.viewers = settings, traits, viewers
        self.sessions, self.plays, self.names = sessions, plays, names
        self._parts: list[pl.DataFrame] = []
        self._end = settings.days * 86_400

    def make(self, impressions: Impressions, found: Found, start: Column, last: Column, taken: Column) -> pl.DataFrame:
        """The table, with the columns of the contract."""
        rng = self.settings.stream("events")
        there = np.flatnonzero(taken)
        self._add("session_start", session=there, at=start[there])
        self._shown(impressions, start, taken)
        self._played(found, rng)
        left = there[rng.random(len(there)) < ENDED_SHARE]
        self._add("session_end", session=left, at=last[left] + 75)
        return self._written()

    def _shown(self, impressions: Impressions, start: Column, taken: Column) -> None:
        kept = taken[impressions.session]
        session = impressions.session[kept]
        row = impressions.row[kept]
        self._add(
            "impression", session=session, at=start[session] + impressions.after[kept], title=impressions.title[kept],
            row=row, column=impressions.column[kept], row_id=row,
        )  # fmt: skip

    def _played(self, found: Found, rng: np.random.Generator) -> None:
        plays, n = self.plays, len(self.plays.at)
        stop = plays.at + plays.seconds
        playing = self._playing()
        of_page = found.on_page | plays.went_on
        where = {"row": found.row, "column": found.column, "row_id": found.row}
        self._some("impression", of_page & ~found.searched, plays.at - 12, title=plays.title, **where)
        self._some("search", found.searched, plays.at - 11, playing=np.arange(n))
        glanced = plays.glanced >= 0
        self._some("select", glanced, plays.at - 9, title=plays.glanced)
        self._some("list_add", plays.listed, plays.at - 7, title=plays.glanced)
        selected = of_page & ~found.searched & ~plays.went_on
        self._some("select", selected, plays.at - 5, title=plays.title, **where)
        self._some("play", np.ones(n, bool), plays.at, title=playing, playback=np.arange(n))
        part = rng.random(n)
        half = plays.from_ + (plays.to - plays.from_) * 0.5
        self._some(
            "progress", (part < PROGRESS_SHARE) & (plays.seconds > 240), plays.at + plays.seconds // 2, title=playing,
            playback=np.arange(n), seconds=plays.seconds // 2, fraction=half,
        )  # fmt: skip
        self._some(
            "stop", np.ones(n, bool), stop, title=playing, playback=np.arange(n), seconds=plays.seconds,
            fraction=plays.to,
        )  # fmt: skip
        self._some("rate", plays.thumb > 0, stop + 3, title=plays.title, value=plays.thumb)
        self._some("hide", plays.hidden, stop + 4, title=plays.title)
        less = plays.hidden & (rng.random(n) < LESS_SHARE)
        self._some("less_like", less, stop + 5, title=plays.title)
        self._some("list_remove", self._done_with(rng), stop + 6, title=plays.title)

    def _playing(self) -> Column:
        """Number of what plays: the title, or, from the number of titles on, the episode."""
        first = len(self.traits) + np.cumsum(self.traits.episodes) - self.traits.episodes
        return np.where(self.plays.episode >= 0, first[self.plays.title] + self.plays.episode, self.plays.title)

    def _done_with(self, rng: np.random.Generator) -> Column:
        """Finished titles that had been put on the list are sometimes taken off it."""
        plays, n = self.plays, len(self.traits)
        listed = np.unique(plays.viewer[plays.listed] * n + plays.glanced[plays.listed])
        on_list = np.isin(plays.viewer * n + plays.title, listed)
        return np.asarray(on_list & (plays.to >= 0.9) & (rng.random(len(plays.at)) < UNLISTED_SHARE))

    def _some(self, kind: EventType, which: Column, at: Column, **columns: Column) -> None:
        """Events of the plays that `which` names."""
        session = self.plays.session
        self._add(kind, session=session[which], at=at[which], **{name: each[which] for name, each in columns.items()})

    def _add(self, kind: EventType, **columns: Column) -> None:
        frame = pl.DataFrame({name: columns.get(name) for name in _SCHEMA}, schema=_SCHEMA)
        self._parts.append(frame.with_columns(tie=pl.lit(_TIES.index(kind), pl.Int8)))

    def _written(self) -> pl.DataFrame:
        """All events in order of time (ties by viewer), with ids and the text of the contract."""
        events = pl.concat(self._parts).filter(pl.col("at") < self._end)
        of = self.sessions
        facts = pl.DataFrame({
            "session": np.arange(len(of), dtype=np.int32), "viewer": of.viewer.astype(np.int32),
            "device": of.device.astype(np.int8), "offset": of.offset.astype(np.int32),
        })  # fmt: skip
        rows = events["session"].to_numpy()
        events = events.with_columns(facts[name].gather(rows) for name in ("viewer", "device", "offset"))
        events = events.sort("at", "viewer", "tie", "playback", maintain_order=True)
        texts = _Texts(self.traits, self.viewers, self.names)
        return events.select(
            event_id=pl.format("e-{}", _padded(pl.int_range(pl.len()), 8)),
            type=_text("tie", list(_TIES)),
            profile_id=_text("viewer", texts.profiles),
            title_id=_text("title", texts.titles),
            at=(pl.col("at").cast(pl.Int64) * SECOND + self.settings.start).cast(pl.Datetime("us", "UTC")),
            playback_id=pl.format("b-{}", _padded(pl.col("playback"), 7)),
            session_id=pl.format("s-{}", _padded(pl.col("session"), 7)),
            device=_text("device", list(DEVICES)),
            country=_text("viewer", texts.countries),
            tz_offset_minutes=(pl.col("offset") // 60).cast(pl.Int32),
            page_id=pl.when(pl.col("row").is_not_null()).then(pl.format("g-{}", _padded(pl.col("session"), 7))),
            row_id=_text("row_id", list(ROW_IDS)),
            row=pl.col("row"),
            column=pl.col("column"),
            seconds=pl.col("seconds").cast(pl.Float64),
            fraction=pl.col("fraction").cast(pl.Float64).round(4),
            value=pl.col("value").cast(pl.Float64),
            query=_text("playing", texts.queries(self.plays)),
        )


class _Texts:
    """What numbers stand for."""

    def __init__(self, traits: Traits, viewers: Viewers, names: list[str]) -> None:
        self.profiles = [profile_id(number) for number in range(len(viewers))]
        self.countries = [CODES[each] for each in viewers.country.tolist()]
        self.titles = [title_id(number) for number in range(len(traits))]
        for number in np.flatnonzero(traits.episodes).tolist():
            self.titles += [episode_id(number, episode) for episode in range(int(traits.episodes[number]))]
        self._names = names

    def queries(self, plays: Plays) -> list[str]:
        """What somebody types who looks for the title of each play: its name, or how it begins."""
        shortened = [name.lower() if number % 3 else name.lower()[:6] for number, name in enumerate(self._names)]
        return [shortened[title] for title in plays.title.tolist()]


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _text(column: str, texts: list[str]) -> pl.Expr:
    return pl.lit(pl.Series(texts, dtype=pl.String)).gather(pl.col(column))
