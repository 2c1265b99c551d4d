"""Experiments and flags over HTTP: tags, conditions, and OpenFeature's own errors."""

from __future__ import annotations

from asking import ask

from frontrow.api.examples import EXPERIMENT

PATH = "/v1/experiments/rows"
FLAGS = "/ofrep/v1/evaluate/flags"


def put(app, **headers):
    return ask(app, "PUT", PATH, EXPERIMENT, {name.replace("_", "-"): value for name, value in headers.items()})


def test_what_is_put_is_got_with_the_same_tag(app):
    stored = put(app)
    assert stored.status == 200
    got = ask(app, "GET", PATH)
    assert (got.body, got.headers["etag"]) == (stored.body, stored.headers["etag"])
    assert got.json["state"] == "draft"
    assert got.json["experiment_id"] == "rows"
    assert ask(app, "GET", "/v1/experiments").json == {"experiments": [got.json]}
    assert ask(app, "GET", PATH, headers={"If-None-Match": got.headers["etag"]}).status == 304


def test_a_change_over_a_change_is_refused(app):
    first = put(app).headers["etag"]
    assert put(app, If_None_Match="*").status == 412
    second = put(app, If_Match=first)
    assert second.status == 200
    assert second.headers["etag"] != first
    refused = put(app, If_Match=first)
    assert refused.status == 412
    assert refused.headers["content-type"] == "application/problem+json"
    assert ask(app, "DELETE", PATH, headers={"If-Match": first}).status == 412
    assert ask(app, "DELETE", PATH, headers={"If-Match": second.headers["etag"]}).status == 204
    assert put(app, If_Match="*").status == 412
    again = put(app, If_None_Match="*")
    assert again.status == 200
    assert again.headers["etag"] not in (first, second.headers["etag"])


def test_unknown_is_404_and_wrong_is_422_with_a_pointer(app):
    assert ask(app, "GET", PATH).status == 404
    assert ask(app, "DELETE", PATH).status == 404
    arms = [EXPERIMENT["arms"][0], {"key": "b", "weight": 0.5, "overrides": {"tuning.becuse_rows": 2}}]
    wrong = ask(app, "PUT", PATH, EXPERIMENT | {"arms": arms})
    assert wrong.status == 422
    assert wrong.json["errors"][0]["pointer"] == "/arms/1/overrides/tuning.becuse_rows"
    assert "tuning.because_rows" in wrong.json["detail"]
    assert ask(app, "PUT", PATH, EXPERIMENT | {"colour": "red"}).status == 422
    assert ask(app, "PUT", PATH, b"[1]").status == 422


def test_each_mistake_of_a_design_says_where_and_what_there_is(app):
    arms = EXPERIMENT["arms"]
    wrong = [
        ({"primary": "viewing_tme"}, "/primary", "Did you mean viewing_time? Metrics: viewing_time, qualified_plays"),
        ({"guardrails": [{"metric": "hide"}]}, "/guardrails/0/metric", "Did you mean hides?"),
        ({"guardrails": [{"metric": "hides", "margin": 2}]}, "/guardrails/0/margin", "margin"),
        ({"arms": [arms[0], arms[0]]}, "/arms", "two arms have the same key"),
        ({"arms": [arms[0] | {"weight": 0.9}, arms[1]]}, "/arms", "the weights sum to 1.4"),
        ({"arms": [arms[0]]}, "/arms", "arms"),
        ({"arms": [arms[0], arms[1] | {"overrides": {"zzz": 1}}]}, "/arms/1/overrides/zzz", "known are model, tuning."),
        ({"arms": [arms[0], arms[1] | {"overrides": {"tuning.trend_days": 3}}]}, "/arms/1/overrides/tuning.trend_days",
         "it takes `2` or `7`"),
        ({"unit": "device"}, "/unit", "device"),
        ({"minimal_effect": 0}, "/minimal_effect", "minimal_effect"),
        ({"audience": {"country": {"$im": ["SE"]}}}, "/audience/country/$im", "$im"),
    ]  # fmt: skip
    for change, pointer, says in wrong:
        answer = ask(app, "PUT", PATH, EXPERIMENT | change)
        assert answer.status == 422, change
        assert answer.json["errors"][0]["pointer"] == pointer
        assert says in answer.json["detail"], answer.json
    assert ask(app, "PUT", PATH, b'{"hypothesis": "h", "minimal_effect": NaN}').status == 422


def test_flags_are_those_of_running_experiments(app):
    context = {"context": {"targetingKey": "ana"}}
    assert ask(app, "POST", FLAGS, context).json == {"flags": []}
    assert ask(app, "PUT", PATH, EXPERIMENT | {"state": "running", "audience": {}}).status == 200
    bulk = ask(app, "POST", FLAGS, context)
    assert [flag["key"] for flag in bulk.json["flags"]] == ["rows"]
    assert ask(app, "POST", FLAGS, context, {"If-None-Match": bulk.headers["etag"]}).status == 304
    one = ask(app, "POST", f"{FLAGS}/rows", context)
    assert one.status == 200
    assert one.json == bulk.json["flags"][0]
    assert one.json["value"] in ("control", "two-rows")
    assert ask(app, "PUT", PATH, EXPERIMENT | {"state": "stopped", "audience": {}}).status == 200
    assert ask(app, "POST", FLAGS, context, {"If-None-Match": bulk.headers["etag"]}).json == {"flags": []}


def test_errors_of_flags_are_openfeatures(app):
    for body, code in (
        (b"{", "PARSE_ERROR"),
        ({"context": {}}, "TARGETING_KEY_MISSING"),
        ({"context": 1}, "INVALID_CONTEXT"),
    ):
        answer = ask(app, "POST", FLAGS, body)
        assert (answer.status, answer.json["errorCode"]) == (400, code)
    missing = ask(app, "POST", f"{FLAGS}/nothing", {"context": {"targetingKey": "ana"}})
    assert (missing.status, missing.json["key"], missing.json["errorCode"]) == (404, "nothing", "FLAG_NOT_FOUND")
