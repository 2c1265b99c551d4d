from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeys import OPENED, Valkey

from frontrow.storage.workspace import SqliteWorkspace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteWorkspace]:
    with SqliteWorkspace(tmp_path, os.urandom) as opened:
        yield opened


@pytest.fixture(scope="session")
def valkey_process() -> Iterator[Valkey]:
    """One server for all tests of a process; its socket's path must be short."""
    with tempfile.TemporaryDirectory(prefix="v-") as folder:
        server = Valkey(Path(folder))
        yield server
        server.kill()


@pytest.fixture
def shared(valkey_process: Valkey) -> Iterator[Valkey]:
    """The server, running and empty."""
    if valkey_process.process is None:
        valkey_process.start()
    valkey_process.empty()
    yield valkey_process
    while OPENED:
        OPENED.pop().close()
