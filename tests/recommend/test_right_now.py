"""The page follows the moment: the row `right_now`, its reasons, and the evidence, on a log in which it matters."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from frontrow.features.moments import Moment
from frontrow.recommend.occasion import named_axes, occasion, when
from frontrow.recommend.request import ExplainRequest, HomeRequest
from frontrow.workspace import Workspace

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)  # a Friday
MORNING, EVENING = "2026-03-20T13:00:00Z", "2026-03-21T01:00:00Z"  # 9:00 and 21:00 in New York
TITLES = 120


def dark(title_id: str) -> bool:
    return int(title_id[1:]) % 2 == 0


def fill(workspace: Workspace, effect: bool) -> None:
    """Dark titles are watched in the evening on TV, bright ones in the morning on the phone; without the effect at any
    time. Viewers are in New York; some events say so themselves, of the others the profile does."""
    chance = random.Random(3)
    titles = [
        {"title_id": f"t{n}", "name": f"Title {n}", "genres": [("Drama", "Comedy", "Crime")[n % 3]],
         "tags": {"dark" if n % 2 == 0 else "bright": 0.9}, "added_at": "2025-01-01T00:00:00Z"}
        for n in range(TITLES)
    ]  # fmt: skip
    viewers = [f"v{n}" for n in range(120)]
    profiles = [{"profile_id": each, "timezone": "America/New_York", "country": "US"} for each in viewers]
    assert not workspace.put_titles(titles).rejected
    assert not workspace.put_profiles([*profiles, {"profile_id": "private", "timezone": "America/New_York",
                                                   "consent": {"personalization": False}}]).rejected  # fmt: skip
    events = []
    for viewer in viewers:
        said = {"tz_offset_minutes": -300} if chance.random() < 0.5 else {}
        for number, day in enumerate(sorted(chance.sample(range(1, 40), 14))):
            evening = chance.random() < 0.5
            wants_dark = evening if effect else chance.random() < 0.5
            title = 2 * chance.randrange(TITLES // 2) + (not wants_dark)
            at = NOW - timedelta(days=day) + timedelta(hours=13 if evening else 1, minutes=chance.randrange(120))
            events.append({
                "event_id": f"{viewer}-{number}", "type": "stop", "profile_id": viewer, "title_id": f"t{title}",
                "at": at.isoformat(), "playback_id": f"{viewer}-{number}", "device": "tv" if evening else "phone",
                "seconds": 3000, "fraction": 1.0, **(said if at < datetime(2026, 3, 8, tzinfo=UTC) else {}),
            })  # fmt: skip
    events.append({"event_id": "now", "type": "session_start", "profile_id": "keeper", "at": NOW.isoformat()})
    for first in range(0, len(events), 900):
        assert not workspace.ingest(events[first : first + 900]).rejected


@pytest.fixture(scope="module", params=[True, False], ids=["effect", "no effect"])
def service(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("moment") / "workspace"
    with Workspace.init(path):
        (path / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(path) as workspace:
        fill(workspace, request.param)
        workspace.train()
        workspace.engine.refresh()
        yield request.param, workspace


def page(workspace: Workspace, at: str | None = EVENING, device: str | None = "tv", profile: str = "v3"):
    answer = workspace.engine.home(HomeRequest(profile_id=profile, at=at, device=device, rows=40))
    assert answer.degraded is None
    once = [item.title_id for row in answer.rows if row.kind != "top10" for item in row.items]
    assert len(once) == len(set(once))
    assert all(len(row.items) >= 4 for row in answer.rows if row.kind not in ("continue_watching", "my_list"))
    return {row.kind: row for row in reversed(answer.rows)}


def test_the_row_holds_what_suits_the_moment_and_says_why(service):
    effect, workspace = service
    evening, morning = page(workspace).get("right_now"), page(workspace, MORNING, "phone").get("right_now")
    if not effect:
        assert evening is None
        assert morning is None
        return
    assert all(dark(item.title_id) for item in evening.items)
    assert not any(dark(item.title_id) for item in morning.items)
    assert evening.title == "For an evening on TV"
    assert morning.title == "For a morning on the phone"
    assert evening.reason.text == "Watched more than usual on TV in the evening"
    assert {item.reason.code for item in evening.items} == {item.source for item in evening.items} == {"right_now"}


def test_other_rows_follow_it_too(service):
    effect, workspace = service
    shares = [
        [dark(item.title_id) for item in page(workspace, at, device)["top_picks"].items]
        for at, device in ((EVENING, "tv"), (MORNING, "phone"))
    ]
    lead = sum(shares[0]) / len(shares[0]) - sum(shares[1]) / len(shares[1])
    assert lead > 0.5 if effect else lead == 0


def test_what_is_not_known_of_the_moment_is_not_said(service):
    effect, workspace = service
    if not effect:
        return
    on_tv = page(workspace, device="tv", profile="nobody-yet")["right_now"]  # no time zone: nobody's hour is known
    assert on_tv.title == "For TV"
    assert "right_now" not in page(workspace, device=None, profile="nobody-yet")
    assert page(workspace, device=None)["right_now"].title == "For an evening"
    assert all(dark(item.title_id) for item in on_tv.items)


def test_without_consent_the_moment_counts_and_the_viewer_does_not(service):
    effect, workspace = service
    before = page(workspace, profile="private")
    assert ("right_now" in before) == effect
    event = {"event_id": f"p-{effect}", "type": "stop", "profile_id": "private", "title_id": "t5",
             "at": NOW.isoformat(), "device": "phone", "seconds": 3000, "fraction": 0.95}  # fmt: skip
    assert workspace.ingest([event]).accepted == 1
    after = page(workspace, profile="private")
    # Scores are scaled over the titles that may be shown, now one fewer: what is as good as even may change places.
    assert sorted(shown(after)) == sorted(shown(before))


def shown(rows) -> list[str]:
    """Titles of the row, if there is one, but the one that was watched."""
    return [item.title_id for item in rows["right_now"].items if item.title_id != "t5"] if "right_now" in rows else []


def test_explain_names_the_moment_where_it_moved_the_title(service):
    effect, workspace = service
    title = page(workspace)["top_picks"].items[0].title_id
    for at, device, word in ((EVENING, "tv", "more"), (MORNING, "phone", "less")):
        told = workspace.engine.explain("v3", title, ExplainRequest(at=at, device=device))
        evidence = {each.source: each for each in told.evidence}
        assert ("context" in evidence) == effect
        assert abs(sum(each.score for each in told.evidence) - told.score) < 1e-3
        if effect:
            assert evidence["context"].text.startswith(f"Watched {word} than usual on ")
            assert (evidence["context"].score > 0) == (word == "more")
    assert "context" not in {each.source for each in workspace.engine.explain("nobody-yet", title).evidence}


def test_a_moment_that_cannot_be_told_leaves_the_page_standing(service, monkeypatch):
    effect, workspace = service
    if not effect:
        return
    models = workspace.engine.rooms.views.models
    monkeypatch.setattr(type(models.context), "reading", lambda self, query: 1 / 0)
    answer = workspace.engine.home(HomeRequest(profile_id="v3", at=EVENING, device="tv"))
    assert "context" in answer.degraded
    assert answer.rows[0].kind == "top_picks"
    assert "right_now" not in {row.kind for row in answer.rows}


@pytest.mark.parametrize(
    ("moment", "axes", "row", "reason"),
    [
        (Moment(20, 0), ["hour", "device"], "an evening on TV", "on TV in the evening"),
        (Moment(140, 0), ["hour", "weekday", "device"], "a Saturday evening on TV", "on TV on Saturday evenings"),
        (Moment(8, 1), ["hour"], "a morning", "in the morning"),
        (Moment(8, 1), ["device"], "the phone", "on the phone"),
        (Moment(12, -1), ["hour", "device"], "midday", "at midday"),
        (Moment(3, 3), ["hour", "device"], "a night on the computer", "on the computer at night"),
        (Moment(6 * 24, 2), ["weekday", "device"], "a Sunday on the tablet", "on the tablet on Sundays"),
        (Moment(-1, 5), ["hour", "weekday", "device"], "this device", "on this device"),
        (Moment(), ["hour", "device"], "", ""),
        (Moment(8, 1), [], "", ""),
    ],
)  # fmt: skip
def test_moments_in_words(moment, axes, row, reason):
    assert occasion(moment, axes) == row
    assert when(moment, axes) == reason


def test_an_axis_is_named_for_its_part_of_the_sum():
    assert named_axes([0.5, 0.01, 0.4]) == ["hour", "device"]
    assert named_axes([-0.5, 0.3, 0.0]) == ["hour"]
    assert named_axes([0.0, 0.0, 0.0]) == []
