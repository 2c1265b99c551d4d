"""What a newcomer sees: journeys over a simulated service, as `frontrow demo` makes it, only smaller."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from service import Service
from visit import ARTIFACTS, Visit

from frontrow.core.clock import parse_time
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings
from frontrow.web.scene import moment

BROKEN = """() => [...document.querySelectorAll('.tile .name, .hero .title')].flatMap((name) => {
  const text = name.firstChild;
  return [...text.data.matchAll(/\\S+/g)].filter(([word]) => /^[\\x20-\\u024f]+$/.test(word) && !word.includes('-'))
    .filter(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
    }).map(([word]) => `${word} in ${text.data} ${name.parentElement.className}`);
})"""


@pytest.fixture(scope="module")
def simulated(browser, tmp_path_factory):
    """A small simulated service, imported and trained on."""
    tables = tmp_path_factory.mktemp("simulated")

    def fill(workspace):
        simulate_history(WorldSettings(titles=400, profiles=400, days=24), tables, lambda part, text: None)
        assert not workspace.import_tables(tables).rejected
        workspace.train(quick=True)

    with Service(tmp_path_factory.mktemp("demo") / "workspace", fill) as running:
        yield running


@pytest.fixture
def newcomer(simulated, context_of, size):
    visiting = Visit(context_of(size), simulated, size, ARTIFACTS)
    yield visiting
    visiting.check()


@pytest.fixture
def at_laptop(simulated, context_of):
    visiting = Visit(context_of("laptop"), simulated, "laptop", ARTIFACTS)
    yield visiting
    visiting.check()


def kinds(page):
    return page.evaluate("[...document.querySelectorAll('.shelf')].map((shelf) => shelf.dataset.kind)")


@pytest.fixture(scope="module")
def viewers(simulated):
    """Profiles of the simulated service by what they are."""
    profiles = [simulated.ask("GET", f"/v1/profiles/p-{number:05d}") for number in range(60)]
    grown = [each for each in profiles if not each["kids"] and not each.get("maturity_limit")]
    return {
        "kids": next(each["profile_id"] for each in profiles if each["kids"]),
        "rtl": next(each["profile_id"] for each in profiles if each["language"] == "ar"),
        "grown": [each["profile_id"] for each in grown if each["language"] != "ar"],
    }


def test_first_sight(newcomer):
    page = newcomer.open("/")
    faces = page.locator(".face")
    assert faces.count() >= 20
    names = page.locator(".face .who").all_inner_texts()
    assert not [name for name in names if re.match(r"p-\d+", name)], "names, not ids"
    countries = page.locator(".face .about:not(.account)").all_inner_texts()
    assert len({re.sub(r"^(Kids|\d+\+) ", "", text) for text in countries}) >= 6
    expect(page.locator(".face .kids").first).to_be_visible()
    newcomer.accessible("the chooser of the demo")
    newcomer.shot("demo-chooser")
    faces.first.click()
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator(".person .who")).to_have_text(names[0])
    expect(page.locator(".hero .title")).not_to_be_empty()
    assert {"top_picks", "trending"} <= set(kinds(page))
    newcomer.accessible("the home of the demo")
    newcomer.shot("demo-home")


def test_no_word_of_a_name_is_broken(newcomer, viewers):
    read = 0
    for profile in viewers["grown"][:4]:
        page = newcomer.open(f"/?profile={profile}&rows=40")
        page.evaluate("document.querySelectorAll('.shelf').forEach((each) => each.style.contentVisibility = 'visible')")
        read += page.locator(".tile .name").count()
        assert not page.evaluate(BROKEN)
    assert read > 400


def test_watching_changes_the_page_and_is_the_reason(newcomer, viewers):
    page = newcomer.open(f"/?profile={viewers['grown'][3 + len(newcomer.size)]}")
    tile = page.locator('.shelf[data-kind="top_picks"] .tile').nth(1)
    name = tile.locator(".name").inner_text()
    title_id = tile.get_attribute("data-id")
    sheet = newcomer.sheet(tile)
    expect(sheet.locator(".reason")).not_to_be_empty()
    expect(sheet.locator(".synopsis")).to_contain_text(re.compile(r"\w+ .*\."))
    sheet.locator(".why summary").click()
    expect(sheet.locator(".grounds li").first).to_be_visible()
    newcomer.accessible("why, in the demo")
    newcomer.shot("demo-why")
    sheet.locator("[data-act=play]").click()
    newcomer.renewed(lambda: page.locator("#player").get_by_role("button", name="Finish").click())
    newcomer.settled()
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    rows = '.shelf:not([data-kind="top10"], [data-kind="continue_watching"])'
    assert page.locator(f'{rows} .tile[data-id="{title_id}"]').count() == 0, name


def test_what_a_viewer_said_is_remembered(newcomer, viewers):
    profile = viewers["grown"][8 + len(newcomer.size)]
    page = newcomer.open(f"/?profile={profile}")
    title_id = page.locator('.shelf[data-kind="top_picks"] .tile').nth(0).get_attribute("data-id")
    sheet = newcomer.sheet(page.locator('.shelf[data-kind="top_picks"] .tile').nth(0))
    newcomer.renewed(lambda: sheet.locator("[data-act=up]").click())
    newcomer.renewed(lambda: sheet.locator("[data-act=list]").click())
    newcomer.renewed(lambda: sheet.locator("[data-act=less]").click())
    page.keyboard.press("Escape")
    for _ in range(2):  # at once, and after a reload
        listed = page.locator(f'.shelf .tile[data-id="{title_id}"]').first
        listed.scroll_into_view_if_needed()
        sheet = newcomer.sheet(listed)
        expect(sheet.locator("[data-act=up]")).to_have_attribute("aria-pressed", "true")
        expect(sheet.locator("[data-act=down]")).to_have_attribute("aria-pressed", "false")
        expect(sheet.locator("[data-act=list]")).to_have_attribute("aria-pressed", "true")
        expect(sheet.locator("[data-act=less]")).to_be_disabled()
        page.keyboard.press("Escape")
        newcomer.settled()
        newcomer.open(f"/?profile={profile}&rows=20")
    newcomer.open(f"/?profile={profile}&title={title_id}")
    expect(page.locator(".opened [data-act=up]")).to_have_attribute("aria-pressed", "true")


def test_kids_of_the_demo_see_what_is_for_them(newcomer, viewers):
    page = newcomer.open(f"/?profile={viewers['kids']}")
    ids = page.evaluate("[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.id)")
    assert len(ids) >= 8
    assert all(newcomer.service.ask("GET", f"/v1/titles/{title_id}")["maturity"] <= 7 for title_id in set(ids))
    newcomer.shot("demo-kids")


def test_a_title_is_found_by_its_name(at_laptop, viewers):
    page = at_laptop.open(f"/?profile={viewers['grown'][0]}")
    name = page.locator(".hero .title").inner_text()
    page.get_by_role("searchbox").fill(name)
    expect(page.locator("#results .tile .name").first).to_have_text(re.compile(f"^{re.escape(name)}$", re.IGNORECASE))
    at_laptop.shot("demo-search")


def test_each_viewer_is_shown_another_page(at_laptop, viewers):
    seen = []
    for profile in viewers["grown"][:6]:
        page = at_laptop.open(f"/?profile={profile}")
        tiles = '.shelf[data-kind="top_picks"] .tile'
        seen.append(frozenset(page.eval_on_selector_all(tiles, "tiles => tiles.map((tile) => tile.dataset.id)")))
    assert len(set(seen)) == 6
    assert len(frozenset().union(*seen)) > 1.4 * len(seen[0])


ROW = '.shelf[data-kind="right_now"]'
SCENES = (("phone", "morning"), ("tv", "evening"))


def asked_for(service, profile, device, when, now):
    """Titles of the row `right_now` as the API has them, and the moment that a scene means."""
    at = moment(when, now, service.ask("GET", f"/v1/profiles/{profile}")["timezone"])
    where = f"profile_id={profile}&device={device}&at={at}&rows=40&columns=18"
    rows = service.ask("GET", f"/v1/home?{where}")["rows"]
    return next(([item["title_id"] for item in row["items"]] for row in rows if row["kind"] == "right_now"), []), at


def suits(service, profile, title_id, device, at):
    """What the moment adds to a title's score."""
    told = service.ask("GET", f"/v1/profiles/{profile}/explain/{title_id}?device={device}&at={at}")["evidence"]
    return sum(each["score"] for each in told if each["source"] == "context")


