from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontrow.storage.workspace import SqliteWorkspace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteWorkspace]:
    with SqliteWorkspace(tmp_path, os.urandom) as opened:
        yield opened
