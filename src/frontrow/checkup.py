"""A workspace as the doctor looks at it."""

from __future__ import annotations

from collections.abc import Callable

from frontrow.operate.doctor import Patient
from frontrow.operate.experiment_findings import Experiments
from frontrow.readout import exposed
from frontrow.recommend.replay import Verification
from frontrow.wiring import Parts


def patient_of(parts: Parts, verify: Callable[[], Verification]) -> Patient:
    """What there is to look at; `verify` computes some sampled pages again."""
    store, engine = parts.store, parts.engine
    server = parts.server_lock.read()
    return Patient(
        path=parts.path,
        catalogue=engine.rooms.views.catalogue if parts.reading else engine.catalogue(),
        people=store.people,
        log=store.log,
        keys=store.keys,
        state=parts.state_status,
        reads=parts.reading is not None,
        check_storage=store.check,
        unfinished=store.unfinished,
        clock=parts.clock.kind,
        clock_set_by="frontrow.toml"
        if parts.settings.clock
        else "kept by an import"
        if store.kept_clock()
        else "default",
        now=parts.clock(),
        lake=store.lake.status,
        verify=verify,
        server=f"a server runs: process {server.pid}, port {server.port}" if server else None,
        experiments=Experiments(
            designs=[] if parts.reading else [design for _, design in parts.register.all()],
            check=parts.register.check,
            exposed=lambda: exposed(parts),
            looked=lambda: store.looks.everything().keys(),
            keep_days=parts.settings.pages.keep_days,
        ),
    )
