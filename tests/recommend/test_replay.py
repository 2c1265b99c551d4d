"""What sampled answers were made of comes out the same when it is computed again, and a planted fault is found."""

from __future__ import annotations

import dataclasses
import sqlite3
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow import Workspace
from frontrow.core.clock import format_time, parse_time
from frontrow.models.names import FEATURES
from frontrow.recommend import recomputation, rooms
from frontrow.recommend.page_inputs import decode_inputs, encode_inputs, is_sampled
from frontrow.recommend.request import ListRequest, RankRequest, SearchRequest
from frontrow.recommend.served import Chance, ServedPage

NOW = parse_time("2026-03-20T20:00:00Z")
HOUR = 3_600_000_000
VIEWERS = ["ana", "bo", "cy"]


def make(folder: Path, share: float = 1.0) -> Workspace:
    Workspace.init(folder).close()
    (folder / "frontrow.toml").write_text(f"[pages]\nvalues_share = {share}\n")
    workspace = Workspace.open(folder, wall=lambda: NOW)
    genres = [["drama", "crime"], ["drama", "comedy"], ["crime", "comedy"]]
    workspace.put_titles(
        [
            {"title_id": f"t{n}", "name": f"Title {n}", "genres": genres[n % 3], "added_at": "2020-01-01T00:00:00Z"}
            for n in range(60)
        ]
    )
    workspace.put_profiles([{"profile_id": "cy", "consent": {"personalization": False}}])
    return workspace


def watched(number: int, who: str, title: int, hours_ago: int, fraction: float = 0.95):
    return {
        "event_id": f"e{number}", "type": "stop", "profile_id": who, "title_id": f"t{title}", "seconds": 3000.0,
        "fraction": fraction, "at": format_time(NOW - hours_ago * HOUR), "playback_id": f"p{number % 40}",
    }  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    with make(tmp_path / "w") as made:
        made.ingest([watched(n, VIEWERS[n % 2], n % 11, 60 - n) for n in range(30)])
        yield made


event_step = st.tuples(
    st.just("watch"), st.sampled_from(VIEWERS), st.integers(0, 59), st.integers(0, 2000), st.sampled_from([0.1, 1.0])
)  # fmt: skip
ask_step = st.tuples(st.just("ask"), st.sampled_from([*VIEWERS, "nobody"]), st.sampled_from(["home", "list", "past"]))


@settings(max_examples=25)
@given(st.lists(event_step | ask_step, min_size=3, max_size=30))
def test_every_answer_computes_again_whatever_came_after_it(steps):
    with tempfile.TemporaryDirectory() as folder, make(Path(folder) / "w") as workspace:
        asked = 0
        for number, (verb, who, *rest) in enumerate(steps):
            if verb == "watch":
                title, hours, fraction = rest
                workspace.ingest([watched(number, who, title, hours, fraction)])
                continue
            asked += 1
            if rest == ["home"]:
                workspace.home(who, country="SE", device=["tv", None, "phone"][number % 3])
            else:
                at = format_time(NOW - 30 * HOUR) if rest == ["past"] else None
                workspace.engine.recommendations(ListRequest(profile_id=who, at=at))
        found = workspace.verify()
        assert found.differences == []
        assert (found.pages, found.compared, found.skipped) == (asked, asked, {})
        assert found.values >= 3 * asked


def test_a_model_is_replayed_too_and_one_that_is_gone_is_said(workspace):
    version = workspace.train(quick=True).version
    workspace.home("ana")
    workspace.engine.rank(RankRequest(profile_id="bo", title_ids=["t1", "t20", "t30"]))
    workspace.engine.search(SearchRequest(q="title", profile_id="ana"))
    workspace.ingest([watched(100 + n, "ana", 30 + n, n) for n in range(5)])
    found = workspace.verify()
    assert (found.compared, found.differences) == (3, [])
    assert found.values > 2 * 8 + 3 * 3
    (workspace.path / "models" / version).rename(workspace.path / "models" / "gone")
    assert workspace.verify().skipped == {"its model is no longer kept": 3}


def test_a_feature_that_computes_otherwise_than_it_served_is_found(workspace, monkeypatch):
    page = workspace.home("ana")
    plays = next(each for each in recomputation.PROFILE_FEATURES if each.name == "plays")
    wrong = dataclasses.replace(plays, read=lambda batch: plays.read(batch) + 1)
    changed = tuple(wrong if each is plays else each for each in recomputation.PROFILE_FEATURES)
    monkeypatch.setattr(recomputation, "PROFILE_FEATURES", changed)
    found = workspace.verify()
    assert found.different == 1
    assert (found.differences[0].page_id, found.differences[0].value) == (page.page_id, "feature plays")
    assert found.differences[0].logged != found.differences[0].recomputed
    failed = next(each for each in workspace.doctor() if each.check == "pages")
    assert failed.level == "fail"
    assert page.page_id in failed.message


