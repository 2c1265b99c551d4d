"""What happens to a request whose path is in the table: method, access, decoding, the call, the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
import anyio.to_thread
import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from frontrow.api.access import Door
from frontrow.api.incoming import path_id, read_body, read_query
from frontrow.api.long_folds import LongFolds
from frontrow.api.problems import RETRY_AFTER, Refused
from frontrow.api.records import MAX_BATCH
from frontrow.api.route import Call, Reply, Route, Site
from frontrow.core.decode import decode, decode_batch
from frontrow.core.ids import check_id

ROUTE = "frontrow.route"
"""Where a scope says which template it matched."""

WRITERS = 32
"""Threads that wait for the disk; the log makes one sync of what waits together."""
MAX_WAITING = 256
"""Writes in flight before more are sent away."""

_encode = msgspec.json.Encoder().encode


class Writers:
    """The threads of one worker in which calls wait for the disk."""

    def __init__(self, threads: int = WRITERS, waiting: int = MAX_WAITING) -> None:
        self._threads = threads
        self._most = waiting
        self._limiter: anyio.CapacityLimiter | None = None  # made on the loop that uses it
        self._waiting = 0

    async def run(self, route: Route, site: Site, ids: tuple[str, ...], body: bytes | None, headers: Headers) -> object:
        """Decodes and calls in a thread, so that a large batch does not hold up pages."""
        if self._waiting >= self._most:
            raise Refused(503, "Too many writes are waiting", headers=RETRY_AFTER)
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._threads)
        self._waiting += 1
        try:
            return await anyio.to_thread.run_sync(
                _decode_and_call, route, site, ids, body, headers, limiter=self._limiter
            )
        finally:
            self._waiting -= 1


def _decode_and_call(route: Route, site: Site, ids: tuple[str, ...], body: bytes | None, headers: Headers) -> object:
    asked = None
    if body is not None and route.body is not None:
        asked = decode(body, route.body) if route.batch is None else decode_batch(body, route.body)
        if route.batch is not None and (size := len(getattr(asked, route.batch))) > MAX_BATCH:
            raise Refused(413, f"{size} {route.batch} in one body; at most {MAX_BATCH} are taken", f"/{route.batch}")
    return route.handler(Call(site, ids, asked, headers))


class Endpoint:
    """All methods of one path template, as an ASGI application."""

    def __init__(self, routes: Sequence[Route], site: Site, door: Door, writers: Writers, folds: LongFolds) -> None:
        self._by_method = {route.method: route for route in routes}
        if "GET" in self._by_method:
            self._by_method.setdefault("HEAD", self._by_method["GET"])
        self._template = routes[0].path
        self._site = site
        self._door = door
        self._writers, self._folds = writers, folds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ROUTE] = self._template
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        route = self._by_method.get(request.method)
        if route is None:
            allowed = ", ".join(sorted(self._by_method))
            raise Refused(405, f"This call takes {allowed}, not {request.method}", headers={"Allow": allowed})
        role = "" if route.roles is None else self._door.role(request.headers, route.roles)
        ids = tuple(path_id(request.path_params[name], name) for name in route.id_names)
        if route.query is None and route.roles is not None:
            read_query(request.scope["query_string"], _NoQuery)
        body = await read_body(request, route.max_body) if route.body is not None else None
        staff = bool(role) and self._door.is_staff(role, request.headers)
        if route.in_thread:
            answer = await self._writers.run(route, self._site, ids, body, request.headers)
        else:
            asked = self._decoded(route, request, body, role)
            call = Call(self._site, ids, asked, request.headers, staff)
            answer = await self._folds.answer(lambda: route.handler(call))
        self._site.metrics.answer(answer)
        return self._response(route, answer)

    def _decoded(self, route: Route, request: Request, body: bytes | None, role: str) -> Any:
        asked: Any = None
        if route.body is not None and body is not None:
            asked = body if route.body is bytes else decode(body, route.body)
        elif route.query is not None:
            asked = read_query(request.scope["query_string"], route.query)
        if getattr(asked, "at", None) is not None:
            self._door.check_moment(role)
        if (profile_id := getattr(asked, "profile_id", None)) is not None:
            check_id(profile_id, "/profile_id")
        return asked

    def _response(self, route: Route, answer: object) -> Response:
        if isinstance(answer, Reply):
            response = Response(
                answer.body, answer.status or route.status, dict(answer.headers), answer.content_type or None
            )
        else:
            response = Response(_encode(answer), route.status, media_type="application/json")
        if self._site.dev and route.path == "/v1/home":
            response.headers["Server-Timing"] = ", ".join(
                f"{stage.replace(' ', '_')};dur={took:.3f}"
                for stage, took in self._site.service.engine.last_stages.items()
            )
        return response


class _NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Calls that take no query refuse one."""
