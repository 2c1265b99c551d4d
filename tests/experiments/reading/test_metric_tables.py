"""The tables that metrics are kept in: what is folded bit by bit is what one pass gives, and erasure reaches them."""

from __future__ import annotations

import shutil

import pytest
from living_service import LivingService

from frontrow import Workspace
from frontrow.core.clock import DAY, HOUR, MINUTE, format_time
from frontrow.experiments.metrics import tables as metrics
from frontrow.experiments.metrics.tables import TABLES
from frontrow.readout import metric_tables


@pytest.fixture
def service(tmp_path):
    living = LivingService(tmp_path / "w", viewers=30)
    living.start()
    yield living
    living.opened.close()


def tables(service):
    """All tables, brought up to date."""
    return metric_tables(service.opened._parts)


def anew(service):
    """All tables made in one pass."""
    shutil.rmtree(service.folder / "metrics")
    return tables(service)


def same(left, right):
    assert left.stamp == right.stamp
    for name in ("days", "exposures"):
        assert getattr(left, name).equals(getattr(right, name)), name
    sums = [each.all_page_days().group_by("profile", "day").sum().sort("profile", "day") for each in (left, right)]
    assert sums[0].equals(sums[1])


def test_day_by_day_is_the_same_as_all_at_once(service):
    for day in range(5):
        service.live()
        if day == 3:  # an event that comes two days late, of few profiles: they alone are folded again
            service.watch({service.ids[3]: 40.0}, service.wall.now - 2 * DAY)
        tables(service)
    kept = tables(service)
    assert kept.page_days.height
    same(kept, anew(service))


def test_old_pages_are_kept_as_sums_when_the_served_log_forgets_them(service):
    service.live(days=4)
    before = tables(service)
    service.opened._parts.served.prune(service.wall.now + 1)
    after = tables(service)
    assert after.all_page_days()["pages"].sum() == before.all_page_days()["pages"].sum() == 4 * 30
    assert after.exposures.equals(before.exposures)


def test_forgetting_takes_a_profiles_rows_out_at_once(service):
    service.live(days=2)
    tables(service)
    files = service.opened._parts.metrics
    number = service.opened._known(service.ids[0]).number
    receipt = service.opened.forget(service.ids[0])
    place = next(each for each in receipt.places if each.place == "metric tables")
    assert place.records > 3
    kept = files.load()
    for name in TABLES:
        assert number not in getattr(kept, name)["profile"].to_list()
    after = tables(service)
    assert kept.stamp.rewrites == after.stamp.rewrites  # nothing else has to be read again for it
    same(after, anew(service))


def test_events_that_left_the_log_leave_the_metrics_with_it(service):
    service.live(days=2)
    tables(service)
    service.wall.now += 10 * DAY
    service.live(days=1)
    before = tables(service)
    (service.folder / "frontrow.toml").write_text("[events]\nkeep_days = 31\n")
    again = Workspace.open(service.folder, wall=service.wall)
    assert again.compact().retired > 0
    files = again._parts.metrics
    assert files.load().days.is_empty()
    after = metric_tables(again._parts)
    assert 0 < after.days.height < before.days.height
    assert after.days["day"].min() > before.days["day"].min()
    assert after.exposures.equals(before.exposures)
    again.close()


def test_tables_read_while_a_profile_was_forgotten_are_not_kept(service):
    service.live(days=1)
    files = service.opened._parts.metrics
    stale = tables(service)
    service.opened.forget(service.ids[0])
    assert not files.save(stale, stale.stamp.rewrites)


def test_a_merge_takes_pages_and_exposures_along(service):
    service.live(days=1)
    tables(service)
    kept, gone = (service.opened._known(each).number for each in service.ids[:2])
    service.opened.merge(service.ids[0], service.ids[1])
    found = tables(service)
    assert gone not in found.days["profile"].to_list()
    assert found.all_page_days().filter(profile=kept)["pages"].sum() == 2
    same(found, anew(service))


def test_without_consent_to_personalization_nothing_is_counted(service):
    service.opened.put_profiles([{"profile_id": "shy", "consent": {"personalization": False}}])
    service.ids.append("shy")
    service.level["shy"] = 30.0
    service.live(days=1)
    shy = service.opened._known("shy").number
    assert shy not in tables(service).days["profile"].to_list()


def test_a_table_that_is_damaged_says_how_to_mend_it(service):
    from frontrow.core.errors import FrontrowError

    tables(service)
    (service.folder / "metrics" / "a" / "days.parquet").write_bytes(b"nothing")
    with pytest.raises(FrontrowError, match="cannot be used"):
        tables(service)


def test_a_stamp_of_another_version_makes_everything_anew(service):
    service.live(days=1)
    before = tables(service)
    stamp = service.folder / "metrics" / "stamp.json"
    stamp.write_bytes(stamp.read_bytes().replace(b'"version":4', b'"version":3'))
    assert service.opened._parts.metrics.load() is None
    same(tables(service), before)


def test_an_empty_workspace_has_empty_tables(tmp_path):
    living = LivingService(tmp_path / "e", viewers=0)
    assert tables(living).days.is_empty()
    living.opened.close()


def test_the_log_head_is_where_the_tables_stand(service):
    service.live(days=1)
    assert tables(service).stamp.offset == service.opened._parts.store.log.head().offset
    assert format_time(service.wall.now)


