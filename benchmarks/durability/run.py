"""Read-your-writes across workers, and nothing lost or doubled when processes are killed. Over HTTP, real processes.

    python benchmarks/durability/run.py kills --kills 200 --seed 1
    python benchmarks/durability/run.py stale --pages 10000 --seed 1

`stale`: a server with two workers. `--pages` times a `stop` event is posted, and right after its 202 a page is asked
for, every other time from the other worker. A page is stale if it does not open with what was just being watched.

`kills`: a server with two workers under a stream of batches. `--kills` times one of its three processes is killed with
SIGKILL; the seed gives the victims and the waits between them. A worker is replaced; a dead parent is started again,
as an init system would, and so would be a server that ended itself (`the_server_ended_itself` counts them).
Batches without an answer are sent again, as clients do. A viewer beside them posts a `stop` and asks for a page after
its 202, again until one comes: it must not be stale either. At the end every acknowledged event must be in the log
once, and SQLite's own check must find no damage.

Each writes its part of result.json beside this file; `--at-most` ends a run of kills after so many seconds, and `--add`
adds it to those that are there.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from frontrow.storage.workspace import SqliteWorkspace

FRONTROW = Path(sys.executable).with_name("frontrow")
TITLES, PROFILES, BATCH = 200, 400, 100
NOW = "2026-03-20T12:00:00Z"


class Server:
    """One `frontrow serve --dev` with two workers."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.ended_itself = 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        command = [FRONTROW, "serve", "--workspace", self.workspace, "--port", str(self.port), "--dev"]
        log = (self.workspace / "server.log").open("ab")
        self.process = subprocess.Popen([*command, "--workers", "2"], stdout=log, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if self.call("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit((self.workspace / "server.log").read_text()[-2000:])
            time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def call(self, method: str, path: str, body: Any = None, link: Any = None) -> tuple[int, Any, str]:
        """(status, JSON, worker)"""
        own = link or self.connect()
        try:
            data = None if body is None else json.dumps(body)
            own.request(method, path, data, {"Content-Type": "application/json"})
            answer = own.getresponse()
            text = answer.read()
            kind = answer.getheader("content-type", "")
            return answer.status, json.loads(text) if "json" in kind else None, answer.getheader("x-frontrow-worker")
        finally:
            if link is None:
                own.close()

    def link_to_each_worker(self) -> list[http.client.HTTPConnection]:
        links: dict[str, http.client.HTTPConnection] = {}
        for _ in range(500):
            link = self.connect()
            worker = self.call("GET", "/health/live", link=link)[2]
            if worker in links:
                link.close()
            links.setdefault(worker, link)
            if len(links) == 2:
                return list(links.values())
        raise SystemExit("only one worker answers")

    def processes(self) -> list[psutil.Process]:
        """The parent and its two workers, once both are there. A server that ended by itself is started again."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                self.ended_itself += 1
                self.start()
            try:
                parent = psutil.Process(self.process.pid)
                workers = [c for c in parent.children() if "resource_tracker" not in " ".join(c.cmdline())]
                if len(workers) == 2 and all(each.status() != psutil.STATUS_ZOMBIE for each in workers):
                    return [parent, *sorted(workers, key=lambda each: each.pid)]
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.01)
        raise SystemExit("a dead worker was not replaced within a minute")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def workspace(folder: Path) -> Path:
    path = folder / "workspace"
    subprocess.run([FRONTROW, "init", path], check=True, stdout=subprocess.DEVNULL)
    (path / "frontrow.toml").write_text('clock = "data"\n')
    return path


def fill(server: Server) -> None:
    titles = [
        {"title_id": f"t{n}", "name": f"Title {n}", "genres": [f"g{n % 9}"], "runtime_minutes": 100}
        for n in range(TITLES)
    ]
    assert server.call("PUT", "/v1/titles", {"titles": titles})[0] == 200
    clock = {"event_id": "clock", "type": "session_start", "profile_id": "keeper", "at": NOW}
    assert server.call("POST", "/v1/events", {"events": [clock]})[0] == 202


def stale_pages(pages: int, seed: int, folder: Path) -> dict[str, Any]:
    server = Server(workspace(folder))
    fill(server)
    links, rng, stale, crossed = server.link_to_each_worker(), random.Random(seed), 0, 0
    for n in range(pages):
        profile, title = f"p{rng.randrange(PROFILES)}", f"t{rng.randrange(TITLES)}"
        at = f"2026-03-19T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z"
        event = {
            "event_id": f"e{n}", "type": "stop", "profile_id": profile, "title_id": title, "at": at,
            "seconds": 1200 + n % 7, "fraction": round(0.25 + n % 60 / 100, 2), "playback_id": f"pb{n}",
        }  # fmt: skip
        status, _, wrote = server.call("POST", "/v1/events", {"events": [event]}, links[n % 2])
        assert status == 202
        reader = links[(n + (n // 2) % 2) % 2]
        _, page, read = server.call("GET", f"/v1/home?profile_id={profile}&rows=1&columns=4", link=reader)
        crossed += wrote != read
        first = page["rows"][0]["items"][0] if page["rows"] else {}
        fresh = first.get("title_id") == title and (first.get("resume") or {}).get("fraction") == event["fraction"]
        stale += not fresh
    server.stop()
    return {"pages": pages, "asked_of_the_other_worker": crossed, "stale": stale}


class Sender(threading.Thread):
    """Posts batches without end; a batch that got no answer is sent again until it does."""

    def __init__(self, server: Server, number: int) -> None:
        super().__init__(daemon=True)
        self.server, self.number = server, number
        self.acknowledged: list[str] = []
        self.retries = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        batch = 0
        while not self.stopped.is_set():
            events = [
                {
                    "event_id": f"s{self.number}-{batch}-{n}", "type": "rate",
                    "profile_id": f"p{(batch * 7 + n) % PROFILES}",
                    "title_id": f"t{n % TITLES}", "value": 4, "at": NOW,
                }
                for n in range(BATCH)
            ]  # fmt: skip
            while not self.stopped.is_set():
                try:
                    status, answer, _ = self.server.call("POST", "/v1/events", {"events": events})
                except (OSError, http.client.HTTPException, ValueError):
                    self.retries += 1
                    time.sleep(0.02)
                    continue
                if status == 202:
                    assert answer["accepted"] + answer["duplicates"] == BATCH, answer
                    self.acknowledged += [event["event_id"] for event in events]
                    break
                time.sleep(0.05)
            batch += 1


class Viewer(threading.Thread):
    """Stops a title and looks at the page after the 202, through all that dies."""

    def __init__(self, server: Server, seed: int) -> None:
        super().__init__(daemon=True)
        self.server, self.rng = server, random.Random(seed)
        self.stopped = threading.Event()
        self.acknowledged: list[str] = []
        self.pages = self.stale = 0

    def until_answered(self, method: str, path: str, body: Any, wanted: int) -> Any:
        while True:
            try:
                status, answer, _ = self.server.call(method, path, body)
                if status == wanted:
                    return answer
            except (OSError, http.client.HTTPException, ValueError):
                pass
            if self.stopped.is_set():
                return None
            time.sleep(0.02)

    def run(self) -> None:
        while not self.stopped.is_set():
            n = len(self.acknowledged)
            profile, title = f"viewer{self.rng.randrange(40)}", f"t{self.rng.randrange(TITLES)}"
            event = {
                "event_id": f"v{n}", "type": "stop", "profile_id": profile, "title_id": title,
                "at": f"2026-03-19T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
                "seconds": 1200 + n % 7, "fraction": round(0.25 + n % 60 / 100, 2), "playback_id": f"pb{n}",
            }  # fmt: skip
            if self.until_answered("POST", "/v1/events", {"events": [event]}, 202) is None:
                return
            self.acknowledged.append(f"v{n}")
            page = self.until_answered("GET", f"/v1/home?profile_id={profile}&rows=1&columns=4", None, 200)
            if page is None:
                return
            first = page["rows"][0]["items"][0] if page["rows"] else {}
            self.pages += 1
            self.stale += first.get("title_id") != title or first["resume"]["fraction"] != event["fraction"]
            time.sleep(0.02)


def kills(count: int, at_most: float, seed: int, folder: Path) -> dict[str, Any]:
    server, rng = Server(workspace(folder)), random.Random(seed)
    fill(server)
    senders = [Sender(server, n) for n in range(2)]
    viewer = Viewer(server, seed)
    started = time.monotonic()
    for thread in (*senders, viewer):
        thread.start()
    victims: list[str] = []
    while len(victims) < count and time.monotonic() - started < at_most:
        time.sleep(rng.uniform(0.2, 1.2))
        victim = rng.randrange(3)
        victims.append(("parent", "worker", "worker")[victim])
        server.processes()[victim].kill()
        if victim == 0:
            server.process.wait()
            server.start()
        if len(victims) % 20 == 0:
            print(f"{len(victims)} of {count} killed", file=sys.stderr, flush=True)
    time.sleep(1)
    for thread in (*senders, viewer):
        thread.stopped.set()
        thread.join()
    seconds = time.monotonic() - started
    server.stop()
    with SqliteWorkspace(server.workspace, os.urandom) as store:
        damage = store.check()
        held = [event.event_id for event in store.log.everything()]
    acknowledged = [event_id for each in (*senders, viewer) for event_id in each.acknowledged]
    return {
        "kills": len(victims),
        "of_them_the_parent": victims.count("parent"),
        "the_server_ended_itself": server.ended_itself,
        "seconds": round(seconds, 1),
        "acknowledged": len(acknowledged),
        "events_per_second": round(len(acknowledged) / seconds),
        "retries": sum(sender.retries for sender in senders),
        "lost": len(set(acknowledged) - set(held)),
        "doubled": len(held) - len(set(held)),
        "damage": len(damage),
        "pages": viewer.pages,
        "stale": viewer.stale,
    }


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """All runs and their sums."""
    sums = {name: sum(run[name] for run in runs) for name in runs[0] if name not in ("seed", "events_per_second")}
    return sums | {"slowest_events_per_second": min(run["events_per_second"] for run in runs), "runs": runs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("kills", "stale"))
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-most", type=float, default=float("inf"), help="seconds of kills")
    parser.add_argument("--add", action="store_true", help="keep the kills that result.json holds")
    parser.add_argument("--result", type=Path, default=Path(__file__).with_name("result.json"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        if asked.part == "kills":
            found = kills(asked.kills, asked.at_most, asked.seed, Path(folder))
        else:
            found = stale_pages(asked.pages, asked.seed, Path(folder))
    found = {"seed": asked.seed, **found}
    result = json.loads(asked.result.read_text()) if asked.result.exists() else {}
    if asked.part == "kills":
        earlier = result.get("kills", {}).get("runs", []) if asked.add else []
        found = together([*earlier, found | {"load": os.getloadavg()[0]}])
    print(json.dumps(found))
    asked.result.write_text(json.dumps({**result, asked.part: found}, indent=2) + "\n")
    sys.exit(1 if found["stale"] or any(found.get(kind) for kind in ("lost", "doubled", "damage")) else 0)


if __name__ == "__main__":
    main()
