"""One call of the API, as the table of routes states it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from frontrow.api.metrics import Metrics
from frontrow.api.service import Engine, Service

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Site:
    """What every call finds around it. `documents` are the answers that never change, by path."""

    service: Service
    metrics: Metrics
    dev: bool
    documents: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, decoded and allowed. `ids` are the path's identifiers from left to right, `headers` the
    request's, by any case of their names. `staff`: whoever calls is no viewer."""

    site: Site
    ids: tuple[str, ...]
    asked: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    staff: bool = False

    @property
    def engine(self) -> Engine:
        """What answers pages and lists; for staff, as staff's."""
        return self.service.engine.as_staff() if self.staff else self.service.engine

    @property
    def service(self) -> Service:
        """The service that is called."""
        return self.site.service


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a JSON record. `status` None: the route's."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


Handler = Callable[[Call], object]


@dataclass(frozen=True)
class Route:
    """A row of the table. `path` is a template such as `/v1/titles/{title_id}`; `roles` None means open to all.

    `body` and `query` are the records that a request is decoded into (one of them, or none; a body of `bytes` is handed
    on as it came), `shown` the record that documents the body where it is checked further in. `in_thread` is for calls
    that wait for the disk. `batch` names the list whose length is bounded by MAX_BATCH.
    """

    method: str
    path: str
    handler: Handler
    roles: frozenset[str] | None
    summary: str
    answer: Any
    errors: tuple[int, ...] = ()
    body: Any = None
    query: type[msgspec.Struct] | None = None
    shown: Any = None
    status: int = 200
    in_thread: bool = False
    batch: str | None = None
    max_body: int = 2 * MEBIBYTE
    example: Any = None
    content_type: str = "application/json"

    @cached_property
    def id_names(self) -> tuple[str, ...]:
        """Names of the identifiers in the path, from left to right."""
        return tuple(step[1:-1] for step in self.path.split("/") if step.startswith("{"))

    @cached_property
    def statuses(self) -> tuple[int, ...]:
        """All problems that it can answer, those common to its kind included, ascending."""
        common = {500}
        if self.roles is not None:
            common |= {401, 403, 503}
        if self.in_thread:
            common |= {421}
        if self.id_names or self.query or self.body:
            common |= {422}
        if self.body:
            common |= {408, 413, 415}
        return tuple(sorted(common | set(self.errors)))
