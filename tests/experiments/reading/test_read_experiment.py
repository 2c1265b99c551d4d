"""An experiment is read from what a service logged: pages served, events taken."""

from __future__ import annotations

import shutil
from dataclasses import replace

import polars as pl
import pytest
from living_service import BEGIN, DESIGN, LivingService

from frontrow import Workspace
from frontrow.core.clock import DAY, HOUR, format_time
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.core.stages import Stages
from frontrow.experiments.metrics.definitions import METRICS
from frontrow.experiments.reading.read import Asked
from frontrow.readout import metric_tables


@pytest.fixture
def service(tmp_path):
    living = LivingService(tmp_path / "w")
    yield living
    living.opened.close()


@pytest.fixture(scope="module")
def read_once(tmp_path_factory):
    """Three days with an effect of a quarter, read once."""
    living = LivingService(tmp_path_factory.mktemp("living") / "w")
    living.start()
    living.live(days=3, lift=1.25)
    analysis = living.opened.read_experiment("x", Asked(segments=("country",)))
    yield living, analysis
    living.opened.close()


def tables(service):
    """All tables, brought up to date."""
    return metric_tables(service.opened._parts)


def effect(analysis, name):
    return next(each for each in analysis.effects if each.metric == name)


def test_an_effect_that_was_planted_is_found_and_ships(read_once):
    living, analysis = read_once
    assert {each.arm: each.units for each in analysis.arms} == {
        arm: list(living.arm.values()).count(arm) for arm in ("control", "fewer")
    }
    found = effect(analysis, "viewing_time")
    assert found.lift == pytest.approx(0.25, abs=0.05)
    assert found.found
    assert analysis.decision == "ship", analysis.verdicts
    assert analysis.guardrails[0].metric == "diversity"


def test_the_past_of_the_same_viewers_narrows_the_interval(read_once):
    _, analysis = read_once
    assert effect(analysis, "viewing_time").variance_reduction > 0.8


def test_what_was_watched_is_counted_from_the_day_of_exposure(read_once):
    living, analysis = read_once
    control = [living.level[each] for each, arm in living.arm.items() if arm == "control"]
    assert effect(analysis, "viewing_time").control_value == pytest.approx(3 * sum(control) / len(control), rel=0.1)


def test_segments_novelty_and_other_metrics_come_with_it(read_once):
    _, analysis = read_once
    assert {each.segment.level for each in analysis.segments} == {"SE", "NO"}
    assert analysis.novelty[0].metric == "viewing_time"
    assert len(analysis.novelty[0].days) == 3
    read = {each.metric for each in analysis.effects}
    assert {"completion", "qualified_plays", "page_latency", "diversity"} <= read
    left_out = next(text for text in analysis.warnings if text.startswith("nothing to read yet of"))
    assert all(name in left_out for name in {each.name for each in METRICS} - read)


def test_a_further_look_takes_nothing_back(service):
    service.start()
    service.live(days=2, lift=1.3)
    assert service.opened.read_experiment("x").decision == "ship"
    service.live(days=4, lift=0.5)
    again = service.opened.read_experiment("x")
    assert again.looks == 2
    assert again.decision == "ship"
    assert "decided at an earlier look" in again.verdicts[0].reasons[0]


def test_after_a_stop_nothing_more_counts(service):
    service.start()
    service.live(days=2)
    before = effect(service.opened.read_experiment("x", Asked(method="fixed")), "viewing_time")
    service.opened.register.put("x", DESIGN | {"state": "stopped"}, lambda _: True)
    service.wall.now += DAY
    service.live(days=2, lift=3.0)
    after = effect(service.opened.read_experiment("x", Asked(method="fixed")), "viewing_time")
    assert after.arm_value == pytest.approx(before.arm_value)


def test_outcomes_from_before_exposure_are_not_counted(service):
    service.start()
    service.live(days=1)
    before = effect(service.opened.read_experiment("x", Asked(method="fixed")), "viewing_time")
    service.watch(dict.fromkeys(service.ids, 500.0), BEGIN + 29 * DAY)
    after = effect(service.opened.read_experiment("x", Asked(method="fixed")), "viewing_time")
    assert after.control_value == pytest.approx(before.control_value, rel=0.2)  # the covariate moved, the outcome not


