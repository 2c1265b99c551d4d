"""Units are atomic, share syncs, fail alone, and do not pile up."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from frontrow.core.clock import Micros
from frontrow.core.errors import FrontrowError, InvalidRecord, Unavailable
from frontrow.core.lock import TurnLock
from frontrow.people.profile import Profile
from frontrow.storage.workspace import SqliteWorkspace
from frontrow.storage.writer import SqliteWriter


def put(name):
    return lambda unit: unit.put_profiles([Profile(profile_id=name)]) or name


def test_a_failing_unit_undoes_itself_only(store):
    def fails(unit):
        put("half")(unit)
        raise InvalidRecord("no")

    gate = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(store.writer.write, lambda unit: gate.wait(5))
        works = [put("a"), fails, put("b"), fails, put("c")]
        rest = [pool.submit(store.writer.write, work) for work in works]
        while len(store.writer._queue) < len(works):
            pass
        gate.set()
        first.result()
        for future, work in zip(rest, works, strict=True):
            if work is fails:
                with pytest.raises(InvalidRecord):
                    future.result()
            else:
                assert future.result() in "abc"
    assert {known.profile.profile_id for known in store.people.everyone()} == {"a", "b", "c"}


def test_units_that_wait_together_share_one_transaction(store):
    gate, seen = threading.Event(), []
    with ThreadPoolExecutor(40) as pool:
        first = pool.submit(store.writer.write, lambda unit: gate.wait(5))
        while store.writer._queue:
            pass
        rest = [
            pool.submit(store.writer.transact, lambda connection: seen.append(connection.total_changes))
            for _ in range(30)
        ]
        while len(store.writer._queue) < 30:
            pass
        traced: list[str] = []
        store.writer._connection.set_trace_callback(traced.append)
        gate.set()
        for future in [first, *rest]:
            future.result()
        store.writer._connection.set_trace_callback(None)
    assert len(seen) == 30
    assert traced.count("BEGIN IMMEDIATE") == 1
    assert traced.count("SAVEPOINT unit") == 30


def test_too_many_that_wait_are_refused(tmp_path, store):
    lock = TurnLock(tmp_path / "other.lock")
    writer, gate = SqliteWriter(store.path, lock, most_waiting=3), threading.Event()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(writer.write, lambda unit: gate.wait(5))
        while writer._queue or not writer._turn.locked():
            pass
        waiting = [pool.submit(writer.write, put(f"w{i}")) for i in range(3)]
        while len(writer._queue) < 3:
            pass
        with pytest.raises(Unavailable):
            writer.write(put("late"))
        gate.set()
        assert [future.result() for future in [first, *waiting]] == [True, "w0", "w1", "w2"]
    writer.close()
    lock.close()


def test_ctrl_c_in_a_unit_keeps_nothing_and_leaves_the_writer_usable(store):
    def interrupted(unit):
        put("half")(unit)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.writer.write(interrupted)
    assert store.people.count() == 0
    assert store.writer.write(put("a")) == "a"


def test_a_unit_that_has_only_a_sqlite_error_says_so(store):
    with pytest.raises(FrontrowError):
        store.writer.transact(lambda connection: connection.execute("SELECT nonsense"))
    with pytest.raises(FrontrowError):
        store.writer.transact(lambda connection: (_ for _ in ()).throw(sqlite3.IntegrityError("x")))
    assert store.writer.write(put("a")) == "a"


def test_a_full_disk_is_said_and_nothing_is_kept(store):
    connection = store.writer._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    big = [Profile(profile_id=f"p{i}", attributes={"x": "y" * 2000}) for i in range(200)]
    with pytest.raises(Unavailable, match="full"):
        store.writer.write(lambda unit: unit.put_profiles(big))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert store.people.count() == 0
    assert store.writer.write(put("a")) == "a"
    assert store.check() == []


def test_every_read_sees_what_was_answered_before_from_any_process(tmp_path, store):
    with SqliteWorkspace(tmp_path, os.urandom) as other:
        for number in range(20):
            writing, reading = (store, other) if number % 2 else (other, store)
            writing.writer.write(put(f"p{number}"))
            assert reading.people.find(f"p{number}") is not None
            assert reading.people.count() == number + 1


def test_a_number_is_never_given_twice(store):
    numbers = []
    for _ in range(3):
        known = store.writer.write(lambda unit: unit.number_profiles(["p"], Micros(0)))["p"]
        numbers.append(known.number)
        store.writer.write(lambda unit, known=known: unit.erase_profile(known, Micros(0)))
    assert numbers == sorted(set(numbers))


def test_a_closed_workspace_says_so(tmp_path):
    store = SqliteWorkspace(tmp_path, os.urandom)
    store.close()
    with pytest.raises(FrontrowError, match="closed"):
        store.writer.write(put("a"))
    with pytest.raises(FrontrowError, match="closed"):
        store.people.count()
