"""Every tunable changes what it says, by the same path: an override of a running experiment's arm."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pytest

from frontrow import Workspace
from frontrow.core.clock import DAY, format_time, parse_time
from frontrow.core.errors import InvalidRecord
from frontrow.core.settings import table
from frontrow.experiments.design.overrides import overridden
from frontrow.models.names import SOURCES
from frontrow.models.outcomes.model import ALL
from frontrow.recommend.board import PROMISED, Board, Shelf
from frontrow.recommend.request import MAX_ROWS, ListRequest, SearchRequest
from frontrow.recommend.tuning import OptionalRow, OutcomeName, RowName, SourceName, Tuning
from frontrow.settings import Settings
from frontrow.wiring import ROWS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "experiments.md"
NOW = parse_time("2026-03-20T20:00:00Z")


def anything(version: int | None) -> bool:
    return True


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """240 titles of six genres, watched by 60 viewers over 60 days, the first of whom is `ana`."""
    folder = tmp_path_factory.mktemp("tunables") / "w"
    Workspace.init(folder).close()
    workspace = Workspace.open(folder, wall=lambda: NOW)
    genres = ["crime", "drama", "comedy", "war", "music", "space"]
    soon = [{"from": "2020-01-01T00:00:00Z", "until": format_time(NOW + 10 * DAY)}]
    titles = [
        {"title_id": f"t{n}", "name": f"Harbour {n}" if n % 10 == 0 else f"Title {n}",
         "genres": [genres[n % 6], genres[(n // 6) % 6]],
         "tags": {"harbour": 0.5} if n < 8 else {},
         "added_at": format_time(NOW - (n % 100) * DAY)} | ({"windows": soon} if n % 20 == 3 else {})
        for n in range(240)
    ]  # fmt: skip
    workspace.put_titles(titles)
    viewers = ["ana", *(f"v{n}" for n in range(60))]
    workspace.put_profiles([{"profile_id": each, "country": "SE"} for each in viewers])
    random = np.random.default_rng(0)
    events = [
        {"event_id": f"{each}-{n}", "type": "rate", "profile_id": each, "value": 5,
         "title_id": f"t{int(random.exponential(40)) % 240}", "at": format_time(NOW - int(days * DAY)),
         "country": "SE"}
        for each in viewers
        for n, days in enumerate(random.uniform(0.1, 60, 12))
    ]  # fmt: skip
    assert not workspace.ingest(events).rejected
    added = {"event_id": "l1", "type": "list_add", "profile_id": "ana", "title_id": "t239", "at": format_time(NOW)}
    opened = {"event_id": "s1", "type": "select", "profile_id": "ana", "title_id": "t238", "at": format_time(NOW)}
    fewer = {
        "event_id": "f1",
        "type": "less_like",
        "profile_id": "ana",
        "title_id": "t216",
        "at": format_time(NOW - DAY),
    }
    assert not workspace.ingest([added, opened, fewer]).rejected
    yield workspace
    workspace.close()


def page(workspace):
    """Rows of ana's page: kind, title, and the titles in it."""
    return [
        (row.kind, row.title, [item.title_id for item in row.items])
        for row in workspace.home("ana", rows=40, columns=5).rows
    ]


def whole(workspace):
    """What the tunables reach: ana's page, a list and two searches."""
    engine = workspace.engine

    def ids(slate):
        return [(item.title_id, round(item.score, 5)) for item in slate.items]

    return {
        "page": page(workspace),
        "list": ids(engine.recommendations(ListRequest(profile_id="ana", n=40))),
        "search": [
            ids(engine.search(SearchRequest(q=words, profile_id="ana", n=100))) for words in ("harb", "harbuor 7")
        ],
    }


def tuned(workspace, overrides):
    """`whole` in an arm with these overrides."""
    arms = [{"key": "control", "weight": 0.0}, {"key": "on", "weight": 1.0, "overrides": overrides}]
    body = {"hypothesis": "differs", "arms": arms, "primary": "viewing_time"}
    workspace.register.put("x", body | {"state": "running"}, anything)
    try:
        return whole(workspace)
    finally:
        workspace.register.put("x", body | {"state": "stopped"}, anything)
        workspace.register.delete("x", anything)


CHANGES = {
    "rows_first": ["hidden_gems", "top10"],
    "rows_without": ["trending"],
    "because_rows": 1,
    "new_days": 20,
    "new_most_share": 0.7,
    "leaving_days": 5,
    "trend_days": 7,
    "top_days": 30,
    "top_country_views": 1000,
    "gems_share": 0.05,
    "again_days": 45,
    "genre_pairs": 0,
    "history": 2,
    "source_factors": {"popular": 0, "popular_country": 0, "fresh": 5},
    "session_intent": 3,
    "less_like": 12,
    "list_diversity": 0.9,
    "search_personal_share": 5,
    "search_beginning": 0.1,
    "search_nearly": 1,
    "outcome_weights": {"play": 0, "finish": 5},  # this log tells no outcome: test_outcome_weights.py
}
REACHES = {"list_diversity": "list", "search_personal_share": "search", "search_beginning": "search",
           "search_nearly": "search", "outcome_weights": "nothing"}  # fmt: skip