def test_a_log_that_was_tampered_with_is_found_in_features_history_and_scores(workspace):
    workspace.home("ana")
    with sqlite3.connect(workspace.path / "frontrow.db") as connection:
        connection.execute("UPDATE events SET title = 40 WHERE offset = (SELECT max(offset) FROM events WHERE profile ="
                           " (SELECT number FROM profiles WHERE profile_id = 'ana'))")  # fmt: skip
    connection.close()
    values = {each.value.split(" of ")[0] for each in workspace.verify().differences}
    assert {"feature recent_titles", "history: titles", "score content", "score popular_ever"} <= values


def test_a_logged_score_that_was_never_given_is_found(workspace):
    page = workspace.home("ana")
    served = workspace._parts.served
    (_, body), *_ = served.sampled(1)
    inputs = decode_inputs(body)
    scores = bytearray(inputs.scores)
    scores[-4:] = b"\0\0\0\x42"
    served.put_inputs(page.page_id, 1, NOW, encode_inputs(msgspec.structs.replace(inputs, scores=bytes(scores))))
    # sources without a word to say log zeros: any other value is a difference
    assert [each.value.split(" of ")[0] for each in workspace.verify().differences] == [f"score {FEATURES[-1]}"]


def test_what_cannot_be_the_same_is_left_out_with_its_reason(workspace):
    workspace.home("ana")
    workspace.home("bo")
    workspace.patch_titles([{"title_id": "t59", "name": "Nobody watched this"}, {"title_id": "new", "name": "New"}])
    found = workspace.verify()
    assert found.different == 0
    assert found.compared + sum(found.skipped.values()) == 2
    workspace.patch_titles([{"title_id": "t0", "genres": ["horror"]}])
    found = workspace.verify()
    assert found.skipped == {"titles that it was made from have changed since": 2}
    workspace.home("bo")
    workspace.merge("bo", "ana")
    assert set(workspace.verify().skipped) == {
        "its profile was merged into another or erased", "another profile was merged into its own since",
    }  # fmt: skip
    workspace.home("bo")
    workspace.ingest([watched(500, "dee", 3, 1)])
    workspace.forget("dee")
    found = workspace.verify()
    assert (found.compared, found.differences) == (1, [])
    assert "popularity: somebody's views were counted again since (an erasure, a merge, consent)" in found.not_compared


def test_titles_that_models_do_not_know_are_no_difference_where_popularity_is_not_counted_again(workspace):
    """What models say of those like them is lent whatever was counted: the doctor does without counts."""
    workspace.train(quick=True)
    workspace.home("ana")
    workspace.home("bo")
    found = workspace.verify(popularity=False)
    assert (found.compared, found.differences) == (2, [])
    assert found.not_compared
    assert workspace.verify().differences == []


def test_erasure_takes_the_values_with_the_pages(workspace):
    workspace.home("ana")
    workspace.home("bo")
    workspace.forget("ana")
    assert len(workspace._parts.served.sampled(10)) == 1
    workspace._parts.served.prune(NOW + 1)
    assert workspace._parts.served.sampled(10) == []


def test_only_the_sample_pays(tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(rooms, "take_inputs", lambda *_: taken.append(1))
    with make(tmp_path / "w", share=0) as workspace:
        for _ in range(30):
            workspace.home("ana")
        assert taken == []
        assert workspace.verify().pages == 0


def test_the_sample_is_a_share_by_id_and_all_that_chance_made():
    page = ServedPage("p", None, 0, 0, "none", None, None, None, None, {}, "home", 20, 20, [], [])
    chosen = [is_sampled(msgspec.structs.replace(page, page_id=f"p0-{n}"), 0.01) for n in range(20_000)]
    assert chosen == [is_sampled(msgspec.structs.replace(page, page_id=f"p0-{n}"), 0.01) for n in range(20_000)]
    assert 140 < sum(chosen) < 260
    explored, kept = (Chance("top_picks", 3, 1, 2, drawn, 0.2, 5) for drawn in (True, False))
    assert is_sampled(msgspec.structs.replace(page, chance=explored), 0)
    assert not is_sampled(msgspec.structs.replace(page, chance=kept), 0)
    assert not is_sampled(page, 0)


def test_pages_of_before_say_that_they_cannot_be_compared(workspace):
    page = workspace.home("ana")
    served = workspace._parts.served
    (body, _), *_ = served.sampled(1)
    old = msgspec.msgpack.encode(msgspec.msgpack.decode(body)[:-6])  # as written before there was a basis
    served.put(page.page_id, 1, NOW, old)
    assert workspace.verify().skipped == {"it says not what it was made from": 1}
