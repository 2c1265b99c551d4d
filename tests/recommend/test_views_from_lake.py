"""Popularity is counted from the lake where there is one, and pages do not depend on it."""

from __future__ import annotations

import numpy as np

from frontrow import Workspace
from frontrow.core.clock import DAY, format_time, wall_clock


def filled(folder) -> Workspace:
    workspace = Workspace.init(folder)
    workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(40)])
    now = wall_clock()
    workspace.ingest(
        [
            {"event_id": f"e{n}", "type": "stop", "profile_id": f"p{n % 9}", "title_id": f"t{n * n % 40}",
             "country": "SE", "seconds": 900.0, "fraction": 0.95, "at": format_time(now - n * DAY // 4)}
            for n in range(200)
        ]
    )  # fmt: skip
    return workspace


def test_the_same_counts_from_lake_and_log(tmp_path):
    with filled(tmp_path / "w") as workspace:
        now = workspace.now()
        plain = workspace.engine.rooms.views.fresh().velocity
        workspace.compact()
        workspace.ingest([{"event_id": "x", "type": "rate", "profile_id": "p1", "title_id": "t39", "value": 5,
                           "at": format_time(now)}])  # fmt: skip
    with Workspace.open(tmp_path / "w") as again:
        views = again.engine.rooms.views.fresh()
        assert views.offset == 201
        laid = views.velocity
        for half_life in (2, 7, 30, np.inf):
            expected = plain.decayed(half_life, now)
            expected[39] += 1
            assert np.allclose(laid.decayed(half_life, now), expected, rtol=1e-5)
        assert np.allclose(laid.decayed(7, now, "SE"), plain.decayed(7, now, "SE"), rtol=1e-5)
        assert again.verify().different == 0


def test_a_page_does_not_depend_on_the_lake(tmp_path):
    with filled(tmp_path / "w") as workspace:
        workspace.compact()
        expected = workspace.home("p1")
    for path in (tmp_path / "w" / "lake").rglob("*.parquet"):
        path.write_bytes(b"damaged")
    with Workspace.open(tmp_path / "w") as workspace:
        page = workspace.home("p1")
        assert [row.kind for row in page.rows] == [row.kind for row in expected.rows]
        assert page.degraded == expected.degraded
