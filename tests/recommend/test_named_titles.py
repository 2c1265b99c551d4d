"""Titles named in reasons and headings pass the gate as titles in rows do: not hidden, deleted or over-age ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from frontrow.recommend.answers import Row
from frontrow.recommend.request import HomeRequest, ListRequest, RowsRequest, SimilarRequest
from frontrow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w") as opened:
        opened.put_titles([
            {"title_id": f"t{n}", "name": f"Name {n}", "genres": [("crime", "comedy")[n % 2]], "maturity": 0}
            for n in range(40)
        ])  # fmt: skip
        opened.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": who, "title_id": f"t{n}", "value": 5,
             "at": f"2026-01-01T00:00:{n:02d}Z"}
            for who, seen in (("ana", range(4)), ("ben", range(2, 8)), ("cy", range(0, 20, 2)))
            for n in seen
        ])  # fmt: skip
        yield opened


def named_by(rows: list[Row]) -> set[str]:
    """Titles in reasons of items and rows, by id and by what the texts say."""
    reasons = [item.reason for row in rows for item in row.items] + [row.reason for row in rows if row.reason]
    said = {text for text in [reason.text for reason in reasons] + [row.title for row in rows] if "Name " in text}
    by_text = {f"t{text.partition('Name ')[2].partition(',')[0]}" for text in said}
    return by_text | {title for reason in reasons for title in reason.because}


def home(workspace):
    return workspace.engine.home(HomeRequest(profile_id="ana", rows=40, columns=10))


def hide(workspace: Workspace) -> None:
    assert not workspace.log([
        {"event_id": "hide", "type": "hide", "profile_id": "ana", "title_id": "t3", "at": "2026-01-02T00:00:00Z"}
    ]).rejected  # fmt: skip


def delete(workspace: Workspace) -> None:
    workspace.delete_title("t3")


def grow_up(workspace: Workspace) -> None:
    workspace.patch_titles([{"title_id": "t3", "maturity": 18}])
    workspace.patch_profiles([{"profile_id": "ana", "maturity_limit": 16}])


def shut(workspace: Workspace) -> None:
    workspace.patch_titles([{"title_id": "t3", "windows": [{"until": "2020-01-01T00:00:00Z"}]}])


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("close", [hide, delete, grow_up, shut])
def test_a_title_that_the_gate_shuts_is_named_nowhere(workspace, close: Callable[[Workspace], None], trained):
    if trained:
        workspace.train(quick=True)
    before = home(workspace)
    assert "t3" in named_by(before.rows)
    close(workspace)
    after = home(workspace)
    assert named_by(after.rows)  # other titles speak in its stead
    assert "t3" not in named_by(after.rows)
    further = workspace.engine.rows(before.page_id, RowsRequest(rows=40)).rows
    assert further
    assert "t3" not in named_by(further)
    listed = workspace.engine.recommendations(ListRequest(profile_id="ana", n=30)).items
    assert all("t3" not in item.reason.because for item in listed)
    evidence = [each for n in range(10, 30) for each in workspace.engine.explain("ana", f"t{n}").evidence]
    assert any(each.because for each in evidence)
    assert all("t3" not in each.because and "Name 3," not in each.text for each in evidence)


def test_likeness_to_a_hidden_title_is_told_without_its_name(workspace):
    told = workspace.engine.similar("t3", SimilarRequest(profile_id="ana")).items
    assert {item.reason.text for item in told} == {"Like Name 3"}
    assert {tuple(item.reason.because) for item in told} == {("t3",)}
    hide(workspace)
    told = workspace.engine.similar("t3", SimilarRequest(profile_id="ana")).items
    assert told
    assert all("Name 3" not in item.reason.text and not item.reason.because for item in told)
