"""The doctor finds experiments that cannot be read, before somebody waits for an answer."""

from __future__ import annotations

import msgspec
import pytest
from living_service import DESIGN, LivingService

from frontrow.core.clock import DAY, HOUR


@pytest.fixture
def service(tmp_path):
    living = LivingService(tmp_path / "w", viewers=20)
    yield living
    living.opened.close()


def said(service):
    """What the doctor says of experiments: (level, message, mend)."""
    return [(each.level, each.message, each.mend) for each in service.opened.doctor() if each.check == "experiments"]


def test_without_experiments_it_says_nothing(service):
    assert said(service) == []


def test_one_that_runs_and_is_served_is_well(service):
    service.start()
    assert said(service) == [("ok", "1 running, 0 stopped", "")]
    service.wall.now += 2 * HOUR
    service.serve()
    assert said(service) == [("ok", "1 running, 0 stopped", "")]


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"audience": {"country": "JP"}}, "Look at the audience, whether pages are asked for"),
        ({"coverage": 0.001}, "Look at the coverage of 0.001"),
        ({"unit": "account"}, "whether profiles have an account_id"),
    ],
)
def test_one_that_nobody_is_served(service, fields, mend):
    service.start(**fields)
    service.wall.now += 3 * HOUR
    service.serve(service.ids[:3])
    (_, (level, message, how)) = said(service)
    assert level == "warn"
    assert message == "x started 3 hours ago, and nobody has been served anything under it"
    assert mend in how


def test_one_that_was_stopped_and_never_read(service):
    service.start()
    service.live(days=1)
    service.opened.register.put("x", DESIGN | {"state": "stopped"}, lambda _: True)
    service.wall.now += 5 * DAY
    (first, second) = said(service)
    assert first == ("ok", "0 running, 1 stopped", "")
    assert second[1:] == (
        "x was stopped and never read; its exposures are kept for 85 days", "frontrow experiment read x"
    )  # fmt: skip
    service.opened.read_experiment("x")
    assert said(service) == [("ok", "0 running, 1 stopped", "")]


def test_one_that_another_version_stated(service):
    """A metric or tunable that this version does not have: kept from an older one, or from a newer."""
    service.start()
    service.live(days=1)
    kept = service.opened._parts.store.experiments

    def change(**fields):
        record = msgspec.json.decode(kept.everything()["x"].record) | fields
        kept.change("x", lambda _: msgspec.json.encode(record))

    change(primary="joy")
    assert any("x does not hold in this version: there is no metric joy" in text for _, text, _ in said(service))
    change(primary="viewing_time", arms=[DESIGN["arms"][0], DESIGN["arms"][1] | {"overrides": {"tuning.magic": 1}}])
    (_, (_, message, mend)) = said(service)
    assert "there is no tunable tuning.magic" in message
    assert mend == "Stop it, and state it anew under another id."
