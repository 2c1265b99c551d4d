"""What forecasts cost a page: the same pages with and without weights for outcomes, one after the other.

    python benchmarks/outcomes/serving.py WORKSPACE [--profiles 200] [--out serving.json]

The workspace must hold a trained model that forecasts outcomes. Each profile's page (20 rows × 20 titles) is asked for
three ways in turn: by plays alone, by weights for all outcomes, by plays alone again (what chance does). Processor time
in milliseconds; and what the forecast of 400 titles alone takes (their features, and all outcomes).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from frontrow.core.horizon import SESSION
from frontrow.models.blend import mixture
from frontrow.models.outcomes.inputs import read
from frontrow.models.ranker.columns import MOMENT
from frontrow.recommend.arms import Resolved
from frontrow.recommend.request import HomeRequest
from frontrow.recommend.tuning import Tuning
from frontrow.wiring import assemble

HERE = Path(__file__).resolve().parent
WEIGHTS = {"minutes": 0.5, "finish": 0.5, "thumbs_up": 0.5, "abandon": -0.5}


def main() -> None:
    """Asks for the pages and prints what they took."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("workspace", type=Path)
    asked.add_argument("--profiles", type=int, default=200)
    asked.add_argument("--out", type=Path, default=HERE / "serving.json")
    options = asked.parse_args()
    parts = assemble(options.workspace)
    parts.engine.refresh()
    rooms = parts.engine.rooms
    model = rooms.views.models.outcomes if rooms.views.models else None
    assert model is not None
    assert model.names
    plain, weighed = Resolved(Tuning()), Resolved(Tuning(outcome_weights=WEIGHTS))
    took: dict[str, list[float]] = {"plays alone": [], "all weighed": [], "plays alone again": [], "400 titles": []}
    ids = [f"p-{number:05d}" for number in range(options.profiles)]
    for profile_id in ids:
        parts.engine.home(HomeRequest(profile_id=profile_id, device="tv"))  # what is kept is there
        for name, arm in zip(took, (plain, weighed, plain), strict=False):
            rooms.arms._plain = arm
            took[name].append(timed(lambda who=profile_id: parts.engine.home(HomeRequest(profile_id=who, device="tv"))))
    titles = np.flatnonzero(rooms.views.catalogue.rankable)[:400]
    standardised, moment = np.zeros((16, len(titles)), np.float32), np.zeros(len(MOMENT), np.float32)
    for profile_id in ids:
        known = rooms.people.find(profile_id)
        assert known is not None

        def forecast(number: int = known.number, generation: int = known.generation) -> None:
            batch = rooms.features.of_profile(number, generation, rooms.clock(), rooms.views.catalogue)
            table = read(standardised, moment, rooms.features.pairs(batch, titles), model.rates)
            model.after_play(table, mixture(SESSION))

        forecast()
        took["400 titles"].append(timed(forecast))
    parts.close()
    told = {
        name: {f"p{q}_ms": round(float(np.percentile(each, q)), 3) for q in (50, 95)} for name, each in took.items()
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    made = {
        "machine": machine,
        "profiles": options.profiles,
        "titles": int(rooms.views.catalogue.rankable.sum()),
    } | told
    print(json.dumps(made, indent=1))
    options.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of this process's time."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1_000


if __name__ == "__main__":
    main()
