"""Off-policy values from a service's own log: what other rules would have earned, or why nothing can be said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from living_service import LivingService
from typer.testing import CliRunner

from frontrow.cli.main import app
from frontrow.core.clock import DAY, MINUTE, format_time
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.reading.offpolicy import Give

PLAYED = {("control", "tv"): 0.3, ("fewer", "tv"): 0.2, ("control", "phone"): 0.2, ("fewer", "phone"): 0.7}
"""How often something is played from a page."""


def lived(folder, viewers=400, days=2, **fields):
    """Half of the viewers are on phones, where the arm `fewer` does well; on TVs it does not."""
    living = LivingService(folder, viewers=viewers)
    living.start(**fields)
    random = np.random.default_rng(5)
    for day in range(days):
        events = []
        for number, profile in enumerate(living.ids):
            device = ("tv", "phone")[number % 2]
            page = living.opened.home(profile, rows=3, device=device)
            if random.random() < PLAYED[page.experiments["x"], device]:
                title = page.rows[0].items[0].title_id
                common = {"profile_id": profile, "title_id": title, "playback_id": f"p{day}{number}"}
                at, end = living.wall.now + MINUTE, living.wall.now + 31 * MINUTE
                events += [
                    {"event_id": f"a{day}{number}", "type": "play", "page_id": page.page_id, "at": format_time(at)}
                    | common,
                    {"event_id": f"b{day}{number}", "type": "stop", "at": format_time(end), "seconds": 1800,
                     "fraction": 0.5} | common,
                ]  # fmt: skip
        for start in range(0, len(events), 1000):
            assert not living.opened.ingest(events[start : start + 1000]).rejected
        living.wall.now += 2 * DAY
    return living


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    living = lived(tmp_path_factory.mktemp("offpolicy") / "w")
    yield living
    living.opened.close()


@pytest.mark.parametrize(
    ("policy", "truth"),
    [
        ([Give("fewer")], (0.2 + 0.7) / 2),
        ([Give("control")], (0.3 + 0.2) / 2),
        ([Give("fewer", {"device": "phone"})], (0.3 + 0.7) / 2),
        ([Give("control", {"country": {"$in": ["NO", "SE"]}}), Give("fewer")], (0.3 + 0.2) / 2),
    ],
)
def test_rules_are_valued_at_what_they_would_have_earned(service, policy, truth):
    found = service.opened.off_policy("x", policy)
    assert (found.pages, found.units) == (800, 400)
    assert [each.estimator for each in found.estimates] == ["IPS", "SNIPS", "DR", "replay"]
    for each in found.estimates:
        assert each.value == pytest.approx(truth, abs=0.08), each
        assert each.low - 0.02 < truth < each.high + 0.02
    assert found.as_served == pytest.approx((0.25 + 0.45) / 2, abs=0.06)


def test_what_the_log_hardly_holds_is_refused_with_figures(tmp_path):
    arms = [{"key": "control", "weight": 0.97}, {"key": "fewer", "weight": 0.03}]
    living = lived(tmp_path / "w", viewers=300, days=1, arms=arms)
    found = living.opened.off_policy("x", [Give("fewer")])
    assert found.estimates[0].value is None
    assert "effective decisions, 100 are needed" in found.estimates[0].overlap.refused[0]
    assert found.estimates[0].overlap.effective < 100
    assert living.opened.off_policy("x", [Give("control")]).estimates[0].value is not None
    living.opened.close()


def test_what_cannot_be_asked_is_named(service):
    with pytest.raises(UsageError, match="no arm plenty"):
        service.opened.off_policy("x", [Give("plenty")])
    with pytest.raises(UsageError, match=r"the condition of fewer: /device/\$is"):
        service.opened.off_policy("x", [Give("fewer", {"device": {"$is": 1}})])
    service.opened.register.put("y", {**BODY, "arms": ARMS}, lambda _: True)
    with pytest.raises(FrontrowError, match="y has not been started"):
        service.opened.off_policy("y", [Give("fewer")])


ARMS = [{"key": "control", "weight": 0.5}, {"key": "fewer", "weight": 0.5}]
BODY = {"hypothesis": "h", "primary": "viewing_time"}


def test_the_command_says_values_or_why_not(service):
    service.opened._parts.store.keep_clock("data")

    def run(*words):
        return CliRunner().invoke(app, ["experiment", "offpolicy", *words, "--workspace", str(service.folder)])

    done = run("x", "--give", 'fewer={"device": "phone"}')
    assert done.exit_code == 0, done.output
    assert "SNIPS: 0." in done.stdout
    report = json.loads(run("x", "--give", "fewer", "--json").stdout)
    assert report["policy"] == [{"arm": "fewer", "when": {}}]
    for words, code, says in (
        (("x", "--give", "fewer=phone"), 2, "no JSON object"),
        (("x", "--give", "plenty"), 2, "no arm plenty"),
        (("z", "--give", "fewer"), 1, "there is no experiment z"),
        (("x",), 2, "--give"),
    ):
        done = run(*words)
        assert done.exit_code == code, done.output
        assert says in " ".join(done.output.split())
        assert "Traceback" not in done.output
