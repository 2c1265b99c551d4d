"""The lake holds what the log holds, each event once, whatever happens in between; and lets go of what must go."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "events"))
from world import NOW, World, event

from frontrow.core.clock import DAY, Micros, format_time
from frontrow.core.errors import FrontrowError
from frontrow.events.ingest import ingest
from frontrow.events.records import put_profiles
from frontrow.features.interactions import interactions_of
from frontrow.features.training_view import part_of
from frontrow.storage import event_log
from frontrow.storage.lake import reading
from frontrow.storage.lake.lake import Lake

NAMES = ["ann", "bob", "cid", "dee"]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(reading, "LEAST_PART", 4)
    monkeypatch.setattr(event_log, "PART", 4)


def quiet(fraction: float, text: str) -> None:
    assert 0 <= fraction <= 1


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "w")
    yield made
    made.close()


@pytest.fixture(params=[None, "Europe/Stockholm"])
def zone(request):
    return request.param


def post(world: World, first: int, count: int = 10, **fields: object) -> None:
    for number in range(first, first + count):
        who = NAMES[number % 3]
        body = {"type": "stop", "seconds": 300.0 + number, "fraction": 0.5, "playback_id": f"pb-{who}-{number // 4}"}
        world.post(event(f"e{number}", who, **(body | {"title_id": f"t{number % 5}"} | fields)))


def same_as_log(world: World) -> None:
    """Training reads from lake and log what the log alone gives, bit for bit, each event once."""
    laid, plain = world.store.lake.log.columns(), world.store.log.columns()
    series_of = np.arange(50, dtype=np.int32)
    ours, theirs = interactions_of(laid, series_of), interactions_of(plain, series_of)
    assert all(getattr(ours, name).tobytes() == getattr(theirs, name).tobytes() for name in ("profile", "title", "at"))
    assert ours.weight.tobytes() == theirs.weight.tobytes()
    assert world.store.lake.log.signals().tobytes() == world.store.signals.signals().tobytes()
    learned = np.isin(plain.offset, laid.offset[laid.learn])
    assert (learned == plain.learn).all()
    parts = list(world.store.lake.log.parts())
    for name in ("offset", "profile", "seconds", "learn"):
        joined = b"".join(getattr(part, name).tobytes() for part in parts)
        assert joined == getattr(laid, name).tobytes(), name
    assert b"".join(part.offset.tobytes() for part in world.store.log.parts()) == plain.offset.tobytes()
    laid, plain = part_of(laid, laid.learn), part_of(plain, plain.learn)
    kept = slice(None)
    assert len(np.unique(laid.offset)) == len(laid.offset)
    for name in (
        "offset",
        "at",
        "profile",
        "title",
        "type",
        "device",
        "seconds",
        "fraction",
        "value",
        "playback",
        "learn",
        "clock",
    ):
        assert getattr(laid, name).tobytes() == getattr(plain, name)[kept].tobytes(), name
        assert getattr(laid, name).dtype == getattr(plain, name).dtype
    assert [_country(laid, n) for n in laid.country] == [_country(plain, n) for n in plain.country[kept]]


def _country(columns, number):
    return columns.countries[number] if number >= 0 else None


def offsets(world: World) -> list[int]:
    """What the lake's own files hold."""
    table = world.store.lake.table
    return sorted(each for file in table.state().files for each in table.read(file)["offset"].to_list())


def test_training_reads_the_lake_and_the_logs_tail(world, zone):
    put_profiles([{"profile_id": "ann", "timezone": zone, "country": "DE"}], world.store.writer, NOW)
    same_as_log(world)  # without a lake
    post(world, 0)
    first = world.store.lake.compact(quiet)
    assert (first.rows, first.offset) == (10, 10)
    post(world, 10, country="SE")
    assert len(offsets(world)) == 10
    same_as_log(world)
    assert world.store.lake.compact(quiet).rows == 10
    assert world.store.lake.compact(quiet).rows == 0
    assert offsets(world) == list(range(1, 21))
    same_as_log(world)
    until = world.store.log.columns().at[3]
    assert len(world.store.lake.log.columns(int(until))) == len(world.store.log.columns(until=int(until)))


