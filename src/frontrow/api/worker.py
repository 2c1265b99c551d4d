"""One worker process: opens the workspace, serves, and ends with the process that started it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from frontrow.api.app import build_app
from frontrow.api.metrics import Metrics
from frontrow.api.plan import plan_of_parent
from frontrow.api.request_log import configure_logging, where_it_failed
from frontrow.api.service import Service
from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log

REFRESH_SECONDS = 1.0
GRACE_SECONDS = 5.0
SWITCH = 0.0005
"""Seconds after which a thread that folds or writes lets the one that answers go on (Python's own: .005). A page waits
for it after every read of the disk."""
COLLECT = (50_000, 20, 50)
"""When the collector runs: a page makes thousands of objects without a cycle among them."""


def application() -> ASGIApp:
    """What granian calls in each worker."""
    configure_logging()
    _end_with_parent()
    plan = plan_of_parent()
    try:
        service = plan.open()
        service.refresh()
    except FrontrowError as error:
        sys.exit(str(error))
    # What was loaded stays: the collector need not walk through the catalogue again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(SWITCH)

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(_refresh(service))
        try:
            yield
        finally:
            refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await refreshing
            service.close()
            # All is done and closed; a full finalization of the interpreter would trip over threads of the server's
            # Rust runtime that still hold on to it ("panic in a function that cannot unwind").
            atexit.register(os._exit, 0)

    return build_app(
        service, dev=plan.dev, host=plan.host, port=plan.port, metrics=Metrics(shared=True), lifespan=lifespan
    )


async def _refresh(service: Service) -> None:
    log = Log("frontrow.api")
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            service.refresh()
        except Exception as error:  # noqa: BLE001 - what was there goes on serving
            log.error("refresh failed", **where_it_failed(error))


def _end_with_parent() -> None:
    """Without the parent nobody would stop or restart this worker, and it would hold the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
