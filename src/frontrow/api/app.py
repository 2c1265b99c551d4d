"""The ASGI application: the table of routes, behind the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from importlib import resources
from itertools import groupby

from starlette.routing import BaseRoute, Router
from starlette.routing import Route as PathRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from frontrow.api.access import Door
from frontrow.api.docs_page import docs_html
from frontrow.api.endpoint import Endpoint, Writers
from frontrow.api.frame import Frame
from frontrow.api.long_folds import LongFolds
from frontrow.api.metrics import Metrics
from frontrow.api.openapi import openapi_json
from frontrow.api.problems import Refused
from frontrow.api.route import Site
from frontrow.api.routes import ROUTES
from frontrow.api.service import Service

Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    raise Refused(404, "There is no such call; /docs lists all")


@cache
def _documents() -> Mapping[str, bytes]:
    return {
        "/openapi.json": openapi_json(ROUTES),
        "/docs": docs_html(ROUTES),
        "/docs.css": resources.files("frontrow.api").joinpath("docs.css").read_bytes(),
    }


def build_app(
    service: Service,
    *,
    dev: bool = False,
    host: str = "127.0.0.1",
    port: int = 8080,
    metrics: Metrics | None = None,
    lifespan: Lifespan | None = None,
) -> ASGIApp:
    """The whole API over a service that is open. `host` and `port` are where it is served (checked with `dev`)."""
    metrics = metrics or Metrics()
    site = Site(service, metrics, dev, _documents())
    door = Door(service.keys, dev, host, port)
    writers, folds = Writers(), LongFolds()
    # Grouped by path, so that a wrong method is answered with all that the path allows; longer templates first would
    # not matter, as an identifier never matches a slash.
    ordered = sorted(ROUTES, key=lambda route: route.path)
    paths: list[BaseRoute] = [
        PathRoute(path, Endpoint(list(group), site, door, writers, folds))
        for path, group in groupby(ordered, key=lambda route: route.path)
    ]
    router = Router(paths, redirect_slashes=False, default=_nowhere, lifespan=lifespan)
    return Frame(router, door, metrics)