def test_who_was_not_served_is_no_unit(service):
    service.start()
    service.serve(service.ids[:200])
    service.watch(service.level, service.wall.now)
    analysis = service.opened.read_experiment("x")
    assert sum(each.units for each in analysis.arms) == 200


def test_by_account_its_profiles_are_one_unit(service):
    records = [{"profile_id": each, "account_id": f"a{at // 2}"} for at, each in enumerate(service.ids)]
    service.opened.put_profiles(records)
    service.start(unit="account")
    service.live(days=1)
    analysis = service.opened.read_experiment("x")
    assert analysis.unit == "account"
    assert sum(each.units for each in analysis.arms) == len(service.ids) // 2
    assert effect(analysis, "qualified_plays").control_value == pytest.approx(2)


def test_consent_withdrawn_leaves_out(service):
    service.start()
    service.live(days=1)
    service.opened.patch_profiles([{"profile_id": service.ids[0], "consent": {"experiments": False}}])
    service.opened.patch_profiles([{"profile_id": service.ids[1], "consent": {"personalization": False}}])
    analysis = service.opened.read_experiment("x")
    assert sum(each.units for each in analysis.arms) == len(service.ids) - 2
    assert any("2 exposed profiles do not consent" in text for text in analysis.warnings)


def test_an_assignment_that_is_not_the_computed_one_breaks_it(service):
    service.start()
    service.live(days=1)
    kept = tables(service)
    wrong = pl.col("profile") <= 5
    swapped = pl.when(pl.col("variant") == "control").then(pl.lit("fewer")).otherwise(pl.lit("control"))
    variant = pl.when(wrong).then(swapped).otherwise(pl.col("variant"))
    service.opened._parts.metrics.save(
        replace(kept, exposures=kept.exposures.with_columns(variant=variant)), kept.stamp.rewrites
    )
    analysis = service.opened.read_experiment("x", Asked(method="fixed"))
    assert analysis.decision == "broken"
    assert any("served another arm" in reason for reason in analysis.verdicts[0].reasons)


def test_units_in_two_arms_break_it(service):
    service.start()
    service.live(days=1)
    kept = tables(service)
    wrong = kept.exposures.filter(pl.col("profile") <= 2).with_columns(
        variant=pl.when(pl.col("variant") == "control").then(pl.lit("fewer")).otherwise(pl.lit("control"))
    )
    both = replace(kept, exposures=pl.concat([kept.exposures, wrong]))
    service.opened._parts.metrics.save(both, kept.stamp.rewrites)
    analysis = service.opened.read_experiment("x")
    assert analysis.decision == "broken"
    assert "2 of 240 units are in two arms" in " ".join(analysis.verdicts[0].reasons)
    assert sum(each.units for each in analysis.arms) == len(service.ids) - 2


def test_an_account_that_moved_to_another_is_in_two_arms(service):
    """Profiles of two accounts of different arms come under one: that account is left out, and told."""
    records = [{"profile_id": each, "account_id": f"a{at}"} for at, each in enumerate(service.ids)]
    service.opened.put_profiles(records)
    service.start(unit="account")
    service.live(days=1)
    first = service.ids[0]
    second = next(each for each in service.ids if service.arm[each] != service.arm[first])
    service.opened.patch_profiles([{"profile_id": second, "account_id": "a0"}])
    analysis = service.opened.read_experiment("x")
    assert "1 of 239 units are in two arms" in " ".join(analysis.verdicts[0].reasons)


def test_a_merged_profile_keeps_the_arm_of_the_id_that_stays(service):
    """Who logs in may have been in another arm before: no fault of the assignment. The log made anew agrees."""
    service.start()
    other = {"control": "fewer", "fewer": "control"}
    service.serve()
    for each in service.ids[:40]:
        twin = next(t for t in (f"{each}-{n}" for n in range(50)) if self_arm(service, t) == other[service.arm[each]])
        service.opened.put_profiles([{"profile_id": twin}])
        service.serve([twin])
        service.watch({twin: 20.0}, service.wall.now)
        service.opened.merge(each, twin)
    service.live(days=1)
    analysis = service.opened.read_experiment("x", Asked(method="fixed"))
    assert analysis.decision != "broken"
    assert {each.arm: each.units for each in analysis.arms} == {
        arm: [service.arm[each] for each in service.ids].count(arm) for arm in ("control", "fewer")
    }
    assert any("what 40 profiles were served under another id" in text for text in analysis.warnings)
    plays = effect(analysis, "qualified_plays")
    assert plays.control_value + plays.arm_value > 2.2  # what was watched before the merge is theirs
    shutil.rmtree(service.folder / "metrics")
    assert service.opened.read_experiment("x", Asked(method="fixed")) == analysis