step = (
    st.tuples(
        st.just("post"),
        st.sampled_from(NAMES),
        st.sampled_from([0, 3, 40 * 24]),
        st.sampled_from([None, "SE"]),
        st.sampled_from(["rate", "stop", "play", "unwatch", "hide"]),
    )
    | st.tuples(st.just("merge"), st.sampled_from(NAMES), st.sampled_from(NAMES))
    | st.tuples(st.just("forget"), st.sampled_from(NAMES))
    | st.tuples(st.just("compact"))
    | st.tuples(st.just("consent"), st.sampled_from(NAMES), st.booleans())
)


@settings(max_examples=40)
@given(st.lists(step, max_size=25))
def test_whatever_happens_lake_and_log_are_the_log(steps):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.store.lake = Lake(Path(folder) / "lake", world.store._readers, world.store.writer, lambda: NOW, rows=3)
        for number, (verb, *rest) in enumerate(steps):
            try:
                if verb == "post":
                    who, hours, country, kind = rest
                    at = format_time(Micros(NOW - hours * 3_600_000_000))
                    world.post(event(f"e{number}", who, country=country, type=kind, value=3, playback_id=None,
                                     seconds=100.0 + number, fraction=0.4,
                                     tz_offset_minutes=60, at=at))  # fmt: skip
                elif verb == "merge":
                    world.merge(*rest)
                elif verb == "forget":
                    world.forget(*rest)
                elif verb == "consent":
                    put_profiles([{"profile_id": rest[0], "consent": {"personalization": rest[1]}}],
                                 world.store.writer, NOW)  # fmt: skip
                else:
                    world.store.lake.compact(quiet)
            except FrontrowError:
                continue
            same_as_log(world)
        world.store.lake.compact(quiet)
        same_as_log(world)
        status = world.store.lake.status()
        assert (status.missing, status.pending, status.behind) == (0, 0, 0)
        world.close()


def test_files_lie_by_day_of_arrival_and_the_offset_in_the_same_commit(world):
    from deltalake import DeltaTable

    for day in range(3):
        world.time = Micros(NOW + day * DAY)
        post(world, 10 * day)
    world.store.lake.compact(quiet)
    table = DeltaTable(world.folder / "lake")
    assert table.transaction_version("frontrow-log") == 30
    assert {path.parent.name for path in (world.folder / "lake").rglob("*.parquet")} == {
        "day=2026-03-20", "day=2026-03-21", "day=2026-03-22",
    }  # fmt: skip
    by_anybody = pl.scan_delta(str(world.folder / "lake")).group_by("day").len().collect()
    assert sorted(by_anybody["len"].to_list()) == [10, 10, 10]


def test_many_small_files_become_one(world):
    for number in range(9):
        post(world, number, 1)
        world.store.lake.compact(quiet)
    status = world.store.lake.status()
    assert (status.rows, status.missing) == (9, 0)
    assert status.files <= 2
    same_as_log(world)


def test_of_what_came_without_consent_only_the_bounds_of_playbacks_enter(tmp_path):
    world = World(tmp_path / "w", default_consent=False)
    post(world, 0, device="tv", country="SE", session_id="of-no-concern")
    post(world, 10, type="search", query="of-no-concern")
    post(world, 20, type="rate", value=4)
    assert world.store.lake.compact(quiet).rows == 10
    assert world.store.lake.status().offset == 30
    (held,) = [world.store.lake.table.read(file) for file in world.store.lake.table.state().files]
    assert not held["learn"].any()
    assert held.select("country", "rest", "value", "tz_offset_minutes").null_count().row(0) == (10, 10, 10, 10)
    assert set(held["device"]) == {-1}
    same_as_log(world)
    world.close()


def test_withdrawn_consent_counts_at_once(world):
    post(world, 0)
    world.store.lake.compact(quiet)
    put_profiles([{"profile_id": "ann", "consent": {"personalization": False}}], world.store.writer, NOW)
    columns = world.store.lake.log.columns()
    assert not columns.learn[columns.profile == world.number("ann")].any()
    same_as_log(world)


