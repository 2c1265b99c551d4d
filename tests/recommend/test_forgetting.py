"""What a process holds of profiles is let go of when they are erased or merged, whichever process does it."""

from __future__ import annotations

import pytest

from frontrow.features.held import Held
from frontrow.features.state import Who
from frontrow.workspace import Workspace

WHO = ("ann", "bea", "cleo")


@pytest.fixture
def holding(tmp_path):
    """A workspace of which this process has made everybody's page, and told everybody's features."""
    with Workspace.init(tmp_path / "w") as workspace:
        workspace.put_titles([{"title_id": "t", "kind": "movie", "name": "T"}])
        events = [
            {"event_id": f"e-{who}", "type": "stop", "profile_id": who, "title_id": "t", "seconds": 3000,
             "fraction": 0.5, "at": "2026-03-20T12:00:00Z"}
            for who in WHO
        ]  # fmt: skip
        assert workspace.ingest(events).accepted == len(WHO)
        for who in WHO:
            workspace.home(who)
            workspace.engine.features(who)
        yield workspace


def keys(workspace: Workspace) -> dict[str, Who]:
    found = {who: workspace.engine.rooms.people.find(who) for who in WHO}
    return {who: Who(each.number, each.generation, each.profile.timezone) for who, each in found.items()}


def held(workspace: Workspace, everybody: dict[str, Who]) -> tuple[set[str], set[str]]:
    """Of whom a viewer's state is held, and of whom a trail."""
    states, trails = workspace.engine.rooms.views.viewers._states, workspace.engine.rooms.features._trails
    return (
        {name for name, who in everybody.items() if who in states},
        {name for name, who in everybody.items() if Who(who.number, who.generation) in trails},
    )


def test_nothing_is_held_of_who_is_erased_or_merged_by_another_process(holding):
    everybody = keys(holding)
    assert held(holding, everybody) == (set(WHO), set(WHO))
    with Workspace.open(holding.path) as other:
        other.forget("bea")
    holding.refresh()
    assert held(holding, everybody) == ({"ann", "cleo"}, {"ann", "cleo"})
    with Workspace.open(holding.path) as other:
        other.merge("ann", "cleo")
    holding.refresh()
    assert held(holding, everybody) == (set(), set())


def test_what_is_let_go_of_no_longer_counts():
    states = Held[int, str](10, len)
    for key, state in enumerate(("four", "five", "x")):
        states.keep(key, state)
    states.let_go(lambda key: key < 2)
    assert [key in states for key in range(3)] == [False, False, True]
    for key, state in enumerate(("nine more!"[:9], "y"), 3):
        states.keep(key, state)
    assert [key in states for key in range(5)] == [False, False, False, True, True]
