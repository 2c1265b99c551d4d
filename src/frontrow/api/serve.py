"""`frontrow serve`: checks that it may and can, then runs worker processes until it is told to stop."""

from __future__ import annotations

import errno
import http.client
import multiprocessing
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final, Protocol, cast

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from frontrow.api.access import check_mode
from frontrow.api.crew import Crew
from frontrow.api.keeper import Keeper, compacting
from frontrow.api.plan import WORKSPACE, Plan
from frontrow.api.request_log import configure_logging
from frontrow.core.clock import Micros, wall_clock
from frontrow.core.errors import FrontrowError, UsageError

LOCK: Final = "frontrow.wiring:server_lock"
PORT_WAIT_SECONDS: Final = 2.0
"""How long a port may stay taken: workers of a killed server need a moment to notice."""
STOP_SECONDS: Final = 10
SAY_SECONDS: Final = 10.0
"""How often a server that takes long to start says so."""

_LOGGING: Final[dict[str, Any]] = {
    "handlers": {
        name: {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
        for name in ("console", "access")
    }
}


class Lock(Protocol):
    """One server a workspace."""

    def acquire(self, port: int, since: Micros) -> object:
        """FrontrowError that names process and port where a server runs already."""
        ...

    def release(self) -> None: ...


def serve(
    path: Path,
    host: str,
    port: int,
    workers: int,
    dev: bool,
    *,
    service: str = WORKSPACE,
    lock: str = LOCK,
    say: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT; a worker that dies is replaced, later and later while its replacements die too.

    `service` and `lock` name (as `module:name`) what opens a workspace and makes its lock; `say` gets the lines for
    people. UsageError for a mode that would answer strangers or wrong numbers; FrontrowError for a port in use, a
    second server, a workspace that does not open, workers that cannot start.
    """
    if not 1 <= port <= 65_535:
        raise UsageError(f"--port must be 1 to 65535, not {port}")
    if not 1 <= workers <= 512:
        raise UsageError(f"--workers must be 1 to 512, not {workers}")
    address = _address(host, port)
    plan = Plan(str(path.resolve()), host, port, dev, wall_clock(), service)
    opened = plan.open()
    try:
        check_mode(host, dev, opened.keys.count() > 0)
        opened.check_start()
        keeper = Keeper(compacting(path.resolve()), opened.compact_minutes) if opened.compact_minutes else None
    finally:
        opened.close()
    held = cast("Callable[[Path], Lock]", resolve_name(lock))(path)
    held.acquire(port, Micros(plan.since))
    try:
        check_port(host, address, port)
        _prepare(plan, path)
        _announce(plan, address, workers, say or _say)
        if keeper is not None:
            keeper.start()
        _run(address, port, workers)
    finally:
        if keeper is not None:
            keeper.stop()
        held.release()


def _address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise UsageError(f"--host {host} is no address of this machine") from None
    return str(found[0][4][0])


def check_port(host: str, address: str, port: int, wait: float = PORT_WAIT_SECONDS) -> None:
    """FrontrowError if nobody could listen there. Workers share the port by SO_REUSEPORT, so two servers of one user
    would both start and get each other's requests; this probe does without the option and fails."""
    until = time.monotonic() + wait
    while True:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
                probe.listen(1)
                return
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    if time.monotonic() >= until:
                        raise FrontrowError(
                            f"Port {port} on {host} is in use", "Stop what listens there or choose another with --port."
                        ) from None
                elif error.errno == errno.EACCES:
                    raise FrontrowError(
                        f"Port {port} needs more rights than this user has", "Choose one over 1023 with --port."
                    ) from None
                else:
                    raise UsageError(f"--host {host} is no address of this machine") from None
        time.sleep(0.05)


def _prepare(plan: Plan, path: Path) -> None:
    """What the workers inherit: the plan, a fresh folder for their counters, one thread for each product."""
    folder = path / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    plan.hand_down()
    configure_logging()


def _run(address: str, port: int, workers: int) -> None:
    # Spawned, not forked: respawning happens while threads of this process run.
    multiprocessing.set_start_method("spawn", force=True)
    server = Crew(
        "frontrow.api.worker:application",
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=1 << 17),
        websockets=False,
        backlog=1024,
        backpressure=1024,
        workers_kill_timeout=STOP_SECONDS,
        factory=True,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
        log_access=False,
    )
    try:
        server.serve()
    except SystemExit as ending:
        # A group-wide Ctrl-C can end a worker before its parent told it to; that is no failure.
        if ending.code and not (server.interrupt_signal or server.hopeless):
            raise FrontrowError("The server ended", "The lines above say why.") from None
    if server.hopeless:
        raise FrontrowError("No worker can start: all of them failed again and again", "Their lines above say why.")


def _announce(plan: Plan, address: str, workers: int, say: Callable[[str], None]) -> None:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - compared, not bound
    shown = f"[{near}]" if ":" in near else near
    mode = "dev: no key is asked for, this machine only, `at` allowed" if plan.dev else "keys: every call needs one"

    lines = [
        f"Frontrow serves {plan.path} at http://{shown}:{plan.port} ({workers} workers)",
        f"Mode {mode}",
        f"Calls and records: http://{shown}:{plan.port}/docs",
    ]
    threading.Thread(
        target=announce, args=(lambda: _answers(near, plan.port), lines, say), name="announce", daemon=True
    ).start()


def announce(answers: Callable[[], bool], lines: Sequence[str], say: Callable[[str], None], pause: float = 0.1) -> None:
    """Says `lines` once the server answers, however long that takes, and until then now and then that it starts."""
    began = told = time.monotonic()
    while not answers():
        if time.monotonic() - told >= SAY_SECONDS:
            told = time.monotonic()
            say(f"Starting for {told - began:.0f} s: workers read models and catalogue, and count what is popular")
        time.sleep(pause)
    for line in lines:
        say(line)


def _answers(address: str, port: int) -> bool:
    link = http.client.HTTPConnection(address, port, timeout=2)
    try:
        link.request("GET", "/health/ready")
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
