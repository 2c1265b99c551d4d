"""An API over a service in memory."""

from __future__ import annotations

import pytest
from stand_in import MemoryService
from starlette.types import ASGIApp

from frontrow.api.app import build_app


@pytest.fixture
def service() -> MemoryService:
    """Empty."""
    return MemoryService()


@pytest.fixture
def app(service: MemoryService) -> ASGIApp:
    """As `--dev` serves it."""
    return build_app(service, dev=True)


@pytest.fixture
def guarded(service: MemoryService) -> ASGIApp:
    """As it is served with keys."""
    return build_app(service)
