"""Pages in the arms of running experiments, on real workspaces."""

from __future__ import annotations

import pytest

from frontrow import Workspace
from frontrow.experiments.assignment.flags import FlagContext
from frontrow.recommend.request import ListRequest, RankRequest, SearchRequest, SimilarRequest
from frontrow.recommend.served import decode_page

DAY = "2026-03-{:02d}T20:00:00Z"


def anything(version: int | None) -> bool:
    return True


def body(**fields):
    arms = [
        {"key": "control", "weight": 0.0},
        {"key": "plain", "weight": 1.0, "overrides": {"tuning.genre_pairs": 0, "tuning.because_rows": 0}},
    ]
    return {"hypothesis": "plainer", "arms": arms, "primary": "viewing_time", "state": "running"} | fields


@pytest.fixture
def folder(tmp_path):
    with Workspace.init(tmp_path / "w") as made:
        genres = [["drama", "crime"], ["drama", "comedy"], ["crime", "comedy"]]
        titles = [
            {"title_id": f"t{n}", "name": f"Title {n}", "genres": genres[n % 3], "added_at": "2020-01-01T00:00:00Z"}
            for n in range(150)
        ]
        assert made.put_titles(titles).upserted == 150
        made.put_profiles([{"profile_id": "ana", "account_id": "family"}, {"profile_id": "bo"}])
        rated = {"type": "rate", "profile_id": "ana", "value": 5}
        made.ingest([rated | {"event_id": f"e{n}", "title_id": f"t{n}", "at": DAY.format(n + 1)} for n in range(6)])
    return tmp_path / "w"


@pytest.fixture
def workspace(folder):
    with Workspace.open(folder) as opened:
        yield opened


def kinds(page):
    return [row.kind for row in page.rows]


def test_an_arm_changes_this_page_and_is_told_on_it(workspace):
    before = workspace.home("ana", rows=40)
    assert before.experiments == {}
    assert "because_you_watched" in kinds(before)
    assert any("meets" in row.title for row in before.rows)
    workspace.register.put("plainer", body(), anything)
    after = workspace.home("ana", rows=40)
    assert after.experiments == {"plainer": "plain"}
    assert "because_you_watched" not in kinds(after)
    assert not any("meets" in row.title for row in after.rows)
    assert workspace.export_profile("ana")["experiments"] == {"plainer": "plain"}


def test_lists_tell_their_arms_too(workspace):
    workspace.register.put("plainer", body(), anything)
    slates = workspace.engine
    assert workspace.home("nobody-yet").experiments == {"plainer": "plain"}
    assert slates.recommendations(ListRequest(profile_id="ana")).experiments == {"plainer": "plain"}
    assert slates.rank(RankRequest(profile_id="ana", title_ids=["t1"])).experiments == {"plainer": "plain"}
    assert slates.search(SearchRequest(q="title", profile_id="ana")).experiments == {"plainer": "plain"}
    assert slates.similar("t1", SimilarRequest(profile_id="ana")).experiments == {"plainer": "plain"}
    assert slates.similar("t1", SimilarRequest()).experiments == {}


def test_without_consent_it_is_the_control_and_not_counted(workspace):
    workspace.register.put("plainer", body(), anything)
    workspace.patch_profiles([{"profile_id": "ana", "consent": {"experiments": False}}])
    page = workspace.home("ana", rows=40)
    assert page.experiments == {"plainer": "control"}
    assert "because_you_watched" in kinds(page)
    assert served(workspace, page).experiments == {}


def served(workspace, page):
    stored = workspace.engine.rooms.served.get(page.page_id)
    return decode_page(stored.body)


def test_what_was_served_says_in_which_arm(workspace):
    workspace.register.put("plainer", body(audience={"profile_id": "ana"}), anything)
    assert served(workspace, workspace.home("ana")).experiments == {"plainer": "plain"}
    outside = workspace.home("bo")
    assert outside.experiments == {"plainer": "control"}
    assert served(workspace, outside).experiments == {}


def test_a_change_on_one_worker_holds_on_the_other_at_once(workspace, folder):
    with Workspace.open(folder) as other:
        assert other.home("ana").experiments == {}
        workspace.register.put("plainer", body(), anything)
        assert other.home("ana").experiments == {"plainer": "plain"}
        assert other.flags().names() == ["plainer"]
        workspace.register.put("plainer", body(state="stopped"), anything)
        page = other.home("ana", rows=40)
        assert page.experiments == {}
        assert "because_you_watched" in kinds(page)


def test_device_can_be_targeted(workspace):
    workspace.register.put("plainer", body(audience={"device": "tv"}), anything)
    assert workspace.home("ana", device="tv").experiments == {"plainer": "plain"}
    assert workspace.home("ana", device="phone").experiments == {"plainer": "control"}


def test_accounts_share_their_arm(workspace):
    arms = [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.5}]
    workspace.put_profiles([{"profile_id": f"p{n}", "account_id": "family"} for n in range(20)])
    workspace.register.put("shared", body(unit="account", arms=arms), anything)
    assert len({workspace.home(f"p{n}").experiments["shared"] for n in range(20)}) == 1


def test_a_page_comes_whatever_fails_in_the_arms(workspace, monkeypatch):
    def broken() -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(workspace.register, "version", broken)
    page = workspace.home("ana")
    assert page.rows
    assert page.experiments == {}
    assert "experiments: RuntimeError" in page.degraded


