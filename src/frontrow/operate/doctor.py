"""The doctor: what is wrong with a workspace and how to mend it. It looks and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from frontrow.catalog.catalogue import Catalogue
from frontrow.core.clock import DAY, format_time
from frontrow.core.errors import FrontrowError
from frontrow.events.lake import LakeStatus
from frontrow.events.log import EventLog
from frontrow.models.artifact import Artifact, current_version
from frontrow.operate.ahead import MEND_AHEAD, ahead_of_all
from frontrow.operate.catalogue_findings import catalogue_findings
from frontrow.operate.experiment_findings import Experiments, experiment_findings
from frontrow.operate.finding import Finding
from frontrow.operate.state_findings import StateStatus, state_findings
from frontrow.people.keys import KeyStore
from frontrow.people.store import PeopleStore
from frontrow.recommend.replay import Verification

LEAST_FREE_BYTES = 1 << 30
STALE_MODEL_DAYS = 14
MUCH_BEHIND = 5_000_000


@dataclass(frozen=True)
class Patient:
    """What the doctor looks at. `now` is the service's, `newest_at` the newest event's time, both microseconds UTC."""

    path: Path
    catalogue: Catalogue
    people: PeopleStore
    log: EventLog
    keys: KeyStore
    check_storage: Callable[[], list[str]]
    unfinished: Callable[[], tuple[int, int]]
    clock: str
    clock_set_by: str
    now: int
    lake: Callable[[], LakeStatus | None]
    verify: Callable[[], Verification]
    server: str | None
    experiments: Experiments
    state: Callable[[], StateStatus | None]
    reads: bool = False


def examine(patient: Patient) -> list[Finding]:
    """All findings, in the order in which they were looked at. One check that fails does not stop the others."""
    findings: list[Finding] = []
    for look in READER if patient.reads else ALL:
        try:
            findings += look(patient)
        except FrontrowError as error:
            findings.append(Finding("fail", look.__name__.strip("_"), error.message, error.mend))
    return findings


def _storage(patient: Patient) -> Iterable[Finding]:
    problems = patient.check_storage()
    if problems:
        yield Finding("fail", "storage", "; ".join(problems[:3]), "Restore the workspace from a backup.")
    else:
        yield Finding("ok", "storage", f"{patient.path} is sound")


def _unfinished(patient: Patient) -> Iterable[Finding]:
    erasures, merges = patient.unfinished()
    if erasures or merges:
        what = " and ".join(
            f"{count:,} {name}{'s' if count > 1 else ''}"
            for count, name in ((erasures, "erasure"), (merges, "merge"))
            if count
        )
        yield Finding(
            "warn",
            "profiles",
            f"{what} failed on the way: the events are gone or moved, but not all that was served and derived",
            "frontrow compact goes on with them and says what is in the way; a server does so every "
            "`events.compact_minutes`.",
        )
    else:
        yield Finding("ok", "profiles", "all erasures and merges are finished")


def _disk(patient: Patient) -> Iterable[Finding]:
    free = shutil.disk_usage(patient.path).free
    gigabytes = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        yield Finding("warn", "disk", gigabytes, "Free some space: a full disk refuses events (503) until there is.")
    else:
        yield Finding("ok", "disk", gigabytes)


def _clock(patient: Patient) -> Iterable[Finding]:
    text = f'clock = "{patient.clock}" ({patient.clock_set_by}); now is {format_time(patient.now)}'
    yield Finding("ok", "clock", text)
    newest = patient.log.head().newest_at
    if patient.clock == "wall" and newest is not None and patient.now - newest > 30 * DAY:
        yield Finding(
            "warn",
            "clock",
            f"the newest event is {(patient.now - newest) // DAY} days old: nothing trends, everything has lapsed",
            'For history set clock = "data" in frontrow.toml.',
        )
    if patient.clock == "data" and (ahead := ahead_of_all(patient.log)):
        yield Finding("warn", "clock", ahead, MEND_AHEAD)


def _catalogue(patient: Patient) -> Iterable[Finding]:
    return catalogue_findings(patient.catalogue)


def _events(patient: Patient) -> Iterable[Finding]:
    count, people = patient.log.count(), patient.people.count()
    if not count:
        yield Finding(
            "warn", "events", "no events: nothing is personal or popular yet", "frontrow import, or POST /v1/events."
        )
    else:
        yield Finding("ok", "events", f"{count:,} events of {people:,} profiles")


def _lake(patient: Patient) -> Iterable[Finding]:
    lake = patient.lake()
    if lake is None:
        yield Finding("ok", "lake", "there is none yet: training reads the log (`frontrow compact` makes one)")
        return
    if lake.missing or lake.behind < 0:
        what = f"lacks {lake.missing:,}" if lake.missing > 0 else f"has {-lake.missing:,} too many"
        yield Finding(
            "fail",
            "lake",
            f"up to offset {lake.offset:,} the lake {what} of the log's events",
            "frontrow compact --anew",
        )
        return
    yield Finding(
        "ok",
        "lake",
        f"{lake.rows:,} events up to offset {lake.offset:,} in {lake.files:,} files of {lake.days:,} days, "
        f"{lake.bytes / 1e6:.1f} MB; {lake.behind:,} offsets behind the log",
    )
    if lake.pending or lake.behind > MUCH_BEHIND:
        yield Finding(
            "warn",
            "lake",
            f"{lake.pending:,} erasures and merges wait to be carried out in it, it is {lake.behind:,} offsets behind",
            "frontrow compact; a server runs it every `events.compact_minutes`.",
        )


def _model(patient: Patient) -> Iterable[Finding]:
    folder = patient.path / "models"
    if current_version(folder) is None:
        yield Finding("warn", "model", "no trained model: popularity and content serve", "frontrow train")
        return
    artifact = Artifact.load(folder)
    until = artifact.manifest.until
    yield Finding("ok", "model", f"{artifact.version}, fitted on events before {format_time(until)}")
    if patient.now - until > STALE_MODEL_DAYS * DAY:
        days = (patient.now - until) // DAY
        yield Finding("warn", "model", f"the model has not seen the last {days} days", "frontrow train")


def _pages(patient: Patient) -> Iterable[Finding]:
    found = patient.verify()
    if found.different:
        first = found.differences[0]
        yield Finding(
            "fail",
            "pages",
            f"{found.different:,} of {found.values:,} logged values are not what the log gives: {first.value} of "
            f"{first.page_id} was {first.logged}, is {first.recomputed}",
            "frontrow verify compares more of them; features and training no longer agree with what was served.",
        )
    elif found.pages:
        yield Finding("ok", "pages", f"{found.compared} of {found.pages} sampled pages computed again: the same")
    else:
        yield Finding("ok", "pages", "no page of the sample was served yet")


def _experiments(patient: Patient) -> Iterable[Finding]:
    return experiment_findings(patient.experiments, patient.now)


def _keys(patient: Patient) -> Iterable[Finding]:
    if patient.keys.count():
        yield Finding("ok", "keys", f"{patient.keys.count()} API keys")
    else:
        yield Finding("warn", "keys", "no API keys: only `serve --dev` answers", "frontrow keys create --role app")


def _server(patient: Patient) -> Iterable[Finding]:
    yield Finding("ok", "server", patient.server or "no server runs on this workspace")


def _state(patient: Patient) -> Iterable[Finding]:
    return state_findings(patient.state())


ALL = (
    _storage,
    _unfinished,
    _disk,
    _clock,
    _catalogue,
    _events,
    _lake,
    _state,
    _model,
    _pages,
    _experiments,
    _keys,
    _server,
)
READER = (_storage, _disk, _state, _model, _keys, _server)
"""Of a server that only reads: what happened, and what is in the catalogue, is another server's to be well."""
