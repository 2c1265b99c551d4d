"""Every MovieLens layout, sound and broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_target import MemoryTarget

from frontrow.core.clock import parse_time
from frontrow.core.errors import FrontrowError
from frontrow.importers.movielens import import_movielens


def write(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def ml_100k(folder: Path) -> Path:
    flags = "|".join("1" if n in (3, 4, 5) else "0" for n in range(19))
    none = "|".join("1" if n == 0 else "0" for n in range(19))
    return write(
        folder,
        u__data="196\t1\t3\t881250949\n186\t267\t4\t891717742\n",
        u__item=(
            f"1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|{flags}\n"
            f"267|unknown||||{none}\n"
            f"3|Misérables, Les (1995)|01-Jan-1995|||{flags}\n"
        ).encode("latin-1"),
        u__user="196|49|M|writer|55105\n186|39|F|executive|00000\n",
    )


def ml_1m(folder: Path) -> Path:
    return write(
        folder,
        ratings__dat="1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n",
        movies__dat="1193::One Flew Over the Cuckoo's Nest (1975)::Drama\n661::A :: B (1996)::Animation|Children's\n",
        users__dat="1::F::1::10::48067\n2::M::56::16::70072\n",
    )


def latest(folder: Path) -> Path:
    return write(
        folder,
        ratings__csv="userId,movieId,rating,timestamp\r\n1,1,4.0,964982703\r\n2,1,0.5,964981247\r\n",
        movies__csv=(
            'movieId,title,genres\r\n1,"American President, The (1995)",Comedy|Drama\r\n'
            "2,Öst (2001),(no genres listed)\r\n"
        ),
        tags__csv="userId,movieId,tag,timestamp\n1,1,Funny,1\n2,1, funny ,2\n2,1,politics,3\n",
        links__csv="movieId,imdbId,tmdbId\n1,0112346,9087\n2,0000001,\n",
    )


def test_100k(tmp_path):
    target = MemoryTarget()
    report = import_movielens(ml_100k(tmp_path), target)
    assert (report.titles.accepted, report.profiles.accepted, report.events.accepted) == (3, 2, 2)
    toy = target.titles["1"]
    assert (toy.name, toy.year, toy.genres) == ("Toy Story", 1995, ["Animation", "Children's", "Comedy"])
    assert toy.attributes["release_date"] == "1995-01-01"
    assert target.titles["267"].genres == []
    assert target.titles["3"].name == "Les Misérables"
    assert target.profiles["196"].attributes == {"age": 49, "gender": "M", "occupation": "writer", "zip": "55105"}
    assert report.newest_at == "1998-04-04T19:22:22Z"


def test_1m_and_10m(tmp_path):
    target = MemoryTarget()
    report = import_movielens(ml_1m(tmp_path), target)
    assert report.rejected == 0
    events = list(target.events.values())
    assert [(e.profile_id, e.title_id, e.value) for e in events] == [
        ("2", "1193", 4),
        ("1", "1193", 5),
        ("1", "661", 3),
    ]
    assert events[0].at == events[0].received_at == parse_time("2000-12-31T21:33:33Z")
    assert target.titles["661"].name == "A :: B"
    assert target.profiles["1"].attributes == {"gender": "F", "age": 1, "occupation": "10", "zip": "48067"}
    (tmp_path / "users.dat").unlink()
    (tmp_path / "tags.dat").write_text("1::1193::classic::1188263867\n")
    target = MemoryTarget()
    assert import_movielens(tmp_path, target).profiles.accepted == 0
    assert target.titles["1193"].tags == {"classic": 0.5}


def test_latest(tmp_path):
    target = MemoryTarget()
    assert import_movielens(latest(tmp_path), target).rejected == 0
    assert target.titles["1"].name == "The American President"
    assert target.titles["1"].tags == {"funny": 0.6667, "politics": 0.3333}
    assert target.titles["1"].attributes == {"imdb_id": "tt0112346", "tmdb_id": "9087"}
    assert target.titles["2"].genres == []
    assert target.titles["2"].added_at is None
    assert {event.value for event in target.events.values()} == {4.0, 0.5}


@pytest.mark.parametrize("make", [ml_100k, ml_1m, latest])
def test_importing_again_changes_nothing(tmp_path, make):
    target = MemoryTarget()
    first = import_movielens(make(tmp_path), target)
    again = import_movielens(tmp_path, target)
    assert (again.titles.accepted, again.profiles.accepted, again.events.accepted) == (0, 0, 0)
    assert again.events.duplicates == first.events.accepted


def test_the_folder_may_be_the_one_above(tmp_path):
    ml_1m(tmp_path / "ml-1m")
    assert import_movielens(tmp_path, MemoryTarget()).events.accepted == 3
    latest(tmp_path / "ml-latest-small")
    with pytest.raises(FrontrowError, match="several"):
        import_movielens(tmp_path, MemoryTarget())


def test_other_folders_are_refused_by_name(tmp_path):
    with pytest.raises(FrontrowError, match=r"u\.data and u\.item.*ratings\.dat.*ratings\.csv"):
        import_movielens(tmp_path, MemoryTarget())
    with pytest.raises(FrontrowError, match="does not exist"):
        import_movielens(tmp_path / "nowhere", MemoryTarget())
    (tmp_path / "file").write_text("")
    with pytest.raises(FrontrowError, match="not a folder"):
        import_movielens(tmp_path / "file", MemoryTarget())


def test_broken_lines_are_named_and_the_rest_imported(tmp_path):
    folder = latest(tmp_path)
    folder.joinpath("ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,1,six,964982703\n\n1,1\n1,1,5.5,964982703\n"
        "1,1,3,9e99\n1,1,3.0,964982703,surplus\n,1,3.0,964982703\n2,2,3.0,964982704\n"
    )
    folder.joinpath("movies.csv").write_text("movieId,title,genres\n1,One (1995),Drama\n2\n,Nameless id,Drama\n")
    report = import_movielens(folder, MemoryTarget())
    assert (report.events.accepted, report.events.rejected) == (2, 6)
    assert (report.titles.accepted, report.titles.rejected) == (1, 2)
    places = [problem.where for problem in report.problems]
    assert places == ["movies.csv:3", "movies.csv:4", *(f"ratings.csv:{line}" for line in (3, 5, 6, 7, 8, 9))]


def test_equal_ratings_are_events_of_their_own(tmp_path):
    folder = write(tmp_path, ratings__dat="1::1::5::9\n1::1::5::9\n1::1::5::10\n", movies__dat="1::One::Drama\n")
    target = MemoryTarget()
    assert import_movielens(folder, target).events.accepted == 3


def test_ties_keep_the_order_of_the_file(tmp_path):
    lines = "".join(f"{viewer}::{title}::5::{1000 - viewer % 3}\n" for viewer in range(60) for title in range(9))
    folder = write(tmp_path, ratings__dat=lines, movies__dat="1::One::Drama\n")
    target = MemoryTarget()
    import_movielens(folder, target)
    order = [(event.at, int(event.profile_id), int(event.title_id or 0)) for event in target.events.values()]
    assert order == sorted(order)


def test_no_ratings_at_all(tmp_path):
    folder = write(tmp_path, ratings__csv="userId,movieId,rating,timestamp\n", movies__csv="movieId,title,genres\n")
    report = import_movielens(folder, MemoryTarget())
    assert (report.events.accepted, report.newest_at) == (0, None)


def test_later_records_of_one_id_count_and_it_is_said(tmp_path):
    folder = write(tmp_path, ratings__dat="", movies__dat="1::One::Drama\n2::Two::Drama\n1::Uno::Drama\n")
    target = MemoryTarget()
    report = import_movielens(folder, target)
    assert (report.titles.accepted, report.titles.repeated, target.titles["1"].name) == (2, 1, "Uno")
    assert report.problems[0].where == "movies.dat:1"


@pytest.mark.shared
def test_latest_small(shared):
    target = MemoryTarget()
    report = import_movielens(shared / "data" / "ml-latest-small", target)
    assert (report.titles.accepted, report.events.accepted, report.rejected) == (9742, 100_836, 0)
    assert target.titles["2571"].name == "The Matrix"
    assert target.titles["2571"].year == 1999


def test_a_folder_that_holds_the_one_data_set_is_read_and_named(tmp_path):
    within = ml_1m(tmp_path / "ml")
    report = import_movielens(tmp_path, MemoryTarget())
    assert f"read {within}, the one MovieLens folder in {tmp_path}" in report.notes
    assert not [note for note in import_movielens(within, MemoryTarget()).notes if note.startswith("read ")]