def test_an_arm_may_ask_for_a_version_of_the_models_and_training_keeps_it(folder):
    with Workspace.open(folder) as workspace:
        versions = [workspace.train(quick=True, seed=seed).version for seed in range(2)]
        arms = [{"key": "control", "weight": 0.0}, {"key": "old", "weight": 1.0, "overrides": {"model": versions[0]}}]
        workspace.register.put("models", body(arms=arms), anything)
        page = workspace.home("ana")
        assert page.model == versions[0]
        workspace.patch_profiles([{"profile_id": "bo", "consent": {"experiments": False}}])
        assert workspace.home("bo").model == versions[1]
        workspace.put_titles([{"title_id": "late", "name": "Late", "genres": ["drama"]}])
        assert workspace.home("ana").degraded is None
        for seed in range(3):
            newest = workspace.train(quick=True, seed=seed).version
        kept = {each["version"] for each in workspace.show("models")}
        assert versions[0] in kept
        assert versions[1] not in kept
        assert workspace.home("bo").model == newest
        assert workspace.home("ana").model == versions[0]


def test_an_experiment_whose_model_cannot_be_loaded_counts_nobody_and_leaves_the_others_alone(folder):
    with Workspace.open(folder) as workspace:
        versions = [workspace.train(quick=True, seed=seed).version for seed in range(2)]
        arms = [
            {"key": "a", "weight": 0.4, "overrides": {"tuning.new_days": 90}},
            {"key": "b", "weight": 0.4, "overrides": {"tuning.new_days": 80}},
            {"key": "old", "weight": 0.2, "overrides": {"model": versions[0]}},
        ]
        workspace.register.put("models", body(arms=arms), anything)
        workspace.register.put("plainer", body(), anything)
        people = [f"p{n}" for n in range(30)]
        workspace.put_profiles([{"profile_id": person} for person in people])
        assert {workspace.home(person).experiments["models"] for person in people} == {"a", "b", "old"}
        (folder / "models" / versions[0] / "manifest.json").write_text("{}")
    with Workspace.open(folder) as workspace:
        workspace.refresh()
        for person in people:
            page = workspace.home(person, rows=40)
            assert page.model == versions[1]
            assert page.experiments == {"models": "a", "plainer": "plain"}
            assert served(workspace, page).experiments == {"plainer": "plain"}
            assert "because_you_watched" not in kinds(page)
            assert f"model {versions[0]} of models was refused" in page.degraded
            flag = workspace.flags().resolver(FlagContext(person))("models")
            assert (flag.variant, flag.metadata["counted"]) == ("a", False)
        workspace.register.put("models", body(arms=arms, state="stopped"), anything)
        assert workspace.home("ana").degraded is None


def test_an_audience_knows_what_a_request_says_where_the_profile_says_nothing(workspace):
    workspace.put_profiles([{"profile_id": "dora", "country": "NO", "attributes": {"app": "3"}}])
    workspace.register.put("swedes", body(audience={"country": "SE"}), anything)
    for profile_id in ("ana", "nobody-yet"):
        assert workspace.home(profile_id, country="SE", rows=1).experiments == {"swedes": "plain"}
        assert workspace.home(profile_id, rows=1).experiments == {"swedes": "control"}
        flag = workspace.flags().resolver(FlagContext(profile_id, {"country": "SE"}))("swedes")
        assert (flag.variant, flag.metadata["counted"]) == ("plain", True)
    assert workspace.home("dora", country="SE", rows=1).experiments == {"swedes": "control"}
    assert workspace.flags().resolver(FlagContext("dora", {"country": "SE"}))("swedes").variant == "control"
    assert workspace.engine.recommendations(ListRequest(profile_id="ana", country="SE")).experiments == {
        "swedes": "plain"
    }


def test_a_flags_context_adds_to_what_a_profile_says(workspace):
    workspace.put_profiles([{"profile_id": "dora", "attributes": {"app": "3"}}])
    audience = {"attributes.app": "3", "attributes.tester": True}
    workspace.register.put("testers", body(audience=audience), anything)

    def variant(**attributes):
        return workspace.flags().resolver(FlagContext("dora", {"attributes": attributes}))("testers").variant

    assert variant(tester=True) == "plain"
    assert variant(tester=True, app="4") == "plain"  # the profile says 3
    assert variant(tester=False) == "control"


def test_an_arm_by_hand_is_on_the_page_and_not_counted(workspace):
    arms = [{**each, "weight": 1.0 - each["weight"]} for each in body()["arms"]]
    workspace.register.put("plainer", body(arms=arms, overrides={"ana": "plain"}, audience={"country": "XX"}), anything)
    page = workspace.home("ana", rows=40)
    assert page.experiments == {"plainer": "plain"}
    assert "because_you_watched" not in kinds(page)
    assert decode_page(workspace._parts.served.get(page.page_id).body).experiments == {}
    flag = workspace.flags().resolver(FlagContext("ana"))("plainer")
    assert (flag.variant, flag.metadata["counted"]) == ("plain", False)
    assert workspace.home("bo", rows=1).experiments == {"plainer": "control"}
    receipt = workspace.forget("ana")
    assert next(each.records for each in receipt.places if each.place == "experiments") == 1
    assert workspace.home("ana", rows=1).experiments == {"plainer": "control"}
    assert not any(b'"ana"' in path.read_bytes() for path in workspace.path.rglob("*") if path.is_file())
