"""What is exported can be imported, and is the same then."""

from __future__ import annotations

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.catalog.title import Artwork, Person, Title, Translation, Window
from frontrow.core.errors import FrontrowError
from frontrow.events.event import MUST_CARRY, TYPES, VALUE_RANGE, Event
from frontrow.importers.csv_rows import csv_rows
from frontrow.importers.export import export_tables
from frontrow.importers.shapes import TITLES
from frontrow.importers.table_writers import write_csv
from frontrow.importers.tables import import_tables
from frontrow.people.profile import Consent, Profile

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['""', '"', '""""', "a|b", "[1]"]
)
names = texts.filter(lambda text: len(text) > 0)
ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
countries = st.sampled_from(["DE", "US", "JP"])
languages = st.sampled_from(["en", "pt-BR"])
times = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z".replace("+00:00", ""))
weights = st.dictionaries(texts, st.floats(0, 1), max_size=3)
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | texts
objects = st.dictionaries(
    texts, values | st.lists(values, max_size=2) | st.dictionaries(texts, values, max_size=2), max_size=3
)
lists = st.lists(texts, max_size=3)


def optional(strategy):
    return st.none() | strategy


titles = st.builds(
    Title,
    title_id=ids,
    name=names,
    kind=st.sampled_from(["movie", "series", "live"]),
    year=optional(st.integers(0, 9999)),
    synopsis=optional(texts),
    translations=st.dictionaries(languages, st.builds(Translation, name=optional(texts), synopsis=optional(texts))),
    genres=lists,
    tags=weights,
    people=st.lists(st.builds(Person, name=names, role=optional(texts)), max_size=2),
    languages=st.lists(languages, max_size=2),
    origin_countries=st.lists(countries, max_size=2),
    runtime_minutes=optional(st.floats(0, 1000)),
    maturity=optional(st.integers(0, 21)),
    original=st.booleans(),
    season=optional(st.integers(0, 50)),
    added_at=st.just("2026-01-01T00:00:00Z"),
    starts_at=optional(st.just("2026-01-01T00:00:00.000001Z")),
    windows=st.lists(
        st.builds(Window, countries=st.lists(countries), plans=lists, from_=optional(st.just("0001-01-01T00:00:00Z"))),
        max_size=2,
    ),
    artwork=st.lists(st.builds(Artwork, artwork_id=names, url=optional(texts), tags=weights), max_size=2),
    attributes=objects,
)
profiles = st.builds(
    Profile,
    profile_id=ids,
    account_id=optional(ids),
    country=optional(countries),
    language=optional(languages),
    timezone=optional(st.just("Europe/Berlin")),
    plan=optional(texts),
    maturity_limit=optional(st.integers(0, 21)),
    kids=st.booleans(),
    created_at=st.just("2026-01-01T00:00:00Z"),
    consent=st.builds(Consent, personalization=optional(st.booleans()), experiments=optional(st.booleans())),
    attributes=objects,
)


@st.composite
def events(draw):
    kind = draw(st.sampled_from(TYPES))
    whole = {"row": st.integers(0, 99), "column": st.integers(0, 99)}
    carried = {
        "title_id": ids,
        "page_id": ids,
        "query": texts,
        "seconds": st.floats(0, 1e5),
        "fraction": st.floats(0, 1),
    }
    optional_fields = whole | carried | {"session_id": ids, "device": st.sampled_from(["tv", "other"])}
    chosen = {name: optional_fields[name] for name in MUST_CARRY[kind] if name != "value"}
    chosen |= {
        name: optional_fields[name] for name in draw(st.sets(st.sampled_from(sorted(optional_fields)), max_size=4))
    }
    fields = {name: draw(strategy) for name, strategy in chosen.items()}
    if kind in VALUE_RANGE or draw(st.booleans()):
        fields["value"] = draw(st.floats(*VALUE_RANGE.get(kind, (-1e6, 1e6))))
    context = draw(objects) | ({"topic": draw(texts)} if kind == "survey" else {})
    at = draw(st.integers(-(10**15), 10**15))
    received = draw(st.integers(-(10**15), 10**15))
    return Event(
        event_id=draw(ids), type=kind, profile_id=draw(ids), at=at, received_at=received, context=context or None,
        schema=draw(st.integers(1, 3)), **fields,
    )  # fmt: skip


def unique(records, name):
    return list({getattr(record, name): record for record in records}.values())


