"""A title's score is a viewer's, not a request's: whatever else is asked for, it stands as it does in a list of all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow import Workspace
from frontrow.core.horizon import MONTH, SESSION
from frontrow.models.names import FEATURES
from frontrow.models.outcomes.model import log_sum
from frontrow.models.ranker.columns import COLUMNS
from frontrow.models.ranker.network import SHORTLIST, Ranker
from frontrow.recommend.gate import Gate
from frontrow.recommend.request import ExplainRequest, ListRequest, RankRequest, SearchRequest
from frontrow.recommend.scoring import ordered_anew

GENRES = ("crime", "comedy", "western")
AT = "2026-03-01T00:00:00Z"
TITLES = SHORTLIST + 100
WHO = ("p1", "p4", "p9")


def some_ranker() -> Ranker:
    """One that says much, whatever it was taught: it reads all columns and is trusted."""
    random, columns = np.random.default_rng(0), len(COLUMNS)
    layers = (
        (random.normal(0, 0.2, (columns + 3, 8)).astype(np.float32), np.zeros(8, np.float32)),
        (random.normal(0, 0.4, (8, 1)).astype(np.float32), np.zeros(1, np.float32)),
    )
    return Ranker(layers, np.zeros(columns, np.float32), np.ones(columns, np.float32), np.ones(3, np.float32))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Models hear of a viewer's latest 12 titles alone (of 19 and more); some have hidden titles too."""
    folder = tmp_path_factory.mktemp("scale") / "w"
    Workspace.init(folder).close()
    (folder / "frontrow.toml").write_text("[tuning]\nhistory = 12\n")
    with Workspace.open(folder) as opened:
        opened.put_titles([
            {"title_id": f"t{n}", "name": f"Name {n}", "genres": [GENRES[n % 3]], "added_at": "2025-01-01T00:00:00Z"}
            for n in range(TITLES)
        ])  # fmt: skip
        opened.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"p{who}", "title_id": f"t{n}", "value": 5,
             "at": f"2026-01-{1 + who % 28:02d}T{n // 60:02d}:{n % 60:02d}:00Z"}
            for who in range(60)
            for n in range(who % 3, TITLES - 20, 6 + 9 * (who % 2))
        ])  # fmt: skip
        opened.log([
            {"event_id": f"hide-{who}-{n}", "type": "hide", "profile_id": who, "title_id": f"t{n}",
             "at": "2026-02-01T00:00:00Z"} for who in WHO for n in range(20, 80, 7)
        ])  # fmt: skip
        opened.train(quick=True)
        views = opened.engine.rooms.views.fresh()
        blend = replace(views.models.blend, unseen=np.full(len(FEATURES), 0.3, np.float32), levels=(0.5, -1.0))
        views.models = replace(views.models, ranker=some_ranker(), blend=blend)
        yield opened


def listed(workspace: Workspace, who: str, **asked) -> dict[str, float]:
    wanted = ListRequest(profile_id=who, n=500, horizon="session", diversity=0.0, at=AT, **asked)
    return {item.title_id: item.score for item in workspace.engine.recommendations(wanted).items}


def same_part(part: dict[str, float], every: dict[str, float]) -> None:
    """The same scores, in the same order."""
    assert list(part) == [title for title in every if title in part]
    assert part == pytest.approx({title: every[title] for title in part}, abs=1e-5)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("step", [2, 7, 40])
def test_some_titles_are_ranked_as_in_a_list_of_all(workspace, who, step):
    every = listed(workspace, who)
    wanted = RankRequest(profile_id=who, title_ids=sorted(list(every)[::step]), horizon="session", diversity=0.0, at=AT)
    ranked = {item.title_id: item.score for item in workspace.engine.rank(wanted).items}
    assert len(ranked) > 1
    same_part(ranked, every)


@pytest.mark.parametrize("who", WHO)
def test_a_filter_leaves_out_and_changes_nothing_else(workspace, who):
    every = listed(workspace, who)
    comedies = listed(workspace, who, filter={"field": "genres", "op": "has", "value": "comedy"})
    assert 10 < len(comedies) < len(every)
    same_part(comedies, every)
    same_part(listed(workspace, who, exclude_ids=list(every)[:30]), every)
    seen_too = listed(workspace, who, include_seen=True)
    assert len(seen_too) > len(every)
    same_part(every, {title: score for title, score in seen_too.items() if title in every})


@pytest.mark.parametrize("who", WHO)
def test_a_page_has_the_scores_of_lists(workspace, who):
    rooms = workspace.engine.rooms
    views, viewer = rooms.views, rooms.viewer(rooms.asking(ListRequest(profile_id=who, at=AT)), rooms.views.fresh())
    fresh = Gate(views.catalogue, viewer).showable(seen=False)
    assert len(viewer.query) < len(viewer.seen.watched)
    scored = rooms.score(views, viewer, (SESSION, MONTH), fresh).blended[SESSION]
    every = listed(workspace, who)
    assert [scored[views.catalogue.number[title]] for title in every] == pytest.approx(list(every.values()), abs=1e-5)


@pytest.mark.parametrize("who", WHO)
def test_an_explanation_gives_the_score_of_the_list(workspace, who):
    every = listed(workspace, who)
    for title in list(every)[::30]:
        told = workspace.engine.explain(who, title, ExplainRequest(at=AT))
        assert told.score == pytest.approx(every[title], abs=1e-5)


def test_what_is_found_is_in_the_viewers_order(workspace):
    every = list(listed(workspace, "p1"))
    found = workspace.engine.search(SearchRequest(q="comedy", profile_id="p1", n=100)).items
    unseen = [item.title_id for item in found if item.title_id in every]
    assert len(unseen) > 10
    assert unseen == sorted(unseen, key=every.index)


def test_a_first_view_takes_nothing_from_a_title(workspace):
    """Models learn of it only in the next training: until then they say of it what they say of those like it."""
    new = f"t{TITLES - 1}"  # models were told of it, and have met nobody who watched it
    before = listed(workspace, "p1")
    workspace.log([
        {"event_id": "first", "type": "rate", "profile_id": "somebody", "title_id": new, "value": 5,
         "at": "2026-02-25T00:00:00Z"}
    ])  # fmt: skip
    after = listed(workspace, "p1")
    assert list(after).index(new) <= list(before).index(new)
    assert after[new] >= before[new] - 1e-3


@given(st.integers(0, 2**32), st.integers(1, 30), st.floats(-50, 50))
def test_the_ranker_orders_anew_and_leaves_all_together_where_they_stood(seed, n, constant):
    scores, added = np.random.default_rng(seed).normal(0, 3, (2, n)).astype(np.float32)
    told = ordered_anew(scores, added + np.float32(constant))
    assert log_sum(told) == pytest.approx(log_sum(scores), abs=1e-3)
    assert np.ptp(told - scores - added) < 1e-3