def test_what_two_servers_served_is_read_together(service):
    service.start()
    other = Workspace.open(service.folder, wall=service.wall)
    for each in service.ids[::2]:
        service.opened.home(each, rows=3)
    for each in service.ids[1::2]:
        other.home(each, rows=3)
    service.watch(service.level, service.wall.now)
    analysis = other.read_experiment("x")
    assert sum(each.units for each in analysis.arms) == len(service.ids)
    later = service.opened.read_experiment("x")
    assert later.looks == 2
    assert effect(later, "page_latency").control_units == effect(analysis, "page_latency").control_units
    other.close()


def test_an_event_that_comes_late_falls_on_its_own_day(service):
    """Before exposure it is the covariate's, after it the outcome's, whenever it arrives."""
    service.start()
    service.live(days=2)
    fixed = Asked(method="fixed")
    first = effect(service.opened.read_experiment("x", fixed), "qualified_plays")
    service.watch(service.level, BEGIN + 28 * DAY)
    assert effect(service.opened.read_experiment("x", fixed), "qualified_plays").arm_value == first.arm_value
    service.watch(service.level, BEGIN + 31 * DAY)
    assert effect(service.opened.read_experiment("x", fixed), "qualified_plays").arm_value == first.arm_value + 1


def self_arm(service, profile_id):
    """Which arm an id would be in."""
    return service.opened.engine.assigner().assign_one("x", profile_id, {}, True).variant


def test_nothing_ships_while_a_guardrail_cannot_be_read(service):
    service.start(guardrails=[{"metric": "nps", "margin": 0.1}])
    service.live(days=2, lift=1.5)
    analysis = service.opened.read_experiment("x")
    assert analysis.decision == "keep running"
    assert "guardrail nps cannot be read yet" in analysis.verdicts[0].reasons[0]


def test_an_arm_without_units_is_told(service):
    service.start()
    service.serve([next(each for each in service.ids if self_arm(service, each) == "control")])
    with pytest.raises(FrontrowError, match="arm fewer has no units"):
        service.opened.read_experiment("x")


def test_bots_are_named_and_left_out_when_asked(service):
    service.start()
    service.live(days=1)
    service.watch({service.ids[0]: 60_000.0}, service.wall.now - 3600)
    assert any("look like bots" in text for text in service.opened.read_experiment("x", Asked(method="fixed")).warnings)
    without = service.opened.read_experiment("x", Asked(method="fixed", drop_bots=True))
    assert effect(without, "viewing_time").control_units + effect(without, "viewing_time").arm_units == 239


def test_a_page_that_the_service_was_slow_with_makes_no_bot(service, monkeypatch):
    service.start()
    service.live(days=1)
    service.wall.now -= HOUR
    monkeypatch.setattr(Stages, "elapsed_ms", lambda _: 1e6)  # a stall of the machine, once
    service.serve(service.ids[:1])
    service.wall.now += HOUR
    read = service.opened.read_experiment("x", Asked(method="fixed"))
    assert effect(read, "page_latency").control_units + effect(read, "page_latency").arm_units == 240
    assert not any("look like bots" in text for text in read.warnings)


def test_what_cannot_be_read_says_why(service):
    with pytest.raises(FrontrowError, match="there is no experiment x"):
        service.opened.read_experiment("x")
    service.start(state="draft")
    with pytest.raises(FrontrowError, match="has not been started"):
        service.opened.read_experiment("x")
    service.start()
    with pytest.raises(FrontrowError, match="nobody has been served anything under x"):
        service.opened.read_experiment("x")
    service.serve()
    with pytest.raises(UsageError, match="there is no segment shoe_size"):
        service.opened.read_experiment("x", Asked(segments=("shoe_size",)))


def test_a_metric_that_there_is_none_of_is_refused_when_it_is_stated(service):
    with pytest.raises(FrontrowError, match="there is no metric viewing_tme"):
        service.start(primary="viewing_tme")
    with pytest.raises(FrontrowError, match="there is no metric sorrow"):
        service.start(guardrails=[{"metric": "sorrow", "margin": 0.1}])


