"""Which concrete classes stand behind the rooms' protocols, and the ordered lists of what a page is made of.

The only file that names them (but for the sides of a shared state: sharing.py). Importing it registers nothing;
`assemble` puts one process's parts together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from frontrow.catalog.store import Titles
from frontrow.core.clock import Clock, Micros, wall_clock
from frontrow.core.settings import load_settings
from frontrow.events.log import Writer
from frontrow.events.service_clock import ServiceClock, effective_kind
from frontrow.events.sharing import Alone, Sharing
from frontrow.experiments.design.register import Register
from frontrow.features.online import OnlineFeatures
from frontrow.features.state import StateStore
from frontrow.models.artifact import published
from frontrow.operate.state_findings import StateStatus
from frontrow.people.store import Profiles
from frontrow.recommend import rows
from frontrow.recommend.arms import Arms
from frontrow.recommend.engine import Engine
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.rows import RowMaker
from frontrow.recommend.views import Views
from frontrow.settings import Settings
from frontrow.sharing import ingesting_side, reading_side
from frontrow.storage import schema
from frontrow.storage.counts_file import CountsFile
from frontrow.storage.metric_files import MetricFiles
from frontrow.storage.served import SqliteServed
from frontrow.storage.server_lock import ServerLock
from frontrow.storage.valkey.folds import LogFolds
from frontrow.storage.valkey.records import LiveTitles
from frontrow.storage.valkey.settling import NoWriter, SettlingControls, SettlingWriter
from frontrow.storage.workspace import SqliteWorkspace

if TYPE_CHECKING:
    from frontrow.storage.valkey.sides import IngestingSide, ReadingSide

SETTINGS_FILE: Final = "frontrow.toml"
MODELS_FOLDER: Final = "models"
UNFINISHED_FOLDER: Final = "unfinished"
"""Where a training that was interrupted stands."""
SERVED_FOLDER: Final = "served"
METRICS_FOLDER: Final = "metrics"
COUNTS_FOLDER: Final = "popularity"
TUNING: Final = "tuning."
"""What the names of overridable settings begin with."""
FORMAT: Final = schema.FORMAT
"""The format version of workspaces that this version writes and reads."""

ROWS: Final[tuple[RowMaker, ...]] = (
    rows.continue_watching,
    rows.top_picks,
    rows.right_now,
    rows.trending,
    rows.because_you_watched,
    rows.my_list,
    rows.top10,
    rows.new_releases,
    rows.leaving_soon,
    rows.genres,
    rows.hidden_gems,
    rows.watch_again,
    rows.genre_pairs,
)
"""Rows in the order of the page. An earlier row claims its titles first."""

STAGES: Final = (
    ("page", "views", "catalogue, vectors, search, popularity brought up to date", "recommend/views.py"),
    ("page", "viewer", "profile, consent, place, state at the moment asked for", "recommend/viewer.py"),
    ("page", "arms", "experiments: the viewer's variants, tunables and model", "recommend/arms.py"),
    ("page", "gate", "rights, maturity, kind, hidden, seen", "recommend/gate.py"),
    ("page", "score", "sources, blended for each horizon", "recommend/scoring.py"),
    ("page", "rows", "shelves claim titles, in the order of wiring.ROWS", "recommend/rows.py"),
    ("page", "reasons", "the source and the title that counted most", "recommend/slots.py"),
    ("page", "gate again", "the gate and the promises, whatever laid the page", "recommend/slots.py"),
    ("page", "log", "what was served, slot by slot", "recommend/served.py"),
    ("page", "render", "names, reasons, artwork, where to resume", "recommend/render.py"),
    ("event", "parse", "one bad event rejects itself only", "events/event.py"),
    ("event", "not from the future", "at most a day ahead of now", "events/ingest.py"),
    ("event", "erased?", "tombstones refuse late retries", "events/accept.py"),
    ("event", "duplicate?", "same id and content, or another's id", "events/accept.py"),
    ("event", "consent", "whether anything may learn from it", "events/accept.py"),
    ("event", "append", "synced to disk before the answer", "storage/writer.py"),
)
"""The stages of the two stories: story, stage, what it does, where."""


@dataclass(frozen=True)
class Parts:
    """One process's parts of a workspace."""

    path: Path
    settings: Settings
    store: SqliteWorkspace
    served: SqliteServed
    metrics: MetricFiles
    counts: CountsFile
    server_lock: ServerLock
    clock: ServiceClock
    engine: Engine
    register: Register
    titles: Titles
    people: Profiles
    writer: Writer
    sharing: Sharing
    ingesting: IngestingSide | None = None
    reading: ReadingSide | None = None

    def state_status(self) -> StateStatus | None:
        """How the state that servers share stands; None where it is embedded."""
        side = self.ingesting or self.reading
        return side.status() if side else None

    def share(self) -> None:
        """Beside a server: keeps up the state that other servers read, if they do."""
        engine, store = self.engine, self.store
        if self.ingesting is not None:
            self.ingesting.serve(
                LogFolds(
                    store.states.beside(), lambda fold: engine.between_answers(lambda at: fold(at.views.titles_now()))
                )
            )

    def close(self) -> None:
        """Closes files and connections."""
        for side in (self.ingesting, self.reading):
            if side is not None:
                side.close()
        self.served.close()
        self.store.close()


