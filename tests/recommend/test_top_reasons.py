"""What is said of the ten most watched is what their heading says."""

from __future__ import annotations

import pytest

from frontrow.core.clock import HOUR, format_time, parse_time
from frontrow.workspace import Workspace

NOW = parse_time("2026-03-20T20:00:00Z")


@pytest.mark.parametrize(("days", "said"), [(7, "this week"), (1, "today"), (3, "of the last 3 days")])
def test_the_number_is_of_the_days_that_were_counted(tmp_path, days, said):
    folder = tmp_path / "w"
    Workspace.init(folder).close()
    (folder / "frontrow.toml").write_text(f"[tuning]\ntop_days = {days}\n")
    with Workspace.open(folder, wall=lambda: NOW) as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(6)])
        workspace.log([
            {"event_id": f"{n}", "type": "rate", "profile_id": f"p{n}", "title_id": f"t{n % 5}", "value": 5,
             "at": format_time(NOW - HOUR)} for n in range(20)
        ])  # fmt: skip
        row = next(row for row in workspace.home("nobody", rows=40).rows if row.kind == "top10")
        assert row.title == f"Top 10 {said}"
        assert [item.reason.text for item in row.items] == [f"Number {n} {said}" for n in range(1, 6)]
