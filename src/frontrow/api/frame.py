"""Around every request: its id, its problem if it ends in one, its line in the log, its place in the metrics."""

from __future__ import annotations

import os
import re
import secrets
import time
from urllib.parse import quote

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontrow.api.access import Door
from frontrow.api.endpoint import ROUTE
from frontrow.api.metrics import NO_ROUTE, Metrics
from frontrow.api.problems import CONTENT_TYPE, RETRY_AFTER, Refused, problem, refusal
from frontrow.api.request_log import where_it_failed
from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log

MAX_IN_FLIGHT = 512
"""Requests of one worker before more are sent away."""

_SANE_ID = re.compile(r"[\x20-\x7e]{1,128}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLOSED = 499


class Frame:
    """The outermost ASGI layer. Whatever happens further in, an answer goes out and holds no traceback."""

    def __init__(self, app: ASGIApp, door: Door, metrics: Metrics) -> None:
        self._app = app
        self._door = door
        self._metrics = metrics
        self._log = Log("frontrow.api")
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Routed by what was sent, not by what it decodes to: an id may hold a slash.
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        scope["path"] = raw.split(b"?", 1)[0].decode("latin-1")
        started = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")
        if not _SANE_ID.fullmatch(request_id):
            request_id = secrets.token_hex(12)
        status = _CLOSED

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._stamp(MutableHeaders(scope=message), scope["path"], request_id)
            elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        self._in_flight += 1
        try:
            response = await self._run(scope, receive, send_framed, headers, request_id)
            if response is not None and status == _CLOSED:
                await response(scope, receive, send_framed)
        except ClientDisconnect:
            pass
        finally:
            self._in_flight -= 1
            self._account(scope, status, time.perf_counter() - started, request_id)

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, request_id: str
    ) -> Response | None:
        """The problem to answer, or None when the application answered."""
        try:
            self._door.check_origin(headers)
            if self._in_flight > MAX_IN_FLIGHT:
                raise Refused(503, "Too many requests are waiting", headers=RETRY_AFTER)
            await self._app(scope, receive, send)
        except Refused as refused:
            return problem_response(refused)
        except FrontrowError as error:
            ending = refusal(error)
            if ending.status == 500:
                self._log.error("failed", request_id=request_id, **where_it_failed(error))
            return problem_response(ending)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the last layer: logged, and answered as a problem
            self._log.error("failed", request_id=request_id, **where_it_failed(error))
            return problem_response(Refused(500, "The server failed; its log names this request's id"))
        return None

    def _stamp(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers["Cache-Control"] = "no-store"
        headers["X-Content-Type-Options"] = "nosniff"
        if self._door.dev:
            headers["X-Frontrow-Worker"] = str(os.getpid())

    def _account(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = scope.get(ROUTE, NO_ROUTE)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.request(method, route, status, seconds)
        self._log.info(
            "request", method=method, route=route, status=status, ms=round(seconds * 1e3, 3), request_id=request_id
        )


def problem_response(refused: Refused) -> Response:
    """An error as it goes out."""
    body = msgspec.json.encode(problem(refused))
    return Response(body, refused.status, dict(refused.headers), CONTENT_TYPE)
