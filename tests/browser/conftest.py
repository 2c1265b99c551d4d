"""A real browser before a real server. Skips, and says why, where there is no Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from service import Service, fill
from visit import ARTIFACTS, SIZES, Visit

MISSING = "no Chromium: install it (Debian: apt-get install chromium) or name one in FRONTROW_CHROMIUM"


def chromium() -> str | None:
    """Where the browser is."""
    return os.environ.get("FRONTROW_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


# Per package, not per session: while playwright's synchronous face is open, no other test can run an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests here."""
    path = chromium()
    if path is None:
        pytest.skip(MISSING)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*sandbox, "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on a small service."""
    with Service(tmp_path_factory.mktemp("viewer") / "workspace", fill) as running:
        yield running


@pytest.fixture(params=sorted(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """Phone, laptop or TV."""
    return str(request.param)


@pytest.fixture
def context_of(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts and closes them."""
    made: list[BrowserContext] = []

    def make(size: str = "laptop", **options: object) -> BrowserContext:
        width, height = SIZES[size]
        touch = {"has_touch": True, "is_mobile": True} if size == "phone" else {}
        context = browser.new_context(viewport={"width": width, "height": height}, **touch, **options)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        expect.set_options(timeout=20_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def visit(service: Service, context_of: Callable[..., BrowserContext], size: str) -> Iterator[Visit]:
    """A visit at each size. It ends with what must hold for every visit: see `Visit.check`."""
    visiting = Visit(context_of(size), service, size, ARTIFACTS)
    yield visiting
    visiting.check()


@pytest.fixture
def laptop(service: Service, context_of: Callable[..., BrowserContext]) -> Iterator[Visit]:
    """A visit at one size."""
    visiting = Visit(context_of("laptop"), service, "laptop", ARTIFACTS)
    yield visiting
    visiting.check()
