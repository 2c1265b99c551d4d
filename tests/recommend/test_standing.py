"""How one viewer stands to one title, as the details tell it."""

from __future__ import annotations

import pytest

from frontrow.core.errors import NotFound
from frontrow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w") as opened:
        opened.put_titles([
            {"title_id": "film", "name": "Film", "runtime_minutes": 100},
            {"title_id": "show", "name": "Show", "kind": "series"},
            {"title_id": "part", "name": "Part", "kind": "episode", "series_id": "show", "season": 1, "episode": 1},
        ])  # fmt: skip
        yield opened


def say(workspace, *events):
    told = [
        {"event_id": f"e-{number}-{event['type']}-{event['title_id']}", "profile_id": "ana",
         "at": f"2026-01-01T00:00:{number:02d}Z"} | event
        for number, event in enumerate(events)
    ]  # fmt: skip
    assert not workspace.log(told).rejected


def stands(workspace, title_id):
    return workspace.engine.standing("ana", title_id)


def test_nothing_was_said(workspace):
    found = stands(workspace, "film")
    assert (found.rating, found.less, found.listed, found.hidden, found.status) == (None, False, False, False, None)


def test_the_latest_rating_holds_until_it_is_taken_back(workspace):
    say(
        workspace,
        {"type": "rate", "title_id": "film", "value": 1},
        {"type": "rate", "title_id": "film", "value": 4},
        {"type": "rate", "title_id": "part", "value": 5},
        {"type": "less_like", "title_id": "part"},
        {"type": "list_add", "title_id": "film"},
    )
    assert stands(workspace, "film").rating == 4
    assert stands(workspace, "film").listed
    assert stands(workspace, "part").rating == 5
    assert stands(workspace, "show").rating is None
    assert stands(workspace, "show").less, "less_like of an episode counts for the series"
    say(workspace, {"type": "unwatch", "title_id": "film", "at": "2026-01-02T00:00:00Z"})
    assert stands(workspace, "film").rating is None


def test_a_title_that_is_not_there(workspace):
    with pytest.raises(NotFound, match="no title"):
        stands(workspace, "nowhere")


def test_what_the_gate_forbids_cannot_be_played(workspace):
    assert stands(workspace, "film").open
    workspace.patch_titles([
        {"title_id": "film", "windows": [{"until": "2020-01-01T00:00:00Z"}]}, {"title_id": "part", "maturity": 18}
    ])  # fmt: skip
    assert not stands(workspace, "film").open
    assert stands(workspace, "show").open
    workspace.put_profiles([{"profile_id": "ana", "maturity_limit": 21}])
    assert not stands(workspace, "film").open
    workspace.put_profiles([{"profile_id": "ana", "kids": True}])
    assert not stands(workspace, "show").open
