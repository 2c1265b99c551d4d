"""Asks an ASGI application without a network."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: ASGIApp,
    method: str,
    target: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    parts: list[bytes] | None = None,
) -> Answer:
    """One request; `body` is JSON unless it is bytes, `target` is as it goes over the wire."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return asyncio.run(_ask(app, _scope(method, target, headers or {}), parts if parts is not None else [data]))


def _scope(method: str, target: str, headers: dict[str, str]) -> Scope:
    path, _, query = target.encode("latin-1").partition(b"?")
    stated = {"host": "127.0.0.1:8080"} | {name.lower(): value for name, value in headers.items()}
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path.decode("latin-1"), "raw_path": path, "query_string": query, "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in stated.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080),
    }  # fmt: skip


async def _ask(app: ASGIApp, scope: Scope, parts: list[bytes]) -> Answer:
    left = list(parts)
    started: list[Message] = []
    body = b""

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: Message) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            body += message.get("body", b"")

    await app(scope, receive, send)
    assert len(started) == 1
    headers = {name.decode(): value.decode("latin-1") for name, value in started[0]["headers"]}
    return Answer(started[0]["status"], headers, body)
