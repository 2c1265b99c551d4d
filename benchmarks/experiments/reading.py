"""An experiment on half a million viewers, read from the metric tables: 10 million unit-days, 20 segments.

`python benchmarks/experiments/reading.py` writes reading.json beside itself. The tables (as `readout` keeps them) are
made by this script and not timed: 28 days before exposure with some activity, and 10 million days after it. Timed is
the whole reading: units, assignment computed again, outcomes and covariates of all metrics, statistics, verdict. The
gate: 60 s (aim: 20 s) and 3 GB on 2 cores. Baseline in the same run: summing the day table by profile, alone.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
from result import write

from frontrow.core.clock import DAY, format_time
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.design.design import Arm, Design, Guard
from frontrow.experiments.metrics.page_days import EXPOSURES, PAGE_DAYS, id_mark
from frontrow.experiments.metrics.tables import MetricTables, nothing_yet
from frontrow.experiments.metrics.unit_days import DAYS, SUMS, shaped
from frontrow.experiments.reading.read import Asked, Service, read_experiment
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile

UNITS, AFTER, BEFORE, TODAY = 500_000, 20, 28, 20_000
PLACES = ("SE", "NO", "DK", "FI", "DE", "FR", "ES", "PT")
LANGUAGES = ("sv", "no", "da", "fi", "de", "fr", "es")
PLANS = ("ads", "basic", "premium")
GIGABYTE = 1e6  # ru_maxrss is in kB

DESIGN = Design(
    experiment_id="x",
    hypothesis="one percent more",
    arms=(Arm(key="control", weight=0.5), Arm(key="new", weight=0.5)),
    primary="viewing_time",
    guardrails=(Guard(metric="page_latency", margin=0.02),),
    started_at=format_time((TODAY - AFTER) * DAY),
    state="running",
)


def people() -> Iterator[KnownProfile]:
    """All viewers, as the store gives them."""
    for number in range(UNITS):
        yield KnownProfile(
            number, 0,
            Profile(profile_id=f"v{number}", country=PLACES[number % 8], language=LANGUAGES[number % 7],
                    plan=PLANS[number % 3], kids=number % 11 == 0),
        )  # fmt: skip


def tables(arm: np.ndarray) -> MetricTables:
    """Long-tailed numbers that go with a viewer's own level; the arm `new` is 1 % better."""
    random = np.random.default_rng(7)
    level = random.gamma(2.0, 0.5, UNITS)
    days, pages = [], []
    for day in range(TODAY - AFTER - BEFORE, TODAY):
        after = day >= TODAY - AFTER
        there = np.arange(UNITS) if after else np.flatnonzero(random.random(UNITS) < 0.4)
        scale = level[there] * (1 + 0.01 * arm[there] * after)
        columns = {name: random.poisson(scale).astype(np.int32) for name in SUMS if name not in ("viewing_seconds",)}
        seconds = (random.exponential(1800, len(there)) * scale).astype(np.float32)
        frame = pl.DataFrame({"profile": there, "day": np.full(len(there), day), "viewing_seconds": seconds} | columns)
        watched = pl.DataFrame({"titles": random.integers(0, 4000, len(there)), "title_seconds": seconds})
        became = pl.Series("ends", random.choice(np.array([0, 1, 3, -14, -20], np.int16), len(there)))
        ends = pl.DataFrame(became).select(
            pl.when(pl.Series(random.random(len(there)) < 0.6)).then(pl.concat_list("ends"))
        )
        frame = frame.with_columns(
            *watched.select(pl.all().reshape((-1, 1)).arr.to_list()), ends.to_series().alias("ends"), active=pl.lit(1)
        )
        days.append(shaped(frame, DAYS))
        served = pl.DataFrame({"profile": there, "day": np.full(len(there), day), "pages": 2, "timed_pages": 2,
                               "page_ms": random.gamma(9.0, 2.0, len(there)), "pick_pages": 2,
                               "pick_hits": random.binomial(2, 0.3, len(there))})  # fmt: skip
        pages.append(shaped(served, PAGE_DAYS).fill_null(0))
    exposures = pl.DataFrame(
        {
            "experiment": "x", "profile": np.arange(UNITS), "first_at": (TODAY - AFTER) * DAY + 1,
            "variant": np.where(arm == 1, "new", "control"), "served_as": [id_mark(f"v{n}") for n in range(UNITS)],
        }
    )  # fmt: skip
    return replace(
        nothing_yet(), days=pl.concat(days), page_days=pl.concat(pages), exposures=shaped(exposures, EXPOSURES)
    )


def main() -> None:
    """All figures, and their file."""
    began = time.perf_counter()
    assigner = Assigner([DESIGN.split()])
    arm = np.array([int(assigner.assign_one("x", f"v{n}", {}, True).variant == "new") for n in range(UNITS)])
    made = tables(arm)
    random = np.random.default_rng(3)
    genres = pl.DataFrame(
        {"title": np.repeat(np.arange(4000), 2), "genre": random.integers(0, 20, 8000), "share": 0.5}
    ).cast({"title": pl.Int32, "genre": pl.Int32})
    print("made", file=sys.stderr)
    resting = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = time.perf_counter()
    made.days.lazy().group_by("profile").agg(pl.col(name).sum() for name in SUMS).collect(engine="streaming")
    alone = time.perf_counter() - clock
    clock = time.perf_counter()
    service = Service(made, people, genres, True, TODAY * DAY - 1)
    asked = Asked(segments=("country", "language", "plan", "kids"))
    analysis = read_experiment(DESIGN, service, assigner, asked, None)
    spent = time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    levels = {(each.segment.column, each.segment.level) for each in analysis.segments if each.segment}
    found = msgspec.to_builtins(analysis.effects[0])
    write(
        __file__,
        {
            "unit-days after exposure": UNITS * AFTER,
            "rows of the day table": made.days.height,
            "metrics": len({each.metric for each in analysis.effects}),
            "segments": len(levels),
            "timed, seconds": {"reading": round(spent, 1), "baseline: one sum by profile": round(alone, 1)},
            "peak resident GB": round(peak / GIGABYTE, 2),
            "of which before reading": round(resting / GIGABYTE, 2),
            "primary": {name: found[name] for name in ("lift", "lift_interval", "variance_reduction")},
            "decision": analysis.decision,
            "load": os.getloadavg(),
            "gates": {"60 s": spent <= 60, "3 GB": peak <= 3 * GIGABYTE},
            "aims": {"20 s": spent <= 20},
        },
        began,
    )


if __name__ == "__main__":
    main()
