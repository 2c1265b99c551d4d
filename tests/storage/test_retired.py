"""Events that left the log for their age are known when they come again."""

from __future__ import annotations

import polars as pl
import pytest

from frontrow import Workspace
from frontrow.core.clock import DAY, HOUR, format_time


@pytest.fixture
def folder(tmp_path):
    Workspace.init(tmp_path / "w").close()
    (tmp_path / "w" / "frontrow.toml").write_text("[events]\nkeep_days = 31\n")
    return tmp_path


def tables(folder, now, days, named=True):
    """A play a day, the first `days` days ago; with ids of their own or derived ones."""
    at = [format_time(now - day * DAY) for day in range(days, 0, -1)]
    columns = {"type": "select", "profile_id": "ana", "title_id": "t1", "at": at}
    if named:
        columns["event_id"] = [f"e{day}" for day in range(days)]
    folder.mkdir()
    pl.DataFrame({"title_id": ["t1"], "name": ["One"]}).write_parquet(folder / "titles.parquet")
    pl.DataFrame(columns).write_parquet(folder / "events.parquet")
    return folder


@pytest.mark.parametrize("named", [True, False])
def test_importing_again_changes_nothing_after_old_events_left(folder, named):
    with Workspace.open(folder / "w") as workspace:
        path = tables(folder / "t", workspace.now() - HOUR, 60, named)
        log = workspace._parts.store.log
        assert workspace.import_tables(path).events.accepted == 60
        gone = workspace.compact().retired
        assert 27 <= gone <= 30
        again = workspace.import_tables(path)
        assert (again.events.accepted, again.events.duplicates) == (0, 60)
        assert log.count() == 60 - gone
        assert workspace.compact().retired == 0


def test_an_id_that_is_used_again_after_so_long_is_no_duplicate_over_http(folder):
    """An app that counts its events from 1 again loses none of them."""
    with Workspace.open(folder / "w") as workspace:
        now = workspace.now()
        workspace.import_tables(tables(folder / "t", now - HOUR, 60))
        workspace.compact()
        fresh = {"event_id": "e0", "type": "select", "profile_id": "bo", "title_id": "t1", "at": format_time(now)}
        assert workspace.ingest([fresh]).accepted == 1
        assert workspace.ingest([fresh]).duplicates == 1


def test_marks_do_not_say_the_ids(folder):
    with Workspace.open(folder / "w") as workspace:
        workspace.import_tables(tables(folder / "t", workspace.now() - HOUR, 60))
        workspace.compact()
        workspace.forget("ana")
        marks = workspace._parts.store.writer.write(lambda unit: unit.retired([f"e{day}" for day in range(60)]))
        assert len(marks) >= 27
        assert workspace.import_tables(folder / "t").events.accepted == 0
