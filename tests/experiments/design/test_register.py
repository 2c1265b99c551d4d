"""The life of an experiment, on the storage that keeps it."""

from __future__ import annotations

import os
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import Micros
from frontrow.core.errors import Conflict, FrontrowError, InvalidRecord, NotFound
from frontrow.experiments.design.design import Design
from frontrow.experiments.design.overrides import overridden
from frontrow.experiments.design.register import Register
from frontrow.recommend.tuning import Tuning
from frontrow.storage.workspace import SqliteWorkspace

NOW = Micros(1_774_000_000_000_000)
ARMS = [{"key": "control", "weight": 0.5}, {"key": "fewer", "weight": 0.5, "overrides": {"tuning.because_rows": 1}}]
BODY = {"hypothesis": "fewer is more", "arms": ARMS, "primary": "viewing_time"}


@pytest.fixture
def store(tmp_path):
    with SqliteWorkspace(tmp_path, os.urandom) as opened:
        yield opened


@pytest.fixture
def register(store):
    return Register(store.experiments, Tuning(), "tuning.", lambda: ["v1"], lambda: NOW)


NUMBERS = ("because_rows", "new_days", "leaving_days", "top_days", "genre_pairs", "history", "search_personal_share")


def anything(version: int | None) -> bool:
    return True


def put(register: Register, key: str = "rows", **fields) -> Design:
    return register.put(key, BODY | fields, anything)[1]


def test_a_draft_changes_freely_and_starts_with_the_services_time(register):
    assert put(register).state == "draft"
    assert put(register, hypothesis="another").hypothesis == "another"
    started = put(register, state="running", started_at="1999-01-01T00:00:00Z")
    assert started.started_at == "2026-03-20T09:46:40Z"
    assert register.find("rows")[1] == started


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hypothesis", "what came out"),
        ("primary", "qualified_plays"),
        ("coverage", 0.5),
        ("minimal_effect", 0.5),
        ("audience", {"plan": "basic"}),
        ("guardrails", [{"metric": "hides"}]),
        ("alpha", 0.1),
        ("arms", [ARMS[0], ARMS[1] | {"overrides": {}}]),
    ],
)
def test_what_runs_is_what_was_registered(register, field, value):
    put(register, state="running")
    with pytest.raises(InvalidRecord, match="cannot change") as caught:
        put(register, state="running", **{field: value})
    assert caught.value.pointer == f"/{field}"
    with pytest.raises(InvalidRecord, match="cannot change"):
        put(register, state="stopped", **{field: value})


def test_it_is_stopped_once_and_for_all(register):
    put(register, state="running")
    with pytest.raises(InvalidRecord, match="never be a draft"):
        put(register, state="draft")
    with pytest.raises(InvalidRecord, match="stop it first"):
        register.delete("rows", anything)
    stopped = put(register, state="stopped")
    assert stopped.stopped_at is not None
    assert put(register, state="stopped") == stopped
    with pytest.raises(InvalidRecord, match="another id"):
        put(register, state="running")
    register.delete("rows", anything)
    with pytest.raises(NotFound):
        register.find("rows")


def test_a_draft_that_never_ran_is_not_stopped(register):
    with pytest.raises(InvalidRecord, match="never ran"):
        put(register, state="stopped")


