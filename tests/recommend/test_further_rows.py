"""Further rows of a served page: by the gate of today, for whoever the page belongs to by now."""

from __future__ import annotations

import pytest

from frontrow.core.clock import HOUR, SECOND, format_time, parse_time
from frontrow.core.errors import NotFound
from frontrow.recommend.request import HomeRequest, RowsRequest
from frontrow.workspace import Workspace

START = parse_time("2026-03-20T12:00:00Z")
ADULT = {f"t{n}" for n in range(40) if n % 2}


class Opened:
    """A workspace whose time tests set."""

    def __init__(self, folder) -> None:
        self.time = START
        Workspace.init(folder).close()
        self.workspace = Workspace.open(folder, wall=lambda: self.time)
        self.workspace.put_titles([
            {"title_id": f"t{n}", "name": f"T {n}", "genres": ["drama"], "maturity": 18 if n % 2 else 0}
            for n in range(40)
        ])  # fmt: skip

    def page(self, profile_id: str, at: str | None = None) -> str:
        page = self.workspace.engine.home(HomeRequest(profile_id=profile_id, rows=40, columns=20, at=at))
        assert ADULT & {item.title_id for row in page.rows for item in row.items}
        return page.page_id

    def titles(self, page_id: str) -> set[str]:
        rows = self.workspace.engine.rows(page_id, RowsRequest(rows=40)).rows
        return {item.title_id for row in rows for item in row.items}


@pytest.fixture
def opened(tmp_path):
    made = Opened(tmp_path / "w")
    yield made
    made.workspace.close()


def close_window(opened: Opened) -> None:
    until = format_time(START + 4 * SECOND)
    patches = [{"title_id": f"t{n}", "windows": [{"until": until}]} for n in range(20)]
    assert not opened.workspace.patch_titles(patches).rejected


def test_a_window_that_has_closed_since_is_closed(opened):
    close_window(opened)
    page = opened.page("ana")
    assert {"t1", "t2"} <= opened.titles(page)
    opened.time = START + 6 * SECOND
    left = opened.titles(page)
    assert left
    assert not left & {f"t{n}" for n in range(20)}
    assert opened.titles(page) == left


def test_a_page_of_another_moment_stays_at_that_moment(opened):
    close_window(opened)
    page = opened.page("ana", at=format_time(START - HOUR))
    opened.time = START + 6 * SECOND
    assert {"t1", "t2"} <= opened.titles(page)


def test_a_merged_profile_s_page_passes_the_gate_of_whom_it_was_merged_into(opened):
    opened.workspace.put_profiles([{"profile_id": "kid", "maturity_limit": 7}, {"profile_id": "anon"}])
    page = opened.page("anon")
    opened.workspace.merge("kid", "anon")
    assert opened.titles(page)
    assert not opened.titles(page) & ADULT


@pytest.mark.parametrize("others", [0, 5])
def test_a_page_asked_for_before_its_profile_was_there_passes_the_gate_of_that_profile(opened, others):
    page, stranger = opened.page("new"), opened.page("never")
    opened.workspace.put_profiles([{"profile_id": f"other-{n}"} for n in range(others)])
    opened.workspace.put_profiles([{"profile_id": "new", "maturity_limit": 7}])
    assert opened.titles(page)
    assert not opened.titles(page) & ADULT
    hidden = next(iter(opened.titles(page)))
    assert not opened.workspace.log([
        {"event_id": "h", "type": "hide", "profile_id": "new", "title_id": hidden, "at": format_time(START)}
    ]).rejected  # fmt: skip
    assert hidden not in opened.titles(page)
    assert opened.titles(stranger) & ADULT
    opened.workspace.forget("new")
    with pytest.raises(NotFound):
        opened.titles(page)
    assert opened.titles(stranger) & ADULT


def test_a_stranger_who_was_merged_away_is_whom_it_was_merged_into(opened):
    page = opened.page("anon")
    opened.workspace.put_profiles([{"profile_id": "kid", "maturity_limit": 7}, {"profile_id": "anon"}])
    opened.workspace.merge("kid", "anon")
    assert opened.titles(page)
    assert not opened.titles(page) & ADULT
    opened.workspace.forget("kid")
    with pytest.raises(NotFound):
        opened.titles(page)


def test_what_is_kept_of_a_stranger_does_not_tell_its_id(opened, tmp_path):
    opened.page("nobody-has-this-id")
    opened.workspace.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"nobody-has-this-id" not in kept


def test_old_pages_are_dropped_a_few_at_a_time(opened):
    served, workspace = opened.workspace._parts.served, opened.workspace
    for _ in range(450):
        served.put(served.new_id("p"), 1, opened.time, b"x")
    page = opened.page("ana")
    opened.time += (workspace.settings.pages.keep_days + 1) * 24 * HOUR
    left = []
    for _ in range(4):
        workspace.refresh()
        left.append(len(served.of_profile(1)))
    assert left == [250, 50, 0, 0]
    assert served.get(page) is None
    served.put(served.new_id("p"), 1, 1, b"x")
    workspace.refresh()
    assert len(served.of_profile(1)) == 1  # the next time is in an hour


def test_who_withdraws_consent_gets_no_more_of_what_was_laid_from_history(opened):
    opened.time += HOUR
    events = [
        {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"v{who}", "title_id": f"t{(who + n) % 40}",
         "value": 5, "at": format_time(START - n * HOUR)}
        for who in range(12) for n in range(8)
    ]  # fmt: skip
    assert not opened.workspace.log(events).rejected
    page = opened.workspace.engine.home(HomeRequest(profile_id="v1", rows=1, columns=5))
    assert "because_you_watched" in {row.kind for row in opened.workspace.engine.rows(page.page_id, RowsRequest()).rows}
    page = opened.workspace.engine.home(HomeRequest(profile_id="v1", rows=1, columns=5))
    opened.workspace.patch_profiles([{"profile_id": "v1", "consent": {"personalization": False}}])
    rows = opened.workspace.engine.rows(page.page_id, RowsRequest(after=page.rows[0].row_id, rows=40)).rows
    assert rows
    assert "because_you_watched" not in {row.kind for row in rows}
    assert not [item for row in rows for item in row.items if item.reason and item.reason.because]


def test_what_is_watched_without_consent_leaves_the_further_rows_too(opened):
    opened.workspace.put_profiles([{"profile_id": "quiet", "consent": {"personalization": False}}])
    page = opened.workspace.engine.home(HomeRequest(profile_id="quiet", rows=1, columns=4))
    rows = opened.workspace.engine.as_staff().rows(page.page_id, RowsRequest(after=page.rows[0].row_id, rows=40)).rows
    seen = rows[0].items[0].title_id
    event = {
        "event_id": "e",
        "type": "rate",
        "profile_id": "quiet",
        "title_id": seen,
        "value": 5,
        "at": format_time(START),
    }
    assert not opened.workspace.log([event]).rejected
    rows = opened.workspace.engine.rows(page.page_id, RowsRequest(after=page.rows[0].row_id, rows=40)).rows
    assert seen not in {item.title_id for row in rows for item in row.items}
