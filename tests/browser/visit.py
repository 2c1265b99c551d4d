"""One visit of the page, and what must hold at the end of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect
from service import Service

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"
SIZES = {"phone": (390, 844), "laptop": (1366, 768), "tv": (1920, 1080)}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
# Shifts right after input are what the viewer asked for; the browser marks them, and every other counts.
SHIFTS = """
window.shifts = [];
const told = ({ node, previousRect, currentRect }) =>
  `${node?.nodeName} ${node?.className} ${JSON.stringify(previousRect)} ${JSON.stringify(currentRect)}`;
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, startTime, sources } of list.getEntries()) {
    if (!hadRecentInput) window.shifts.push([value, startTime, sources.map(told)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


class Visit:
    """A page in its own browser context. Errors, foreign requests and layout shifts are gathered all along."""

    def __init__(self, context: BrowserContext, service: Service, size: str, artifacts: Path) -> None:
        self.service, self.size = service, size
        self._artifacts = artifacts
        artifacts.mkdir(exist_ok=True)
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.bytes = 0
        self.context = context
        context.add_init_script(SHIFTS)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.page: Page = context.new_page()

    def open(self, address: str) -> Page:
        """Goes there and waits until the page is alive."""
        self.page.goto(f"http://{self.service.host}{address}")
        if "profile=" in address:
            self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def shot(self, name: str) -> None:
        """A picture for people."""
        self.page.screenshot(path=self._artifacts / f"{name}-{self.size}.png")

    def accessible(self, where: str) -> None:
        """No violation of WCAG 2.2 A or AA that an engine can find, once styles are there."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page, options=AXE)
        violations = found.response["violations"]
        told = [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in violations]
        assert not told, (where, self.size, told)

    def renewed(self, act: Any) -> None:
        """Does something and waits for the page that follows from it."""
        before = self.page.evaluate("document.body.dataset.page")
        act()
        self.page.wait_for_function("before => document.body.dataset.page !== before", arg=before)

    def sheet(self, tile: Locator) -> Locator:
        """Opens a title's sheet."""
        tile.locator("a").click()
        sheet = self.page.locator("#details")
        expect(sheet.locator("[data-act=list]")).to_be_visible()
        return sheet

    def settled(self) -> None:
        """Waits until the server has all that was done."""
        self.page.wait_for_function(
            "() => Object.keys(localStorage).every((key) => !key.startsWith('frontrow.event.'))"
        )

    def check(self) -> None:
        """No error, no request to another host, nothing moved by itself."""
        assert not self.errors, self.errors
        assert not self.foreign, self.foreign
        for page in self.context.pages:
            if page.url.startswith("http"):
                shifts = page.evaluate("window.shifts")
                assert not shifts, shifts

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"http://{self.service.host}/", "data:", "blob:", "about:")):
            self.foreign.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)
