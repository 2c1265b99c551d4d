"""Names that attack, texts that overflow, titles that lack everything, catalogues that are empty."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from service import Service
from visit import ARTIFACTS, Visit

SCRIPT = "<script>window.attacked = 1</script>"
IMAGE = '"><img src=x onerror="window.attacked = 1"><svg onload="window.attacked = 1">'
TEXTS = (
    SCRIPT, IMAGE, "x" * 500, "word " * 100, "🎬🍿👩‍👩‍👧‍👦🏳️‍🌈" * 20, "فيلم طويل جدا " * 12,
    "\u202eevil\u202c name", "{{ 7 * 7 }}", "&lt;b&gt; &amp;",
    "字" * 200, "'; alert(1); '", "</a></li></ul><h1>out</h1>",
)  # fmt: skip
PROFILE = "<script>window.attacked=1</script>&\"'é"


def hostile(workspace):
    titles = [
        {
            "title_id": f"{text[:20]}/{number}?&#%", "name": text, "synopsis": text, "genres": [text[:200], "Drama"],
            "people": [{"name": text, "role": text[:100]}], "tags": {text[:60]: 1.0},
            "kind": ("movie", "series")[number % 2],
            "attributes": {"x": text}, "runtime_minutes": (0, 100_000, 50)[number % 3], "year": (0, 9999)[number % 2],
            "translations": {"sv": {"name": text, "synopsis": text}},
        }
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    bare = [{"title_id": f"bare-{number}", "name": "Bare"} for number in range(8)]
    told = workspace.put_titles(titles + bare)
    assert not told.rejected, told.rejected
    profile = {"profile_id": PROFILE, "account_id": IMAGE[:100], "language": "sv", "plan": SCRIPT}
    assert not workspace.put_profiles([profile | {"attributes": {"name": SCRIPT}}]).rejected


@pytest.fixture(scope="module")
def dangerous(browser, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("hostile") / "workspace", hostile) as running:
        yield running


@pytest.fixture
def empty(browser, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("empty") / "workspace", lambda workspace: None) as running:
        yield running


def test_strings_that_attack(dangerous, context_of, size):
    visit = Visit(context_of(size), dangerous, size, ARTIFACTS)
    page = visit.open("/")
    visit.accessible("chooser")
    page.locator(".face").first.click()
    expect(page.locator(".tile").first).to_be_visible()
    page.wait_for_selector("html[data-ready]", state="attached")
    visit.accessible("home")
    visit.shot("hostile")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    count = page.locator('.shelf[data-kind="top_picks"] .tile').count()
    assert count >= 12
    for number in range(count if size == "phone" else 2):
        sheet = visit.sheet(page.locator('.shelf[data-kind="top_picks"] .tile').nth(number))
        sheet.locator("summary").click()
        expect(sheet.locator(".evidence > *").first).to_be_attached()
        assert page.evaluate("document.querySelector('#details').scrollWidth <= innerWidth")
        if number == 0:
            visit.accessible("sheet")
            visit.shot("hostile-sheet")
        page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("<script>")
    expect(page.locator("#results h2")).to_be_visible()
    assert page.evaluate("window.attacked") is None
    assert page.locator("main script, main img").count() == 0
    visit.settled()
    assert {event["profile_id"] for event in dangerous.events(PROFILE)} == {PROFILE}
    visit.check()


def test_a_title_of_which_nothing_is_known(dangerous, context_of, size):
    visit = Visit(context_of(size), dangerous, size, ARTIFACTS)
    page = visit.open("/?profile=plain")
    tile = page.locator('.shelf[data-kind="top_picks"] .tile[data-id^="bare-"]').first
    sheet = visit.sheet(tile)
    expect(sheet.locator(".synopsis")).to_have_text("Nothing is told about this title yet.")
    expect(sheet.locator(".facts")).not_to_contain_text(re.compile("None|null|undefined"))
    visit.accessible("a bare title")
    visit.shot("bare")
    visit.check()


def test_hostile_addresses(dangerous, context_of):
    visit = Visit(context_of(), dangerous, "laptop", ARTIFACTS)
    page = visit.page
    for address in (
        f"/?profile={quote(PROFILE)}&title={quote(SCRIPT)}", f"/?profile={quote(PROFILE)}&q={quote(IMAGE)}",
        f"/?profile={quote('x' * 400)}", f"/?profile={quote(SCRIPT)}", "/?after=%3Cscript%3E", "/?profile=%00",
    ):  # fmt: skip
        page.goto(f"http://{dangerous.host}{address}")
        assert page.locator("h1").count() == 1
        assert page.evaluate("window.attacked") is None
    visit.check()


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_an_empty_catalogue(empty, context_of, size):
    visit = Visit(context_of(size), empty, size, ARTIFACTS)
    page = visit.open("/")
    expect(page.locator(".empty")).to_be_visible()
    visit.accessible("nobody")
    visit.shot("nobody")
    page.get_by_role("link", name="Look around as a guest").click()
    expect(page.get_by_role("heading", name="Nothing to show yet")).to_be_visible()
    visit.accessible("nothing")
    visit.shot("empty")
    page.get_by_role("searchbox").press_sequentially("anything")
    expect(page.locator("#results h2")).to_contain_text("Nothing found")
    visit.check()