def assemble(path: Path, serving_since: Micros | None = None, wall: Clock = wall_clock) -> Parts:
    """The parts of the workspace at `path`. `serving_since` (wall time) is set while a server runs on it."""
    settings = load_settings(path / SETTINGS_FILE, Settings)
    store = SqliteWorkspace(path, os.urandom, settings.privacy.default_consent, wall)
    try:
        return _assembled(path, settings, store, serving_since, wall)
    except BaseException:
        store.close()
        raise


def _assembled(
    path: Path, settings: Settings, store: SqliteWorkspace, serving_since: Micros | None, wall: Clock
) -> Parts:
    beside = serving_since is not None  # a page waits for no count of everything; a command does
    served = SqliteServed(path / SERVED_FOLDER, os.urandom, store.people.digest)
    metrics = MetricFiles(path / METRICS_FOLDER, lambda: store.log.head().rewrites)
    counts = CountsFile(path / COUNTS_FOLDER, store.log.head)
    lock = ServerLock(path)
    if serving_since is None and (server := lock.read()) is not None:
        serving_since = Micros(server.since)
    reading = reading_side(settings, store)
    sources = reading or store
    states: StateStore = reading.states if reading else store.states.beside() if beside else store.states
    feed = reading.feed if reading else store.log
    kind = effective_kind(settings.clock or None, store.kept_clock())
    clock = ServiceClock(kind, feed.head, wall, serving_since, bool(settings.clock))
    ingesting = None if reading else ingesting_side(path, settings, store, clock)
    views = Views(
        sources.titles, feed, states, path / MODELS_FOLDER, settings.popularity,
        None if reading else store.lake.log, beside and not reading, None if reading else counts,
    )  # fmt: skip
    features = OnlineFeatures(states, feed)
    views.forgetting.append(features.forget)
    sharing = ingesting.publisher if ingesting else Alone()
    register = Register(
        SettlingControls(sources.experiments, sharing),
        settings.tuning,
        TUNING,
        lambda: [str(each["version"]) for each in published(path / MODELS_FOLDER)],
        clock,
        settings.experiments.holdout_share,
    )
    rooms = Rooms(
        views=views,
        features=features,
        people=sources.people,
        served=served,
        clock=clock,
        wall=wall,
        rows=ROWS,
        arms=Arms(register, settings.tuning, settings.privacy.default_consent),
        states=states,
        default_consent=settings.privacy.default_consent,
        further_minutes=settings.pages.further_minutes,
        values_share=0.0 if reading else settings.pages.values_share,
    )
    return Parts(
        path, settings, store, served, metrics, counts, lock, clock, Engine(rooms), register,
        titles=LiveTitles(views.titles_now) if reading else store.titles,
        people=sources.people,
        writer=NoWriter() if reading else SettlingWriter(store.writer, sharing),
        sharing=sharing, ingesting=ingesting, reading=reading,
    )  # fmt: skip


def server_lock(path: Path) -> ServerLock:
    """The lock that lets one server run on a workspace."""
    return ServerLock(path)
