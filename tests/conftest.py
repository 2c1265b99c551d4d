"""What all tests share: the data folder beside the checkout, and the rule that CI may not skip for want of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).resolve().parents[2] / "shared"

settings.register_profile("frontrow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("frontrow")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data folder beside the checkout; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no shared data folder beside the checkout")
    return SHARED


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where the data is required (CI beside the data folder), a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("FRONTROW_REQUIRE_SHARED"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but everything is required here: {report.longrepr}"
