"""What the HTTP face asks of the service behind it. `frontrow.workspace.Workspace` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.clock import Micros
from frontrow.events.answer import IngestAnswer, UpsertAnswer
from frontrow.experiments.assignment.flags import FlagSource
from frontrow.experiments.design.register import Register
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile, Receipt
from frontrow.recommend.answers import Explanation, Features, Page, RankedSlate, Rows, Slate
from frontrow.recommend.request import (
    ExplainRequest,
    HomeRequest,
    ListRequest,
    RankRequest,
    RowsRequest,
    SearchRequest,
    SimilarRequest,
)
from frontrow.recommend.standing import Standing


class Keys(Protocol):
    """Who may call."""

    def role_of(self, key: str) -> str | None:
        """The role of a live key; None for a key that is unknown or revoked."""
        ...

    def count(self) -> int: ...


class Engine(Protocol):
    """Reads: pages, lists, reasons. Called on the event loop's thread only, some milliseconds a call."""

    @property
    def last_stages(self) -> Mapping[str, float]:
        """Milliseconds by stage of the latest page or list."""
        ...

    def as_staff(self) -> Engine:
        """The same for somebody who is no viewer: what it answers counts in no metric."""
        ...

    def home(self, asked: HomeRequest, /) -> Page: ...

    def rows(self, page_id: str, asked: RowsRequest, /) -> Rows: ...

    def recommendations(self, asked: ListRequest, /) -> Slate: ...

    def rank(self, asked: RankRequest, /) -> RankedSlate: ...

    def similar(self, title_id: str, asked: SimilarRequest, /) -> Slate: ...

    def search(self, asked: SearchRequest, /) -> Slate: ...

    def explain(self, profile_id: str, title_id: str, asked: ExplainRequest, /) -> Explanation: ...

    def features(self, profile_id: str, /) -> Features: ...

    def standing(self, profile_id: str, title_id: str, /) -> Standing: ...


class Service(Protocol):
    """One service's installation. Errors are of the FrontrowError family; anything else is answered 500.

    Writes sync to disk and may be called from several threads at once; reads come from the event loop's thread.
    """

    @property
    def engine(self) -> Engine: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def compact_minutes(self) -> float:
        """Minutes between two compactions beside a server; 0: none."""
        ...

    @property
    def register(self) -> Register:
        """The register of experiments."""
        ...

    def flags(self) -> FlagSource:
        """Running experiments as flags, with every change that was answered before."""
        ...

    def ingest(self, raw: Sequence[object], /) -> IngestAnswer:
        """Events; the accepted ones are on disk when it returns."""
        ...

    def put_titles(self, raw: Sequence[object], /) -> UpsertAnswer: ...

    def patch_titles(self, raw: Sequence[object], /) -> UpsertAnswer: ...

    def put_profiles(self, raw: Sequence[object], /) -> UpsertAnswer: ...

    def patch_profiles(self, raw: Sequence[object], /) -> UpsertAnswer: ...

    def title(self, title_id: str, /) -> Title: ...

    def titles_after(self, after: int, limit: int, /) -> Sequence[NumberedTitle]: ...

    def delete_title(self, title_id: str, /) -> None: ...

    def profile(self, profile_id: str, /) -> Profile: ...

    def profiles_after(self, after: int, limit: int, /) -> Sequence[KnownProfile]: ...

    def now(self) -> Micros:
        """The service's *now*, microseconds UTC."""
        ...

    def forget(self, profile_id: str, /) -> Receipt: ...

    def export_profile(self, profile_id: str, /) -> dict[str, Any]: ...

    def merge(self, profile_id: str, from_profile_id: str, /) -> dict[str, Any]: ...

    def check_start(self) -> None:
        """FrontrowError for what a server should not start with."""
        ...

    def refresh(self) -> None:
        """Takes up what was published since; about once a second."""
        ...

    def close(self) -> None: ...
