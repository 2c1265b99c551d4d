"""An import into a real store: what is there stays, what was forgotten stays forgotten."""

from __future__ import annotations

import pytest

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY
from frontrow.events.event import Event
from frontrow.importers.tables import import_tables
from frontrow.people.profile import Profile


def event(name="e1", profile_id="ann", at=1_000_000, **fields):
    return Event(event_id=name, type="select", profile_id=profile_id, at=at, received_at=at, title_id="t1", **fields)


def test_titles_and_profiles_keep_when_they_were_first_stored(stored):
    title, profile = Title(title_id="t1", name="One", added_at=None), Profile(profile_id="ann", created_at=None)
    assert stored.target.put_titles([title]).accepted == 1
    assert stored.target.put_profiles([profile]).accepted == 1
    before = (stored.titles(), stored.profiles(), stored.store.titles.version())
    assert stored.titles()["t1"].added_at == "2026-03-20T12:00:00Z"
    stored.now += DAY
    assert stored.target.put_titles([title]).duplicates == 1
    assert stored.target.put_profiles([profile]).duplicates == 1
    assert (stored.titles(), stored.profiles(), stored.store.titles.version()) == before
    stored.target.put_titles([Title(title_id="t1", name="Uno", added_at=None)])
    assert stored.titles()["t1"] == Title(title_id="t1", name="Uno", added_at="2026-03-20T12:00:00Z")


def test_a_dry_run_writes_nothing(stored):
    assert stored.target.put_titles([Title(title_id="t1", name="One")], dry=True).accepted == 1
    assert stored.target.append_events([event()], dry=True).accepted == 1
    assert (stored.titles(), stored.profiles(), stored.events()) == ({}, {}, {})


def test_duplicates_conflicts_and_the_future(stored):
    first = stored.target.append_events([event()])
    assert (first.accepted, first.duplicates) == (1, 0)
    late = event("e3", at=stored.now + 2 * DAY)
    taken = stored.target.append_events([event(), event(profile_id="bob"), late, event("e2")])
    assert (taken.accepted, taken.duplicates) == (1, 1)
    assert sorted(refused.index for refused in taken.refused) == [1, 2]


def test_a_forgotten_profile_is_not_brought_back(stored):
    stored.target.append_events([event()])
    known = stored.store.people.find("ann")
    stored.store.writer.write(lambda unit: unit.erase_profile(known, stored.now))
    assert "erased" in stored.target.put_profiles([Profile(profile_id="ann", created_at=None)]).refused[0].message
    assert len(stored.target.append_events([event()]).refused) == 1
    assert stored.profiles() == {}
    younger = Profile(profile_id="ann", created_at="2026-03-21T12:00:00Z")
    assert stored.target.put_profiles([younger]).accepted == 1


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_an_import_that_was_cut_short_is_completed_by_the_next(stored, tmp_path, cut, monkeypatch):
    monkeypatch.setattr("frontrow.importers.tables.CHUNK", 10)
    (tmp_path / "titles.csv").write_text("title_id,name\nt1,One\n")
    rows = "".join(f"select,p{n % 7},t1,2026-03-01T12:00:{n % 60:02}Z\n" for n in range(50))
    (tmp_path / "events.csv").write_text("type,profile_id,title_id,at\n" + rows)
    calls = []

    def interrupt(fraction, text):
        calls.append(text)
        if fraction > 0.45 and len(calls) > 3 + cut:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_tables(tmp_path, stored.target, progress=interrupt)
    before = len(stored.events())
    assert before < 50
    report = import_tables(tmp_path, stored.target)
    assert (report.events.duplicates, report.events.accepted) == (before, 50 - before)
    assert len(stored.events()) == 50
