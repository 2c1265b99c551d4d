"""What viewers do, at three sizes: choose, play, rate, hide, list, search, ask why."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def first_tile(visit, kind):
    tile = visit.page.locator(f'.shelf[data-kind="{kind}"] .tile').first
    tile.scroll_into_view_if_needed()
    return tile


def types(visit, profile):
    return [event["type"] for event in visit.service.events(profile)]


def test_choosing_a_profile(visit):
    page = visit.open("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is watching?")
    faces = page.locator(".face")
    assert faces.count() == 24
    text = page.locator(".faces").inner_text()
    assert "Sweden" in text
    assert "Kids" in text
    assert "house-0" in text
    visit.accessible("chooser")
    visit.shot("choose")
    page.get_by_role("link", name="More profiles").click()
    expect(faces.first).to_contain_text(re.compile("p-|crowd|zoe"))
    page.go_back()
    faces.filter(has_text="p-0").first.click()
    expect(page.locator(".shelf").first).to_be_visible()
    visit.accessible("home")
    visit.shot("home")


def test_playing_to_the_end_changes_the_page(visit):
    profile = f"play-{visit.size}"
    page = visit.open(f"/?profile={profile}")
    tile = first_tile(visit, "top_picks")
    title_id = tile.get_attribute("data-id")
    sheet = visit.sheet(tile)
    visit.accessible("sheet")
    visit.shot("sheet")
    sheet.locator("[data-act=play]").click()
    player = page.locator("#player")
    expect(player.get_by_role("progressbar")).to_be_visible()
    page.wait_for_timeout(2500)
    visit.accessible("player")
    visit.shot("player")
    visit.renewed(lambda: player.get_by_role("button", name="Finish").click())
    expect(player).to_be_hidden()
    visit.settled()
    events = [event for event in visit.service.events(profile) if event["type"] in ("play", "progress", "stop")]
    assert {"play", "progress", "stop"} <= {event["type"] for event in events}
    assert len({event["playback_id"] for event in events}) == 1
    assert max(events, key=lambda event: event.get("seconds", 0))["fraction"] == 1
    assert {event["page_id"] for event in events}
    assert all(event["row_id"].endswith("top_picks") for event in events)
    watched = title_id if visit.service.ask("GET", f"/v1/titles/{title_id}")["kind"] != "series" else None
    home = visit.service.ask("GET", f"/v1/home?profile_id={profile}&rows=40")
    shown = {item["title_id"] for row in home["rows"] if row["kind"] not in ("top10",) for item in row["items"]}
    assert watched not in shown
    visit.shot("played")


def test_stopping_halfway_can_be_resumed(visit):
    profile = f"half-{visit.size}"
    page = visit.open(f"/?profile={profile}")
    film = next(
        tile for tile in page.locator('.shelf[data-kind="top_picks"] .tile').all()
        if visit.service.ask("GET", f"/v1/titles/{tile.get_attribute('data-id')}")["kind"] == "movie"
    )  # fmt: skip
    film.scroll_into_view_if_needed()
    title_id = film.get_attribute("data-id")
    visit.sheet(film).locator("[data-act=play]").click()
    player = page.locator("#player")
    for _ in range(4):
        player.get_by_role("button", name="Forward").click()
    visit.renewed(lambda: page.keyboard.press("Escape"))
    visit.settled()
    visit.open(f"/?profile={profile}")
    tile = page.locator(f'.shelf[data-kind="continue_watching"] .tile[data-id="{title_id}"]')
    expect(tile).to_be_visible()
    assert 38 <= int(tile.locator("progress").get_attribute("value")) <= 55
    expect(visit.sheet(tile).locator("[data-act=play]")).to_contain_text("Resume")
    visit.shot("resume")


def test_rows_in_view_stay_while_the_others_change(laptop):
    page = laptop.open("/?profile=stay")
    page.mouse.wheel(0, 1500)
    page.wait_for_timeout(400)
    looked = """() => [...document.querySelectorAll('.shelf')].map(s => [s, s.getBoundingClientRect()])
        .filter(([s, r]) => r.bottom > 70 && r.top < innerHeight)
        .map(([s, r]) => [s.querySelector('h2').textContent, Math.round(r.top),
                          [...s.querySelectorAll('.tile')].map(t => t.dataset.id)])"""
    sheet = laptop.sheet(page.locator(".shelf").nth(3).locator(".tile").first)
    before = page.evaluate(looked)
    assert len(before) >= 2
    laptop.renewed(lambda: sheet.locator("[data-act=up]").click())
    page.keyboard.press("Escape")
    assert page.evaluate(looked) == before
    pages = page.evaluate("[...new Set([...document.querySelectorAll('.shelf')].map(s => s.dataset.page))]")
    assert len(pages) == 2
    doubled = page.evaluate("""() => {
        const ids = [...document.querySelectorAll('.shelf')]
            .filter(s => !['continue_watching', 'my_list', 'top10'].includes(s.dataset.kind))
            .flatMap(s => [...s.querySelectorAll('.tile')].map(t => t.dataset.id));
        return ids.length - new Set(ids).size; }""")
    assert doubled == 0


def test_thumbs_less_like_and_list(visit):
    profile = f"thumbs-{visit.size}"
    page = visit.open(f"/?profile={profile}")
    tile = first_tile(visit, "top_picks")
    title_id = tile.get_attribute("data-id")
    sheet = visit.sheet(tile)
    for act in ("up", "list"):
        visit.renewed(lambda act=act: sheet.locator(f"[data-act={act}]").click())
        expect(sheet.locator(f"[data-act={act}]")).to_have_attribute("aria-pressed", "true")
    visit.renewed(lambda: sheet.locator("[data-act=less]").click())
    visit.shot("thumbs")
    page.keyboard.press("Escape")
    visit.settled()
    events = visit.service.events(profile)
    assert [event["value"] for event in events if event["type"] == "rate"] == [4.0]
    assert {"list_add", "less_like"} <= set(types(visit, profile))
    visit.open(f"/?profile={profile}")
    listed = page.locator(f'.shelf[data-kind="my_list"] .tile[data-id="{title_id}"]')
    listed.scroll_into_view_if_needed()
    expect(listed).to_be_visible()
    expect(visit.sheet(listed).locator("[data-act=list]")).to_have_attribute("aria-pressed", "true")
    visit.shot("list")


def test_a_hidden_title_fades_in_place_and_comes_back(visit):
    profile = f"hide-{visit.size}"
    page = visit.open(f"/?profile={profile}")
    tile = first_tile(visit, "top_picks")
    title_id = tile.get_attribute("data-id")
    order = "() => [...document.querySelectorAll('.shelf[data-kind=top_picks] .tile')].map(t => t.dataset.id)"
    before = page.evaluate(order)
    visit.renewed(lambda: visit.sheet(tile).locator("[data-act=hide]").click())
    expect(tile).to_have_class(re.compile("gone"))
    assert page.evaluate(order) == before
    visit.accessible("hidden")
    visit.shot("hide")
    assert not page_has(visit, profile, title_id)
    visit.renewed(lambda: tile.get_by_role("button", name="Undo").click())
    expect(tile).not_to_have_class(re.compile("gone"))
    visit.settled()
    assert types(visit, profile).count("unhide") == 1


def page_has(visit, profile, title_id):
    home = visit.service.ask("GET", f"/v1/home?profile_id={profile}&rows=40&columns=75")
    return any(item["title_id"] == title_id for row in home["rows"] for item in row["items"])


def test_searching(visit):
    page = visit.open(f"/?profile=search-{visit.size}")
    page.get_by_role("searchbox").fill("harbour")
    results = page.locator("#results")
    expect(results.locator(".tile").first).to_be_visible()
    assert "Harbour" in results.locator(".tile .name").first.inner_text().title()
    expect(page.locator("#rows")).to_be_hidden()
    visit.accessible("search")
    visit.shot("search")
    page.get_by_role("searchbox").press("Enter")
    visit.settled()
    assert "search" in types(visit, f"search-{visit.size}")
    page.get_by_role("searchbox").fill("nothing at all like it")
    expect(results.get_by_role("heading")).to_contain_text("Nothing found")
    page.get_by_role("searchbox").press("Escape")
    expect(page.locator("#rows")).to_be_visible()


def test_why_this(visit):
    profile = f"why-{visit.size}"
    visit.service.ask("POST", "/v1/events", {"events": [
        {"event_id": f"{profile}-{n}", "type": "rate", "profile_id": profile, "title_id": f"t-{12 * n}", "value": 5,
         "at": "2026-01-01T00:00:00Z"} for n in range(4)
    ]})  # fmt: skip
    visit.open(f"/?profile={profile}")
    sheet = visit.sheet(first_tile(visit, "top_picks"))
    sheet.get_by_text("Why this?").click()
    expect(sheet.locator(".grounds li").first).to_be_visible()
    visit.accessible("why")
    visit.shot("why")


def test_kids_see_nothing_above_their_age(visit):
    page = visit.open("/?profile=p-4")
    expect(page.locator(".shelf").first).to_be_visible()
    for title_id in page.evaluate("[...document.querySelectorAll('.tile')].map(t => t.dataset.id)")[:40]:
        assert visit.service.ask("GET", f"/v1/titles/{title_id}")["maturity"] <= 7
    visit.shot("kids")


def test_device_and_time_of_day(visit):
    page = visit.open("/?profile=p-0")
    page.locator(".scene summary").click()
    visit.accessible("scene")
    page.get_by_label("Time of day").focus()
    visit.renewed(lambda: page.keyboard.press("e"))
    expect(page.locator("#moment")).to_contain_text("20:00")
    page.locator("select[name=device]").focus()
    visit.renewed(lambda: page.keyboard.press("Home"))
    expect(page.locator(".scene .now")).to_have_text("TV · Evening")
    assert "when=evening" in page.url
    assert "device=tv" in page.url
    visit.shot("scene")
    page.reload()
    expect(page.locator(".scene .now")).to_have_text("TV · Evening")


def test_rows_go_on_where_the_page_was_renewed_while_they_were_fetched(visit):
    page, held = visit.open(f"/?profile=held-{visit.size}"), []

    def hold(route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(r"/view/pages/.*/rows"), hold)
    to_the_end = "scrollTo({top: document.body.scrollHeight, behavior: 'instant'})"
    page.evaluate(to_the_end)
    sheet = visit.sheet(page.locator(".shelf").last.locator(".tile").first)
    while not held:
        page.wait_for_timeout(50)
    visit.renewed(lambda: sheet.locator("[data-act=list]").click())
    page.keyboard.press("Escape")
    page.evaluate(to_the_end)
    page.wait_for_timeout(300)
    before = page.locator(".shelf").count()
    assert not page.locator("body[data-whole]").count()
    held[0].continue_()
    expect(page.locator(".shelf").nth(before)).to_be_attached()


def test_more_rows_come_by_scrolling(visit):
    page = visit.open(f"/?profile=more-{visit.size}")
    for _ in range(200):  # a busy machine takes its time
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(150)
        if page.locator("body[data-whole]").count():
            break
    expect(page.locator("body[data-whole]")).to_have_count(1)
    titles = page.evaluate("[...document.querySelectorAll('.shelf h2')].map(h => h.textContent)")
    assert len(titles) > 12
    assert len(titles) == len(set(titles))
    rows = page.evaluate("[...document.querySelectorAll('.shelf')].map(s => Number(s.dataset.row))")
    assert rows == list(range(len(rows)))
    visit.shot("more")


def test_impressions_are_told_once(laptop):
    page = laptop.open("/?profile=looker")
    page.wait_for_timeout(900)
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(900)
    page.mouse.wheel(0, -500)
    page.wait_for_timeout(2600)
    laptop.settled()
    told = [event for event in laptop.service.events("looker") if event["type"] == "impression"]
    places = [(event["page_id"], event["row"], event["column"]) for event in told]
    assert len(places) == len(set(places)) >= 5
    shown = {(row, column): title_id for row, column, title_id in page.evaluate(
        "[...document.querySelectorAll('.shelf .tile')].map(t => [Number(t.closest('.shelf').dataset.row), "
        "Number(t.dataset.column), t.dataset.id])"
    )}  # fmt: skip
    assert all(shown[event["row"], event["column"]] == event["title_id"] for event in told)


def middle(tile):
    box = tile.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_card_beside_a_poster(laptop):
    page = laptop.open("/?profile=p-1")
    page.locator(".shelf").nth(0).locator(".tile").nth(2).hover()
    page.wait_for_timeout(200)
    page.mouse.move(*middle(page.locator(".shelf").nth(0).locator(".tile").nth(2)))
    card = page.locator("#card")
    expect(card).to_be_visible()
    expect(card.locator(".synopsis")).to_contain_text("nothing stays as it was")
    expect(card.locator(".reason")).not_to_be_empty()
    laptop.accessible("card")
    laptop.shot("card")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
