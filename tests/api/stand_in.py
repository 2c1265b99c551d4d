"""A service in memory, for tests of the HTTP face alone. Its pages are dull; its errors are the real ones."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title, parse_title
from frontrow.core.clock import Micros
from frontrow.core.decode import merge_patch
from frontrow.core.errors import Expired, FrontrowError, InvalidRecord, NotFound, Unavailable
from frontrow.core.horizon import parse_horizon
from frontrow.core.ids import check_id
from frontrow.events.answer import IngestAnswer, RejectedEvent, RejectedRecord, UpsertAnswer
from frontrow.events.content import check_storable, told_id
from frontrow.events.event import Event, event_json, parse_event
from frontrow.experiments.assignment.flags import ExperimentFlags, Subject
from frontrow.experiments.design.register import Register
from frontrow.experiments.design.store import Stored
from frontrow.people.profile import Profile, parse_profile
from frontrow.people.store import ErasedPlace, KnownProfile, Receipt
from frontrow.recommend.answers import (
    Drop,
    Dropped,
    Explanation,
    Features,
    FeatureValue,
    Item,
    Page,
    RankedSlate,
    Resume,
    Row,
    Rows,
    Slate,
)
from frontrow.recommend.request import (
    MAX_COLUMNS,
    MAX_N,
    ExplainRequest,
    HomeRequest,
    ListRequest,
    RankRequest,
    RowsRequest,
    SearchRequest,
    SimilarRequest,
    check_request,
)
from frontrow.recommend.standing import Standing
from frontrow.recommend.tuning import Tuning

NOW = Micros(1_774_000_000_000_000)
KEYS = {f"fr_{role}_key": role for role in ("app", "analyst", "support", "operator", "admin")}


class FixedKeys:
    def role_of(self, key: str) -> str | None:
        return KEYS.get(key)

    def count(self) -> int:
        return len(KEYS)


class NoKeys(FixedKeys):
    def role_of(self, key: str) -> str | None:
        return None

    def count(self) -> int:
        return 0


class MemoryEngine:
    """Everything in the order of arrival."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service
        self.last_stages: Mapping[str, float] = {"score": 0.25, "gate again": 0.5}

    def as_staff(self) -> MemoryEngine:
        return self

    def home(self, asked: HomeRequest, /) -> Page:
        check_request(asked)
        self._service.may_fail()
        row = Row("top_picks", "top_picks", "For you", None, self._items(min(asked.columns, MAX_COLUMNS)))
        self._service.seen_context = asked.context
        return Page("p-1", asked.profile_id, "2026-03-20T10:26:40Z", "none", "no model", {}, [row])

    def rows(self, page_id: str, asked: RowsRequest, /) -> Rows:
        if page_id == "old":
            raise Expired("That page was served over 30 minutes ago")
        if page_id != "p-1":
            raise NotFound("There is no such page")
        return Rows([])

    def recommendations(self, asked: ListRequest, /) -> Slate:
        check_request(asked)
        parse_horizon(asked.horizon)
        return self._slate(asked.profile_id, min(asked.n, MAX_N))

    def rank(self, asked: RankRequest, /) -> RankedSlate:
        check_request(asked)
        dropped = [Dropped(title_id, "unknown") for title_id in asked.title_ids]
        return RankedSlate("l-1", asked.profile_id, "2026-03-20T10:26:40Z", "none", None, {}, [], dropped)

    def similar(self, title_id: str, asked: SimilarRequest, /) -> Slate:
        self._service.title(title_id)
        return self._slate(asked.profile_id, asked.n)

    def search(self, asked: SearchRequest, /) -> Slate:
        return self._slate(asked.profile_id, asked.n)

    def explain(self, profile_id: str, title_id: str, asked: ExplainRequest, /) -> Explanation:
        drops = [] if title_id in self._service.titles else [Drop("unknown", "no such title")]
        return Explanation(title_id, not drops, drops, [], None, {})

    def features(self, profile_id: str, /) -> Features:
        return Features(profile_id, {"plays": FeatureValue(1, None)})

    def standing(self, profile_id: str, title_id: str, /) -> Standing:
        self._service.title(title_id)
        return Standing(title_id, False, False, None, Resume(title_id, 0.0, 0.0), 0)

    def _items(self, n: int) -> list[Item]:
        titles = list(self._service.titles.values())[:n]
        return [Item(title.title_id, title.name, at, None, "new", None) for at, title in enumerate(titles)]

    def _slate(self, profile_id: str | None, n: int) -> Slate:
        return Slate("l-1", profile_id, "2026-03-20T10:26:40Z", "none", None, {}, self._items(n))


