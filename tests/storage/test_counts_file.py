"""Counts of popularity on disk: the same as counted from nothing, made once, and never in the way."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from frontrow.core.clock import DAY, HOUR, format_time, parse_time
from frontrow.features.decayed import HALF_LIVES
from frontrow.recommend import view_counts
from frontrow.workspace import Workspace

NOW = parse_time("2026-03-20T12:00:00Z")
TITLES = 8


def watch(workspace, who, title, hours, country="SE"):
    watch.count += 1
    workspace.log([
        {"event_id": f"c{watch.count}", "type": "stop", "profile_id": who, "title_id": title, "seconds": 3000,
         "fraction": 0.95, "at": format_time(NOW - hours * HOUR), "country": country}
    ])  # fmt: skip


watch.count = 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A workspace whose log is long enough for its counts to be laid."""
    monkeypatch.setattr(view_counts, "LAID_FROM", 1)
    monkeypatch.setattr(view_counts, "LAID_ANEW", 3)
    with Workspace.init(tmp_path / "w") as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(TITLES)])
        for n in range(60):
            watch(workspace, f"p{n % 5}", f"t{n * 3 % TITLES}", 2 * n, ("SE", "DK")[n % 2])
        workspace.compact()
    return tmp_path / "w"


def opened(folder):
    return Workspace.open(folder, wall=lambda: NOW)


def counts(workspace):
    """All that popularity answers, by the workspace and by a count from nothing."""
    views = workspace.engine.rooms.views.fresh()
    anew = view_counts.ViewCounts(workspace._parts.store.log, workspace._parts.store.log)
    anew.fresh(views.catalogue.series_of)
    return [
        [each.window(9, NOW, country)[:TITLES] for country in (None, "SE", "DK")]
        + [each.decayed(life, now, country)[:TITLES] for life in HALF_LIVES for country in (None, "DK")
           for now in (NOW - 3 * DAY, NOW + DAY)]
        for each in (views.velocity, anew.velocity)
    ]  # fmt: skip


def as_counted_from_nothing(workspace):
    for found, expected in zip(*counts(workspace), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        assert np.array_equal(found > 0, expected > 0)


def never_whole(workspace):
    """From here on reading the log from its beginning is an error."""
    store = workspace._parts.store
    for log in (store.log, store.lake.log):
        read = log.parts

        def parts(after=0, read=read):
            assert after, "the whole log was read"
            return read(after)

        log.parts = parts


def test_a_process_that_starts_goes_on_from_what_is_laid(folder):
    with opened(folder) as workspace:
        watch(workspace, "p1", "t5", 1)
        never_whole(workspace)
        workspace.home("p1")
        assert workspace.engine.rooms.views.velocity.views == 61
        del workspace._parts.store.log.parts
        as_counted_from_nothing(workspace)


@pytest.mark.parametrize("deed", ["merge", "consent", "new title", "grow", "tail"])
def test_what_came_meanwhile_is_taken_up(folder, deed):
    with opened(folder) as workspace:
        if deed == "merge":
            workspace.merge("p1", "p2")
        elif deed == "consent":
            workspace.patch_profiles([{"profile_id": "p1", "consent": {"personalization": False}}])
        elif deed == "new title":
            workspace.put_titles([{"title_id": "new", "name": "New"}])
        elif deed == "grow":
            workspace.put_titles([{"title_id": f"more{n}", "name": "M"} for n in range(300)])
        else:
            for n in range(20):
                watch(workspace, f"q{n}", f"t{n % 3}", 1, "FR")
    with opened(folder) as workspace:
        never_whole(workspace)
        workspace.home("p1")
        del workspace._parts.store.log.parts
        as_counted_from_nothing(workspace)


def test_counts_by_another_series_are_made_anew(folder):
    with opened(folder) as workspace:
        workspace.patch_titles(
            [{"title_id": "t3", "kind": "episode", "series_id": "t4"}, {"title_id": "t4", "kind": "series"}]
        )
    with opened(folder) as workspace:
        as_counted_from_nothing(workspace)
        assert not workspace.engine.rooms.views.velocity.window(9, NOW)[3]


def test_an_erasure_deletes_them_and_an_older_count_does_not_bring_them_back(folder):
    with opened(folder) as workspace:
        file, views = workspace._parts.counts, workspace.engine.rooms.views.fresh()
        before = view_counts.Laid(
            views.velocity, views.offset, views.recounts, workspace._parts.store.log.head().rewrites
        )
        assert file.path.exists()
        number = workspace._parts.people.find("p1").number
        receipt = workspace.forget("p1")
        assert {place.place: place.records for place in receipt.places}["counts of popularity"] == 1
        assert not file.path.exists()
        assert not file.keep(before)
        assert not file.path.exists()
        workspace.compact()
        assert file.path.exists()
        assert number in before.velocity._profile
        assert number not in file.load().velocity._profile
        as_counted_from_nothing(workspace)
    with opened(folder) as workspace:
        never_whole(workspace)
        workspace.home("p2")


@pytest.mark.parametrize("damage", ["empty", "short", "noise", "header", "other"])
def test_damage_is_counted_anew(folder, damage):
    path = folder / "popularity" / "counts"
    whole = path.read_bytes()
    damaged = {
        "empty": b"", "short": whole[:-64], "noise": os.urandom(4096), "header": whole[:20] + b"\xff" * 40 + whole[60:],
        "other": whole[:16],
    }[damage]  # fmt: skip
    path.write_bytes(damaged)
    with opened(folder) as workspace:
        as_counted_from_nothing(workspace)
        assert path.read_bytes() != damaged
    with opened(folder) as workspace:
        never_whole(workspace)
        workspace.home("p1")


def test_other_settings_count_anew(folder):
    (folder / "frontrow.toml").write_text("[popularity]\nmax_views = 20\n")
    with opened(folder) as workspace:
        assert workspace.engine.rooms.views.fresh().velocity.thinned
    (folder / "frontrow.toml").write_text("")
    with opened(folder) as workspace:
        as_counted_from_nothing(workspace)


def test_several_that_start_at_once_count_once(folder):
    (folder / "popularity" / "counts").unlink()
    whole, several = [], [opened(folder) for _ in range(4)]
    for workspace in several:
        log = workspace._parts.store.lake.log

        def parts(after=0, read=log.parts):
            whole.append(after)
            return read(after)

        log.parts = parts
    threads = [threading.Thread(target=workspace.engine.refresh) for workspace in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole == [0]
    for workspace in several:
        as_counted_from_nothing(workspace)
        workspace.close()


def test_a_folder_that_cannot_be_made_stops_nobody(folder):
    for path in (folder / "popularity").iterdir():
        path.unlink()
    (folder / "popularity").rmdir()
    (folder / "popularity").write_text("in the way")
    with opened(folder) as workspace:
        as_counted_from_nothing(workspace)
        workspace.forget("p1")
