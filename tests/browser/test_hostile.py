"""Names that attack, texts that overflow, titles that lack everything, catalogues that are empty."""

from __future__ import annotations

import re
from datetime import UTC, datetime
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
    episodes = [
        {"title_id": f"episode/{number}<b>", "name": text, "synopsis": text, "kind": "episode", "season": 1,
         "episode": number, "series_id": titles[1]["title_id"], "runtime_minutes": 30}
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    assert not workspace.put_titles(titles[1:2]).rejected
    bare = [{"title_id": f"bare-{number}", "name": "Bare"} for number in range(8)]
    told = workspace.put_titles(titles + bare + episodes)
    assert not told.rejected, told.rejected
    profile = {"profile_id": PROFILE, "account_id": IMAGE[:100], "language": "sv", "plan": SCRIPT}
    named = [
        {"profile_id": f"named {number} {text[:20]}", "account_id": text[:30], "plan": text[:60],
         "attributes": {"name": text}} for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    assert not workspace.put_profiles([profile | {"attributes": {"name": SCRIPT}}, *named]).rejected


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


def test_profiles_with_names_that_attack_or_overflow(dangerous, context_of, size):
    visit = Visit(context_of(size), dangerous, size, ARTIFACTS)
    page = visit.open("/")
    faces = page.locator(".face")
    assert faces.count() >= 1 + len(TEXTS)  # other tests were here before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.accessible("hostile profiles")
    visit.shot("hostile-chooser")
    for number in range(faces.count()) if size == "phone" else (3, 4, 5):
        page.goto(f"http://{dangerous.host}{faces.nth(number).get_attribute('href')}")
        page.wait_for_selector("html[data-ready]", state="attached")
        expect(page.locator(".shelf").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("window.attacked") is None
        page.go_back()
    visit.check()


def test_episodes_with_names_that_attack_or_overflow(dangerous, context_of, size):
    visit = Visit(context_of(size), dangerous, size, ARTIFACTS)
    for number, text in enumerate(TEXTS[:8]):
        viewer = f"episodes-{size}-{number}"
        begun = {"event_id": f"{viewer}", "type": "stop", "profile_id": viewer, "title_id": f"episode/{number}<b>",
                 "at": datetime.now(UTC).isoformat(), "seconds": 900, "fraction": 0.5}  # fmt: skip
        assert dangerous.ask("POST", "/v1/events", {"events": [begun]})["accepted"] == 1
        page = visit.open(f"/?profile={viewer}")
        sheet = visit.sheet(page.locator('.shelf[data-kind="continue_watching"] .tile').first)
        expect(sheet.locator("[data-act=play]")).to_contain_text(f"S1 E{number or 1}")
        assert page.evaluate("document.querySelector('#details').scrollWidth <= innerWidth"), text
        assert page.evaluate("window.attacked") is None
        page.keyboard.press("Escape")
    visit.shot("hostile-episodes")
    visit.check()


def test_features_of_hostile_titles(dangerous, context_of):
    visit = Visit(context_of(), dangerous, "laptop", ARTIFACTS)
    ids = visit.page.request.get(f"http://{dangerous.host}/v1/titles?limit=50").json()["titles"]
    events = [
        {"event_id": f"taste-{number}", "type": "rate", "profile_id": "taster", "title_id": each["title_id"],
         "at": datetime.now(UTC).isoformat(), "value": 5}
        for number, each in enumerate(ids)
    ]  # fmt: skip
    dangerous.ask("POST", "/v1/events", {"events": events})
    visit.page.goto(f"http://{dangerous.host}/console/features?profile_id=taster")
    expect(visit.page.locator('.line[data-name="taste_genre_slow"]')).to_contain_text("<script>")
    assert visit.page.evaluate("window.attacked") is None
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