class MemoryControls:
    """Implements `ControlStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, Stored] = {}
        self._version = 0

    def version(self) -> int:
        return self._version

    def everything(self) -> dict[str, Stored]:
        return dict(sorted(self._kept.items()))

    def change(self, object_id: str, work: Callable[[Mapping[str, Stored]], bytes | None]) -> Stored | None:
        record = work(self.everything())
        self._version += 1
        self._kept.pop(object_id, None)
        if record is None:
            return None
        stored = self._kept[object_id] = Stored(self._version, record)
        return stored


class MemoryService:
    """Implements `Service`. `failing` is raised by the next page."""

    def __init__(self) -> None:
        self.keys = FixedKeys()
        self.compact_minutes = 0.0
        self.engine = MemoryEngine(self)
        self.titles: dict[str, Title] = {}
        self.profiles: dict[str, Profile] = {}
        self.events: dict[str, Event] = {}
        self.failing: Exception | None = None
        self.seen_context: dict[str, Any] = {}
        self.refreshed = 0
        self.register = Register(MemoryControls(), Tuning(), "tuning.", list, lambda: NOW)
        self.closed = False

    def may_fail(self) -> None:
        failing, self.failing = self.failing, None
        if failing is not None:
            raise failing

    def flags(self) -> ExperimentFlags:
        assigner = self.register.assigner([design for _, design in self.register.all()])
        return ExperimentFlags(assigner, lambda asked: Subject(unit_id=asked.targeting_key, consent=True))

    def ingest(self, raw: Sequence[object], /) -> IngestAnswer:
        answer = IngestAnswer(0, 0, [], {})
        for index, one in enumerate(raw):
            try:
                check_storable(one)
                event, unknown = parse_event(one, NOW)
            except InvalidRecord as error:
                answer.rejected.append(RejectedEvent(index, told_id(one, "event_id"), error.message))
                continue
            answer.accepted += event.event_id not in self.events
            answer.duplicates += event.event_id in self.events
            self.events.setdefault(event.event_id, event)
            for name in unknown:
                answer.unknown_fields[name] = answer.unknown_fields.get(name, 0) + 1
        return answer

    def put_titles(self, raw: Sequence[object], /) -> UpsertAnswer:
        return self._upsert(raw, "title_id", lambda one: self._keep_title(parse_title(one, NOW)))

    def patch_titles(self, raw: Sequence[object], /) -> UpsertAnswer:
        return self._upsert(raw, "title_id", lambda one: self._keep_title(parse_title(self._merged(one), NOW)))

    def put_profiles(self, raw: Sequence[object], /) -> UpsertAnswer:
        return self._upsert(raw, "profile_id", lambda one: self._keep_profile(parse_profile(one, NOW)))

    patch_profiles = put_profiles

    def _merged(self, one: object) -> object:
        if not isinstance(one, dict) or one.get("title_id") not in self.titles:
            return one
        return merge_patch(msgspec.to_builtins(self.titles[one["title_id"]]), one)

    def _keep_title(self, title: Title) -> None:
        self.titles[title.title_id] = title

    def _keep_profile(self, profile: Profile) -> None:
        self.profiles[profile.profile_id] = profile

    def _upsert(self, raw: Sequence[object], key: str, keep: Any) -> UpsertAnswer:
        answer = UpsertAnswer(0, [])
        for index, one in enumerate(raw):
            try:
                check_storable(one)
                keep(one)
                answer.upserted += 1
            except InvalidRecord as error:
                answer.rejected.append(RejectedRecord(index, told_id(one, key), error.message))
        return answer

    def title(self, title_id: str, /) -> Title:
        if title_id not in self.titles:
            raise NotFound("There is no such title")
        return self.titles[title_id]

    def titles_after(self, after: int, limit: int, /) -> Sequence[NumberedTitle]:
        entries = [NumberedTitle(at, title.title_id, title) for at, title in enumerate(self.titles.values())]
        return [entry for entry in entries if entry.number > after][:limit]

    def delete_title(self, title_id: str, /) -> None:
        self.title(title_id)
        del self.titles[title_id]

    def profile(self, profile_id: str, /) -> Profile:
        if profile_id not in self.profiles:
            raise NotFound("There is no such profile")
        return self.profiles[profile_id]

    def profiles_after(self, after: int, limit: int, /) -> Sequence[KnownProfile]:
        known = [KnownProfile(number, 0, profile) for number, profile in enumerate(self.profiles.values(), 1)]
        return [each for each in known if each.number > after][:limit]

    def now(self) -> Micros:
        return NOW

    def forget(self, profile_id: str, /) -> Receipt:
        self.profile(profile_id)
        del self.profiles[profile_id]
        return Receipt(profile_id, "2026-03-20T10:26:40Z", "r-1", [ErasedPlace("profile", 1)])

    def export_profile(self, profile_id: str, /) -> dict[str, Any]:
        events = [event_json(event) for event in self.events.values() if event.profile_id == profile_id]
        return {
            "profile": self.profile(profile_id), "events": events, "features": {}, "pages": [], "experiments": [],
        }  # fmt: skip

    def merge(self, profile_id: str, from_profile_id: str, /) -> dict[str, Any]:
        if check_id(profile_id) == from_profile_id:
            raise InvalidRecord("a profile cannot be merged into itself", "/from_profile_id")
        self.profile(from_profile_id)
        del self.profiles[from_profile_id]
        return {"profile_id": profile_id, "events": 0}

    def check_start(self) -> None: ...

    def refresh(self) -> None:
        self.refreshed += 1

    def close(self) -> None:
        self.closed = True


FAILURES: Mapping[int, Exception] = {
    404: NotFound("gone"),
    410: Expired("old"),
    422: InvalidRecord("wrong", "/rows"),
    500: FrontrowError("odd"),
    503: Unavailable("busy"),
}


def open_memory(path: Path, serving_since: Micros | None = None) -> MemoryService:
    """As `Workspace.open`, for servers under test: each worker has a memory of its own."""
    if not path.is_dir():
        raise FrontrowError(f"{path} is no workspace")
    if (path / "broken").exists() and multiprocessing.parent_process() is not None:
        raise FrontrowError("this workspace opens in no worker")
    service = MemoryService()
    if (path / "no-keys").exists():
        service.keys = NoKeys()
    service.put_titles([{"title_id": "a/b", "name": "Slash"}])
    return service