def test_an_evening_on_tv_is_another_page_than_a_morning_on_the_phone(newcomer, viewers):
    service = newcomer.service
    page = newcomer.open(f"/?profile={viewers['grown'][0]}")
    now = parse_time(page.evaluate("document.body.dataset.now"))
    profile = next(
        each for each in viewers["grown"] if all(asked_for(service, each, *scene, now)[0] for scene in SCENES)
    )
    page = newcomer.open(f"/?profile={profile}&device=phone&when=morning")
    shown = "(tiles) => tiles.map((tile) => tile.dataset.id)"
    morning = page.eval_on_selector_all(f"{ROW} .tile", shown)
    title, picks = page.locator(f"{ROW} h2").inner_text(), page.eval_on_selector_all(".shelf .tile", shown)
    page.locator(ROW).scroll_into_view_if_needed()
    newcomer.shot("moment-morning")
    page.evaluate("scrollTo(0, 0)")
    page.locator(".scene summary").click()
    page.get_by_label("Time of day").focus()
    newcomer.renewed(lambda: page.keyboard.press("e"))
    page.locator("select[name=device]").focus()
    newcomer.renewed(lambda: page.keyboard.press("Home"))
    expect(page.locator(".scene .now")).to_have_text("TV · Evening")
    expect(page.locator("select[name=device]")).to_be_focused()
    page.keyboard.press("Escape")
    evening = page.eval_on_selector_all(f"{ROW} .tile", shown)
    assert len(evening) >= 4
    assert page.locator(f"{ROW} h2").inner_text() != title
    assert page.eval_on_selector_all(".shelf .tile", shown) != picks
    assert len(set(evening) & set(morning)) < 0.5 * len(evening)
    moments = {scene: asked_for(service, profile, *scene, now) for scene in SCENES}
    assert evening == moments[SCENES[1]][0]
    for title_id in evening[:6]:  # they fit: the moment speaks for them, and more than the other one does
        now_, then = (suits(service, profile, title_id, scene[0], moments[scene][1]) for scene in reversed(SCENES))
        assert now_ > 0
        assert now_ > then
    row = page.locator(ROW)
    row.scroll_into_view_if_needed()
    newcomer.accessible("an evening on TV")
    newcomer.shot("moment-evening")
    sheet = newcomer.sheet(row.locator(".tile").first)
    expect(sheet.locator(".reason")).to_have_text("Watched more at moments like this")
    sheet.locator(".why summary").click()
    expect(sheet.locator(".grounds li", has_text="This moment")).to_contain_text("Watched more than usual")
    newcomer.shot("moment-why")


def test_an_arabic_viewer_reads_from_the_right(newcomer, viewers):
    page = newcomer.open(f"/?profile={viewers['rtl']}")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    newcomer.accessible("right to left, in the demo")
    newcomer.shot("demo-rtl")
