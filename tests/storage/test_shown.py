"""Impressions with their places, as training reads them: from log and lake, and only those that may be learned from."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.training import training_data
from frontrow.wiring import assemble
from frontrow.workspace import Workspace

AT = "2026-03-01T12:00:{:02}Z"


def event(number, kind, profile="ana", title="a", **more):
    return {"event_id": f"e{number}", "type": kind, "profile_id": profile, "title_id": title,
            "at": AT.format(number)} | more  # fmt: skip


@pytest.mark.parametrize("compacted", [False, True])
def test_places_come_from_the_log_and_from_the_lake(tmp_path, compacted):
    with Workspace.init(tmp_path / "w") as workspace:
        assert not workspace.put_titles([{"title_id": each, "name": each} for each in "ab"]).rejected
        secret = {"profile_id": "private", "consent": {"personalization": False}}
        assert not workspace.put_profiles([{"profile_id": "ana"}, secret]).rejected
        where = {"page_id": "p", "row": 2}
        events = [
            event(1, "impression", **where, column=7),
            event(2, "impression", title="b", **where, column=0),
            event(3, "impression", profile="private", **where, column=1),
            event(4, "play", title="b"),
            event(5, "stop", title="b", seconds=4000, fraction=0.95),
        ]
        assert not workspace.ingest(events).rejected
        if compacted:
            workspace.compact()
    parts = assemble(tmp_path / "w")
    data, _ = training_data(parts, None)
    placed = data.placements
    assert placed is not None
    assert placed.cell.tolist() == [2 * 12 + 7, 2 * 12]
    assert placed.taken.tolist() == [False, True]
    assert len(np.unique(placed.profile)) == 1
    assert data.interactions.cell is not None
    assert data.interactions.cell.tolist() == [2 * 12]
    shown = parts.store.lake.log.shown(int(data.interactions.at[0]) - 2_000_000)
    assert len(shown.at) == 1
    parts.close()


def test_a_log_without_impressions_places_nothing(tmp_path):
    with Workspace.init(tmp_path / "w") as workspace:
        assert not workspace.put_titles([{"title_id": "a", "name": "a"}]).rejected
        assert not workspace.ingest([event(1, "rate", value=5)]).rejected
    parts = assemble(tmp_path / "w")
    data, _ = training_data(parts, None)
    assert data.placements is None
    assert data.interactions.cell is None
    parts.close()
