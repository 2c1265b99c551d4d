"""What pages were made of, computed again from the log, while events of the same viewers arrive on two workers.

    python benchmarks/page/replay.py [--seconds 15] [--viewers 20] [--result FILE]

`frontrow serve` with two workers on a trained workspace that logs the values of every page. Two clients post events of
few viewers, three ask for their pages, each page on a new connection, so that both workers answer and either may append
between any two reads of the other. Afterwards `frontrow verify` computes every page's features, history and scores
again: none may differ and none be left out. Prints a JSON object; ends with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from frontrow.workspace import Workspace

TITLES = 300
JSON = {"Content-Type": "application/json"}
TYPES = ("stop", "rate", "impression", "unwatch", "progress", "search")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="frontrow-replay-") as name:
        folder = Path(name) / "w"
        fill(folder, asked.viewers)
        counts = served(folder, asked.seconds, asked.viewers)
        with Workspace.open(folder) as workspace:
            found = workspace.verify(1_000_000)
    result = {"asked": {"seconds": asked.seconds, "viewers": asked.viewers}, **counts, **msgspec.to_builtins(found)}
    print(json.dumps(result, indent=1))
    if asked.result:
        asked.result.write_text(json.dumps(result, indent=1) + "\n")
    sys.exit(found.different > 0 or found.compared != counts["pages_served"] or not found.compared)


def fill(folder: Path, viewers: int) -> None:
    """Titles, some history, a model; the values of every page are logged."""
    Workspace.init(folder).close()
    (folder / "frontrow.toml").write_text("[pages]\nvalues_share = 1.0\n")
    with Workspace.open(folder) as workspace:
        genres = ["drama", "comedy", "crime"]
        workspace.put_titles(
            [{"title_id": f"t{n}", "name": f"Title {n}", "genres": [genres[n % 3]]} for n in range(TITLES)]
        )
        workspace.ingest([body(f"first-{n}", f"p{n % viewers}", "stop", n) for n in range(900)])
        workspace.train(quick=True)


def body(event_id: str, who: str, kind: str, title: int) -> dict[str, Any]:
    """An event that happens now."""
    return {
        "event_id": event_id, "type": kind, "profile_id": who, "title_id": f"t{title % TITLES}", "value": 4,
        "query": "q", "page_id": "p", "row": 0, "column": 0, "seconds": title % 4000, "fraction": title % 97 / 96,
        "device": "phone",
        "tz_offset_minutes": 60, "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip


def served(folder: Path, seconds: float, viewers: int) -> dict[str, int]:
    """Events and pages against a server; how many of each were answered."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "frontrow", "serve", "--dev", "--workspace", folder, "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "--workers", "2"], stdout=log, stderr=log)
    counts: Counter[str] = Counter()
    try:
        while not answers(port):
            if server.poll() is not None:
                sys.exit((folder / "server.log").read_text()[-2000:])
            time.sleep(0.2)
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=post, args=(port, until, viewers, n, counts)) for n in range(2)]
        threads += [threading.Thread(target=ask, args=(port, until, viewers, n, counts)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    return {"events_accepted": counts["events"], "pages_served": counts["pages"]}


def answers(port: int) -> bool:
    """Whether the server is ready."""
    try:
        return call(port, "GET", "/health/ready")[0] == 200
    except OSError:
        return False


def post(port: int, until: float, viewers: int, number: int, counts: Counter[str]) -> None:
    """Posts five events again and again."""
    rng, batch = random.Random(number), 0
    while time.monotonic() < until:
        batch += 1
        events = [
            body(f"{number}-{batch}-{n}", f"p{rng.randrange(viewers)}", rng.choice(TYPES), rng.randrange(9_999))
            for n in range(5)
        ]
        status, answer = call(port, "POST", "/v1/events", {"events": events})
        counts["events"] += answer["accepted"] if status == 202 else 0


def ask(port: int, until: float, viewers: int, number: int, counts: Counter[str]) -> None:
    """Asks for pages again and again."""
    rng = random.Random(number)
    while time.monotonic() < until:
        device = rng.choice(["tv", "phone"])
        status, _ = call(port, "GET", f"/v1/home?profile_id=p{rng.randrange(viewers)}&device={device}")
        counts["pages"] += status == 200


def call(port: int, method: str, path: str, sent: object = None) -> tuple[int, Any]:
    """One request on a connection of its own."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request(method, path, None if sent is None else json.dumps(sent), JSON)
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        link.close()


if __name__ == "__main__":
    main()