def test_what_is_asked_about_another_moment_is_no_page_and_settles_none(service):
    """A page settles two days after it was served, whatever moment others ask about."""
    profile = service.ids[0]
    assert service.opened.home(service.ids[1], rows=3, at="2095-01-01T00:00:00Z").experiments
    page = service.opened.home(profile, rows=3)
    service.wall.now += HOUR
    service.opened.home(service.ids[2], rows=3)
    assert tables(service).all_page_days()["pages"].sum() == 2
    title = next(row for row in page.rows if row.kind == "top_picks").items[0].title_id
    watched = {"profile_id": profile, "title_id": title, "playback_id": "late", "page_id": page.page_id}
    play = {"event_id": "late-p", "type": "play", "at": format_time(service.wall.now)}
    stop = {"event_id": "late-s", "type": "stop", "at": format_time(service.wall.now + 30 * MINUTE)}
    service.wall.now += 31 * MINUTE
    assert service.opened.ingest([watched | play, watched | stop | {"seconds": 1800, "fraction": 0.5}]).accepted == 2
    found = tables(service)
    assert found.all_page_days()["pick_hits"].sum() == 1
    assert found.exposures.height == 2


def test_a_play_from_the_day_ahead_settles_no_page(service):
    """Events dated up to a day ahead are taken."""
    page = service.opened.home(service.ids[0], rows=3)
    service.wall.now += DAY + HOUR
    service.opened.home(service.ids[2], rows=3)
    service.watch({service.ids[5]: 30.0}, service.wall.now + 23 * HOUR)
    tables(service)
    assert page.page_id in tables(service).pages["page"].to_list()


def test_titles_that_come_after_their_events_count_from_then_on(tmp_path):
    """Contract: an event of an unknown title counts once the title exists."""
    with Workspace.init(tmp_path / "w") as opened:
        at = format_time(opened.now() - HOUR)
        opened.put_titles([{"title_id": "s", "name": "Series", "kind": "series"}])
        opened.ingest(
            [
                {"event_id": who + title, "type": "stop", "profile_id": who, "title_id": title, "seconds": 3000,
                 "fraction": 0.95, "at": at}
                for who, title in (("a", "film"), ("a", "part"), ("b", "film"), ("c", "other"))
            ]
        )  # fmt: skip
        assert metric_tables(opened._parts).days["new_titles"].to_list() == [0, 0, 0]
        opened.put_titles(
            [
                {"title_id": "film", "name": "Film", "added_at": format_time(opened.now() - DAY)},
                {"title_id": "part", "name": "Part", "kind": "episode", "series_id": "s", "season": 1, "episode": 1},
            ]
        )
        kept = metric_tables(opened._parts)
        number = opened.engine.rooms.views.titles_now().number
        assert kept.days["new_titles"].to_list() == [1, 1, 0]  # the series joined later
        assert kept.days["titles"].to_list()[0] == sorted([number["film"], number["s"]])
        shutil.rmtree(tmp_path / "w" / "metrics")
        assert metric_tables(opened._parts).days.equals(kept.days)


def test_profiles_are_folded_by_ranges_with_the_same_tables(service, monkeypatch):
    service.live(days=2)
    whole = tables(service)
    read = []
    source = service.opened._parts.store.metric_events
    of = type(source).of

    def watched(self, profiles, until):
        events = of(self, profiles, until)
        read.append(events.height)
        return events

    monkeypatch.setattr(metrics, "FOLDED", 50)
    monkeypatch.setattr(type(source), "of", watched)
    same(anew(service), whole)
    most = max(whole.days.group_by("profile").len()["len"].to_list()) * 2  # a play and a stop a day
    assert len(read) > 5
    assert max(read) <= 50 + most


def test_only_who_has_something_new_is_read_again(service, monkeypatch):
    service.live(days=1)
    tables(service)
    read = []
    source = service.opened._parts.store.metric_events
    of = type(source).of
    monkeypatch.setattr(
        type(source), "of", lambda self, profiles, until: read.extend(profiles) or of(self, profiles, until)
    )
    service.watch({service.ids[3]: 40.0}, service.wall.now)
    tables(service)
    assert read == [service.opened._known(service.ids[3]).number]
    tables(service)
    assert len(read) == 1


def test_forgetting_deletes_tables_that_are_damaged(service):
    service.live(days=1)
    tables(service)
    (folder,) = (service.folder / "metrics").glob("[ab]")
    (folder / "days.parquet").write_bytes(b"nothing")
    receipt = service.opened.forget(service.ids[0])
    assert next(each for each in receipt.places if each.place == "metric tables").records == 0
    assert not list((service.folder / "metrics").rglob("*.parquet"))
    assert tables(service).days["profile"].n_unique() == len(service.ids) - 1


def test_what_an_erasure_left_undone_is_done_by_compact(service, monkeypatch):
    service.live(days=1)
    tables(service)
    number = service.opened._known(service.ids[0]).number
    files = service.opened._parts.metrics
    monkeypatch.setattr(files, "erase", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.opened.forget(service.ids[0])
    monkeypatch.undo()
    assert number in files.load().days["profile"].to_list()
    service.opened.compact()
    assert number not in files.load().days["profile"].to_list()
