"""A page that staff looks at, or that is asked for another moment, is no viewer's: it counts in no metric."""

from __future__ import annotations

import pytest
from asking import ask

from frontrow import Workspace
from frontrow.api.app import build_app
from frontrow.readout import metric_tables

DESIGN = {
    "hypothesis": "fewer rows, more watched",
    "arms": [{"key": "control", "weight": 0.5}, {"key": "fewer", "weight": 0.5}],
    "primary": "viewing_time",
    "state": "running",
}


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w") as opened:
        opened.put_titles([{"title_id": f"t{n}", "name": f"Title {n}", "genres": ["g"]} for n in range(30)])
        opened.put_profiles([{"profile_id": "ana"}])
        opened.register.put("x", DESIGN, lambda _: True)
        yield opened


def counted(workspace):
    """(home pages, entries that expose somebody) in the metric tables."""
    tables = metric_tables(workspace._parts)
    return tables.all_page_days()["pages"].sum(), tables.exposures.height


@pytest.mark.parametrize(("role", "pages"), [("app", 1), ("support", 0), ("operator", 0), ("admin", 0)])
def test_only_an_apps_pages_count(workspace, role, pages):
    app = build_app(workspace)
    key = {"Authorization": f"Bearer {workspace.keys.create(role)}"}
    answer = ask(app, "GET", "/v1/home?profile_id=ana", headers=key)
    assert answer.status == 200
    assert counted(workspace) == (pages, pages)
    if role != "support":
        assert ask(app, "POST", "/v1/recommendations", {"profile_id": "ana"}, key).status == 200
        assert counted(workspace) == (pages, pages)
    rows = ask(app, "GET", f"/v1/pages/{answer.json['page_id']}/rows", headers=key)
    assert rows.status == 200


def test_a_list_of_an_apps_alone_exposes(workspace):
    app = build_app(workspace)
    for role, exposed in (("operator", 0), ("app", 1)):
        key = {"Authorization": f"Bearer {workspace.keys.create(role)}"}
        assert ask(app, "POST", "/v1/recommendations", {"profile_id": "ana"}, key).status == 200
        assert counted(workspace) == (0, exposed)


def test_with_dev_who_has_no_key_is_a_viewer_until_asking_for_another_moment(workspace):
    app = build_app(workspace, dev=True)
    assert ask(app, "GET", "/v1/home?profile_id=ana&at=2030-01-01T00:00:00Z").status == 200
    assert ask(app, "GET", "/?profile=ana&when=night").status == 200
    assert counted(workspace) == (0, 0)
    assert ask(app, "GET", "/?profile=ana").status == 200
    assert counted(workspace) == (1, 1)
