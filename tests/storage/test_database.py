"""Opening: created once, refused when another version or another program wrote it."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from frontrow.core.errors import FrontrowError
from frontrow.storage.schema import APPLICATION_ID, FORMAT
from frontrow.storage.workspace import DATABASE, SqliteWorkspace


def test_many_may_create_it_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: SqliteWorkspace(tmp_path, os.urandom), range(8)))
    secrets = {store.writer.transact(lambda c: c.execute("SELECT value FROM meta").fetchone()[0]) for store in stores}
    assert len(secrets) == 1
    for store in stores:
        store.close()


def test_what_was_stored_is_there_when_opened_again(tmp_path):
    with SqliteWorkspace(tmp_path, os.urandom) as store:
        store.keep_clock("data")
    with SqliteWorkspace(tmp_path, os.urandom) as store:
        assert store.kept_clock() == "data"


@pytest.mark.parametrize("version", [FORMAT + 1, FORMAT - 1])
def test_another_format_is_refused_with_both_versions_and_the_command(tmp_path, version):
    SqliteWorkspace(tmp_path, os.urandom).close()
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(FrontrowError) as error:
        SqliteWorkspace(tmp_path, os.urandom)
    assert f"format {version}" in str(error.value)
    assert f"format {FORMAT}" in str(error.value)
    assert "frontrow migrate" in str(error.value)


def test_another_programs_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(FrontrowError, match="not a Frontrow database"):
        SqliteWorkspace(tmp_path, os.urandom)


@pytest.mark.parametrize("content", [b"hello, world\n" * 100, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(FrontrowError):
        SqliteWorkspace(tmp_path, os.urandom)
    assert (tmp_path / DATABASE).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FrontrowError, match="cannot be written"):
        SqliteWorkspace(tmp_path / "file" / "below", os.urandom)


def test_the_file_tells_whose_it_is(store):
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()
