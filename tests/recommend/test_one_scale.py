"""A title's score is a viewer's, not a request's: whatever else is asked for, it stands as it does in a list of all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow import Workspace
from frontrow.models.outcomes.model import log_sum
from frontrow.recommend.request import ExplainRequest, ListRequest, RankRequest
from frontrow.recommend.scoring import ordered_anew

GENRES = ("crime", "comedy", "western")
AT = "2026-03-01T00:00:00Z"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Workspace.init(tmp_path_factory.mktemp("scale") / "w") as opened:
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


def listed(workspace: Workspace, who: str) -> dict[str, float]:
    wanted = ListRequest(profile_id=who, n=60, horizon="session", diversity=0.0, at=AT)
    return {item.title_id: item.score for item in workspace.engine.recommendations(wanted).items}


@pytest.mark.parametrize("who", ["p1", "p4", "p9"])
@pytest.mark.parametrize("step", [2, 7, 20])
def test_some_titles_are_ranked_as_in_a_list_of_all(workspace, who, step):
    every = listed(workspace, who)
    some = sorted(list(every)[::step])
    wanted = RankRequest(profile_id=who, title_ids=some, horizon="session", diversity=0.0, at=AT)
    ranked = {item.title_id: item.score for item in workspace.engine.rank(wanted).items}
    assert list(ranked) == [title for title in every if title in some]
    assert ranked == pytest.approx({title: every[title] for title in some}, abs=1e-5)


def test_an_explanation_gives_the_score_of_the_list(workspace):
    every = listed(workspace, "p1")
    for title in list(every)[:5]:
        told = workspace.engine.explain("p1", title, ExplainRequest(at=AT))
        assert told.score == pytest.approx(every[title], abs=1e-5)


def test_a_first_view_takes_nothing_from_a_title(workspace):
    """Models learn of it only in the next training: until then they say of it what they say of those like it."""
    workspace.put_titles([
        {"title_id": f"new{n}", "name": f"New {n}", "genres": [GENRES[n]], "added_at": "2026-02-20T00:00:00Z"}
        for n in range(3)
    ])  # fmt: skip
    workspace.train(quick=True)  # models are told of the title, and have not met it
    before = listed(workspace, "p1")
    workspace.log([
        {"event_id": "first", "type": "rate", "profile_id": "somebody", "title_id": "new1", "value": 5,
         "at": "2026-02-25T00:00:00Z"}
    ])  # fmt: skip
    after = listed(workspace, "p1")
    assert list(after).index("new1") <= list(before).index("new1")


@given(st.integers(0, 2**32), st.integers(1, 30), st.floats(-50, 50))
def test_the_ranker_orders_anew_and_leaves_all_together_where_they_stood(seed, n, constant):
    random = np.random.default_rng(seed)
    scores, added = random.normal(0, 3, (2, 2, n)).astype(np.float32)
    told = ordered_anew(scores, added + np.float32(constant))
    for before, after, more in zip(scores, told, added, strict=True):
        assert log_sum(after) == pytest.approx(log_sum(before), abs=1e-3)
        assert np.ptp(after - before - more) < 1e-3