@given(st.lists(titles, max_size=4), st.lists(profiles, max_size=4), st.lists(events(), max_size=6), st.data())
@settings(max_examples=25)
def test_an_export_imported_elsewhere_is_the_same(tmp_path_factory, open_fresh, some, people, happened, data):
    format = data.draw(st.sampled_from(["parquet", "csv", "jsonl"]))
    folder = tmp_path_factory.mktemp("export")
    with open_fresh() as stored:
        stored.target.put_titles(unique(some, "title_id"))
        stored.target.put_profiles(unique(people, "profile_id"))
        assert not stored.target.append_events(unique(happened, "event_id")).refused
        report = export_tables(folder, stored.store.titles, stored.store.people, stored.store.log, format)
        before = (stored.titles(), stored.profiles(), stored.events())
        again = import_tables(folder, stored.target, strict=True)
        assert (again.titles.accepted, again.profiles.accepted, again.events.accepted) == (0, 0, 0)
        assert (stored.titles(), stored.profiles(), stored.events()) == before
    assert (report.titles, report.profiles, report.events) == tuple(map(len, before))
    with open_fresh() as other:
        assert import_tables(folder, other.target, strict=True).rejected == 0
        assert (other.titles(), other.profiles(), other.events()) == before


@pytest.fixture
def filled(stored):
    stored.target.put_titles([Title(title_id="t1", name="One")])
    stored.target.append_events([Event(event_id=str(n), type="cancel", profile_id="p", at=n) for n in range(25)])
    return stored.store


def export(store, path, format="parquet"):
    return export_tables(path, store.titles, store.people, store.log, format)


def test_an_export_replaces_an_earlier_one_of_any_format(filled, tmp_path):
    path = tmp_path / "deep" / "export"
    export(filled, path, "csv")
    export(filled, path)
    names = {below.name for below in path.iterdir()}
    assert names == {"titles.parquet", "profiles.parquet", "events.parquet", "frontrow-export.json"}


def test_other_files_are_never_touched(filled, tmp_path):
    (tmp_path / "titles.csv").write_text("mine")
    with pytest.raises(FrontrowError, match="holds other files"):
        export(filled, tmp_path)
    (tmp_path / "titles.csv").unlink()
    export(filled, tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FrontrowError, match="holds other files"):
        export(filled, tmp_path)
    with pytest.raises(FrontrowError, match="not a folder"):
        export(filled, tmp_path / "notes.txt")
    with pytest.raises(FrontrowError, match="not a format"):
        export(filled, tmp_path / "new", "xlsx")


def test_a_failed_export_leaves_the_last_one(filled, tmp_path, monkeypatch):
    export(filled, tmp_path, "jsonl")
    before = {below.name: below.read_bytes() for below in tmp_path.iterdir()}

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(__import__("frontrow.importers.table_writers").importers.table_writers.WRITERS, "jsonl", fail)
    with pytest.raises(FrontrowError, match="No space left"):
        export(filled, tmp_path, "jsonl")
    assert {below.name: below.read_bytes() for below in tmp_path.iterdir()} == before


def test_parquet_of_many_parts_keeps_the_order(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("frontrow.importers.table_writers.PART", 10)
    export(filled, tmp_path)
    frame = pl.read_parquet(tmp_path / "events.parquet")
    assert frame["event_id"].to_list() == [str(n) for n in range(25)]
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert {below.suffix for below in tmp_path.iterdir()} == {".parquet", ".json"}


def test_lines_hold_only_what_is_said(filled, tmp_path):
    export(filled, tmp_path, "jsonl")
    first = msgspec.json.decode((tmp_path / "events.jsonl").read_bytes().split(b"\n")[0])
    assert first == {
        "event_id": "0", "type": "cancel", "profile_id": "p", "schema": 1, "at": "1970-01-01T00:00:00Z",
        "received_at": "1970-01-01T00:00:00Z",
    }  # fmt: skip


def test_a_lone_carriage_return_in_a_text_survives_csv(tmp_path):
    rows = [{"title_id": "t", "name": "a\rb", "synopsis": "c\r\nd\ne"}]
    write_csv(tmp_path / "titles.csv", TITLES, rows)
    ((_, read),) = csv_rows(tmp_path / "titles.csv", TITLES)
    assert {name: read[name] for name in rows[0]} == rows[0]
