"""Tables of every format: what they mean, and what is wrong with them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from memory_target import MemoryTarget

from frontrow.catalog.title import FIELDS as TITLE_FIELDS
from frontrow.core.clock import parse_time
from frontrow.core.errors import FrontrowError
from frontrow.events.event import FIELDS as EVENT_FIELDS
from frontrow.importers.report import ImportRefused
from frontrow.importers.shapes import EVENTS, PROFILES, TITLES
from frontrow.importers.tables import import_tables
from frontrow.people.profile import FIELDS as PROFILE_FIELDS

TITLES_CSV = (
    "title_id,name,genres,year,tags,windows,original,attributes,mood\n"
    't1,"One, the first",Drama|Comedy,1999,"{""funny"": 0.5}","[{""countries"": [""DE""]}]",true,"{""a"": 1}",calm\n'
    "t2,Two,,,,,,,\n"
)
EVENTS_CSV = (
    "type,profile_id,title_id,at,value,weather\n"
    "rate,ann,t1,2026-03-01T12:00:00Z,4,rain\n"
    "rate,bob,t2,2026-03-01T13:00:00+01:00,2.5,\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "titles.csv").write_text(TITLES_CSV)
    (tmp_path / "events.csv").write_text(EVENTS_CSV)
    return tmp_path


def places(report):
    return [problem.where for problem in report.problems]


def test_shapes_name_every_field_of_the_records():
    assert set(TITLES.fields) == TITLE_FIELDS
    assert set(PROFILES.fields) == PROFILE_FIELDS
    assert set(EVENTS.fields) == EVENT_FIELDS


def test_csv(folder):
    target = MemoryTarget()
    report = import_tables(folder, target)
    assert report.rejected == 0
    one = target.titles["t1"]
    assert (one.name, one.genres, one.year, one.tags) == ("One, the first", ["Drama", "Comedy"], 1999, {"funny": 0.5})
    assert one.windows[0].countries == ["DE"]
    assert one.original
    assert one.attributes == {"a": 1, "mood": "calm"}
    assert one.added_at is None
    assert target.titles["t2"].year is None
    first, second = target.events.values()
    assert (first.value, first.context, first.received_at) == (4.0, {"weather": "rain"}, first.at)
    assert second.at == first.at
    assert second.context is None
    assert "mood (1)" in report.notes[0]
    assert "weather (1)" in report.notes[1]


def test_the_formats_mean_the_same(folder, tmp_path_factory):
    csv = MemoryTarget()
    import_tables(folder, csv)
    lines = tmp_path_factory.mktemp("lines")
    (lines / "titles.ndjson").write_text(
        '{"title_id": "t1", "name": "One, the first", "genres": ["Drama", "Comedy"], "year": 1999, "mood": "calm",'
        ' "tags": {"funny": 0.5}, "windows": [{"countries": ["DE"]}], "original": true, "attributes": {"a": 1}}\n'
        '\n{"title_id": "t2", "name": "Two", "year": null}\n'
    )
    (lines / "events.jsonl").write_text(
        '{"type": "rate", "profile_id": "ann", "title_id": "t1", "at": "2026-03-01T12:00:00Z", "value": 4,'
        ' "weather": "rain"}\n'
        '{"type": "rate", "profile_id": "bob", "title_id": "t2", "at": "2026-03-01T12:00:00.000Z", "value": 2.5}\n'
    )
    parquet = tmp_path_factory.mktemp("parquet")
    pl.DataFrame(
        {
            "title_id": ["t1", "t2"],
            "name": ["One, the first", "Two"],
            "genres": [["Drama", "Comedy"], []],
            "year": [1999.0, float("nan")],
            "tags": ['{"funny": 0.5}', None],
            "windows": [[{"countries": ["DE"], "from": None}], None],
            "original": [True, None],
            "attributes": [{"a": 1}, None],
            "mood": ["calm", None],
        }
    ).write_parquet(parquet / "titles.parquet")
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    pl.DataFrame(
        {
            "type": ["rate", "rate"],
            "profile_id": ["ann", "bob"],
            "title_id": ["t1", "t2"],
            "at": [noon, noon],
            "value": [4.0, 2.5],
            "weather": pl.Series(["rain", None], dtype=pl.Categorical),
        }
    ).write_parquet(parquet / "events.parquet")
    for other in (lines, parquet):
        target = MemoryTarget()
        assert import_tables(other, target).rejected == 0
        assert target.titles == csv.titles
        assert target.events == csv.events  # derived ids too


def test_importing_again_changes_nothing(folder):
    target = MemoryTarget()
    import_tables(folder, target)
    again = import_tables(folder, target)
    assert (again.titles.accepted, again.events.accepted, again.events.duplicates) == (0, 0, 2)


def test_equal_rows_are_events_of_their_own(folder):
    row = "rate,ann,t1,2026-03-01T12:00:00Z,4\n"
    (folder / "events.csv").write_text("type,profile_id,title_id,at,value\n" + row * 3)
    target = MemoryTarget()
    assert import_tables(folder, target).events.accepted == 3


def test_the_log_is_sorted_by_arrival_with_ties_in_file_order(folder):
    (folder / "events.csv").write_text(
        "event_id,type,profile_id,at,received_at\n"
        "a,session_start,p,2026-03-01T12:00:00Z,2026-03-05T12:00:00Z\n"
        "b,session_start,p,2026-03-03T12:00:00Z,\n"
        "c,session_start,p,2026-03-02T12:00:00Z,2026-03-03T13:00:00+01:00\n"
        "d,session_start,p,2026-03-01T11:00:00Z,\n"
    )
    target = MemoryTarget()
    report = import_tables(folder, target)
    assert list(target.events) == ["d", "b", "c", "a"]
    assert target.events["a"].received_at == parse_time("2026-03-05T12:00:00Z")
    assert report.newest_at == "2026-03-03T12:00:00Z"


BROKEN_EVENTS = (
    b"type,profile_id,title_id,at,value,row\n"
    b"rate,ann,t1,2026-03-01T12:00:00Z,4,\n"
    b"rate,ann,t1,2026-03-01 12:00,4,\n"  # 3: without offset
    b"rate,ann,t1,2026-03-01T12:00:00Z,9,\n"  # 4: out of range
    b"rate,,t1,2026-03-01T12:00:00Z,4,\n"  # 5: no profile
    b"rate,ann,t1,2026-03-01T12:00:00Z\n"  # 6: too few
    b"rate,ann,t1,2026-03-01T12:00:00Z,4,,,\n"  # 7: too many
    b"rate,ann,t1,2026-03-01T12:00:00Z,four,\n"  # 8: no number
    b"rate,a\xffn,t1,2026-03-01T12:00:00Z,4,\n"  # 9: not UTF-8
    b'rate,"an"n,t1,2026-03-01T12:00:00Z,4,\n'  # 10: not CSV
    b"rate,ann,t1,2026-03-01T12:00:00Z,4,1.5\n"  # 11: no whole number
    b"applaud,ann,t1,2026-03-01T12:00:00Z,4,\n"  # 12: no such type
    b"rate," + b"x" * 129 + b",t1,2026-03-01T12:00:00Z,4,\n"  # 13: id too long
    b"\n"
    b'rate,"a\nb",t1,2026-03-01T12:00:00Z,4,\n'  # 15: a control character in an id
    b"rate,bob,t1,2026-03-01T12:00:00Z,4,\n"
    b'rate,"bob,t1,2026-03-01T12:00:00Z,4,\n'  # 18: a quote that never ends
    b"rate,cyn,t1,2026-03-01T12:00:00Z,4,\n"
)


def test_broken_rows_are_named_and_the_rest_imported(folder):
    (folder / "events.csv").write_bytes(BROKEN_EVENTS)
    target = MemoryTarget()
    report = import_tables(folder, target)
    assert {event.profile_id for event in target.events.values()} == {"ann", "bob", "cyn"}
    assert places(report) == [f"events.csv:{line}" for line in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 18)]
    assert (report.events.accepted, report.events.rejected) == (3, 13)


def test_strict_refuses_all_before_anything_is_written(folder):
    (folder / "events.csv").write_bytes(BROKEN_EVENTS)
    target = MemoryTarget()
    with pytest.raises(ImportRefused, match=r"events\.csv:3: at must be RFC 3339.*12 more") as refused:
        import_tables(folder, target, strict=True)
    assert refused.value.report.events.rejected == 13
    assert (target.titles, target.events) == ({}, {})


def test_strict_knows_what_only_the_log_knows(folder):
    (folder / "events.csv").write_text(
        "event_id,type,profile_id,at\na,session_start,p,2026-03-01T12:00:00Z\na,session_end,p,2026-03-01T12:00:00Z\n"
    )
    with pytest.raises(ImportRefused, match=r"events\.csv:3"):
        import_tables(folder, MemoryTarget(), strict=True)
    target = MemoryTarget()
    assert import_tables(folder, target).events.rejected == 1
    assert target.events["a"].type == "session_start"
    (folder / "events.csv").write_text("event_id,type,profile_id,at\na,cancel,p,2026-03-01T12:00:00Z\n")
    with pytest.raises(ImportRefused, match=r"events\.csv:2"):
        import_tables(folder, target, strict=True)


def test_strict_takes_what_is_sound(folder):
    assert import_tables(folder, MemoryTarget(), strict=True).events.accepted == 2


def test_broken_json_lines_are_named(folder):
    (folder / "events.csv").unlink()
    (folder / "events.jsonl").write_bytes(
        b'\xef\xbb\xbf{"type": "session_start", "profile_id": "p", "at": "2026-03-01T12:00:00Z"}\n'
        b'{"type": \n[1]\n{"type": "search", "profile_id": "p", "at": "2026-03-01T12:00:00Z", "query": "\xff"}\n'
        b'{"type": "session_start", "profile_id": 5, "at": "2026-03-01T12:00:00Z"}\n' + b"[" * 5000 + b"\n"
        b'{"type": "search", "profile_id": "p", "at": "2026-03-01T12:00:00Z", "query": "\\ud800"}\n'
    )
    report = import_tables(folder, MemoryTarget())
    assert report.events.accepted == 1
    assert places(report) == [f"events.jsonl:{line}" for line in (2, 3, 4, 5, 6, 7)]
    messages = " / ".join(problem.message for problem in report.problems)
    assert "not UTF-8" in messages
    assert "profile_id must be a string" in messages


def test_duplicate_ids_the_last_wins_and_it_is_said(folder):
    (folder / "titles.csv").write_text("title_id,name\na,First\nb,Second\na,Third\n")
    (folder / "profiles.jsonl").write_text('{"profile_id": "p", "plan": "x"}\n{"profile_id": "p", "plan": "y"}\n')
    target = MemoryTarget()
    report = import_tables(folder, target)
    assert target.titles["a"].name == "Third"
    assert target.profiles["p"].plan == "y"
    assert (report.titles.accepted, report.titles.repeated, report.profiles.repeated) == (2, 1, 1)
    assert "again at titles.csv:4" in report.problems[0].message


def refused(folder, *, match):
    target = MemoryTarget()
    with pytest.raises(FrontrowError, match=match):
        import_tables(folder, target)
    assert (target.titles, target.profiles, target.events) == ({}, {}, {})


def test_wrong_columns(folder):
    (folder / "events.csv").write_text("type,viewer,at\n")
    refused(folder, match=r"events\.csv has no column profile_id. Its columns: type, viewer, at")
    (folder / "events.csv").write_text("type,viewer\n")
    refused(folder, match="has no column profile_id and no column at")
    (folder / "events.csv").write_text("type,profile_id,at,at\n")
    refused(folder, match="column at twice")
    (folder / "events.csv").write_text("type,profile_id,at,\n")
    refused(folder, match="column 4 has no name")
    (folder / "events.csv").write_text("")
    refused(folder, match="no heading")


def test_missing_and_unclear_files(folder, tmp_path):
    refused(tmp_path / "nowhere", match="does not exist")
    refused(folder / "titles.csv", match="not a folder")
    (folder / "events.jsonl").write_text("")
    refused(folder, match=r"events\.csv and events\.jsonl")
    (folder / "events.jsonl").unlink()
    (folder / "events.csv").unlink()
    refused(folder, match=r"no table of events: looked for events\.parquet, events\.csv")


def test_other_encodings_and_other_formats(folder):
    (folder / "events.csv").write_bytes(EVENTS_CSV.encode("utf-16"))
    refused(folder, match="UTF-16")
    (folder / "events.csv").rename(folder / "events.parquet")
    refused(folder, match=r"events\.parquet cannot be read as Parquet")


def test_parquet_times_need_an_offset(folder):
    (folder / "events.csv").unlink()
    row = {"type": ["cancel"], "profile_id": [7]}
    pl.DataFrame(row | {"at": [datetime(2026, 3, 1)]}).write_parquet(folder / "events.parquet")
    refused(folder, match="column at holds times without offset")
    pl.DataFrame(row | {"at": [1_772_000_000]}).write_parquet(folder / "events.parquet")
    refused(folder, match="column at holds Int64")
    pl.DataFrame(row | {"at": ["2026-03-01T12:00:00Z"], "b": [b"x"]}).write_parquet(folder / "events.parquet")
    refused(folder, match="column b holds Binary")
    pl.DataFrame(row | {"at": ["2026-03-01T12:00:00Z"], "when": [datetime(2026, 3, 1)]}).write_parquet(
        folder / "events.parquet"
    )
    target = MemoryTarget()
    import_tables(folder, target)
    (event,) = target.events.values()
    assert event.profile_id == "7"
    assert event.context == {"when": "2026-03-01T00:00:00.000000"}


def test_parquet_rows_are_named(folder):
    (folder / "events.csv").unlink()
    pl.DataFrame(
        {"type": ["cancel", "rate"], "profile_id": ["p", "p"], "at": ["2026-03-01T12:00:00Z"] * 2}
    ).write_parquet(folder / "events.parquet")
    report = import_tables(folder, MemoryTarget())
    assert places(report) == ["events.parquet:row 2"]


def test_titles_without_events_and_the_other_way_round(folder):
    (folder / "events.csv").write_text("type,profile_id,at\n")
    report = import_tables(folder, MemoryTarget(), strict=True)
    assert (report.titles.accepted, report.events.accepted, report.newest_at) == (2, 0, None)
    (folder / "titles.csv").write_text("title_id,name\n")
    assert import_tables(folder, MemoryTarget()).titles.accepted == 0


def test_what_is_in_the_folder_is_told(folder):
    (folder / "titles.csv").rename(folder / "Titles.CSV")
    refused(folder, match="no table of titles")
    with pytest.raises(FrontrowError) as error:
        import_tables(folder, MemoryTarget())
    assert error.value.mend.startswith("There is: Titles.CSV, events.csv")
    (folder / "Titles.CSV").rename(folder / "titles.csv.gz")
    with pytest.raises(FrontrowError) as error:
        import_tables(folder, MemoryTarget())
    assert error.value.mend == "Unpack titles.csv.gz"
    (folder / "titles.csv.gz").rename(folder / "titles.csv")
    (folder / "events.csv").unlink()
    (folder / "events.tsv").write_text("type\tprofile_id\n")
    (folder / "posters.zip").write_text("")
    with pytest.raises(FrontrowError) as error:
        import_tables(folder, MemoryTarget())
    assert error.value.mend.startswith(
        "There is: events.tsv, posters.zip, titles.csv; names count to the letter. Where"
    )
    assert error.value.mend.endswith("of its heading alone will do: type,profile_id,at")


def test_semicolons_are_no_commas(folder):
    (folder / "titles.csv").write_text("title_id;name\na;Abc\n")
    with pytest.raises(FrontrowError, match="no column title_id and no column name") as error:
        import_tables(folder, MemoryTarget())
    assert error.value.mend == "It is parted by semicolons: columns are parted by commas here"


def test_a_strict_import_names_each_row_once_and_a_refusal_first(folder):
    (folder / "titles.csv").write_text("title_id,name\na,Abc\na,Abd\n")
    (folder / "events.csv").write_text(
        "event_id,type,profile_id,at\ne,session_start,p,2026-03-01T12:00:00Z\ne,session_end,p,2026-03-01T12:00:00Z\n"
    )
    with pytest.raises(
        ImportRefused, match=r"nothing was imported: events\.csv:3: an earlier row has event_id 'e'"
    ) as error:
        import_tables(folder, MemoryTarget(), strict=True)
    assert [(each.where, each.left_out) for each in error.value.report.problems] == [
        ("titles.csv:2", False), ("events.csv:3", True),
    ]  # fmt: skip
    assert error.value.report.rejected == 1


def test_what_was_refused_is_named_before_what_is_merely_said_twice(folder):
    (folder / "titles.csv").write_text("title_id,name\n" + "a,Abc\n" * 30)
    (folder / "events.csv").write_text("type,profile_id,at\nsession_start,p,2026-03-01\n")
    with pytest.raises(ImportRefused, match=r"nothing was imported: events\.csv:2: ") as error:
        import_tables(folder, MemoryTarget(), strict=True)
    assert [each.where for each in error.value.report.problems if each.left_out] == ["events.csv:2"]
    assert len(error.value.report.problems) == 20


def test_of_two_events_of_one_id_the_one_that_enters_the_log_later_is_refused(folder):
    (folder / "events.csv").write_text(
        "event_id,type,profile_id,at,received_at\n"
        "e,session_start,p,2026-03-01T12:00:00Z,2026-03-05T12:00:00Z\n"
        "e,session_end,p,2026-03-01T12:00:00Z,2026-03-04T12:00:00Z\n"
    )
    with pytest.raises(ImportRefused) as error:
        import_tables(folder, MemoryTarget(), strict=True)
    assert [each.where for each in error.value.report.problems] == ["events.csv:2"]
    assert places(import_tables(folder, MemoryTarget())) == ["events.csv:2"]


def test_only_the_first_problems_are_kept(folder):
    (folder / "titles.csv").write_text("title_id,name\n" + "x,\n" * 100)
    report = import_tables(folder, MemoryTarget())
    assert (len(report.problems), report.titles.rejected) == (20, 100)


def test_progress_never_goes_back(folder):
    seen = []
    import_tables(folder, MemoryTarget(), progress=lambda fraction, text: seen.append((fraction, text)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert json.dumps(seen)


def test_columns_that_are_no_fields_are_told_with_what_may_have_been_meant(tmp_path):
    (tmp_path / "titles.csv").write_text(
        "title_id,name,genre,release_year,mood\nt1,One,Drama,1999,calm\nt2,Two,,2001,\n"
    )
    (tmp_path / "profiles.csv").write_text("profile_id,tier\nann,gold\n")
    (tmp_path / "events.csv").write_text(EVENTS_CSV)
    report = import_tables(tmp_path, MemoryTarget(), strict=True)
    assert report.notes[:3] == [
        "titles.csv: no fields of the contract, kept in attributes: "
        "genre (1; genres is one), release_year (2; year is one), mood (1)",
        "profiles.csv: no fields of the contract, kept in attributes: tier (1)",
        "events.csv: no fields of the contract, kept in context: weather (1)",
    ]


def test_a_type_that_is_none_is_told_with_those_that_are(folder):
    (folder / "events.csv").write_text("type,profile_id,at\nwatch,p,2026-03-01T12:00:00Z\n")
    problem = import_tables(folder, MemoryTarget()).problems[0]
    assert problem.where == "events.csv:2"
    assert problem.message.startswith("type: watch is not one of impression, select, play, ")


def test_the_tables_of_the_recipe_are_sound(tmp_path):
    text = (Path(__file__).resolve().parents[2] / "docs" / "recipes.md").read_text("utf-8")
    for name in ("titles", "events"):
        (rows,) = re.findall(rf"```csv {name}\n(.*?)```", text, re.S)
        (tmp_path / f"{name}.csv").write_text(rows)
    report = import_tables(tmp_path, MemoryTarget(), strict=True)
    assert (report.titles.accepted, report.events.accepted, report.notes) == (3, 4, [])
