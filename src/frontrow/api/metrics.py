"""What is counted, for Prometheus. Labels are route templates and statuses; never an id."""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from frontrow.core.log import Log
from frontrow.events.answer import IngestAnswer
from frontrow.recommend.answers import Page, Slate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_ROUTE = "(none)"
FILE_BYTES = 1 << 20
"""What prometheus-client makes a process's file of one kind as large as, at first: some thousands of series."""

_log = Log("frontrow.api")
_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """Counters of this worker.

    With `shared` the workers of a server write theirs to the folder in PROMETHEUS_MULTIPROC_DIR (prometheus-client
    reads it when it is first imported) and `exposition` sums all of them, those of dead workers included. A worker that
    finds no space there counts for itself, and only `exposition` of that worker shows it.
    """

    def __init__(self, shared: bool = False) -> None:
        self._registry = CollectorRegistry()
        if shared and not _take_space(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])):
            _log.warning("no space for shared counters: this worker counts in its own memory")
            values.ValueClass = values.MutexValue  # what prometheus-client makes its counters of
            shared = False
        own = None if shared else self._registry
        if shared:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]  # it comes untyped
        self._requests = Counter(
            "frontrow_requests", "Requests by route template and status.", ("method", "route", "status"), registry=own
        )
        self._seconds = Histogram(
            "frontrow_request_seconds", "Time to answer.", ("method", "route"), buckets=_SECONDS, registry=own
        )
        self._events = Counter("frontrow_events", "Events by what became of them.", ("outcome",), registry=own)
        self._answers = Counter("frontrow_answers", "Pages and lists built.", ("kind",), registry=own)
        self._degraded = Counter(
            "frontrow_degraded_answers", "Pages and lists with a part missing.", ("kind",), registry=own
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def answer(self, answer: object) -> None:
        """What an answer says of the service: events taken, pages degraded."""
        if isinstance(answer, IngestAnswer):
            self._events.labels("accepted").inc(answer.accepted)
            self._events.labels("duplicate").inc(answer.duplicates)
            self._events.labels("rejected").inc(len(answer.rejected))
        elif isinstance(answer, Page | Slate):
            kind = "page" if isinstance(answer, Page) else "list"
            self._answers.labels(kind).inc()
            if answer.degraded is not None:
                self._degraded.labels(kind).inc()

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)


def _take_space(folder: Path) -> bool:
    """Gives this process's counters their files, with blocks; False if there is no space for them.

    prometheus-client would make files with holes and map them into memory: on a full disk the kernel ends a process
    (SIGBUS) that touches a hole. It takes files that are there as they are.
    """
    files = [folder / f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram")]
    try:
        for path in files:
            with path.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
    except OSError:
        for path in files:
            path.unlink(missing_ok=True)
        return False
    return True
