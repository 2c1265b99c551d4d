"""API keys, and the lock of the one server."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from frontrow.core.errors import FrontrowError, NotFound, UsageError
from frontrow.people.keys import ROLES
from frontrow.storage.server_lock import ServerLock


def test_a_key_is_shown_once_and_gives_its_role(store, tmp_path):
    keys = {role: store.keys.create(role, number) for number, role in enumerate(ROLES)}
    for role, key in keys.items():
        assert re.fullmatch(rf"fr_{role}_[A-Za-z0-9_-]{{43}}", key)
        assert store.keys.role_of(key) == role
        for path in tmp_path.iterdir():
            assert key.encode() not in path.read_bytes()
            assert key.split("_", 2)[2].encode() not in path.read_bytes()
    assert [info.role for info in store.keys.all()] == list(ROLES)
    assert store.keys.count() == len(ROLES)


@pytest.mark.parametrize("text", ["", "fr_app_", "fr_admin_" + "a" * 43, "x" * 10_000, "\ud800", "é"])
def test_what_is_no_key_gives_no_role(store, text):
    store.keys.create("admin", 0)
    assert store.keys.role_of(text) is None


def test_another_role_in_the_text_of_a_key_gives_none(store):
    key = store.keys.create("app", 0)
    assert store.keys.role_of(key.replace("fr_app", "fr_admin")) is None
    assert store.keys.role_of(key + "=") is None


def test_a_revoked_key_ends_at_once(store):
    key = store.keys.create("app", 0)
    (info,) = store.keys.all()
    store.keys.revoke(info.key_id)
    assert store.keys.role_of(key) is None
    assert store.keys.count() == 0
    with pytest.raises(NotFound):
        store.keys.revoke(info.key_id)


def test_an_unknown_role_is_refused_with_those_there_are(store):
    with pytest.raises(UsageError, match="app, analyst, support, operator, admin"):
        store.keys.create("root", 0)


def test_one_server_a_workspace(tmp_path):
    first, second = ServerLock(tmp_path), ServerLock(tmp_path)
    assert second.read() is None
    mine = first.acquire(8080, 123)
    assert second.read() == first.read() == mine
    with pytest.raises(FrontrowError, match=rf"process {mine.pid}, port 8080"):
        second.acquire(8081, 124)
    first.release()
    assert second.read() is None
    assert second.acquire(8081, 124).port == 8081
    second.release()


def test_the_lock_ends_with_its_process(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from frontrow.storage.server_lock import ServerLock;"
        "ServerLock(Path(sys.argv[1])).acquire(9, 1); print('held', flush=True); time.sleep(60)"
    )
    # The object is dropped at once there: its descriptor stays open, and with it the lock, until the process ends.
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    assert ServerLock(tmp_path).read().pid == process.pid
    process.kill()
    process.communicate()
    assert ServerLock(tmp_path).read() is None
