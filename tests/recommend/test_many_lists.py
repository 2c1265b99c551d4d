"""Lists for many at once: from several threads as from one, and never without a word where a part of them failed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from frontrow.models.sources import Sources
from frontrow.recommend.lists import order
from frontrow.recommend.request import ListRequest
from frontrow.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Workspace.init(tmp_path_factory.mktemp("many") / "w") as opened:
        opened.put_titles([{"title_id": f"t{n}", "name": f"T{n}", "genres": ["drama"]} for n in range(30)])
        opened.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"p{who}", "title_id": f"t{(who * 7 + n) % 30}",
             "value": 5, "at": f"2026-01-{1 + n:02d}T{who % 24:02d}:00:00Z"}
            for who in range(30) for n in range(12)
        ])  # fmt: skip
        opened.train(quick=True)
        yield opened


def test_threads_that_share_a_workspace_are_answered_one_at_a_time(workspace, monkeypatch):
    inside, most = [], []

    def watched(*args):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.001)  # whoever does not wait comes in now
        try:
            return order(*args)
        finally:
            inside.pop()

    asked = [[ListRequest(profile_id=f"p{who}", n=10, at=f"2026-01-{3 + who:02d}T12:00:00Z") for who in range(9)]] * 4
    alone = workspace.recommend(asked[0])
    for module in ("batch", "lists"):
        monkeypatch.setattr(f"frontrow.recommend.{module}.order", watched)
    with ThreadPoolExecutor(5) as pool:
        live = pool.submit(lambda: [workspace.engine.recommendations(ListRequest(profile_id="p1")) for _ in range(9)])
        assert all(found.equals(alone) for found in pool.map(workspace.recommend, asked))
        assert all(slate.items for slate in live.result())
    assert (len(most), max(most)) == (45, 1)


def test_what_failed_behind_lists_is_told(workspace, monkeypatch):
    def broken(self, history, *_):
        raise RuntimeError(f"broken at {history.titles[-1]}")

    monkeypatch.setattr(Sources, "_linear", broken)
    with structlog.testing.capture_logs() as told:
        assert len(workspace.recommend(["p1", "p2", "p5"]))
    (warned,) = [each for each in told if "failed" in each]
    assert (warned["log_level"], warned["of"]) == ("warning", 3)
    assert warned["failed"] == {"linear: RuntimeError": 3}
    report = workspace.evaluate("time-split", quick=True, facets=False)
    assert report.failed["linear"].startswith("RuntimeError: broken at ")
    assert report.failed["linear"].endswith(f" ({report.users} of {report.users} questions)")


def test_nothing_is_told_where_nothing_failed(workspace):
    with structlog.testing.capture_logs() as told:
        workspace.recommend(["p1", "p2"])
    assert not [each for each in told if "failed" in each]
    assert workspace.evaluate("time-split", quick=True, facets=False).failed == {}
