"""Fewer like this: the next answer has fewer, on every path; nobody else's changes."""

from __future__ import annotations

import pytest

from frontrow.recommend.request import ExplainRequest, ListRequest, RankRequest
from frontrow.workspace import Workspace

GENRES = ["crime", "drama", "comedy", "war"]


@pytest.fixture(params=[True, False], ids=["trained", "untrained"])
def workspace(tmp_path, request):
    with Workspace.init(tmp_path / "w") as opened:
        opened.put_titles([
            {"title_id": f"t{n}", "name": f"T {n}", "genres": [GENRES[n % 4]], "tags": {GENRES[n % 4] + "-mood": 1}}
            for n in range(80)
        ])  # fmt: skip
        opened.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"p{who}", "title_id": f"t{4 * (who + n) % 80}",
             "value": 5, "at": f"2026-01-{1 + n:02d}T00:00:{who:02d}Z"}
            for who in range(20) for n in range(10)
        ])  # fmt: skip
        if request.param:
            opened.train(quick=True)
        yield opened


def did(workspace, kind, title, who="p1"):
    event = {"event_id": f"{kind}-{title}-{who}", "type": kind, "profile_id": who, "title_id": title,
             "at": "2026-01-20T00:00:00Z"}  # fmt: skip
    assert not workspace.log([event]).rejected


def order(workspace, horizon="session", who="p1"):
    asked = ListRequest(profile_id=who, n=80, horizon=horizon, include_seen=True)
    return {
        item.title_id: (place, item.score) for place, item in enumerate(workspace.engine.recommendations(asked).items)
    }


def test_the_title_and_its_like_come_down_for_every_horizon_and_nobody_else(workspace):
    horizons = ("next", "session", "days=30")
    before = {each: order(workspace, each) for each in horizons}
    others = order(workspace, who="p2")
    did(workspace, "less_like", "t0")
    for horizon in horizons:
        after = order(workspace, horizon)
        assert after["t0"][1] < before[horizon]["t0"][1] - 2.9  # itself: all alike
        assert after["t0"][0] >= before[horizon]["t0"][0]
        fell = [name for name in after if after[name][1] < before[horizon][name][1] - 0.8]
        assert {"t4", "t8", "t12", "t40"} <= set(fell)  # of its genre and mood
        assert not {"t1", "t2", "t3"} & set(fell)
    assert order(workspace, who="p2") == others


def test_rank_and_the_page_follow_and_explain_says_why(workspace):
    did(workspace, "less_like", "t4")
    ranked = workspace.engine.rank(RankRequest(profile_id="p1", title_ids=["t48", "t1"]))
    assert {item.title_id: round(item.score, 4) for item in ranked.items}["t48"] == pytest.approx(
        order(workspace)["t48"][1], abs=1e-3
    )
    told = workspace.engine.explain("p1", "t48", ExplainRequest())
    (why,) = [each for each in told.evidence if each.source == "less_like"]
    assert why.score < 0
    assert (why.text, why.because) == ("You asked for fewer titles like T 4", ["t4"])
    did(workspace, "hide", "t4")  # what is hidden is not named
    (why,) = [each for each in workspace.engine.explain("p1", "t48").evidence if each.source == "less_like"]
    assert (why.text, why.because) == ("You asked for fewer titles like this", [])


def test_without_consent_nothing_is_learned_from_it(workspace):
    workspace.put_profiles([{"profile_id": "p3", "consent": {"personalization": False}}])
    before = order(workspace, who="p3")
    did(workspace, "less_like", "t0", who="p3")
    assert order(workspace, who="p3") == before


def test_no_row_is_about_what_fewer_are_wanted_of(workspace):
    def seeds():
        return {
            row.reason.because[0] for row in workspace.home("p1", rows=40).rows if row.kind == "because_you_watched"
        }

    (first, *_) = seeds()
    did(workspace, "less_like", first)
    assert first not in seeds()
