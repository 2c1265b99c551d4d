"""A field of the context that decides what is watched moves pages, lists and ranks; one that says nothing does not."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app
from frontrow.models.models import Models
from frontrow.recommend.request import ExplainRequest, HomeRequest, ListRequest, RankRequest
from frontrow.workspace import Workspace

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TITLES = 80
CASES = ("decides", "says nothing", "absent")


def cartoon(title_id: str) -> bool:
    return int(title_id[1:]) % 2 == 0


def fill(workspace: Workspace, case: str) -> None:
    """Cartoons are watched when the mood is kids, crime when it is not, on any device; or whatever the mood is."""
    chance = random.Random(3)
    titles = [
        {"title_id": f"t{n}", "name": f"Title {n}", "genres": ["Animation" if n % 2 == 0 else "Crime"],
         "added_at": "2025-01-01T00:00:00Z"}
        for n in range(TITLES)
    ]  # fmt: skip
    assert not workspace.put_titles(titles).rejected
    events = []
    for viewer in range(200):
        for number, day in enumerate(sorted(chance.sample(range(1, 40), 12), reverse=True)):
            kids = chance.random() < 0.5
            wants = kids if case == "decides" and chance.random() < 0.9 else chance.random() < 0.5
            title = 2 * chance.randrange(TITLES // 2) + (not wants)
            said = {"kids": kids, "app": chance.choice(["2.1", "2.2"]), "session": f"{viewer}-{number}"}
            events.append({
                "event_id": f"{viewer}-{number}", "type": "stop", "profile_id": f"v{viewer}", "title_id": f"t{title}",
                "at": (NOW - timedelta(days=day, minutes=chance.randrange(600))).isoformat(),
                "playback_id": f"{viewer}-{number}", "device": chance.choice(["tv", "tablet"]), "seconds": 3000,
                "fraction": 1.0, **({} if case == "absent" else {"context": said}),
            })  # fmt: skip
    events.append({"event_id": "now", "type": "session_start", "profile_id": "keeper", "at": NOW.isoformat()})
    for first in range(0, len(events), 900):
        assert not workspace.ingest(events[first : first + 900]).rejected


@pytest.fixture(scope="module", params=CASES)
def service(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("fields") / "workspace"
    with Workspace.init(path):
        (path / "frontrow.toml").write_text(
            'clock = "data"\n[pages]\nvalues_share = 1.0\n[tuning]\nsession_intent = 0\n'
        )
    with Workspace.open(path) as workspace:
        fill(workspace, request.param)
        workspace.train()
        workspace.engine.refresh()
        yield request.param, workspace


def share(items) -> float:
    return sum(cartoon(item.title_id) for item in items) / len(items)


def home(workspace: Workspace, profile: str = "v3", **context: object):
    answer = workspace.engine.home(HomeRequest(profile_id=profile, context=context, rows=40))
    assert answer.degraded is None
    return {row.kind: row for row in reversed(answer.rows)}


def models(workspace: Workspace) -> Models:
    found = workspace.engine.rooms.views.models
    assert found is not None
    return found


def test_what_decides_is_learned_and_nothing_else(service):
    case, workspace = service
    known = models(workspace).context.fields.known
    assert [(field.name, field.values) for field in known] == (
        [("kids", ("false", "true"))] if case == "decides" else []
    )
    assert models(workspace).context.silent == (case != "decides")


def test_pages_lists_and_ranks_follow_it(service):
    case, workspace = service
    engine, ids = workspace.engine, [f"t{n}" for n in range(TITLES)]
    for profile in ("v3", "nobody yet"):
        shares = [
            (
                share(home(workspace, profile, kids=kids)["top_picks"].items),
                share(engine.recommendations(ListRequest(profile_id=profile, context={"kids": kids}, n=20)).items),
                share(engine.rank(RankRequest(profile_id=profile, context={"kids": kids}, title_ids=ids)).items[:20]),
            )
            for kids in (True, "false")
        ]
        for with_kids, without in zip(*shares, strict=True):
            assert with_kids - without > 0.5 if case == "decides" else with_kids == without


def test_the_row_is_there_and_names_no_field_to_viewers(service):
    case, workspace = service
    row = home(workspace, kids=True).get("right_now")
    assert (row is not None) == (case == "decides")
    if row is not None:
        assert share(row.items) == 1
        assert (row.title, row.reason.text) == ("For this moment", "Watched more at moments like this")
    assert "right_now" not in home(workspace)


def test_what_is_not_known_is_ignored(service):
    _, workspace = service
    for context in ({"kids": "perhaps"}, {"kids": None}, {"kids": [True]}, {"weather": "rain", "x" * 999: "y" * 999}):
        assert titles(home(workspace, **context)) == titles(home(workspace))


def titles(page) -> dict[str, list[str]]:
    return {kind: [item.title_id for item in row.items] for kind, row in page.items()}


def test_an_explanation_says_what_the_field_did(service):
    case, workspace = service
    for kids, title in (("true", "t2"), ("false", "t3")):
        told = workspace.engine.explain("v3", title, ExplainRequest(context={"kids": kids}))
        texts = [each.text for each in told.evidence if each.source == "context"]
        assert texts == ([f"Watched more than usual with kids {kids}"] if case == "decides" else [])


def test_an_answer_that_was_asked_with_a_context_computes_again(service):
    case, workspace = service
    page = home(workspace, "v5", kids=True)
    workspace.engine.recommendations(ListRequest(profile_id="v6", context={"kids": "false", "other": 1.5}))
    found = workspace.verify()
    assert found.differences == []
    assert found.compared >= 2
    assert page["top_picks"].items
    if case == "decides":
        forget_contexts(workspace)
        assert {each.value.split(" of ")[0] for each in workspace.verify().differences} == {"score context"}


def forget_contexts(workspace: Workspace) -> None:
    """As if the served log did not hold what requests said."""
    from frontrow.recommend.page_inputs import decode_inputs
    from frontrow.recommend.served import decode_page, encode_page

    served = workspace._parts.served
    for body, inputs in served.sampled(10_000):
        page = decode_page(body)
        assert decode_inputs(inputs).sources
        page.context = {}
        served.put(page.page_id, page.basis.profile or None, 0, encode_page(page))


def test_fields_can_be_left_out_by_name(tmp_path):
    with Workspace.init(tmp_path / "w"):
        (tmp_path / "w" / "frontrow.toml").write_text('clock = "data"\n[models]\ncontext_fields = ["app", "kid"]\n')
    with Workspace.open(tmp_path / "w") as workspace:
        fill(workspace, "decides")
        report = workspace.train(quick=True)
        assert (report.context_fields, report.unlearned_fields) == ([], ["app", "kid"])
        told = CliRunner().invoke(app, ["train", "--quick", "--workspace", str(tmp_path / "w")]).stdout
        assert "nothing is learned from models.context_fields app, kid: too few playbacks say them (two values" in told
        workspace.engine.refresh()
        assert models(workspace).context.silent


def test_training_reads_contexts_from_the_lake_too(tmp_path):
    with Workspace.init(tmp_path / "w"):
        (tmp_path / "w" / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(tmp_path / "w") as workspace:
        fill(workspace, "decides")
        workspace.compact()
        with sqlite3.connect(tmp_path / "w" / "frontrow.db") as connection:
            connection.execute("UPDATE events SET rest = NULL")
        connection.close()
        assert workspace.train(quick=True).context_fields == ["kids"]
        workspace.engine.refresh()
        assert [field.name for field in models(workspace).context.fields.known] == ["kids"]
