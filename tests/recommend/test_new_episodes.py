"""What is new to a service: a season of episodes, which stand in no row, changes nothing for its new films."""

from __future__ import annotations

import pytest

from frontrow import Workspace
from frontrow.models.lending import MOST
from frontrow.recommend.request import RankRequest, SearchRequest

GENRES = ("crime", "comedy", "western")


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w") as opened:
        opened.put_titles([
            {"title_id": f"t{n}", "name": f"Name {n}", "genres": [GENRES[n % 3]], "added_at": "2025-01-01T00:00:00Z"}
            for n in range(60)
        ])  # fmt: skip
        opened.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"p{who}", "title_id": f"t{n}", "value": 5,
             "at": f"2026-01-{1 + who % 28:02d}T00:{n:02d}:00Z"}
            for who in range(60)
            for n in range(who % 3, 54, 3 + 3 * (who % 2))
        ])  # fmt: skip
        opened.train(quick=True)
        yield opened


def asked(workspace: Workspace) -> list[tuple[str, float]]:
    """The new films in the order of a viewer of comedies, with their scores."""
    wanted = RankRequest(profile_id="p1", title_ids=["new0", "new1", "new2"], at="2026-03-01T00:00:00Z")
    return [(item.title_id, round(item.score, 5)) for item in workspace.engine.rank(wanted).items]


def test_new_films_are_scored_the_same_beside_newer_episodes(workspace):
    workspace.put_titles([{"title_id": "s", "name": "Series", "kind": "series", "genres": ["crime"]}])
    workspace.put_titles([
        {"title_id": f"new{n}", "name": f"New {n}", "genres": [GENRES[n]], "added_at": "2026-02-01T00:00:00Z"}
        for n in range(3)
    ])  # fmt: skip
    before = asked(workspace)
    assert before[0][0] == "new1"
    workspace.put_titles([
        {"title_id": f"e{n}", "name": f"Episode {n}", "kind": "episode", "series_id": "s", "season": 1, "episode": n,
         "genres": ["crime"], "added_at": "2026-02-02T00:00:00Z"}
        for n in range(MOST + 1)
    ])  # fmt: skip
    assert asked(workspace) == before


def test_what_an_episode_matches_finds_its_series_and_spoils_no_other_search(workspace):
    def found(words: str) -> list[str]:
        return [item.title_id for item in workspace.engine.search(SearchRequest(q=words)).items]

    workspace.put_titles([
        {"title_id": "h", "name": "Harbour"},
        {"title_id": "s", "name": "Series", "kind": "series"},
        {"title_id": "e", "name": "Harbuor nights", "kind": "episode", "series_id": "s", "season": 1, "episode": 1},
    ])  # fmt: skip
    assert found("harbuor") == ["s"]
    assert found("nights harbuor") == ["s"]
    assert found("series") == ["s"]
    workspace.put_titles([{"title_id": "n", "name": "Harbuor"}])
    assert found("harbuor") == ["n", "s"]  # a title's own name goes first


def test_rows_of_genres_go_by_what_may_stand_in_them(workspace):
    workspace.put_titles([{"title_id": "s", "name": "Series", "kind": "series", "genres": ["drama"]}])
    workspace.put_titles([
        {"title_id": f"e{n}", "name": f"Episode {n}", "kind": "episode", "series_id": "s", "season": 1, "episode": n,
         "genres": ["drama", "talk"]}
        for n in range(30)
    ])  # fmt: skip
    genres = workspace.engine.rooms.views.fresh().catalogue.genres
    assert len(genres["drama"]) == 1
    assert "talk" not in genres
