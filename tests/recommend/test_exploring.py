"""A slot left to chance: drawn by page and profile, logged exactly, beside a page that is otherwise the same."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app
from frontrow.core.clock import DAY, MINUTE, format_time, parse_time
from frontrow.core.errors import FrontrowError
from frontrow.recommend import exploring
from frontrow.recommend.board import REPEATING
from frontrow.recommend.request import HomeRequest, RowsRequest
from frontrow.recommend.served import decode_page
from frontrow.workspace import Workspace

START = parse_time("2026-03-20T12:00:00Z")


class Service:
    def __init__(self, folder, share: float) -> None:
        self.time = START
        Workspace.init(folder).close()
        (folder / "frontrow.toml").write_text(f"[tuning]\nexplore_share = {share}\n")
        self.workspace = Workspace.open(folder, wall=lambda: self.time)
        self.workspace.put_titles([
            {"title_id": f"t{n}", "name": f"T {n}", "genres": [("drama", "war", "crime")[n % 3]]} for n in range(240)
        ])  # fmt: skip
        self.workspace.ingest([
            {"event_id": f"e{n}", "type": "rate", "profile_id": f"v{n % 40}", "title_id": f"t{n * n % 240}", "value": 5,
             "at": format_time(START - n * DAY // 9)}
            for n in range(200)
        ])  # fmt: skip

    def page(self, who="v1", **asked):
        return self.workspace.engine.home(HomeRequest(profile_id=who, **{"rows": 10, "columns": 8} | asked))

    def logged(self, page):
        return decode_page(self.workspace._parts.served.get(page.page_id).body)


@pytest.fixture
def half(tmp_path):
    made = Service(tmp_path / "w", 0.5)
    yield made
    made.workspace.close()


def titles(page):
    return [[item.title_id for item in row.items] for row in page.rows]


def test_nothing_is_left_to_chance_unless_asked_for(tmp_path):
    service = Service(tmp_path / "w", 0.0)
    pages = [service.page() for _ in range(10)]
    assert len({str(titles(page)) for page in pages}) == 1
    assert {service.logged(page).chance for page in pages} == {None}
    assert {service.logged(page).propensity for page in pages} == {1.0}
    service.workspace.close()


def test_half_of_the_pages_draw_and_all_other_slots_stay(half):
    pages = [half.page() for _ in range(120)]
    kept = [page for page in pages if not half.logged(page).chance.explored]
    drew = [page for page in pages if half.logged(page).chance.explored]
    assert 40 <= len(drew) <= 80
    usual = titles(kept[0])
    assert all(titles(page) == usual for page in kept)
    ids, everywhere = half.workspace.engine.rooms.views.catalogue.ids, {each for row in usual for each in row}
    for page in drew:
        left, rows = half.logged(page).chance, titles(page)
        place = next(n for n, row in enumerate(page.rows) if row.row_id == left.row_id)
        assert page.rows[place].kind == "top_picks"
        shown = page.rows[place].items[3]
        assert (shown.title_id, shown.source, shown.reason.code) == (ids[left.title], "explore", "explore")
        assert shown.title_id not in everywhere
        assert left.propensity == 0.5 / left.pool
        assert half.logged(page).propensity == left.propensity
        rows[place][3] = ids[left.instead]
        assert rows == usual
    assert {half.logged(page).chance.propensity for page in kept} == {0.5}
    drawn = Counter(half.logged(page).chance.title for page in drew)
    assert len(drawn) > 15
    assert max(drawn.values()) < 12


def test_the_draw_is_by_page_and_profile_and_the_same_for_the_same(half, monkeypatch):
    served, ids = half.workspace._parts.served, iter(["p0-" + letter * 26 for letter in "aabc"])
    monkeypatch.setattr(served, "new_id", lambda prefix: next(ids))
    one, again, *others = [half.page() for _ in range(4)]
    assert titles(one) == titles(again)
    assert {str(titles(page)) for page in others} != {str(titles(one))}


def test_the_stream_is_that_of_profile_and_page(half, monkeypatch):
    seen = {}
    true_stream = exploring.stream

    def noted(seed, purpose, key):
        seen[key] = true_stream(seed, purpose, key)
        return true_stream(seed, purpose, key)

    monkeypatch.setattr(exploring, "stream", noted)
    for page in [half.page(f"v{n}") for n in range(20)]:
        left = half.logged(page).chance
        random = seen[f"{page.profile_id}/{page.page_id}"]
        assert (random.random() < 0.5) == left.explored


def test_staff_and_past_moments_do_not_explore(half):
    staff, past = half.workspace.engine.as_staff(), format_time(START - DAY)
    for _ in range(12):
        page = staff.home(HomeRequest(profile_id="v1", rows=10))
        assert half.logged(page).chance is None
        assert half.logged(half.page(at=past)).chance is None


def test_the_promises_hold_and_rows_laid_anew_leave_nothing_to_chance(half):
    for number in range(20):
        page = half.page(rows=1)
        half.workspace.ingest([
            {"event_id": f"x{number}", "type": "select", "profile_id": "v1", "title_id": f"t{number}",
             "at": format_time(START)}
        ])  # fmt: skip
        rest = half.workspace.engine.rows(page.page_id, RowsRequest(after=page.rows[0].row_id, rows=40)).rows
        once = [item.title_id for row in [*page.rows, *rest] if row.kind not in REPEATING for item in row.items]
        assert len(once) == len(set(once))
        logged = half.logged(page)
        assert (logged.chance is None) == (page.rows[0].kind != "top_picks")
        assert logged.propensity == (1.0 if logged.chance is None else logged.chance.propensity)


def test_a_hidden_title_is_never_drawn(half):
    page = next(page for page in iter(half.page, None) if half.logged(page).chance.explored)
    drawn = half.workspace.engine.rooms.views.catalogue.ids[half.logged(page).chance.title]
    half.workspace.ingest([
        {"event_id": "h", "type": "hide", "profile_id": "v1", "title_id": drawn, "at": format_time(START)}
    ])  # fmt: skip
    assert drawn not in {each for _ in range(60) for row in titles(half.page()) for each in row}


def test_values_are_logged_for_every_page_that_drew_and_compared(half):
    half.workspace.engine.rooms.values_share = 0.0
    pages = [half.page(f"v{n}") for n in range(30)]
    drew = sum(half.logged(page).chance.explored for page in pages)
    told = half.workspace.verify()
    assert (told.pages, told.different) == (drew, 0)
    assert told.compared == drew > 5
    exported = half.workspace.export_profile("v0")["pages"][0]
    assert exported["chance"]["origin"] in ("explore", "model")
    assert exported["propensity"] == exported["chance"]["propensity"]


def test_a_slot_that_the_gate_dropped_later_was_not_left_to_chance(half):
    logged = half.logged(half.page())
    assert exploring.standing(logged.chance, logged.rows) == logged.chance
    row = next(row for row in logged.rows if row.row_id == logged.chance.row_id)
    row.titles = row.numbers()[::-1].tobytes()
    assert exploring.standing(logged.chance, logged.rows) is None
    assert exploring.standing(logged.chance, []) is None


def test_an_arm_may_explore_alone(half):
    arms = [{"key": "control", "weight": 0.5, "overrides": {"tuning.explore_share": 0.0}}, {"key": "on", "weight": 0.5}]
    body = {"hypothesis": "h", "arms": arms, "primary": "viewing_time", "state": "running"}
    half.workspace.register.put("x", body, lambda _: True)
    for number in range(30):
        page = half.page(f"v{number}")
        assert (half.logged(page).chance is None) == (page.experiments["x"] == "control")


def test_what_it_earned_is_read_from_the_log(half, tmp_path):
    with pytest.raises(FrontrowError, match="no page that left a slot to chance"):
        half.workspace.exploration()
    random, events = np.random.default_rng(3), []
    for number in range(600):
        page = half.page(f"v{number % 40}")
        left = half.logged(page).chance
        if random.random() < (0.1 if left.explored else 0.4):
            title = half.workspace.engine.rooms.views.catalogue.ids[left.title]
            one = {"profile_id": f"v{number % 40}", "title_id": title, "playback_id": f"b{number}"}
            events += [
                {"event_id": f"a{number}", "type": "play", "page_id": page.page_id,
                 "at": format_time(half.time + MINUTE)} | one,
                {"event_id": f"b{number}", "type": "stop", "at": format_time(half.time + 30 * MINUTE), "seconds": 900,
                 "fraction": 0.01} | one,
            ]  # fmt: skip
    half.time += 2 * DAY
    for start in range(0, len(events), 500):
        assert not half.workspace.ingest(events[start : start + 500]).rejected
    found = half.workspace.exploration()
    assert (found.pages, found.profiles) == (600, 40)
    assert [each.estimator for each in found.models] == ["IPS", "SNIPS"]
    for each, truth in ((found.models[1], 0.4), (found.drawn[1], 0.1)):
        assert each.value == pytest.approx(truth, abs=0.08)
        assert each.low < truth < each.high
    half.workspace.close()
    told = CliRunner().invoke(app, ["experiment", "explored", "--json", "--workspace", str(tmp_path / "w")])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["explored"] == found.explored
    said = CliRunner().invoke(app, ["experiment", "explored", "--workspace", str(tmp_path / "w")])
    assert "left a slot to chance" in said.stdout
