"""What each facet is worth where the simulated service has its effect, and that it is worth nothing where it has not.

    python benchmarks/facets/run.py [--seeds 401,402,403] [--effects context,content,sequence,session] [--profiles N]

For each seed a service is simulated as it is, and once without each effect, and evaluated as `frontrow evaluate` does
it (`last-event`, request time known). The lift of a facet is NDCG@10 of the whole less that of the whole without the
facet, paired by viewer, as a share of the latter; 95 % intervals. The facets: `context`; `content`, all that reads what
records say (likeness, what leads on, what goes with a sitting); `order`, what follows what (what-follows, transitions,
what leads on, the sequence model where it is trained: off here); `sitting`, what the sitting that is going on betrays.
Beside them, of the service as it is: `likeness`, the likeness of content alone, and hearing of plays half an hour late.
A copy is asked for its own facet alone. `pooled` joins the seeds: means of lifts, intervals from all viewers together
(seeds are independent). The gate: a lift where the effect is, and within 1 % of zero, the interval holding it, where it
is not. Results of other seeds and effects in the file stay. ceiling.py says what a knower of the truth would gain.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from frontrow import Workspace
from frontrow.evaluate.asking import LATE, less
from frontrow.evaluate.evaluation import evaluate
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings
from frontrow.training import training_data
from frontrow.wiring import assemble

HERE = Path(__file__).resolve().parent
FACETS = {
    "context": ("context",), "content": ("content", "leads_on", "sitting"),
    "order": ("follow", "transitions", "leads_on", "sequence"), "sitting": ("sitting",), "likeness": ("content",),
}  # fmt: skip
FACET_OF = {"context": "context", "content": "content", "sequence": "order", "session": "sitting"}
"""The facet that an effect can be told from."""
METRIC = "ndcg@10"


def main() -> None:
    """Runs all seeds, as the service is and without each effect."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="401,402,403", help="seeds not used in making any of it")
    asked.add_argument("--effects", default=",".join(FACET_OF), help="those to leave out in turn")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=2_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    for seed in map(int, options.seeds.split(",")):
        for effect in ["", *filter(None, options.effects.split(","))]:
            without = frozenset({effect} - {""})
            settings = WorldSettings(seed, options.titles, options.profiles, options.days, without)
            known = json.loads(options.out.read_text())["runs"] if options.out.exists() else []
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="frontrow-facets-") as folder:
                made = {"seed": seed, "without": effect, "profiles": options.profiles} | run(settings, Path(folder))
            made["seconds"] = round(time.monotonic() - started, 1)
            print(json.dumps(made, indent=1), flush=True)
            known = [each for each in known if (each["seed"], each["without"]) != (seed, effect)] + [made]
            known.sort(key=lambda each: (each["seed"], each["without"]))
            machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
            options.out.write_text(
                json.dumps({"machine": machine, "runs": known, "pooled": pooled(known)}, indent=1) + "\n",
                encoding="utf-8",
            )


def run(settings: WorldSettings, folder: Path) -> dict[str, Any]:
    """One service: the lift of every facet."""
    simulate_history(settings, folder / "tables", lambda share, text: None)
    with Workspace.init(folder / "workspace") as workspace:
        assert not workspace.import_tables(folder / "tables", strict=True).rejected
    parts = assemble(folder / "workspace")
    data, content = training_data(parts, None)
    titles = parts.engine.rooms.views.titles_now().titles
    own = [FACET_OF[effect] for effect in settings.without] or list(FACETS)
    facets = {name: FACETS[name] for name in own}
    report = evaluate(data, "last-event", request_time="known", content=content, titles=titles, facets=facets)
    parts.close()
    rows = {row.system: row for row in report.rows}
    lifts = {name: lift(rows.get(less(name))) for name in facets}
    if not settings.without:
        lifts["heard at once"] = lift(rows[LATE])
    return {"asked": report.users, METRIC: round(rows["frontrow"].metrics[METRIC].value, 5), "lifts": lifts}


def pooled(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """By copy and facet, over seeds: the mean lift, and its interval from those of the seeds, which are independent."""
    told: dict[str, Any] = {}
    for without in sorted({each["without"] for each in runs}):
        some = [each["lifts"] for each in runs if each["without"] == without]
        for facet in some[0]:
            shares = [lifts[facet]["share"] for lifts in some if facet in lifts]
            mean = sum(share["value"] for share in shares) / len(shares)
            half = sum(((share["high"] - share["low"]) / 2) ** 2 for share in shares) ** 0.5 / len(shares)
            told.setdefault(f"without {without}" if without else "as it is", {})[facet] = {
                "value": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4),
                "seeds": len(shares), "silent in": sum(lifts[facet]["silent"] for lifts in some if facet in lifts),
            }  # fmt: skip
    return told


def lift(row: Any) -> dict[str, Any]:
    """What a facet adds, as a share of the NDCG@10 without it; None where it said nothing at all."""
    if row is None:
        return {"without": None, "share": {"value": 0.0, "low": 0.0, "high": 0.0}, "silent": True}
    base, lead = row.metrics[METRIC].value, row.lead[METRIC]
    share = {name: round(getattr(lead, name) / base, 4) for name in ("value", "low", "high")}
    return {"without": round(base, 5), "share": share, "silent": False}


if __name__ == "__main__":
    main()