BY_CHANCE = {"explore_share"}
"""Changes a page by a draw: see test_exploring.py."""


@pytest.mark.parametrize("name", [name for name in Tuning.__struct_fields__ if name not in BY_CHANCE])
def test_every_tunable_changes_what_it_is_for_and_nothing_once_it_is_over(service, name):
    before = whole(service)
    after = tuned(service, {f"tuning.{name}": CHANGES[name]})
    reached = REACHES.get(name, "page")
    assert reached == "nothing" or after[reached] != before[reached]
    for other in {"page", "search"} - {reached, "list"} if name != "history" else ():
        if name not in ("source_factors", "session_intent", "less_like"):
            assert after[other] == before[other], other
    assert whole(service) == before


def kinds(rows):
    return [kind for kind, *_ in rows]


def test_rows_come_first_in_the_order_asked_and_others_stay_away(service):
    got = kinds(
        tuned(service, {"tuning.rows_first": ["hidden_gems", "top10"], "tuning.rows_without": ["genres"]})["page"]
    )
    assert got[:2] == ["hidden_gems", "top10"]
    assert "my_list" in got


def test_the_top_ten_says_of_which_days_it_is(service):
    said = []
    for days in (1, 7, 30):
        rows = tuned(service, {"tuning.top_days": days})["page"]
        title = next(title for kind, title, _ in rows if kind == "top10")
        said.append(title.removeprefix("Top 10 ").removeprefix("in your country "))
    assert said == ["today", "this week", "of the last 30 days"]


def test_a_source_that_counts_nothing_leads_nothing(service):
    rows = tuned(service, {"tuning.source_factors": {"popular": 0, "popular_country": 0, "fresh": 0}})
    assert rows["list"] != whole(service)["list"]


@pytest.mark.parametrize("first", [("genres",), ("genre_pairs", "genres")])
def test_what_is_promised_stands_on_a_page_that_others_would_fill(service, first):
    """Rows without end come first, and yet My list is there."""
    home = service.engine.rooms
    asking = home.asking(ListRequest(profile_id="ana"))
    viewer = home.viewer(asking, home.views)
    viewer = replace(viewer, arm=replace(viewer.arm, tuning=Tuning(rows_first=first)))
    size = home.views.catalogue.size
    from frontrow.recommend.scoring import unscored

    board = Board(
        home.views, viewer, None, unscored(np.ones(size, bool), ()), 4, np.ones(size, bool), np.ones(size, bool)
    )  # type: ignore[arg-type]
    for n in range(60):
        board.lay(Shelf("genre", f"{n}", np.arange(4 * n, 4 * n + 4) % size, np.zeros(4, np.float32)))
    assert len(board.shelves) == MAX_ROWS - len(PROMISED)
    assert board.lay(Shelf("my_list", "My list", np.array([239]), np.zeros(1, np.float32)))
    assert not board.lay(Shelf("continue_watching", "", np.array([], np.int64), np.zeros(0, np.float32)))
    assert len(board.shelves) == MAX_ROWS - 1


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (
            {"rows_first": ["top_pics"]},
            r"^tuning\.rows_first\[0\]: invalid enum value 'top_pics': it is one of .*top_picks",
        ),
        ({"rows_without": ["my_list"]}, "invalid enum value 'my_list'"),
        ({"source_factors": {"magic": 1}}, "invalid enum value 'magic'"),
        ({"source_factors": {"popular": 9}}, "<= 5.*; it takes by name, number, 0 to 5"),
        ({"outcome_weights": {"joy": 1}}, "invalid enum value 'joy'"),
        ({"outcome_weights": {"finish": 11}}, "<= 10.*; it takes by name, number, -10 to 10"),
        ({"trend_days": 3}, "it takes `2` or `7`"),
        ({"again_days": 7}, ">= 30.*whole number, 30 to 3,650"),
        ({"list_diversity": float("nan")}, "list_diversity"),
    ],
)
def test_a_value_that_a_tunable_does_not_take_says_what_it_takes(overrides, says):
    with pytest.raises(InvalidRecord) as caught:
        overridden(Tuning(), {f"tuning.{name}": value for name, value in overrides.items()}, "tuning.")
    assert re.search(says, caught.value.message, re.S), caught.value.message


def test_names_are_those_of_the_rooms():
    assert get_args(RowName) == tuple(maker.__name__ for maker in ROWS)
    assert set(get_args(OptionalRow)) == set(get_args(RowName)) - PROMISED
    assert get_args(SourceName) == SOURCES
    assert get_args(OutcomeName) == ALL


def test_docs_hold_the_table_of_tunables_and_of_those_that_are_none():
    text = DOCS.read_text("utf-8")
    assert "\n".join(table(Tuning, "tuning.")) in text
    for name, hint in Settings.__annotations__.items():
        if name == "tuning":
            continue
        below = msgspec.structs.fields(type(getattr(Settings(), name))) if "Settings" in str(hint) else ()
        assert f"`{name}`" in text or all(f"`{name}.{each.name}`" in text for each in below), name