@pytest.mark.parametrize(
    ("overrides", "says", "pointer"),
    [
        ({"tuning.because_row": 1}, "nearest is tuning.because_rows", "tuning.because_row"),
        ({"tuning.because_rows": -1}, "because_rows", "tuning.because_rows"),
        ({"tuning.because_rows": "two"}, "because_rows", "tuning.because_rows"),
        ({"models.max_history": 5}, "no tunable models.max_history", "models.max_history"),
        ({"model": "v7"}, "kept are v1", "model"),
        ({"model": 1}, "kept are v1", "model"),
    ],
)
def test_an_override_of_nothing_is_an_error_that_says_what_was_meant(register, overrides, says, pointer):
    with pytest.raises(InvalidRecord, match=says) as caught:
        put(register, arms=[ARMS[0], {"key": "b", "weight": 0.5, "overrides": overrides}])
    assert caught.value.pointer == f"/arms/1/overrides/{pointer}"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"arms": ARMS[:1]}, "/arms"),
        ({"arms": [ARMS[0], ARMS[0]]}, "/arms"),
        ({"arms": [ARMS[0], ARMS[1] | {"weight": 0.6}]}, "/arms"),
        ({"audience": {"country": {"$im": ["DE"]}}}, "/audience/country/$im"),
        ({"ranges": [[0, 0.5]]}, "/ranges"),
        ({"layer": "page", "ranges": [[0.5, 0.5]]}, "/ranges/0"),
        ({"experiment_id": "other"}, "/experiment_id"),
        ({"unit": "device"}, "/unit"),
        ({"alpha": 0.0}, "/alpha"),
    ],
)
def test_bad_designs_say_where(register, fields, pointer):
    with pytest.raises(InvalidRecord) as caught:
        put(register, **fields)
    assert caught.value.pointer == pointer


def test_two_that_meet_in_a_viewer_cannot_override_the_same(register):
    put(register, "a", state="running")
    with pytest.raises(InvalidRecord, match="experiment a too; put both into one layer"):
        put(register, "b", state="running")
    put(register, "b", state="running", arms=[ARMS[0], {"key": "t", "weight": 0.5, "overrides": {"model": "v1"}}])


def test_those_of_a_layer_share_what_they_override_but_no_viewer(register):
    put(register, "a", state="running", layer="page", ranges=[[0, 0.5]])
    with pytest.raises(InvalidRecord, match="overlap"):
        put(register, "b", state="running", layer="page", ranges=[[0.4, 1]])
    put(register, "b", state="running", layer="page", ranges=[[0.5, 1]])
    assigner = register.assigner([design for _, design in register.all()])
    for number in range(300):
        found = assigner.assign(f"v{number}", {}, True)
        assert sum(each.in_experiment for each in found.values()) == 1


def test_of_two_who_change_one_version_one_is_told(register):
    version = register.put("rows", BODY, anything)[0]
    told = []

    def change(number: int) -> None:
        try:
            register.put("rows", BODY | {"hypothesis": f"{number}"}, lambda now: now == version)
        except Conflict:
            told.append(number)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 7


def test_a_workspace_from_before_experiments_gets_their_table(tmp_path):
    with SqliteWorkspace(tmp_path, os.urandom) as opened:
        opened.writer.transact(lambda connection: connection.execute("DROP TABLE controls"))
        with pytest.raises(FrontrowError):
            opened.experiments.everything()
    with SqliteWorkspace(tmp_path, os.urandom) as opened:
        assert opened.experiments.everything() == {}


@given(st.dictionaries(st.sampled_from([*NUMBERS]), st.integers(1, 5)))
def test_overrides_replace_what_they_name_and_nothing_else(values):
    found = overridden(Tuning(), {f"tuning.{name}": value for name, value in values.items()}, "tuning.")
    assert msgspec.to_builtins(found) == msgspec.to_builtins(Tuning()) | values


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"ana": "plenty"}, "plenty is no arm of rows"),
        ({"": "fewer"}, ""),
        ({"a\n": "fewer"}, ""),
        ({f"p{n}": "fewer" for n in range(1_001)}, "1000"),
        (["ana"], ""),
    ],
)
def test_arms_by_hand_are_checked_when_they_are_stated(register, overrides, says):
    with pytest.raises(InvalidRecord) as error:
        put(register, overrides=overrides)
    assert error.value.pointer == "/overrides"
    assert says in error.value.message


def test_a_forgotten_profile_leaves_the_overrides_of_what_runs_too(register):
    put(register, overrides={"ana": "fewer", "bo": "control"}, state="running")
    put(register, "families", unit="account", overrides={"ana": "fewer"})
    put(register, "others")
    assert register.forget(["ana", "an-other-id"]) == 1
    assert register.find("rows")[1].overrides == {"bo": "control"}
    assert register.find("rows")[1].state == "running"
    assert register.find("families")[1].overrides == {"ana": "fewer"}  # an account of that name
    assert register.forget(["ana"]) == 0
