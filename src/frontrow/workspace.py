"""A workspace: one service's installation in one directory, with the verbs of the command line.

from frontrow import Workspace

with Workspace.open("frontrow-data") as workspace:
    page = workspace.home("ana", device="tv")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec
import polars as pl

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.clock import DAY, HOUR, Clock, Micros, parse_time, wall_clock
from frontrow.core.decode import convert
from frontrow.core.errors import FrontrowError, NotFound, WrongServer
from frontrow.core.ids import check_id
from frontrow.core.settings import template
from frontrow.events.answer import IngestAnswer, UpsertAnswer
from frontrow.events.erasure import Places, carry_out, finish_merges, forget, merge
from frontrow.events.event import event_json
from frontrow.events.ingest import ingest
from frontrow.events.lake import Compacted
from frontrow.events.records import patch_profiles, patch_titles, put_profiles, put_titles
from frontrow.events.service_clock import ServiceClock, switches_to_data
from frontrow.experiments.assignment.flags import ExperimentFlags, FlagContext, Subject
from frontrow.experiments.assignment.targeting import attributes_of
from frontrow.experiments.design.register import Register
from frontrow.features.definitions import FEATURES
from frontrow.importers.export import ExportReport, export_tables
from frontrow.importers.movielens import import_movielens
from frontrow.importers.report import ImportReport
from frontrow.importers.tables import import_tables
from frontrow.importers.workspace_target import WorkspaceTarget
from frontrow.models.artifact import published
from frontrow.operate.ahead import MEND_AHEAD, ahead_of_all
from frontrow.operate.doctor import examine
from frontrow.operate.finding import Finding
from frontrow.people.keys import Keys
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile, Receipt
from frontrow.recommend.answers import Page
from frontrow.recommend.batch import recommend_all
from frontrow.recommend.engine import Engine
from frontrow.recommend.recomputation import Recomputation
from frontrow.recommend.replay import Verification, verify
from frontrow.recommend.request import HomeRequest, ListRequest
from frontrow.recommend.served import decode_page
from frontrow.settings import Settings
from frontrow.wiring import MODELS_FOLDER, SETTINGS_FILE, STAGES, Parts, assemble

if TYPE_CHECKING:
    from frontrow.evaluate.report import Report
    from frontrow.experiments.assignment.split import Unit
    from frontrow.experiments.reading.exploration import Exploration
    from frontrow.experiments.reading.offpolicy import Give, OffPolicy
    from frontrow.experiments.reading.plan import Plan, Wanted
    from frontrow.experiments.reading.read import Asked
    from frontrow.experiments.statistics.analysis import Analysis
    from frontrow.training import TrainReport

Progress = Callable[[float, str], None]

PRUNE_EVERY, PRUNE_MOST = HOUR, 200
"""How often old pages are dropped, and how many between two answers: some 10 ms of large ones."""
DOCTORS_PAGES = 20
"""Sampled pages that the doctor compares."""

HEADING = """\
# Settings of this Frontrow workspace. Every setting is shown with its default; remove the # to change one.
# A key that is not known is an error. `frontrow doctor` shows what holds.
"""


class CompactReport(msgspec.Struct, frozen=True):
    """What a compaction did: events that left the log for their age, and what the lake took over and rewrote."""

    retired: int
    lake: Compacted


class Workspace:
    """One open workspace. A context manager; threads may share it, answers are given one at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.keys = Keys(parts.store.keys, parts.clock.wall)
        self._consent = parts.settings.privacy.default_consent
        self._pruned: int = parts.clock.wall()
        self._fresh = self._serving = self._shares = False

    @classmethod
    def init(cls, path: str | Path, settings: Settings | None = None) -> Self:
        """Makes an empty workspace, with a frontrow.toml that shows every setting. FrontrowError if there is one."""
        folder = Path(path)
        file = folder / SETTINGS_FILE
        if file.exists():
            mend = "Go on with it (frontrow import, frontrow serve), or choose another folder."
            raise FrontrowError(f"{folder} is a workspace already", mend)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(template(settings or Settings(), HEADING), "utf-8")
            parts = assemble(folder)
        except OSError as error:
            raise FrontrowError(f"{folder} cannot be made: {error.strerror}", "Choose another folder.") from None
        return cls(parts)

    @classmethod
    def open(cls, path: str | Path, *, serving_since: Micros | None = None, wall: Clock = wall_clock) -> Self:
        """Opens the workspace at `path`. FrontrowError where there is none, or another version made it."""
        folder = Path(path)
        if not (folder / SETTINGS_FILE).exists() and not (folder / "frontrow.db").exists():
            raise FrontrowError(f"There is no workspace at {folder}", f"Make one: frontrow init {folder}")
        opened = cls(assemble(folder, serving_since, wall))
        opened._serving = serving_since is not None
        return opened

    @property
    def path(self) -> Path:
        """Its directory."""
        return self._parts.path

    @property
    def settings(self) -> Settings:
        """What frontrow.toml says, defaults included."""
        return self._parts.settings

    @property
    def compact_minutes(self) -> float:
        """Minutes between two compactions beside a server; 0: none."""
        return 0 if self._parts.reading else self.settings.events.compact_minutes

    @property
    def engine(self) -> Engine:
        """What answers pages, lists and reasons. Asked for first, it folds the log and takes up the model."""
        if not self._fresh:
            self._take_up()
            self._fresh = True
        return self._parts.engine

    @property
    def clock(self) -> ServiceClock:
        """The service's *now*."""
        return self._parts.clock

    def now(self) -> Micros:
        """The service's *now*, microseconds UTC."""
        return self._parts.clock()

    # What happened

    def ingest(self, raw: Sequence[object]) -> IngestAnswer:
        """Takes a batch of events (as JSON objects) into the log; the accepted are on disk when it returns."""
        self._here()
        return ingest(raw, self._parts.writer, self._parts.clock, self._consent)

    log = ingest

    # The catalogue and the profiles

    def put_titles(self, raw: Sequence[object]) -> UpsertAnswer:
        """Replaces whole titles; bad ones reject themselves only."""
        return put_titles(raw, self._parts.writer, self.now())

    def patch_titles(self, raw: Sequence[object]) -> UpsertAnswer:
        """Merges into titles (RFC 7396)."""
        return patch_titles(raw, self._parts.writer, self.now())

    def put_profiles(self, raw: Sequence[object]) -> UpsertAnswer:
        """Replaces whole profiles; bad ones reject themselves only."""
        return put_profiles(raw, self._parts.writer, self.now())

    def patch_profiles(self, raw: Sequence[object]) -> UpsertAnswer:
        """Merges into profiles (RFC 7396)."""
        return patch_profiles(raw, self._parts.writer, self.now())

    def title(self, title_id: str) -> Title:
        """One record; NotFound if there is none."""
        title = self._parts.titles.find(check_id(title_id, "/title_id"))
        if title is None:
            raise NotFound(f"there is no title {title_id}")
        return title

    def titles_after(self, after: int, limit: int) -> list[NumberedTitle]:
        """Titles with numbers above `after` (−1: from the start)."""
        return self._parts.titles.listing(after, limit)

    def delete_title(self, title_id: str) -> None:
        """Takes a title out of the catalogue at once; NotFound if there is none."""
        check_id(title_id, "/title_id")
        if not self._parts.writer.write(lambda unit: unit.delete_title(title_id)):
            raise NotFound(f"there is no title {title_id}")

    def profile(self, profile_id: str) -> Profile:
        """One record; NotFound if nobody has this id."""
        return self._known(profile_id).profile

    def strangers(self, profile_ids: Iterable[str]) -> list[str]:
        """Those of the ids that no profile has, each once: who asks with one is answered as somebody new."""
        find = self._parts.people.find
        return [profile_id for profile_id in dict.fromkeys(profile_ids) if find(profile_id) is None]

    def profiles_after(self, after: int, limit: int) -> list[KnownProfile]:
        """Profiles with numbers above `after` (0: from the start)."""
        return self._parts.people.listing(after, limit)

    def merge(self, profile_id: str, from_profile_id: str) -> dict[str, Any]:
        """Makes the events of `from_profile_id` this profile's; the other is gone."""
        parts = self._parts
        moved = merge(profile_id, from_profile_id, parts.writer, parts.served, parts.metrics, parts.clock)
        return {"profile_id": profile_id, "merged": from_profile_id, "events": moved}

    def forget(self, profile_id: str) -> Receipt:
        """Erases a profile and all that is held of it; NotFound if nobody has this id."""
        return forget(profile_id, self._parts.writer, self._parts.clock, self._places)

    def export_profile(self, profile_id: str) -> dict[str, Any]:
        """All that is held about a profile; NotFound if nobody has this id."""
        self._here()
        known = self._known(profile_id)
        pages = [decode_page(stored.body) for stored in self._parts.served.of_profile(known.number)]
        ids = self.engine.catalogue().ids
        return {
            "profile": known.profile,
            "events": [event_json(event) for event in self._parts.store.log.full_of_profile(known.number)],
            "features": self.engine.features(profile_id).features,
            "pages": [page.as_json(ids) for page in pages],
            "experiments": self.engine.between_answers(lambda rooms: rooms.arms.resolve(profile_id, known).experiments),
        }

    # Experiments

    @property
    def register(self) -> Register:
        """The register of experiments: stated, started, stopped."""
        return self._parts.register

    def read_experiment(
        self, experiment_id: str, asked: Asked | None = None, progress: Progress | None = None
    ) -> Analysis:
        """One look at an experiment: what its numbers say. NotFound, or FrontrowError where they say nothing yet."""
        from frontrow.experiments.reading.read import Asked as Default
        from frontrow.readout import read  # late: serving never reads experiments

        return read(self._parts, experiment_id, asked or Default(), progress or _silent)[1]

    def plan_experiment(self, wanted: Wanted, unit: Unit = "profile", progress: Progress | None = None) -> Plan:
        """How long a test must run to find an effect, from this workspace's past."""
        from frontrow.readout import plan  # late: serving never plans

        return plan(self._parts, wanted, unit, progress or _silent)

    def off_policy(self, experiment_id: str, policy: Sequence[Give], progress: Progress | None = None) -> OffPolicy:
        """What other rules for who gets which arm would have earned; see `experiments.reading.offpolicy`."""
        from frontrow.readout import off_policy  # late: serving never reads experiments

        return off_policy(self._parts, experiment_id, policy, progress or _silent)

    def exploration(self, progress: Progress | None = None) -> Exploration:
        """What the slots that pages left to chance earned (tuning.explore_share)."""
        from frontrow.readout import exploration  # late: serving never reads experiments

        self._here()
        return exploration(self._parts, progress or _silent)

    def flags(self) -> ExperimentFlags:
        """Running experiments as flags, with every change that was answered before this call."""
        return ExperimentFlags(self._parts.engine.assigner(), self._subject)

    # Answers

    def home(self, profile_id: str, **asked: Any) -> Page:
        """A home page: `home("ana", device="tv", rows=6)`; the fields are those of POST /v1/home."""
        return self.engine.home(convert({"profile_id": profile_id, **asked}, HomeRequest))

    def recommend(self, requests: Iterable[ListRequest | str], progress: Progress | None = None) -> pl.DataFrame:
        """Lists for many requests (or profile ids) as one table; see `recommend.batch`."""
        asked = [ListRequest(profile_id=each) if isinstance(each, str) else each for each in requests]
        return recommend_all(asked, self.engine.rooms, self.engine.between_answers, progress)

    def profile_ids(self) -> list[str]:
        """Ids of all profiles, in order of number."""
        return [known.profile.profile_id for known in self._parts.store.people.everyone()]

    # Data in and out

    def import_movielens(self, path: str | Path, progress: Progress | None = None) -> ImportReport:
        """Imports a MovieLens folder of any layout."""
        return self._imported(import_movielens(Path(path), self._target(), progress or _silent))

    def import_tables(self, path: str | Path, strict: bool = False, progress: Progress | None = None) -> ImportReport:
        """Imports `titles.*`, `profiles.*` and `events.*`; `strict` refuses all where one record is wrong."""
        return self._imported(import_tables(Path(path), self._target(), strict, progress or _silent))

    def export_tables(
        self, path: str | Path, format: str = "parquet", progress: Progress | None = None
    ) -> ExportReport:
        """Writes everything in the form that `import_tables` reads: parquet, csv or jsonl."""
        self._here()
        store = self._parts.store
        return export_tables(Path(path), store.titles, store.people, store.log, format, progress or _silent)

    # Models

    def train(
        self, until: str | None = None, seed: int = 0, quick: bool = False, progress: Progress | None = None
    ) -> TrainReport:
        """Fits all models on events before `until` (RFC 3339; default: all) and publishes an artifact."""
        from frontrow.training import train_workspace  # late: serving never trains

        self._here()
        moment = None if until is None else parse_time(until, "/until")
        report = train_workspace(self._parts, moment, seed, quick, progress or _silent)
        if self._fresh:
            self.engine.refresh()
        return report

    def evaluate(
        self, protocol: str, horizon: str | None = None, request_time: str = "unknown", seed: int = 0,
        facets: bool = True, quick: bool = False, progress: Progress | None = None,
    ) -> Report:  # fmt: skip
        """Full-ranking metrics of every model, of the whole, and with `facets` of the whole without each of them, all
        trained as `train(quick=quick)` does; publishes nothing."""
        from frontrow.training import evaluate_workspace  # late: serving never evaluates

        self._here()
        return evaluate_workspace(
            self._parts, protocol, horizon, request_time, seed, facets, quick, progress or _silent
        )

    # Running it

    def compact(self, anew: bool = False, let_all_go: bool = False, progress: Progress | None = None) -> CompactReport:
        """Finishes merges and erasures that failed on their way, and takes the lake on to the log's end, after what is
        older than `events.keep_days` has left the log.

        `anew` makes the lake again from nothing. FrontrowError if no event is younger than that, unless `let_all_go`.
        """
        self._here()
        parts, told, keep = self._parts, progress or _silent, self.settings.events.keep_days
        finish_merges(parts.writer, parts.served, parts.metrics)
        for begun in parts.writer.write(lambda unit: unit.begun_erasures()):
            carry_out(begun, parts.writer, self._places)
        before = Micros((self.now() - keep * DAY) // DAY * DAY) if keep else None
        retired = 0 if before is None else parts.store.retire(before, let_all_go)
        if retired:
            parts.metrics.drop_events()
            parts.counts.erase()
        report = CompactReport(retired, parts.store.lake.compact(told, before, anew))
        self.engine.between_answers(lambda rooms: rooms.views.lay_counts())
        return report

    def verify(self, pages: int = 1_000, popularity: bool = True, progress: Progress | None = None) -> Verification:
        """Computes again what sampled pages were made of, the latest `pages`, and compares with what was logged.

        Without `popularity` the log is not read as a whole, and scores by popularity are not compared.
        """
        parts, store = self._parts, self._parts.store
        again = Recomputation(
            log=store.log,
            signals=store.signals,
            titles=store.titles,
            catalogue=self.engine.catalogue(),
            generation_of=store.people.generation,
            models_folder=parts.path / MODELS_FOLDER,
            velocity=parts.settings.popularity,
            columns=store.lake.log.columns if popularity else None,
        )
        return verify(again, parts.served.sampled(pages), progress or _silent)

    def doctor(self) -> list[Finding]:
        """What is wrong and how to mend it."""
        from frontrow.checkup import patient_of  # late: serving never examines

        return examine(patient_of(self._parts, lambda: self.verify(DOCTORS_PAGES, popularity=False)))

    def show(self, what: str) -> list[dict[str, Any]]:
        """What is wired and live: stages, features, models or experiments. (Routes are the HTTP face's.)"""
        if what == "stages":
            return [dict(zip(("story", "stage", "does", "file"), stage, strict=True)) for stage in STAGES]
        if what == "features":
            return [{"name": f.name, "entity": f.entity, "meaning": f.meaning, "unit": f.unit} for f in FEATURES]
        if what == "models":
            return published(self.path / MODELS_FOLDER)
        return [
            {
                "experiment_id": design.experiment_id,
                "state": design.state,
                "arms": [arm.key for arm in design.arms],
                "unit": design.unit,
                "primary": design.primary,
                "started_at": design.started_at,
                "stopped_at": design.stopped_at,
                "hypothesis": design.hypothesis,
            }
            for _, design in self.register.all()
        ]

    def refresh(self) -> None:
        """Brings views up to date, takes up a newly published model, and now and then drops some old pages from the
        log: all of them in as many calls as that takes. In a server the first call also begins to share its state, if
        it is shared."""
        parts = self._parts
        if parts.reading is not None:
            parts.reading.refresh(parts.store, parts.served, parts.clock)
        if self._serving and not self._shares:
            self._shares = True
            parts.share()
        self._take_up()
        wall = self.clock.wall()
        before = wall - self.settings.pages.keep_days * DAY
        if wall - self._pruned > PRUNE_EVERY and self._parts.served.prune(before, PRUNE_MOST) < PRUNE_MOST:
            self._pruned = wall

    def close(self) -> None:
        """Closes files and connections."""
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self) -> None:
        try:
            self._parts.engine.refresh()
        except FrontrowError:
            if self._parts.reading is None:
                raise  # a server that reads serves what it has, and says so

    def check_start(self) -> None:
        """FrontrowError for what a server of this workspace should not start with: a state that others must not share.
        What can be away for a while, may."""
        if self._parts.ingesting is not None:
            self._parts.ingesting.check()

    def _here(self) -> None:
        """WrongServer where another server ingests: what happened is on its disk."""
        if self._parts.reading is not None:
            raise WrongServer

    @property
    def _places(self) -> Places:
        parts = self._parts
        return Places(
            parts.served, parts.metrics, parts.store.lake, parts.counts, parts.register, parts.sharing, parts.store
        )  # fmt: skip

    def _known(self, profile_id: str) -> KnownProfile:
        known = self._parts.people.find(check_id(profile_id, "/profile_id"))
        if known is None:
            raise NotFound(f"there is no profile {profile_id}")
        return known

    def _subject(self, context: FlagContext) -> Subject:
        known = self._parts.people.find(context.targeting_key)
        profile = known.profile if known else Profile(profile_id=context.targeting_key)
        stated = profile.consent.experiments
        return Subject(
            unit_id=profile.profile_id,
            attributes=attributes_of(profile, context.attributes),
            consent=self._consent if stated is None else stated,
            account_id=profile.account_id,
        )

    def _target(self) -> WorkspaceTarget:
        self._here()
        return WorkspaceTarget(self._parts.store.writer, self._parts.clock, self._consent)

    def _imported(self, report: ImportReport) -> ImportReport:
        parts = self._parts
        parts.sharing.settle()
        configured = parts.settings.clock or None
        if parts.clock.kind != "data" and switches_to_data(configured, parts.store.log.head(), parts.clock.wall()):
            parts.store.keep_clock("data")
            parts.clock.kind = "data"
            report.clock = "data"
        if parts.clock.kind == "data" and report.events.accepted and (ahead := ahead_of_all(parts.store.log)):
            report.notes.append(f"{ahead}. {MEND_AHEAD}")
        return report


def _silent(fraction: float, text: str) -> None:
    """Progress for nobody."""
