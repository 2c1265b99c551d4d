"""The log of what was served: slots, ids, erasure in every file."""

from __future__ import annotations

import os

import pytest

from frontrow.people.store import Stranger
from frontrow.storage.served import Served, SqliteServed


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "served"


@pytest.fixture
def opened(folder):
    made = [SqliteServed(folder, os.urandom, str.encode) for _ in range(3)]
    yield made
    for each in made:
        each.close()


def test_a_page_is_seen_by_all_at_once(opened):
    for writer in opened:
        page = writer.new_id("p")
        writer.put(page, 7, 123, b"body")
        for reader in opened:
            assert reader.get(page) == Served(page, 7, 123, b"body")
    assert [len(each.of_profile(7)) for each in opened] == [3, 3, 3]


def test_no_two_share_a_slot_and_a_freed_one_is_taken_again(opened, folder):
    slots = [each.new_id("p").split("-")[0] for each in opened]
    assert slots == ["p0", "p1", "p2"]
    page = opened[1].new_id("p")
    opened[1].put(page, None, 1, b"kept")
    opened[1].close()
    fourth = SqliteServed(folder, os.urandom, str.encode)
    assert fourth.new_id("l").startswith("l1-")
    assert fourth.get(page).body == b"kept"
    fourth.close()


def test_reading_claims_no_slot(folder):
    reader = SqliteServed(folder, os.urandom, str.encode)
    assert reader.get("p0-" + "a" * 26) is None
    assert reader.of_profile(1) == []
    assert reader.erase(1) == reader.prune(10) == reader.reassign(1, 2, b"anna") == 0
    assert not folder.exists()
    reader.close()


@pytest.mark.parametrize("page_id", ["", "p0", "p0-", "p99999-" + "a" * 26, "../../x-" + "a" * 26, "p0-" + "A" * 26,
                                     "p0-" + "a" * 26 + "\n", "p١-" + "a" * 26, "x" * 10_000])  # fmt: skip
def test_an_id_that_is_none_is_unknown(opened, page_id):
    opened[0].put(opened[0].new_id("p"), 1, 1, b"")
    assert opened[0].get(page_id) is None
    assert opened[1].get(page_id) is None


def test_ids_are_unguessable_and_come_from_the_entropy_given(folder):
    served = SqliteServed(folder, lambda n: bytes(range(n)), str.encode)
    assert served.new_id("p") == "p0-aaaqeayeaudaocajbifqydiob4"
    served.close()


def test_a_profile_is_erased_and_reassigned_in_every_file(opened, folder):
    pages = []
    for each in opened:
        for profile, body, stranger in ((1, b"SECRET one", None), (2, b"two", None),
                                        (None, b"SECRET of a stranger", Stranger(b"anna", 3)),
                                        (None, b"x", Stranger(b"hanna", 3)), (None, b"x", None)):  # fmt: skip
            pages.append(each.new_id("p"))
            each.put(pages[-1], profile, 5, body * 1, stranger)
    assert opened[1].get(pages[3]) == Served(pages[3], None, 5, b"x", Stranger(b"hanna", 3))
    assert opened[0].erase(1, ["anna"]) == 6
    assert b"SECRET" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert [opened[0].get(page) is None for page in pages] == [True, False, True, False, False] * 3
    assert opened[1].reassign(2, 9, b"hanna") == 6
    assert opened[2].of_profile(2) == []
    assert len(opened[2].of_profile(9)) == 6
    assert opened[0].get(pages[3]).stranger is None


def test_old_pages_are_pruned(opened):
    for number in range(500):
        opened[0].put(opened[0].new_id("p"), 1, number, b"x")
    opened[1].put(opened[1].new_id("p"), 1, 0, b"x")
    assert [opened[2].prune(450, 200) for _ in range(4)] == [200, 200, 51, 0]
    assert [each.created_at for each in opened[2].of_profile(1)] == list(range(450, 500))
