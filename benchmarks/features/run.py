"""Features: latency of a profile's full vector and of 500 titles for a page, the training view, and a rebuild.

    python benchmarks/features/run.py [--events 1000000] [--profiles 20000] [--titles 10000]

A workspace is filled with events of many kinds (playbacks in several events, impressions, ratings, selects; some late),
heaviest profiles far over the caps. Then
- *vector*: every feature of a profile and its session, as arrays, of profiles in random order: those in memory (warm)
  and those folded from the log on the spot (cold);
- *after an event*: the same right after an event of that profile was taken into the log, a select, a playback;
- *page*: every feature of profile x title and of titles, for 500 titles;
- *rebuild*: all trails and title trends from the log, held against those of a process that took the log up bit by bit;
- *training*: features of profiles at 20,000 random (profile, offset) moments, and of 50 titles beside each of 5,000.
As a baseline, one of sums over the same rows in plain Python is timed beside. Writes result.json beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import itertools
import json
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from frontrow.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, parse_time, wall_clock
from frontrow.events.accept import accept
from frontrow.events.event import DEVICES, Event
from frontrow.features.definitions import PAIR_FEATURES, PROFILE_FEATURES, TITLE_FEATURES
from frontrow.features.history import History
from frontrow.features.online import OnlineFeatures
from frontrow.features.title_trends import TitleTrends
from frontrow.features.trail import Trail
from frontrow.features.training_view import Moments, pair_features, part_of, profile_features
from frontrow.workspace import Workspace

START = parse_time("2026-01-01T00:00:00Z")
NOW = START + 60 * DAY
GENRES = [f"genre {n}" for n in range(24)]
PEOPLE = [f"person {n}" for n in range(3_000)]
TAGS = [f"tag {n}" for n in range(600)]
COUNTRIES = ["SE", "DE", "FR", "US", "NO", "DK", "FI", "PL"]
KINDS = ("progress", "impression", "rate", "select", "search")
ASKED = 2_000
EVENTS = {"select": {}, "progress": {"seconds": 700, "fraction": 0.4, "playback_id": "new"}}


def titles(count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    return [
        {
            "title_id": f"t{n}", "name": f"Title {n}", "runtime_minutes": 100,
            "genres": sorted({str(genre) for genre in rng.choice(GENRES, 2)}),
            "languages": [["sv", "de", "fr", "en"][n % 4]],
            "origin_countries": [COUNTRIES[n % 8]], "tags": {str(tag): 0.5 for tag in rng.choice(TAGS, 5)},
            "people": [{"name": str(name), "role": "actor"} for name in rng.choice(PEOPLE, 4)],
        }
        for n in range(count)
    ]  # fmt: skip


def events(count: int, profiles: int, n_titles: int, rng: np.random.Generator) -> list[Event]:
    """In order of arrival; one in fifty is late by up to ten days."""
    weight = 1 / np.arange(1, profiles + 1) ** 0.7
    who = rng.choice(profiles, count, p=weight / weight.sum())
    what = rng.choice(len(KINDS), count, p=[0.45, 0.4, 0.05, 0.08, 0.02])
    which = (n_titles * rng.random(count) ** 2).astype(int)
    at = START + np.sort((rng.random(count) * (NOW - START)).astype(np.int64))
    late = np.where(rng.random(count) < 0.02, rng.random(count) * 10 * DAY, 0).astype(np.int64)
    playing: dict[int, tuple[int, int, str]] = {}
    found = []
    for n in range(count):
        profile, kind = int(who[n]), KINDS[what[n]]
        event = Event(
            event_id=f"{n:012x}", type=kind, profile_id=f"p{profile}", at=int(at[n] - late[n]),  # type: ignore[arg-type]
            received_at=int(at[n]), device=DEVICES[n % 6], country=COUNTRIES[profile % 8],
            tz_offset_minutes=60, title_id=f"t{which[n]}",
        )  # fmt: skip
        if kind == "progress":
            title, step, playback = playing.get(profile, (int(which[n]), 0, f"{n:x}"))
            event.title_id, event.playback_id = f"t{title}", playback
            event.seconds, event.fraction = 300.0 * (step + 1), min(1.0, 0.25 * (step + 1))
            playing[profile] = (title, step + 1, playback)
            if step == 3:
                del playing[profile]
        elif kind == "rate":
            event.value = 4.0
        elif kind == "impression":
            event.page_id, event.row, event.column = "p", n % 8, n % 12
        elif kind == "search":
            event.query, event.title_id = "harbour", None
        found.append(event)
    return found


def percentiles(took: list[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds by the clock, and of the processor's time: the second is what it takes without neighbours."""
    return {
        f"{name}p{p}_ms": round(1e3 * float(np.percentile([each[place] for each in took], p)), 3)
        for place, name in enumerate(("", "cpu_"))
        for p in (50, 99)
    }


