"""Outcomes in answers: explained, joined by the weights of the request, logged with them, the same as in training."""

from __future__ import annotations

import random
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from msgspec import structs

from frontrow.core.horizon import NEXT, SESSION
from frontrow.features.batch import Batch
from frontrow.features.history import History
from frontrow.features.pairs import Pairs
from frontrow.models.names import FEATURES
from frontrow.models.outcomes.inputs import read
from frontrow.models.ranker.columns import MOMENT
from frontrow.recommend.gate import Gate
from frontrow.recommend.outcomes import LEAST_WORTH, in_words, version_of, worth
from frontrow.recommend.request import ExplainRequest, ListRequest
from frontrow.recommend.served import decode_page
from frontrow.workspace import Workspace

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TITLES = 200
FINISH = {"tuning.outcome_weights": {"play": 0, "finish": 1}}


def good(title_id: str) -> bool:
    return int(title_id[1:]) % 2 == 0


def fill(workspace: Workspace) -> None:
    """Even titles are nearly always finished and sometimes liked, odd ones mostly left early; both are begun alike."""
    chance = random.Random(3)
    titles = [
        {"title_id": f"t{n}", "name": f"Title {n}", "genres": [("Drama", "Comedy", "Crime")[n % 3]],
         "runtime_minutes": 60, "added_at": "2025-01-01T00:00:00Z"}
        for n in range(TITLES)
    ]  # fmt: skip
    viewers = [f"v{n}" for n in range(150)]
    assert not workspace.put_titles(titles).rejected
    assert not workspace.put_profiles([{"profile_id": each} for each in viewers]).rejected
    events = []
    for viewer in viewers:
        start = chance.randrange(TITLES)
        for number, day in enumerate(sorted(chance.sample(range(2, 60), 24), reverse=True)):
            title = f"t{(start + 3 * number + chance.randrange(3)) % TITLES}"
            at = NOW - timedelta(days=day, minutes=chance.randrange(600))
            ends = chance.random() < (0.95 if good(title) else 0.15)
            fraction = 0.97 if ends else chance.choice([0.06, 0.1, 0.5])
            event = {"profile_id": viewer, "title_id": title, "device": "tv"}
            events.append(event | {
                "event_id": f"{viewer}-{number}", "type": "stop", "at": at.isoformat(), "fraction": fraction,
                "playback_id": f"{viewer}-{number}", "seconds": 3600 * fraction,
            })  # fmt: skip
            if ends and chance.random() < 0.3:
                events.append(event | {
                    "event_id": f"{viewer}-{number}-up", "type": "rate", "value": 5,
                    "at": (at + timedelta(minutes=1)).isoformat(),
                })  # fmt: skip
    events.sort(key=lambda each: each["at"])
    events.append({"event_id": "now", "type": "session_start", "profile_id": "keeper", "at": NOW.isoformat()})
    for first in range(0, len(events), 900):
        assert not workspace.ingest(events[first : first + 900]).rejected


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    path = tmp_path_factory.mktemp("outcomes") / "workspace"
    with Workspace.init(path):
        (path / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(path) as workspace:
        fill(workspace)
        workspace.train()
        workspace.engine.refresh()
        yield workspace


@contextmanager
def arm(workspace, overrides):
    """Everybody in an arm with these overrides."""
    arms = [{"key": "control", "weight": 0.0}, {"key": "on", "weight": 1.0, "overrides": overrides}]
    body = {"hypothesis": "differs", "arms": arms, "primary": "viewing_time"}
    workspace.register.put("x", body | {"state": "running"}, lambda version: True)
    try:
        yield
    finally:
        workspace.register.put("x", body | {"state": "stopped"}, lambda version: True)
        workspace.register.delete("x", lambda version: True)


def listed(workspace, overrides=None, profile="v3"):
    """(title, score) of a list, in an arm with these overrides, and the page that was logged."""
    with arm(workspace, overrides) if overrides is not None else nullcontext():
        answer = workspace.engine.recommendations(ListRequest(profile_id=profile, n=60, horizon="next"))
    assert answer.degraded is None
    served = decode_page(workspace.engine.rooms.served.get(answer.list_id).body)
    return [(item.title_id, item.score) for item in answer.items], served


def share_of_good(items) -> float:
    return float(np.mean([good(title) for title, _ in items[:20]]))


def test_all_outcomes_are_learned_and_told(service):
    model = service.engine.rooms.views.models.outcomes
    assert model.names == ("minutes", "finish", "thumbs_up", "abandon")
    items, _ = listed(service)
    told = {title: service.engine.explain("v3", title).outcomes for title, _ in items}
    told = {title: each for title, each in told.items() if each}  # what was left long ago is offered again, and known
    assert len(told) > 40
    assert all(set(each) == {"play", *model.names} for each in told.values())
    finish = {title: each["finish"] for title, each in told.items()}
    assert np.mean([finish[title] for title in finish if good(title)]) > 0.75
    assert np.mean([finish[title] for title in finish if not good(title)]) < 0.4
    assert all(0 < each["minutes"] < 61 for each in told.values())
    plays = [each["play"] for each in told.values()]
    assert np.mean(plays[:20]) > np.mean(plays[20:])


def test_weights_move_what_is_finished_up_and_are_logged(service):
    plain, page = listed(service)
    assert page.weights == ""
    weighed, logged = listed(service, FINISH)
    assert logged.weights == "v1 play=0 finish=1"
    assert share_of_good(weighed) > share_of_good(plain) + 0.1
    against, _ = listed(service, {"tuning.outcome_weights": {"abandon": 0.0, "finish": -0.9}})
    assert share_of_good(against) < share_of_good(plain)
    assert listed(service)[0] == plain


def test_what_counts_for_nothing_changes_nothing(service):
    assert listed(service, {"tuning.outcome_weights": {"play": 3, "finish": 0}})[0] == listed(service)[0]


def test_settings_weigh_for_all(service):
    """`frontrow.toml` says it as arms do."""
    path = service.engine.rooms.views._models_folder.parent
    settings = path / "frontrow.toml"
    before = settings.read_text()
    weighed, _ = listed(service, FINISH)
    try:
        settings.write_text(before + "[tuning.outcome_weights]\nplay = 0\nfinish = 1\n")
        with Workspace.open(path) as again:
            again.engine.refresh()
            assert listed(again)[0] == weighed
    finally:
        settings.write_text(before)


def test_nothing_is_forecast_of_known_titles_strangers_and_who_may_not_be_learned_from(service):
    watched = service.engine.rooms.views
    known = service.engine.rooms.people.find("v3")
    state = watched.viewers.state(known, watched.catalogue, None)
    title = watched.catalogue.ids[state.interactions[-1].title]
    assert service.engine.explain("v3", title).outcomes == {}
    assert service.engine.explain("stranger", "t1").outcomes == {}
    service.put_profiles([{"profile_id": "v9", "consent": {"personalization": False}}])
    try:
        assert service.engine.explain("v9", "t1").outcomes == {}
        assert listed(service, FINISH, profile="v9")[1].weights == ""
    finally:
        service.put_profiles([{"profile_id": "v9"}])
    assert service.engine.explain("v3", "nowhere").outcomes == {}


def test_a_past_moment_is_told_from_what_had_happened_by_then(service):
    past = (NOW - timedelta(days=20)).isoformat()
    title = next(title for title, _ in listed(service)[0])
    then = service.engine.explain("v3", title, ExplainRequest(at=past)).outcomes
    assert then
    assert then != service.engine.explain("v3", title).outcomes
    rooms = service.engine.rooms
    known = rooms.people.find("v3")
    at = int((NOW - timedelta(days=20)).timestamp() * 1e6)
    batch = rooms.features.of_profile_at(known.number, known.generation, at, rooms.views.catalogue)
    assert 0 < len(batch.ring("played")) < len(rooms.features.trail(known.number, known.generation).rings["played"])
    assert (batch.ring("played").at <= at).all()


def test_training_reads_bit_for_bit_what_serving_reads(service):
    rooms = service.engine.rooms
    model, catalogue = rooms.views.models.outcomes, rooms.views.catalogue
    known = rooms.people.find("v7")
    titles, now = np.arange(TITLES), rooms.clock()
    standardised = np.random.default_rng(0).normal(size=(len(FEATURES), TITLES)).astype(np.float32)
    moment = np.arange(len(MOMENT), dtype=np.float32)
    live = rooms.features.pairs(rooms.features.of_profile(known.number, known.generation, now, catalogue), titles)
    signals = rooms.states._signals
    everybody = History(signals.signals())
    offset = rooms.views.offset
    space = rooms.features.space(catalogue)
    among = Batch.as_of(
        everybody, np.array([known.number - 1, known.number]), np.full(2, offset), np.full(2, now), space
    )
    past = Pairs(among, np.ones(TITLES, np.int64), titles)
    assert (
        read(standardised, moment, live, model.rates).tobytes()
        == read(standardised, moment, past, model.rates).tobytes()
    )


@pytest.mark.parametrize("how", ["nan", "shape"])
def test_outcomes_that_fail_leave_the_order_and_say_so(service, how):
    views = service.engine.rooms.views
    scorer, plain = views.scorer, listed(service)[0]
    model = scorer.outcomes
    broken = model.heads * np.float32(np.nan) if how == "nan" else model.heads[:, :5]
    scorer.outcomes = replace(model, heads=broken)
    try:
        with arm(service, FINISH):
            answer = service.engine.recommendations(ListRequest(profile_id="v3", n=60, horizon="next"))
            page = service.home("v3")
        assert "outcomes" in answer.degraded
        assert "outcomes" in page.degraded
        assert [(item.title_id, item.score) for item in answer.items] == plain
        assert page.rows
    finally:
        scorer.outcomes = model


def test_the_forecast_orders_by_worth_and_chance_together(service):
    rooms = service.engine.rooms
    views = rooms.views.fresh()
    viewer = rooms.viewer(rooms.asking(ListRequest(profile_id="v3")), views)
    plain = rooms.score(views, viewer, (NEXT, SESSION), views.catalogue.rankable)
    tuning = structs.replace(viewer.arm.tuning, outcome_weights={"finish": 4})
    other = replace(viewer, arm=replace(viewer.arm, tuning=tuning))
    weighed = rooms.score(views, other, (NEXT, SESSION), views.catalogue.rankable)
    changed = np.flatnonzero(plain.blended[NEXT] != weighed.blended[NEXT])
    assert 0 < len(changed) < TITLES
    assert not np.isin(changed, viewer.query.titles).any()
    moved = (weighed.blended[NEXT] - plain.blended[NEXT])[changed]
    assert abs(moved.mean()) < 1e-3
    np.testing.assert_array_equal(weighed.forecast.scores[0], plain.blended[NEXT])


def test_what_is_no_news_to_the_viewer_moves_no_forecast_where_it_is_wanted(service):
    """Seen before what models read of the history, or hidden: scored beside the others, and nothing else."""
    rooms = service.engine.rooms
    views = rooms.views.fresh()
    viewer = rooms.viewer(rooms.asking(ListRequest(profile_id="v3")), views)
    tuning = structs.replace(viewer.arm.tuning, outcome_weights={"finish": 4})
    viewer = replace(viewer, arm=replace(viewer.arm, tuning=tuning))
    fresh = Gate(views.catalogue, viewer).showable(seen=False)
    news = np.flatnonzero(fresh)
    old = news[::5]
    fresh[old] = False
    wanted = np.zeros(len(fresh), bool)
    wanted[old] = True
    alone, beside = (rooms.score(views, viewer, (SESSION,), fresh, more) for more in (None, wanted))
    left = np.flatnonzero(fresh)
    assert alone.weighed
    np.testing.assert_array_equal(beside.blended[SESSION][left], alone.blended[SESSION][left])
    np.testing.assert_array_equal(*(each.forecast.chances(SESSION)(left) for each in (alone, beside)))
    assert np.isfinite(beside.blended[SESSION][old]).all()
    assert beside.forecast.of(int(old[0]), SESSION) == {}
    assert beside.forecast.of(int(left[0]), SESSION)


def test_worth_is_the_weighted_sum_and_stays_above_nothing():
    forecast = {"minutes": np.float32([60, 120]), "finish": np.float32([0.5, 1]), "abandon": np.float32([0.9, 0.1])}
    told = worth(forecast, {"minutes": 0.5, "finish": 1, "abandon": -1})
    assert told.tolist() == pytest.approx([1 + 0.5 + 0.5 - 0.9, 1 + 1 + 1 - 0.1])
    assert worth(forecast, {"abandon": -10})[0] == pytest.approx(LEAST_WORTH)
    assert worth(forecast, {}) is None
    assert worth(forecast, {"play": 2, "thumbs_up": 3}) is None  # nobody forecasts thumbs here


def test_words_and_versions():
    assert version_of({}) == "v1 play=1"
    assert version_of({"abandon": -0.5, "minutes": 2}) == "v1 play=1 minutes=2 abandon=-0.5"
    assert in_words({"play": 0.031, "minutes": 54.4, "finish": 0.71}) == (
        "played in this session 3.1 %; if it is, 54 minutes, finished 71 %"
    )
    assert in_words({"play": 1.0, "abandon": 0.004}) == "played in this session 100 %; if it is, abandoned 0.4 %"
    assert in_words({}) == ""


def test_an_evaluation_says_whether_forecasts_come_true(service):
    report = service.evaluate("last-event", facets=False)
    assert set(report.calibration) == {"play", "minutes", "finish", "thumbs_up", "abandon"}
    assert not report.not_forecast
    finish = report.calibration["finish"]
    assert 50 < finish.forecasts <= report.users
    assert finish.error.value < 0.15
    assert abs(finish.forecast - finish.came) < 0.1
    assert abs(report.calibration["minutes"].forecast - report.calibration["minutes"].came) < 5