def test_the_time_of_a_reading_is_the_services(read_once):
    living, _ = read_once
    assert format_time(living.opened.now()) == format_time(BEGIN + 33 * DAY)


def test_an_experiment_stated_again_under_its_id_starts_anew(service):
    service.start()
    service.live(days=2, lift=2.0)
    assert service.opened.read_experiment("x").decision == "ship"
    service.opened.register.put("x", DESIGN | {"state": "stopped"}, lambda _: True)
    service.opened.register.delete("x", lambda _: True)
    service.start()
    service.live(days=1)
    again = service.opened.read_experiment("x")
    assert again.looks == 1
    assert effect(again, "qualified_plays").control_value == 1


def test_what_a_profile_without_consent_watched_is_not_its_accounts(service):
    records = [{"profile_id": each, "account_id": f"a{at // 2}"} for at, each in enumerate(service.ids)]
    shy = {"consent": {"personalization": False}}
    service.opened.put_profiles(records)
    service.start(unit="account")
    service.live(days=1)
    service.opened.patch_profiles([{"profile_id": each} | shy for each in service.ids[::2]])
    assert effect(service.opened.read_experiment("x"), "qualified_plays").control_value == 1


@pytest.mark.parametrize("unit", ["profile", "account"])
def test_either_unit_is_read_as_counting_by_hand_has_it(service, unit):
    """From the events as exported, without any table: minutes since the day of exposure, by unit, by arm."""
    account = {each: f"a{at // 3}" for at, each in enumerate(service.ids)}
    service.opened.put_profiles([{"profile_id": each, "account_id": account[each]} for each in service.ids])
    service.start(unit=unit)
    service.live(days=2, lift=1.2)
    analysis = service.opened.read_experiment("x", Asked(method="fixed", covariate_days=0))
    begin = format_time(BEGIN + 30 * DAY)
    minutes: dict[str, float] = {}
    for each in service.ids:
        of = each if unit == "profile" else account[each]
        longest: dict[str, float] = {}
        for event in service.opened.export_profile(each)["events"]:
            if event["at"] >= begin:
                seconds = float(event.get("seconds") or 0.0)
                longest[event["playback_id"]] = max(seconds, longest.get(event["playback_id"], 0.0))
        minutes[of] = minutes.get(of, 0.0) + sum(longest.values()) / 60
    arms = {(each if unit == "profile" else account[each]): arm for each, arm in service.arm.items()}
    found = effect(analysis, "viewing_time")
    for arm, value, count in (("control", found.control_value, found.control_units),
                              ("fewer", found.arm_value, found.arm_units)):  # fmt: skip
        own = [minutes[each] for each in minutes if arms[each] == arm]
        assert count == len(own)
        assert value == pytest.approx(sum(own) / len(own), rel=1e-6)


def test_forgetting_the_only_viewer_of_a_metric_leaves_the_experiment_readable(service):
    service.start()
    service.live(days=1)
    hider = service.ids[0]
    said = {"profile_id": hider, "title_id": "t39", "at": format_time(service.wall.now)}
    service.opened.ingest([{"event_id": "h", "type": "hide", **said}])
    before = service.opened.read_experiment("x")
    assert "hides" in {each.metric for each in before.effects}
    service.opened.forget(hider)
    after = service.opened.read_experiment("x")
    assert after.looks == 2
    assert effect(after, "hides").arm_value == 0
    assert service.opened.read_experiment("x", Asked(anew=True)).looks == 1


def test_a_metric_whose_every_answer_left_the_log_is_named_and_left_out(service):
    service.start()
    service.live(days=1)
    said = {"type": "survey", "at": format_time(service.wall.now), "context": {"topic": "app"}}
    asked = service.ids[:60]
    answer = service.opened.ingest(
        [{"event_id": f"s{n}", "profile_id": each, "value": 5 + n % 5, **said} for n, each in enumerate(asked)]
    )
    assert answer.accepted == 60
    assert "survey_score" in {each.metric for each in service.opened.read_experiment("x").effects}
    for each in asked:
        service.opened.forget(each)
    after = service.opened.read_experiment("x")
    assert after.looks == 2
    assert "survey_score" not in {each.metric for each in after.effects}
    assert any(text.startswith("all of survey_score has left the log") for text in after.warnings)
