"""Keys alone, no scripts, right to left, calm motion, weight, two tabs, a server that goes away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from service import Service, fill
from visit import ARTIFACTS, Visit

FOCUS = """() => {
  const on = document.activeElement;
  return [on.closest('.tile')?.dataset.id ?? on.className, on.closest('.shelf')?.dataset.row ?? null];
}"""


def test_with_the_keys_of_a_remote_control(visit):
    page = visit.open(f"/?profile=keys-{visit.size}")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
        if page.evaluate(FOCUS)[1] is not None:
            break
    assert page.evaluate(FOCUS)[1] == "0"
    page.keyboard.press("Home")
    first, _ = page.evaluate(FOCUS)
    page.keyboard.press("ArrowRight")
    second, _ = page.evaluate(FOCUS)
    assert second != first
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.evaluate(FOCUS) == [first, "0"]
    for expected in ("1", "2", "3"):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(FOCUS)[1] == expected
    page.wait_for_timeout(700)
    seen = page.evaluate("""() => { const r = document.activeElement.getBoundingClientRect();
        return r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth; }""")
    assert seen
    visit.shot("keys")
    page.keyboard.press("ArrowUp")
    title_id, row = page.evaluate(FOCUS)
    assert row == "2"
    page.keyboard.press("Enter")
    expect(page.locator("#details [data-act=play]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#details [data-act=list]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#player")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    visit.renewed(lambda: page.keyboard.press("Escape"))
    assert page.evaluate(FOCUS)[0] == title_id
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)[1] != "2"


def test_the_chooser_with_keys(laptop):
    page = laptop.open("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("profile=p-1"))


def test_without_scripts_it_can_be_read(service, context_of, size):
    visit = Visit(context_of(size, java_script_enabled=False), service, size, ARTIFACTS)
    page = visit.page
    page.goto(f"http://{service.host}/")
    page.locator(".face").first.click()
    page.wait_for_load_state()  # the HTML can be asked before its styles have come; nothing is painted until then
    expect(page.locator(".shelf")).to_have_count(6)
    expect(page.locator(".shelf .name").first).to_be_visible()
    assert page.locator("[data-act]:visible").count() == 0
    page.locator(".tile a").first.click()
    expect(page.locator(".opened .synopsis")).to_contain_text("nothing stays as it was")
    expect(page.locator(".opened .evidence")).to_be_visible()
    visit.shot("noscript")
    page.get_by_role("searchbox").fill("lantern")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#results .tile").first).to_be_visible()
    page.goto(f"http://{service.host}/?profile=p-0")
    page.get_by_role("link", name="More rows").click()
    assert page.locator(".shelf").count() > 6
    page.locator(".scene summary").click()
    page.locator("select[name=device]").select_option("tv")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("device=tv"))
    assert not visit.errors
    assert not visit.foreign


def test_right_to_left(visit):
    page = visit.open("/?profile=zoe")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    tiles = page.locator(".shelf").first.locator(".tile")
    first, second = tiles.nth(0).bounding_box(), tiles.nth(1).bounding_box()
    assert first["x"] > second["x"]
    tiles.first.locator("a").focus()
    page.keyboard.press("ArrowLeft")
    expect(tiles.nth(1).locator("a")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.accessible("right to left")
    visit.shot("rtl")


def test_nothing_runs_off_the_side(visit):
    for address in ("/", "/?profile=p-0"):
        page = visit.open(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_calm_where_motion_is_unwanted(service, context_of):
    visit = Visit(context_of("laptop", reduced_motion="reduce"), service, "laptop", ARTIFACTS)
    page = visit.open("/?profile=p-2")
    visit.sheet(page.locator(".tile").first)
    assert page.evaluate("getComputedStyle(document.querySelector('#details')).animationName") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('.poster')).transitionDuration") == "0s"
    visit.check()


def test_light_and_quick(service, context_of):
    visit = Visit(context_of("laptop"), service, "laptop", ARTIFACTS)
    sizes = []
    visit.page.on("response", lambda answer: sizes.append((len(answer.body()), answer.url)))
    page = visit.open("/?profile=p-0")
    page.wait_for_load_state("networkidle")
    policy = page.reload(wait_until="networkidle").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    sizes.clear()
    page.reload(wait_until="networkidle")
    assert sum(size for size, _ in sizes) <= 300_000, sorted(sizes, reverse=True)[:4]
    assert page.locator(".tile").count() >= 60
    assert page.evaluate("performance.getEntriesByType('paint').length") > 0
    visit.check()


def test_two_tabs_of_one_profile(laptop):
    page = laptop.open("/?profile=tabs")
    other = laptop.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("html[data-ready]", state="attached")
    before = other.evaluate("document.body.dataset.page")
    tile = page.locator('.shelf[data-kind="top_picks"] .tile').first
    title_id = tile.get_attribute("data-id")
    laptop.renewed(lambda: laptop.sheet(tile).locator("[data-act=hide]").click())
    other.wait_for_function("before => document.body.dataset.page !== before", arg=before)
    expect(other.locator(f'.tile[data-id="{title_id}"]').first).to_have_class(re.compile("gone"))
    laptop.settled()
    hides = [event for event in laptop.service.events("tabs") if event["type"] == "hide"]
    assert len(hides) == 1


@pytest.fixture
def fragile(browser, tmp_path):
    with Service(tmp_path / "workspace", fill) as running:
        yield running


def test_a_server_that_goes_away_and_comes_back(fragile, context_of):
    visit = Visit(context_of("laptop"), fragile, "laptop", ARTIFACTS)
    page = visit.open("/?profile=patient")
    tiles = page.locator('.shelf[data-kind="top_picks"] .tile')
    sheet = visit.sheet(tiles.nth(0))
    visit.settled()
    fragile.stop()
    sheet.locator("[data-act=list]").click()
    banner = page.locator("#banner")
    expect(banner).to_contain_text("does not answer")
    visit.shot("away")
    sheet.locator("[data-act=up]").click()
    page.keyboard.press("Escape")
    expect(banner).to_be_visible()
    tiles.nth(1).locator("a").click()
    expect(page.locator("#details")).to_contain_text("cannot be had while the server is away")
    page.keyboard.press("Escape")
    assert fragile_events(page) >= 3
    page.close(run_before_unload=False)  # what was done outlives the tab
    fragile.start()
    visit.page = visit.context.new_page()
    visit.open("/?profile=patient")
    visit.settled()
    kept = fragile.events("patient")
    assert {"list_add", "rate"} <= {event["type"] for event in kept}
    assert len({event["event_id"] for event in kept}) == len(kept)
    assert all("Failed to load resource" in error for error in visit.errors), visit.errors


def test_the_banner_goes_when_the_server_is_back(fragile, context_of):
    visit = Visit(context_of("laptop"), fragile, "laptop", ARTIFACTS)
    page = visit.open("/?profile=steady")
    sheet = visit.sheet(page.locator(".shelf .tile").first)
    visit.settled()
    fragile.stop()
    sheet.locator("[data-act=list]").click()
    expect(page.locator("#banner")).to_be_visible()
    fragile.start()
    page.wait_for_function("() => document.getElementById('banner').hidden", timeout=20_000)
    visit.settled()
    assert "list_add" in {event["type"] for event in fragile.events("steady")}


def test_a_switch_that_the_server_does_not_answer_goes_back(fragile, context_of):
    visit = Visit(context_of("laptop"), fragile, "laptop", ARTIFACTS)
    page = visit.open("/?profile=p-0")
    visit.settled()
    fragile.stop()
    page.locator(".scene summary").click()
    device = page.locator("select[name=device]")
    device.select_option("tv")
    expect(page.locator("#banner")).to_contain_text("does not answer")
    expect(device).to_have_value("web")
    expect(page.locator(".scene .now")).to_have_text("Laptop · Now")
    assert "device=tv" not in page.url
    fragile.start()
    page.wait_for_function("() => document.getElementById('banner').hidden", timeout=20_000)
    visit.renewed(lambda: device.select_option("tv"))
    expect(page.locator(".scene .now")).to_have_text("TV · Now")
    assert all("Failed to load resource" in error for error in visit.errors), visit.errors


def test_of_two_switches_the_second_counts(laptop):
    page = laptop.open("/?profile=p-0")
    slow = []

    def hold(route):  # the first answer never comes
        slow.append(route)

    page.route("**/?*when=morning*", hold)
    page.locator(".scene summary").click()
    page.locator("select[name=when]").select_option("morning")
    page.wait_for_timeout(200)
    laptop.renewed(lambda: page.locator("select[name=when]").select_option("evening"))
    expect(page.locator(".scene .now")).to_have_text("Laptop · Evening")
    assert len(slow) == 1
    page.wait_for_timeout(200)
    expect(page.locator("select[name=when]")).to_have_value("evening")
    expect(page.locator("#banner")).to_be_hidden()


def fragile_events(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('frontrow.event.')).length")