def test_forgetting_leaves_no_byte_in_any_file_and_the_receipt_lists_them(world):
    post(world, 0, 9, type="search", query="of-everybody")
    world.post(event("last", "ann", type="search", query="what-ann-alone-looked-for", session_id="anns-own-session"))
    world.time = Micros(NOW + DAY)
    post(world, 20, 3)
    world.store.lake.compact(quiet)
    orphan = world.folder / "lake" / "day=2026-03-20" / "v9-1-1.parquet"
    orphan.write_bytes(next((world.folder / "lake" / "day=2026-03-20").glob("*.parquet")).read_bytes())
    mine = int((world.store.log.columns().profile == world.number("ann")).sum())
    receipt = world.forget("ann")
    place = next(each for each in receipt.places if each.place == "lake")
    assert place.records == mine == 5
    assert place.note == "2 files written anew without them, 3 files deleted"
    assert not orphan.exists()
    for path in (world.folder / "lake").rglob("*"):
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            assert "anns-own-session" not in "".join(frame["rest"].fill_null("").to_list())
        elif path.is_file():
            assert b"anns-own" not in path.read_bytes()
    same_as_log(world)
    assert world.store.lake.status().missing == 0


def test_an_erasure_that_was_killed_before_it_reached_the_lake_is_carried_out_by_the_next_run(world, monkeypatch):
    post(world, 0)
    world.store.lake.compact(quiet)
    monkeypatch.setattr(Lake, "erase", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        world.forget("ann")
    monkeypatch.undo()
    same_as_log(world)  # though the files still hold the rows
    status = world.store.lake.status()
    assert (status.pending, status.missing) == (1, 0)
    assert world.store.lake.compact(quiet).changed == 4
    assert len(list((world.folder / "lake").rglob("*.parquet"))) == 1
    assert world.store.lake.status().pending == 0
    same_as_log(world)


def test_a_damaged_lake_does_not_stop_an_erasure(world):
    post(world, 0)
    world.store.lake.compact(quiet)
    (path,) = (world.folder / "lake").rglob("*.parquet")
    path.write_bytes(b"damaged")
    receipt = world.forget("ann")
    notes = {place.place: place.note for place in receipt.places}
    assert notes["lake"].startswith("NOT rewritten")
    assert notes["write-ahead log"].startswith("emptied")
    for look in (world.store.lake.status, lambda: world.store.lake.compact(quiet)):
        with pytest.raises(FrontrowError) as error:
            look()
        assert "--anew" in error.value.mend
    assert world.store.lake.compact(quiet, anew=True).rows == 6
    assert world.store.lake.status().pending == 0
    same_as_log(world)


def test_merged_twice_and_then_forgotten(world):
    post(world, 0)
    world.store.lake.compact(quiet)
    world.merge("bob", "ann")
    same_as_log(world)
    world.merge("cid", "bob")
    same_as_log(world)
    assert world.store.lake.status().pending == 2
    receipt = world.forget("cid")
    assert next(each.records for each in receipt.places if each.place == "lake") == 10
    assert offsets(world) == []


def test_retention_by_age_drops_days_from_log_and_lake(world):
    for day in range(4):
        world.time = Micros(NOW + day * DAY)
        post(world, 10 * day)
    world.store.lake.compact(quiet)
    before = Micros((NOW + 2 * DAY) // DAY * DAY)
    rewrites = world.store.log.head().rewrites
    generation = world.store.people.find("ann").generation
    assert world.store.retire(before) == 20
    assert world.store.retire(before) == 0
    assert world.store.log.head().rewrites == rewrites + 1
    assert world.store.people.find("ann").generation > generation
    same_as_log_but_older(world, 20)
    found = world.store.lake.compact(quiet, before)
    assert found.dropped_days == 2
    assert offsets(world) == list(range(21, 41))
    same_as_log(world)
    assert world.post(event("e5", "bob")).accepted == 1  # long past the days for which a retry is known


def test_the_offset_outlives_deltas_checkpoints(world):
    post(world, 0, 110)
    lake = Lake(world.folder / "lake", world.store._readers, world.store.writer, lambda: NOW, rows=1)
    lake.compact(quiet)
    log = world.folder / "lake" / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    for path in log.glob("*.json"):
        if int(path.stem) < 100:
            path.unlink()  # what a clean-up does in time
    assert world.store.lake.table.state().offset == 110
    same_as_log(world)
    post(world, 200)
    assert lake.compact(quiet).rows == 10
    same_as_log(world)
    world.forget("ann")
    same_as_log(world)


def test_a_retry_is_known_for_30_days_whatever_was_compacted_and_let_go(world):
    first = event("e1", "ann")
    world.post(first)
    world.store.lake.compact(quiet)
    for days in (1, 15, 30):
        world.time = Micros(NOW + days * DAY)
        before = Micros((world.time - 31 * DAY) // DAY * DAY)  # as a keep_days of 31, the shortest, has it
        assert world.store.retire(before) == 0
        world.store.lake.compact(quiet, before)
        answer = world.post(first)
        assert (answer.accepted, answer.duplicates) == (0, 1)
    assert offsets(world) == [1]


def test_compactions_at_once_take_each_event_once(world):
    import threading

    post(world, 0, 200)
    lakes = [
        Lake(world.folder / "lake", world.store._readers, world.store.writer, lambda: NOW, rows=9) for _ in range(3)
    ]
    found, lock = [], threading.Lock()

    def compact(lake: Lake) -> None:
        rows = lake.compact(quiet).rows
        with lock:
            found.append(rows)

    threads = [threading.Thread(target=compact, args=(lake,)) for lake in lakes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 200
    assert offsets(world) == list(range(1, 201))
    assert world.store.lake.status().missing == 0


def same_as_log_but_older(world: World, older: int) -> None:
    """Between the two steps the lake still holds what the log has let go."""
    assert len(world.store.lake.log.columns()) == world.store.log.count() + older


def test_a_lake_of_another_log_or_ahead_of_it_is_made_anew(world, tmp_path):
    post(world, 0)
    world.store.lake.compact(quiet)
    other = World(tmp_path / "other")
    post(other, 0, 3)
    (world.folder / "lake").rename(other.folder / "lake")
    found = other.store.lake.compact(quiet)
    assert (found.made_anew, found.rows) == ("it is not this log's", 3)
    assert offsets(other) == [1, 2, 3]
    again = other.store.lake.compact(quiet, anew=True)
    assert (again.made_anew, again.rows) == ("asked for", 3)
    other.close()


def test_a_damaged_lake_is_said_and_made_anew(world):
    post(world, 0)
    world.store.lake.compact(quiet)
    next((world.folder / "lake").rglob("*.parquet")).write_bytes(b"PAR1 no more")
    with pytest.raises(FrontrowError) as error:
        world.store.lake.log.columns()
    assert "--anew" in error.value.mend
    next((world.folder / "lake" / "_delta_log").glob("*1.json")).write_bytes(b"{torn")
    with pytest.raises(FrontrowError, match="cannot be read"):
        world.store.lake.log.columns()
    assert "cannot be read" in world.store.lake.compact(quiet).made_anew
    same_as_log(world)


def test_posts_go_on_while_a_compaction_reads_and_a_reader_never_sees_half(world):
    import threading

    post(world, 0, 300)
    lake = Lake(world.folder / "lake", world.store._readers, world.store.writer, lambda: NOW, rows=20)
    stop, seen, wrong = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            found = world.store.lake.log.columns().offset
            seen.append(len(found))
            if found.tolist() != list(range(1, len(found) + 1)):
                wrong.append(found)

    reader = threading.Thread(target=read)
    reader.start()
    lake.compact(quiet)
    bodies = [event(f"x{n}", "dee") for n in range(200)]
    for body in bodies:
        ingest([body], world.store.writer, world.clock)
        if len(seen) % 7 == 0:
            lake.compact(quiet)
    stop.set()
    reader.join()
    assert not wrong
    assert seen == sorted(seen)