def timed(work: Callable[[], object]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def took(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor's time."""
    begun, cpu = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - begun, time.thread_time() - cpu


def vector(batch: Any) -> None:
    for feature in PROFILE_FEATURES:
        feature.read(batch)


def plain(rows: Any, now: int) -> dict[int, float]:
    """One fading sum over a ring, row by row: what one of 39 features costs in plain Python."""
    total: dict[int, float] = defaultdict(float)
    for title, at, weight in zip(rows["title"].tolist(), rows["at"].tolist(), rows["weight"].tolist(), strict=True):
        total[title] += weight * 2.0 ** ((at - now) / (30 * DAY))
    return total


def fill(workspace: Workspace, told: list[Event]) -> float:
    writer, begun = workspace._parts.store.writer, time.perf_counter()
    for first in range(0, len(told), 20_000):
        chunk = list(enumerate(told[first : first + 20_000]))
        writer.write(lambda unit, chunk=chunk: accept(unit, chunk, Micros(NOW), wall_clock(), True))
    return time.perf_counter() - begun


def online(workspace: Workspace, rng: np.random.Generator, n_titles: int) -> dict[str, Any]:
    store, catalogue = workspace._parts.store, workspace.engine.rooms.views.fresh().catalogue
    known = [store.people.find(f"p{n}") for n in range(3 * ASKED)]
    asked = [each for each in known if each is not None][:ASKED]
    rows = OnlineFeatures(store.states, store.log)
    rows.space(catalogue)
    rows.trends(catalogue)
    warm, page, alone = [], [], []
    fresh: dict[str, list[tuple[float, float]]] = {kind: [] for kind in EVENTS}

    clock = itertools.count(NOW, 37 * SECOND)  # nothing that hangs on the moment is there from the ask before

    def whole(each: Any) -> None:
        vector(rows.of_profile(each.number, each.generation, next(clock), catalogue))

    cold = [took(lambda each=each: whole(each)) for each in asked]
    for place in rng.permutation(len(asked)).tolist():
        each = asked[place]
        warm.append(took(lambda each=each: whole(each)))
        trail = rows.trail(each.number, each.generation)
        alone.append(took(lambda trail=trail: plain(trail.rings["played"], NOW)))
    for kind, taken in fresh.items():
        for n, place in enumerate(rng.permutation(len(asked))[:500].tolist()):
            each = asked[place]
            event = {"event_id": f"{kind}{n}", "type": kind, "title_id": f"t{n % 50}", "at": "2026-03-02T00:00:00Z",
                     "profile_id": each.profile.profile_id} | EVENTS[kind]  # fmt: skip
            workspace.ingest([event])
            taken.append(took(lambda each=each: whole(each)))

    def candidates(each: Any, some: Any) -> None:
        batch = rows.of_profile(each.number, each.generation, next(clock), catalogue)
        pairs = rows.pairs(batch, some)
        for feature in PAIR_FEATURES:
            feature.read(pairs)
        seen = rows.titles(some, NOW + HOUR, each.profile.country or "SE", catalogue)
        for feature in TITLE_FEATURES:
            feature.read(seen)

    for place in rng.permutation(len(asked)).tolist():
        some = rng.choice(n_titles, 500, replace=False)
        page.append(took(lambda place=place, some=some: candidates(asked[place], some)))
    held = [rows.trail(each.number, each.generation).rows for each in asked]
    return {
        "profiles_asked": len(asked),
        "rows_held": {"median": int(np.median(held)), "p99": int(np.percentile(held, 99)), "max": max(held)},
        "full_vector_warm": percentiles(warm),
        **{f"full_vector_after_a_{kind}": percentiles(taken) for kind, taken in fresh.items()},
        "full_vector_cold": percentiles(cold),
        "500_titles_for_a_page": percentiles(page),
        "baseline_one_sum_in_plain_python": percentiles(alone),
    }


def rebuild(workspace: Workspace, told: list[Event]) -> dict[str, Any]:
    """All trails at once against trails taken on in steps of 100,000 events."""
    store, catalogue = workspace._parts.store, workspace.engine.rooms.views.fresh().catalogue
    read, signals = timed(store.signals.signals)
    folded, history = timed(lambda: History(signals))
    made, trails = timed(lambda: dict(history.trails()))
    columns_read, columns = timed(store.log.columns)
    at_once = TitleTrends()
    trended, _ = timed(lambda: at_once.update(columns, catalogue.series_of))
    live: dict[int, Any] = {}
    stepped, bit_by_bit = TitleTrends(), 0.0
    for first in range(0, len(signals), 100_000):
        part = signals[first : first + 100_000]
        order = np.argsort(part["profile"], kind="stable")
        cuts = np.flatnonzero(np.diff(part["profile"][order])) + 1
        begun = time.perf_counter()
        for own in np.split(order, cuts):
            live.setdefault(int(part["profile"][own[0]]), Trail()).fold(part[own])
        bit_by_bit += time.perf_counter() - begun
        ends = np.searchsorted(columns.offset, [part["offset"][0], part["offset"][-1] + 1])
        stepped.update(part_of(columns, slice(*ends.tolist())), catalogue.series_of)
    wrong = sum(not live[number].same_as(trail) for number, trail in trails.items())
    return {
        "events": len(signals), "profiles": len(trails),
        "seconds": round(read + folded + made + columns_read + trended, 2),
        "of_these": {"read_log": round(read + columns_read, 2), "fold": round(folded, 2), "trails": round(made, 2),
                     "title_trends": round(trended, 2)},
        "live_folds_in_steps_seconds": round(bit_by_bit, 2),
        "trails_that_differ_from_live": wrong + len(live.keys() ^ trails.keys()),
        "title_trends_differ": not stepped.same_as(at_once),
    }  # fmt: skip


def training(workspace: Workspace, rng: np.random.Generator, n_titles: int) -> dict[str, Any]:
    store, catalogue = workspace._parts.store, workspace.engine.rooms.views.fresh().catalogue
    signals = store.signals.signals()
    history = History(signals)
    space = workspace.engine.rooms.features.space(catalogue)
    chosen = np.sort(rng.choice(len(signals), 20_000, replace=False))
    moments = Moments(
        signals["profile"][chosen], signals["offset"][chosen], signals["at"][chosen] + MINUTE
    )  # fmt: skip
    numbers = [f for f in PROFILE_FEATURES if f.type in ("number", "vector")]
    history_took, _ = timed(lambda: profile_features([f for f in PROFILE_FEATURES if f.type == "sequence"],
                                                     history, space, moments))  # fmt: skip
    number_took, _ = timed(lambda: profile_features(numbers, history, space, moments))
    map_took, _ = timed(lambda: profile_features([f for f in PROFILE_FEATURES if f.type == "map"], history, space,
                                                 moments.part(slice(0, 2_000))))  # fmt: skip
    few = moments.part(slice(0, 5_000))
    case = np.repeat(np.arange(5_000), 50)
    pair_took, _ = timed(lambda: pair_features(PAIR_FEATURES, history, space, few, case,
                                               rng.integers(0, n_titles, len(case))))  # fmt: skip
    return {
        "moments_a_second": {"numbers_and_vectors": round(20_000 / number_took),
                             "sequences": round(20_000 / history_took), "maps": round(2_000 / map_took)},
        "pairs_a_second": round(len(case) / pair_took),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    result: dict[str, Any] = {
        "machine": {
            "cpus": os.cpu_count(),
            "load_at_start": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
        },
        "asked": vars(asked),
    }
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        Workspace.init(Path(folder) / "w").close()
        (Path(folder) / "w" / "frontrow.toml").write_text('clock = "data"\n')
        workspace = Workspace.open(Path(folder) / "w")
        made = titles(asked.titles, rng)
        for first in range(0, len(made), 1000):
            assert not workspace.put_titles(made[first : first + 1000]).rejected
        told = events(asked.events, asked.profiles, asked.titles, rng)
        result["filled_seconds"] = round(fill(workspace, told), 1)
        for name, work in (
            ("rebuild", lambda: rebuild(workspace, told)),
            ("online", lambda: online(workspace, rng, asked.titles)),
            ("training", lambda: training(workspace, rng, asked.titles)),
        ):
            result[name] = work()
            print(name, json.dumps(result[name], indent=1), flush=True)
        workspace.close()
    result["machine"]["load_at_end"] = round(os.getloadavg()[0], 2)
    Path(__file__).with_name("result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
