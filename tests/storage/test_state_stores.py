"""The contract of state stores, held by each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from state_contract import StateContract
from valkeys import Service, Valkey, opened

from frontrow import Workspace


class TestEmbeddedState(StateContract):
    @pytest.fixture
    def service(self, tmp_path: Path) -> Iterator[Service]:
        workspace = Workspace.init(tmp_path / "w")
        service = Service(workspace, workspace)
        yield service
        service.close()


class TestValkeyState(StateContract):
    @pytest.fixture
    def service(self, tmp_path: Path, shared: Valkey) -> Iterator[Service]:
        ingesting = opened(tmp_path / "w", "ingest", shared.url)
        service = Service(ingesting, opened(tmp_path / "r", "read", shared.url))
        yield service
        service.close()
