"""A workspace whose models include the sequence model: trained, published, served, told, computed again."""

from __future__ import annotations

import itertools

import pytest

from frontrow.core.clock import HOUR, format_time, parse_time
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from frontrow.recommend.request import ListRequest
from frontrow.settings import PageSettings, Settings
from frontrow.workspace import Workspace

START = parse_time("2026-03-20T12:00:00Z")
TITLES = 40
SMALL = SequenceSettings(epochs=6, least_interactions=0, dimension=16, context=16, rows=8, negatives=20)
SETTINGS = Settings(clock="data", models=ModelSettings(sequence=SMALL), pages=PageSettings(values_share=1.0))
numbers = itertools.count()


def event(kind, profile, title, at, **fields):
    return {"event_id": f"e{next(numbers)}", "type": kind, "profile_id": profile, "title_id": f"t{title}",
            "at": format_time(at)} | fields  # fmt: skip


def watched(profile, title, at):
    return event("stop", profile, title, at, seconds=5000, fraction=0.95)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Everybody watches along a circle of titles."""
    with Workspace.init(tmp_path_factory.mktemp("service") / "w", SETTINGS) as made:
        made.put_titles([
            {"title_id": f"t{n}", "name": f"T {n}", "genres": [("crime", "war", "space")[n % 3]]} for n in range(TITLES)
        ])  # fmt: skip
        made.log([watched(f"p{n}", (n * 7 + k) % TITLES, START + (n + 30 * k) * HOUR) for n in range(60)
                  for k in range(15)])  # fmt: skip
        made.train()
        yield made


def scores(service, profile):
    answer = service.engine.recommendations(ListRequest(profile_id=profile, n=100, include_seen=True))
    assert not answer.degraded
    return {item.title_id: item.score for item in answer.items}


def test_it_is_published_and_scores(service):
    assert service.engine.rooms.views.fresh().models.sequence is not None
    assert any(each.source == "sequence" for each in service.engine.explain("p1", "t30").evidence)


def test_a_play_that_ended_a_second_ago_moves_the_scores(service):
    before = scores(service, "p2")
    service.log([watched("p2", 35, START + 1000 * HOUR)])
    after = scores(service, "p2")
    assert sum(before[title] != after[title] for title in before if title in after) > TITLES / 2


def test_a_title_of_after_the_training_is_served_and_read(service):
    service.put_titles([{"title_id": "t999", "name": "New", "genres": ["crime"]}])
    assert "t999" in scores(service, "p3")
    service.log([watched("p3", 999, START + 1001 * HOUR)])
    assert scores(service, "p3")


def test_an_erasure_leaves_nothing_of_the_history_in_memory(service):
    kept = service.engine.rooms.views.fresh().models.sequence.kept
    before = scores(service, "p5")
    scores(service, "p4")
    assert kept.size > 0
    with Workspace.open(service.path) as other:
        other.forget("p4")
    service.engine.refresh()
    assert kept.size == 0
    assert scores(service, "p5").keys() == before.keys()
    assert kept.size > 0


def test_what_pages_were_made_of_is_computed_again(service):
    for number in (0, 1, 2, 3, 6):
        service.home(f"p{number}", rows=4)
        service.log([watched(f"p{number}", 20 + number, START + (1002 + number) * HOUR)])
    told = service.verify()
    assert told.values > 0
    assert not told.different
