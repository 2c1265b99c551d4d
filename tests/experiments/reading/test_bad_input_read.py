"""What can be wrong with an experiment read from the log, case by case: each is found, named, and has a mend."""

from __future__ import annotations

import polars as pl
import pytest
from living_service import ARMS, LivingService

from frontrow.core.clock import DAY, HOUR, format_time
from frontrow.core.errors import FrontrowError, InvalidRecord, UsageError
from frontrow.experiments.metrics.tables import nothing_yet
from frontrow.experiments.reading.read import Asked

FIXED = Asked(method="fixed")


@pytest.fixture
def service(tmp_path):
    living = LivingService(tmp_path / "w", viewers=24)
    yield living
    living.opened.close()


def effect(analysis, name):
    return next(each for each in analysis.effects if each.metric == name)


def event(service, **fields):
    """The answer to one event of the first viewer."""
    base = {"event_id": "odd", "type": "stop", "profile_id": service.ids[0], "title_id": "t1", "fraction": 0.5,
            "at": format_time(service.wall.now)}  # fmt: skip
    return service.opened.ingest([base | fields])


@pytest.mark.parametrize("seconds", [float("nan"), -60.0, float("inf"), "many"])
def test_viewing_time_that_is_none_is_rejected_before_it_can_count(service, seconds):
    """NaN and negative viewing time: refused at the door, so that no metric holds them."""
    service.start()
    service.live(days=1)
    before = service.opened.read_experiment("x", FIXED)
    (rejected,) = event(service, seconds=seconds).rejected
    assert "seconds" in rejected.message
    assert service.opened.read_experiment("x", FIXED).effects == before.effects


def test_a_table_with_negative_viewing_time_is_refused_by_the_metric_itself(service):
    """Should a damaged table hold one all the same."""
    from dataclasses import replace

    from frontrow.readout import metric_tables

    service.start()
    service.live(days=1)
    kept = metric_tables(service.opened._parts)
    days = kept.days.with_columns(
        viewing_seconds=pl.when(pl.col("profile") == 1).then(-9e9).otherwise("viewing_seconds")
    )
    service.opened._parts.metrics.save(replace(kept, days=days), kept.stamp.rewrites)
    with pytest.raises(FrontrowError, match="viewing_minutes is negative for 1 units"):
        service.opened.read_experiment("x")


def test_a_metric_without_variance_says_so_and_decides_nothing(service):
    service.start(primary="list_adds", guardrails=[])
    service.live(days=2)
    analysis = service.opened.read_experiment("x")
    assert analysis.decision == "keep running"
    assert any("list_adds" in text and "no variance" in text for text in analysis.warnings)


def test_one_viewer_served_often_is_one_unit(service):
    service.start()
    for _ in range(5):
        service.serve()
    service.watch(service.level, service.wall.now)
    assert sum(each.units for each in service.opened.read_experiment("x").arms) == 24


def test_events_sent_twice_count_once(service):
    service.start()
    service.live(days=1)
    before = effect(service.opened.read_experiment("x", FIXED), "viewing_time")
    (sent,) = [each for each in service.opened.export_profile(service.ids[0])["events"] if each["event_id"] == "e241s"]
    assert service.opened.ingest([sent]).duplicates == 1
    assert effect(service.opened.read_experiment("x", FIXED), "viewing_time") == before


def test_who_is_exposed_after_the_outcome_has_no_outcome(service):
    """All was watched on the days before the first page: nothing of it counts for the arm."""
    service.serve()
    service.start()
    service.watch(service.level, service.wall.now - 26 * HOUR)
    service.wall.now += HOUR
    service.serve()
    service.wall.now += DAY
    analysis = service.opened.read_experiment("x")
    assert effect(analysis, "viewing_time").control_value == 0
    assert analysis.decision == "keep running"
    assert any("no variance" in text for text in analysis.warnings)


def test_a_page_from_before_the_start_is_no_exposure(service):
    service.serve()
    service.wall.now += HOUR
    service.start()
    with pytest.raises(FrontrowError, match="nobody has been served anything under x") as caught:
        service.opened.read_experiment("x")
    assert "Exposure is a page or list served" in caught.value.mend


def test_columns_that_are_not_there(service):
    """A metric or a segment that there is none of: named, with the nearest, and with all that there are."""
    with pytest.raises(
        InvalidRecord, match=r"no metric viewing_tme\. Did you mean viewing_time\? Metrics: .*nps"
    ) as caught:
        service.start(primary="viewing_tme")
    assert caught.value.pointer == "/primary"
    with pytest.raises(InvalidRecord, match=r"there is no metric zzz\. Metrics: viewing_time") as caught:
        service.start(guardrails=[{"metric": "hides"}, {"metric": "zzz"}])
    assert caught.value.pointer == "/guardrails/1/metric"
    service.start()
    service.serve()
    with pytest.raises(UsageError, match="there is no segment shoe_size") as named:
        service.opened.read_experiment("x", Asked(segments=("shoe_size",)))
    assert "country, language, plan, kids" in named.value.mend


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        ([ARMS[0], ARMS[1] | {"overrides": {"tuning.becuse_rows": 1}}], "nearest is tuning.because_rows; known are"),
        ([ARMS[0], ARMS[1] | {"overrides": {"zzz": 1}}], "there is no tunable zzz; known are model, tuning.again_days"),
        ([ARMS[0], ARMS[0]], "two arms have the same key"),
        ([ARMS[0], ARMS[1] | {"weight": float("nan")}], "weight"),
        ([ARMS[0], ARMS[1] | {"weight": 0.7}], "weights sum to 1.2"),
    ],
)
def test_arms_that_cannot_be(service, arms, says):
    with pytest.raises(InvalidRecord, match=says):
        service.start(arms=arms)


def test_a_guardrail_twice_is_refused(service):
    with pytest.raises(InvalidRecord, match="hides is a guardrail twice") as caught:
        service.start(guardrails=[{"metric": "hides"}, {"metric": "hides", "margin": 0.2}])
    assert caught.value.pointer == "/guardrails/1/metric"


def test_an_arm_that_the_design_does_not_have_is_told(service):
    from dataclasses import replace

    from frontrow.readout import metric_tables

    service.start()
    service.live(days=1)
    kept = metric_tables(service.opened._parts)
    strange = kept.exposures.with_columns(variant=pl.lit("ghost"))
    service.opened._parts.metrics.save(replace(kept, exposures=strange), kept.stamp.rewrites)
    with pytest.raises(FrontrowError, match="arms that the design does not have: ghost"):
        service.opened.read_experiment("x")


def test_tables_of_nothing_have_every_column():
    assert nothing_yet().days.is_empty()
