"""A small service of all kinds of titles and profiles, and the server that browsers visit."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from frontrow.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
GENRES = (
    "Drama", "Comedy", "Crime", "Sci-Fi", "Horror", "Romance", "Documentary", "Adventure", "Mystery", "Action",
    "Music", "Western",
)  # fmt: skip
FIRST = ("Quiet", "Long", "Last", "Hidden", "Red", "Silver", "Second", "Paper", "Distant", "Broken", "Winter", "Golden")
LAST = (
    "Harbour", "Garden", "Signal", "Letter", "River", "Promise", "Orchard", "Lantern", "Crossing", "Tower", "Season",
    "Mirror", "Ferry", "Archive",
)  # fmt: skip
PEOPLE = ("Ida Falk", "Jon Brandt", "Mira Sol", "Teo Lange", "Nora Vik", "Samir Haddad", "Lucia Prado", "Ken Mori")


class Service:
    """A workspace filled by `fill`, served with --dev while the context is open; it can be stopped and started."""

    def __init__(self, path: Path, fill: Callable[[Workspace], None]) -> None:
        self.path = path
        with Workspace.init(path) as workspace:
            fill(workspace)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        self.log = path.parent / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serves; returns when it answers."""
        command = [sys.executable, "-m", "frontrow", "serve", "--workspace", str(self.path), "--port", str(self.port)]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [*command, "--dev", "--workers", "1"], stdout=out, stderr=out, start_new_session=True, env=environment
            )
        until = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < until, self.log.read_text()
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends it as a fallen machine would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the API."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as link:
            link.request(method, path, None if body is None else json.dumps(body))
            answer = link.getresponse()
            data = answer.read()
            assert answer.status < 300, data
            return json.loads(data)

    def events(self, profile_id: str) -> list[dict[str, Any]]:
        """All that the log holds of a profile; nothing of one that nobody knows."""
        try:
            return list(self.ask("GET", f"/v1/profiles/{quote(profile_id, safe='')}/export")["events"])
        except AssertionError:
            return []

    def _answers(self) -> bool:
        try:
            return bool(self.ask("GET", "/health/ready"))
        except (OSError, http.client.HTTPException, AssertionError):
            return False


def fill(workspace: Workspace) -> None:
    """300 titles of all kinds, profiles of four countries, a month of viewing."""
    chance, now = random.Random(7), datetime.now(UTC)
    titles = [_title(number, chance, now) for number in range(300)]
    episodes = [
        {"title_id": f"{title['title_id']}-e{number}", "name": f"Part {number}", "kind": "episode",
         "series_id": title["title_id"], "season": 1, "episode": number, "runtime_minutes": 40, "maturity": 7}
        for title in titles if title["kind"] == "series" for number in (1, 2, 3)
    ]  # fmt: skip
    assert not workspace.put_titles(titles).rejected
    assert not workspace.put_titles(episodes).rejected
    assert not workspace.put_profiles(profiles()).rejected
    watched = [
        {
            "event_id": f"w-{viewer}-{number}",
            "type": "stop",
            "profile_id": f"crowd-{viewer}",
            "title_id": chance.choice(titles)["title_id"],
            "at": (now - timedelta(hours=chance.uniform(1, 700))).isoformat(),
            "playback_id": f"w-{viewer}-{number}",
            "seconds": 3000,
            "fraction": chance.choice((0.4, 1.0, 1.0)),
        }
        for viewer in range(30)
        for number in range(20)
    ]
    assert not workspace.ingest(watched).rejected


def profiles() -> list[dict[str, Any]]:
    """Enough for two parts of the list; `zoe` reads from right to left."""
    countries = (("SE", "sv", "Europe/Stockholm"), ("DE", "de", "Europe/Berlin"), ("BR", "pt", "America/Sao_Paulo"))
    made: list[dict[str, Any]] = []
    for number in range(30):
        country, language, timezone = countries[number % 3]
        made.append({
            "profile_id": f"p-{number}", "account_id": f"house-{number // 3}", "country": country, "language": language,
            "timezone": timezone, "kids": number % 5 == 4,
        })  # fmt: skip
    return [*made, {"profile_id": "zoe", "account_id": "house-9", "country": "IL", "language": "he"}]


def _title(number: int, chance: random.Random, now: datetime) -> dict[str, Any]:
    name = f"{FIRST[number % 12]} {LAST[number // 12 % 14]}" + (f" {number}" if number >= 168 else "")
    return {
        "title_id": f"t-{number}",
        "name": name,
        "kind": "live" if number == 7 else ("movie", "movie", "movie", "series", "clip")[number % 5],
        "year": 1980 + number % 45,
        "synopsis": f"Somebody finds the {LAST[number % 14].lower()}, and nothing stays as it was in town.",
        "genres": list(dict.fromkeys([GENRES[number % 12], GENRES[number // 12 % 12]])),
        "tags": {"dark": 0.9} if number % 4 == 0 else {"feel-good": 0.8},
        "people": [{"name": PEOPLE[number % 8], "role": "director"}, {"name": PEOPLE[number // 8 % 8], "role": "cast"}],
        "runtime_minutes": 80 + number % 60,
        "maturity": (0, 7, 12, 16)[number % 4],
        "added_at": (now - timedelta(days=chance.uniform(1, 700))).isoformat(),
        "translations": {"he": {"name": f"שם {number}"}},
    }
