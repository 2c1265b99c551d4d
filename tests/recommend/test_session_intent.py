"""What a viewer does in a session moves the next page and the rows that were not answered yet, and nothing else."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.core.clock import DAY, HOUR, MINUTE, format_time, parse_time
from frontrow.core.errors import Unavailable
from frontrow.recommend.board import REPEATING
from frontrow.recommend.intent import intent_of
from frontrow.recommend.request import ExplainRequest, HomeRequest, RowsRequest
from frontrow.workspace import Workspace

START = parse_time("2026-03-20T12:00:00Z")
GENRES = ["crime", "drama", "comedy", "war", "music", "space"]
TITLES = 300
numbers = itertools.count()


class Evening:
    """A workspace whose time tests set: 300 titles of six genres; ana watched some crime two days ago."""

    def __init__(self, folder, toml: str = "") -> None:
        self.time, self.folder = START, folder
        Workspace.init(folder).close()
        (folder / "frontrow.toml").write_text(toml)
        self.workspace = self.open()
        self.workspace.put_titles([
            {"title_id": f"t{n}", "name": f"T {n}", "genres": [GENRES[n % 6]], "runtime_minutes": 90}
            for n in range(TITLES)
        ])  # fmt: skip
        for n in range(40):
            self.did(
                "stop", f"t{(n * 37) % TITLES}", who=f"v{n % 8}", ago=DAY * (1 + n % 5), seconds=5000, fraction=0.95
            )
        for n in range(4):
            self.did("stop", f"t{6 * n}", ago=2 * DAY, seconds=5000, fraction=0.95)

    def open(self) -> Workspace:
        return Workspace.open(self.folder, wall=lambda: self.time)

    def did(self, kind, title=None, who="ana", ago=0, **fields) -> None:
        event = {"event_id": f"e{next(numbers)}", "type": kind, "profile_id": who, "at": format_time(self.time - ago)}
        answer = self.workspace.log([event | ({"title_id": title} if title else {}) | fields])
        assert not answer.rejected, answer.rejected

    def page(self, rows=40, **asked):
        return self.workspace.engine.home(HomeRequest(profile_id="ana", rows=rows, columns=6, **asked))

    def further(self, page, after, rows=40, workspace=None):
        return (workspace or self.workspace).engine.rows(page.page_id, RowsRequest(after=after, rows=rows)).rows

    def intent(self, at=None):
        rooms = self.workspace.engine.rooms
        views = rooms.views.fresh()
        viewer = rooms.viewer(rooms.asking(HomeRequest(profile_id="ana", at=at)), views)
        return dict(intent_of(viewer, rooms.features, views.catalogue))


@pytest.fixture
def evening(tmp_path):
    made = Evening(tmp_path / "w")
    yield made
    made.workspace.close()


def laid(rows):
    return [(row.row_id, row.title, [item.title_id for item in row.items]) for row in rows]


def genres_of(page):
    return [row.title.lower() for row in page.rows if row.kind == "genre" and " " not in row.title]


def test_what_was_opened_moves_the_next_page(evening):
    explain = evening.workspace.engine.explain
    assert genres_of(evening.page())[0] == "crime"
    before = explain("ana", "t11", ExplainRequest())
    evening.did("select", "t5")
    assert evening.intent() == {"space": 0.5}
    assert genres_of(evening.page())[0] == "space"
    told = explain("ana", "t11", ExplainRequest())
    assert [each.text for each in told.evidence if each.source == "session"] == ["Like what you opened just now"]
    added = evening.workspace.settings.tuning.session_intent / 2
    assert told.score - before.score == pytest.approx(added, abs=1e-5)


def test_it_is_the_feature_and_counts_what_was_played_and_what_a_search_found(evening):
    evening.did("select", "t5")
    evening.did("play", "t3")
    evening.did("search", "t3", query="war films")
    evening.did("search", query="nothing that was opened")
    shares = evening.workspace.engine.features("ana").features["session_intent"].value
    assert shares == {"space": pytest.approx(1 / 3), "war": pytest.approx(2 / 3)}
    assert evening.intent() == {genre: pytest.approx(share * 2 / 3) for genre, share in shares.items()}


def test_it_ends_with_the_session_and_holds_for_no_past_moment(evening):
    before = laid(evening.page().rows)
    evening.did("select", "t5")
    moment = format_time(evening.time - MINUTE)
    assert evening.intent(at=moment) == {}
    evening.did("session_end")
    assert evening.intent() == {}
    evening.did("select", "t5")
    assert evening.intent() != {}
    evening.time += 31 * MINUTE
    assert evening.intent() == {}
    assert [row[1:] for row in laid(evening.page().rows)] == [row[1:] for row in before]


def test_nothing_is_learned_without_consent(evening):
    evening.did("select", "t5")
    evening.workspace.patch_profiles([{"profile_id": "ana", "consent": {"personalization": False}}])
    assert evening.intent() == {}
    page = evening.page(rows=3)
    rest = laid(evening.further(page, page.rows[-1].row_id))
    evening.did("select", "t4")
    assert laid(evening.further(page, page.rows[-1].row_id)) == rest


def test_a_service_may_turn_it_off(tmp_path):
    evening = Evening(tmp_path / "w", "[tuning]\nsession_intent = 0.0\n")
    before = [row[1:] for row in laid(evening.page().rows)]
    evening.did("select", "t5")
    assert [row[1:] for row in laid(evening.page().rows)] == before
    evening.workspace.close()


def test_rows_not_yet_shown_follow_and_what_is_on_screen_stays(evening):
    page = evening.page(rows=4)
    last = page.rows[-1].row_id
    evening.did("play", "t5")
    evening.did("progress", "t5", seconds=600, fraction=0.2)
    evening.did("stop", "t11", seconds=5000, fraction=0.95)
    rest = evening.further(page, last, rows=5)
    assert rest[0].kind == "continue_watching"
    assert genres_of(page) == []
    kinds = [row.title for row in rest]
    assert "Because you watched T 11" in kinds
    again = evening.further(page, None, rows=9)
    assert laid(again)[:4] == laid(page.rows)
    assert laid(again)[4:] == laid(rest)
    evening.did("select", "t4")  # and what was answered once stays as it is
    assert laid(evening.further(page, last, rows=5)) == laid(rest)
    more = evening.further(page, rest[-1].row_id)
    whole = [*page.rows, *rest, *more]
    assert len({row.row_id for row in whole}) == len(whole)
    once = [item.title_id for row in whole if row.kind not in REPEATING for item in row.items]
    assert len(once) == len(set(once))


def test_without_a_deed_nothing_is_laid_anew(evening):
    page = evening.page(rows=4)
    whole = laid(evening.page().rows)
    evening.did("impression", "t5", page_id=page.page_id, row=0, column=0)
    evening.did("session_start")
    evening.workspace.put_titles([{"title_id": "new", "name": "New", "genres": ["crime"]}])
    assert [row[1:] for row in laid(evening.further(page, page.rows[-1].row_id))] == [row[1:] for row in whole[4:]]


def test_a_newcomer_s_page_follows_its_first_deeds(evening):
    engine = evening.workspace.engine
    page = engine.home(HomeRequest(profile_id="new", rows=2, columns=6))
    evening.did("stop", "t5", who="new", seconds=5000, fraction=0.95)
    rest = engine.rows(page.page_id, RowsRequest(after=page.rows[-1].row_id, rows=40)).rows
    assert "Because you watched T 5" in [row.title for row in rest]


def test_any_worker_answers_the_same(evening):
    page = evening.page(rows=3)
    evening.did("play", "t5")
    with evening.open() as other:
        rest = laid(evening.further(page, page.rows[-1].row_id, rows=6, workspace=other))
        assert any(title == "Because you watched T 5" for _, title, _ in rest) or rest
        evening.did("select", "t4")
        assert laid(evening.further(page, page.rows[-1].row_id, rows=6)) == rest
        # Two are answered in the same moment: the one that comes second takes over what the first has kept.
        read, late = evening.workspace._parts.served.get, []

        def get(page_id):
            found = read(page_id)
            if not late:
                late.append(laid(evening.further(page, rest[-1][0], rows=3, workspace=other)))
                evening.did("select", "t3")
            return found

        evening.workspace._parts.served.get = get
        assert laid(evening.further(page, rest[-1][0], rows=3)) == late[0]


def test_what_cannot_be_kept_is_not_laid_anew(evening, monkeypatch):
    page = evening.page(rows=3)
    rest = laid(evening.page().rows)[3:]
    evening.did("play", "t5")

    def full(*_):
        raise Unavailable("full", "wait", "disk full")

    monkeypatch.setattr(evening.workspace._parts.served, "amend", full)
    for _ in range(2):
        found = laid(evening.further(page, page.rows[-1].row_id))
        assert {row[1] for row in found} <= {row[1] for row in rest}


def test_staff_changes_nothing_by_looking(evening):
    page = evening.page(rows=3)
    stored = evening.workspace._parts.served.get(page.page_id).body
    evening.did("play", "t5")
    evening.workspace.engine.as_staff().rows(page.page_id, RowsRequest(after=page.rows[-1].row_id, rows=5))
    assert evening.workspace._parts.served.get(page.page_id).body == stored


def test_what_a_page_was_made_of_can_still_be_computed_again(tmp_path):
    evening = Evening(tmp_path / "w", "[pages]\nvalues_share = 1.0\n")
    evening.did("select", "t4")
    page = evening.page(rows=3)
    evening.did("play", "t5")
    evening.further(page, page.rows[-1].row_id, rows=4)
    told = evening.workspace.verify()
    assert (told.pages, told.compared, told.different) == (1, 1, 0)
    body = evening.workspace.export_profile("ana")["pages"][0]
    assert body["rows_shown"] == 7
    evening.workspace.close()


deeds = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["select", "play", "hide", "list_add", "impression"]), st.integers(0, TITLES - 1)),
        st.tuples(st.just("rows"), st.integers(1, 6)),
        st.tuples(st.just("again"), st.integers(1, 6)),
        st.tuples(st.just("wait"), st.integers(1, 5)),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(deeds)
def test_whatever_happens_meanwhile(tmp_path_factory, told):
    evening = Evening(tmp_path_factory.mktemp("evening") / "w")
    page = evening.page(rows=2)
    seen, dropped = list(page.rows), set()
    for kind, number in told:
        if kind == "rows":
            seen += evening.further(page, seen[-1].row_id, rows=number)
        elif kind == "again":
            found = {row[0]: row[2] for row in laid(evening.further(page, None, rows=min(number, len(seen))))}
            for row_id, _, items in laid(seen):
                kept = [each for each in items if each not in dropped]
                assert (
                    row_id not in found or set(found[row_id]) <= set(kept) or row_id.endswith(("watching", "my_list"))
                )
        elif kind == "wait":
            evening.time += number * MINUTE // 2
        else:
            place = {"page_id": page.page_id, "row": 0, "column": 0} if kind == "impression" else {}
            evening.did(kind, f"t{number}", **place)
            dropped |= {f"t{number}"} if kind == "hide" else set()
    assert len({row.row_id for row in seen}) == len(seen)
    once = [item.title_id for row in seen if row.kind not in REPEATING for item in row.items]
    assert len(once) == len(set(once))
    assert all(len(row.items) >= (1 if row.kind in ("continue_watching", "my_list") else 4) for row in seen)
    assert evening.time - START < HOUR // 2
    evening.workspace.close()
