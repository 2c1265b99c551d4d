"""Popularity after what changes the past: the same as counted from nothing, without reading the log again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.core.clock import DAY, HOUR, format_time, parse_time
from frontrow.features.decayed import HALF_LIVES
from frontrow.recommend.view_counts import ViewCounts
from frontrow.workspace import Workspace

NOW = parse_time("2026-03-20T12:00:00Z")
TITLES = 8


def opened(folder) -> Workspace:
    Workspace.init(folder).close()
    workspace = Workspace.open(folder, wall=lambda: NOW)
    workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(TITLES)])
    return workspace


def watch(workspace: Workspace, who: str, title: str, hours: int, country: str = "SE") -> None:
    watch.count += 1
    event = {
        "event_id": f"e{watch.count}", "type": "stop", "profile_id": who, "title_id": title, "seconds": 3000,
        "fraction": 0.95, "at": format_time(NOW - hours * HOUR), "country": country,
    }  # fmt: skip
    refused = workspace.log([event]).rejected
    assert not refused or "erased" in refused[0].message


watch.count = 0


def as_counted_from_nothing(workspace: Workspace) -> None:
    """The live counts against a fold of the whole log."""
    views = workspace.engine.rooms.views.fresh()
    parts = workspace._parts
    anew = ViewCounts(parts.store.log, parts.store.log)
    anew.fresh(views.catalogue.series_of)
    live, size = views.velocity, views.catalogue.size
    assert views.offset == anew.offset
    for country in (None, "SE", "DK"):
        for half_life in HALF_LIVES:
            expected = anew.velocity.decayed(half_life, NOW + DAY, country)[:size]
            found = live.decayed(half_life, NOW + DAY, country)[:size]
            np.testing.assert_allclose(found, expected, rtol=1e-5)
            assert np.array_equal(found > 0, expected > 0)
        assert np.array_equal(live.window(9, NOW, country)[:size], anew.velocity.window(9, NOW, country)[:size])
    assert live.newest_at == anew.velocity.newest_at


def never_again(workspace: Workspace) -> None:
    """From here on reading the whole log, or more of it than a tail, is an error."""
    workspace.engine.rooms.views.fresh()
    store = workspace._parts.store

    def refuse(*_args, **_keywords):
        raise AssertionError("the whole log was read")

    store.log.parts = store.log.columns = store.lake.log.parts = store.lake.log.columns = refuse


def filled(workspace: Workspace) -> None:
    for n in range(60):
        watch(workspace, f"p{n % 5}", f"t{n * 3 % TITLES}", 2 * n, ("SE", "DK")[n % 2])


@pytest.fixture
def workspace(tmp_path):
    made = opened(tmp_path / "w")
    filled(made)
    yield made
    made.close()


def test_nothing_that_changes_a_viewer_or_adds_a_title_reads_the_log_again(workspace):
    parts = workspace._parts.store.log.parts, workspace._parts.store.log.columns
    never_again(workspace)
    workspace.put_titles([{"title_id": "new", "name": "New"}, {"title_id": "s", "name": "S", "kind": "series"}])
    workspace.put_titles([
        {"title_id": "ep", "name": "Ep", "kind": "episode", "series_id": "s", "season": 1, "episode": 1}
    ])  # fmt: skip
    workspace.home("p1")
    workspace.delete_title("new")
    workspace.put_profiles([{"profile_id": "empty"}, {"profile_id": "anon"}])
    workspace.home("p1")
    workspace.merge("p1", "anon")
    workspace.merge("p2", "p3")
    workspace.home("p1")
    workspace.forget("empty")
    workspace.forget("p4")
    workspace.patch_profiles([{"profile_id": "p0", "consent": {"personalization": False}}])
    watch(workspace, "p2", "ep", 1)
    workspace.home("p1")
    workspace._parts.store.log.parts, workspace._parts.store.log.columns = parts
    as_counted_from_nothing(workspace)


@pytest.mark.parametrize("withdrawn", [1, 5])
def test_consent_withdrawn_takes_views_back_at_once_and_given_again_brings_them(workspace, withdrawn):
    some = [{"profile_id": f"p{n}", "consent": {"personalization": False}} for n in range(withdrawn)]
    before = workspace.engine.rooms.views.fresh().velocity.window(30, NOW)
    workspace.patch_profiles(some)
    as_counted_from_nothing(workspace)
    left = workspace.engine.rooms.views.fresh().velocity.window(30, NOW)
    assert left.sum() < before.sum()
    assert left.any() == (withdrawn < 5)
    workspace.patch_profiles([each | {"consent": {"personalization": True}} for each in some])
    as_counted_from_nothing(workspace)
    assert np.array_equal(workspace.engine.rooms.views.fresh().velocity.window(30, NOW), before)


def test_all_withdrew_and_nothing_is_popular(workspace):
    assert {"top10"} & {row.kind for row in workspace.home("nobody", rows=40).rows}
    workspace.patch_profiles([{"profile_id": f"p{n}", "consent": {"personalization": False}} for n in range(5)])
    assert not {"top10", "trending"} & {row.kind for row in workspace.home("nobody", rows=40).rows}


def test_a_request_without_a_time_counts_what_is_dated_ahead(tmp_path):
    with opened(tmp_path / "w") as workspace:
        for who in range(30):
            for title in range(4):
                watch(workspace, f"p{who}", f"t{title}", -20)
        views = workspace.engine.rooms.views.fresh()
        kinds = {row.kind: [item.title_id for item in row.items] for row in workspace.home("nobody", rows=40).rows}
        assert set(kinds["top10"]) == {"t0", "t1", "t2", "t3"}
        assert set(kinds["top_picks"][:4]) == {"t0", "t1", "t2", "t3"}
        assert views.velocity._past == {}  # nothing is folded up to a moment for it
        asked = workspace.home("nobody", rows=40, at=format_time(NOW))
        assert not {"top10", "trending"} & {row.kind for row in asked.rows}
        now = workspace.engine.rooms.views.velocity.window(7, NOW, all_stored=True)
        assert now[:5].tolist() == [30, 30, 30, 30, 0]
        assert not workspace.engine.rooms.views.velocity.window(7, NOW).any()


def test_a_title_that_comes_to_count_for_a_series_takes_its_views_along(workspace):
    watch(workspace, "p1", "early", 2)
    workspace.put_titles([{"title_id": "early", "name": "E", "kind": "episode", "series_id": "s"}])
    workspace.put_titles([{"title_id": "s", "name": "S", "kind": "series"}])
    as_counted_from_nothing(workspace)
    views = workspace.engine.rooms.views
    assert views.velocity.window(9, NOW)[views.catalogue.number["s"]] == 1
    workspace.delete_title("s")
    as_counted_from_nothing(workspace)


def test_a_server_counts_all_anew_beside_its_answers(tmp_path):
    opened(tmp_path / "w").close()
    with Workspace.open(tmp_path / "w", serving_since=NOW, wall=lambda: NOW) as workspace:
        filled(workspace)
        watch(workspace, "p1", "early", 2)
        views = workspace.engine.rooms.views.fresh()
        workspace.put_titles([{"title_id": "early", "name": "E", "kind": "episode", "series_id": "s"}])
        workspace.put_titles([{"title_id": "s", "name": "S", "kind": "series"}])
        workspace.home("p1")
        before = views.velocity.window(1, NOW)[7]
        for n in range(3):  # each page reflects what was acknowledged before it, whatever is under way
            watch(workspace, f"new{n}", "t7", 1)
            assert views.fresh().velocity.window(1, NOW)[7] == before + n + 1
        while (counting := views._counts._counting) is not None:
            counting.join()
            views.fresh()
        as_counted_from_nothing(workspace)
        assert views.velocity.window(9, NOW)[views.catalogue.number["s"]] == 1


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("watch"), st.integers(0, 4), st.integers(0, TITLES), st.integers(0, 400)),
        st.tuples(st.sampled_from(["merge", "forget", "consent"]), st.integers(0, 4), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("series"), st.integers(0, TITLES - 1), st.just(0), st.booleans()),
        st.tuples(st.just("page"), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=40)
@given(deeds)
def test_whatever_happened_is_as_counted_from_nothing(tmp_path_factory, told):
    with opened(tmp_path_factory.mktemp("counts") / "w") as workspace:
        known = workspace._parts.store.people.find
        for kind, one, other, more in told:
            if kind == "watch":
                watch(workspace, f"p{one}", f"t{other}", more)
            elif kind == "merge" and one != other and known(f"p{other}"):
                workspace.merge(f"p{one}", f"p{other}")
            elif kind == "forget" and known(f"p{one}"):
                workspace.forget(f"p{one}")
            elif kind == "consent":
                workspace.patch_profiles([{"profile_id": f"p{one}", "consent": {"personalization": more}}])
            elif kind == "series":
                kinds = {"kind": "episode", "series_id": "t0"} if one else {"kind": "series" if more else "movie"}
                workspace.patch_titles([{"title_id": f"t{one}", "name": "T"} | kinds])
            workspace.engine.rooms.views.fresh()
        as_counted_from_nothing(workspace)
