"""The remote evaluation protocol: its statuses, error codes and bodies, entity tags, and any body that may come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.evaluate import parse_ruleset
from frontrow.experiments.assignment.flags import ExperimentFlags, FeatureFlags, FlagContext, Flags, Subject
from frontrow.experiments.assignment.split import Split, Variant
from frontrow.experiments.ofrep import Reply, evaluate_flag, evaluate_flags

RULES = parse_ruleset(
    {
        "features": {
            "banner": {"defaultValue": "plain"},
            "limit": {"defaultValue": 3, "rules": [{"id": "r", "force": 7, "condition": {"device": "tv"}}]},
            "nothing": {},
            "list": {"defaultValue": [1]},
            "circle": {"rules": [{"parentConditions": [{"id": "circle", "condition": {}}]}]},
            "shade": {"rules": [{"variations": [{"dark": 1}, {"dark": 2}], "meta": [{"key": "a"}, {"key": "b"}]}]},
        }
    }
)
ROWS = Split(
    key="rows",
    variants=(Variant(key="control", weight=0.5), Variant(key="deep", weight=0.5, value={"rows": 30})),
    overrides={"tester": "deep"},
    audience={"country": "DE"},
)


def subject_of(context: FlagContext) -> Subject:
    country = "FR" if context.targeting_key == "far" else "DE"
    return Subject(
        unit_id=context.targeting_key, attributes={"country": country}, consent=context.targeting_key != "no"
    )


FLAGS = Flags([ExperimentFlags(Assigner([ROWS]), subject_of), FeatureFlags(RULES)])


def body(key: str = "ana", **attributes) -> bytes:
    return json.dumps({"context": {"targetingKey": key, **attributes}}).encode()


def said(reply: Reply):
    return json.loads(reply.encode())


class TestOneFlag:
    def test_an_unknown_flag(self):
        reply = evaluate_flag(FLAGS, "no-such-flag", body("w-shape"))
        assert reply.status == 404
        assert said(reply)["key"] == "no-such-flag"
        assert said(reply)["errorCode"] == "FLAG_NOT_FOUND"

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (b"", "PARSE_ERROR"),
            (b"{", "PARSE_ERROR"),
            (b"\xff", "PARSE_ERROR"),
            (b"[" * 100_000, "PARSE_ERROR"),
            (b"[]", "PARSE_ERROR"),
            (b"null", "PARSE_ERROR"),
            (b'{"context": null}', "INVALID_CONTEXT"),
            (b'{"context": []}', "INVALID_CONTEXT"),
            (b'{"context": {"targetingKey": 7}}', "INVALID_CONTEXT"),
            (b'{"context": {"targetingKey": "a\\u0000b"}}', "INVALID_CONTEXT"),
            (b'{"context": {"targetingKey": "%s"}}' % (b"x" * 129), "INVALID_CONTEXT"),
            (b"{}", "TARGETING_KEY_MISSING"),
            (b'{"context": {}}', "TARGETING_KEY_MISSING"),
            (b'{"context": {"targetingKey": ""}}', "TARGETING_KEY_MISSING"),
            (b'{"context": {"targetingKey": null}}', "TARGETING_KEY_MISSING"),
        ],
    )
    def test_a_bad_request(self, sent, code):
        one, all_of_them = evaluate_flag(FLAGS, "rows", sent), evaluate_flags(FLAGS, sent)
        assert one.status == all_of_them.status == 400
        assert said(one)["errorCode"] == said(all_of_them)["errorCode"] == code
        assert said(one)["key"] == "rows"
        assert "key" not in said(all_of_them)
        assert said(one)["errorDetails"]

    def test_an_experiment_is_a_flag(self):
        found = {said(evaluate_flag(FLAGS, "rows", body(f"p{number}")))["variant"] for number in range(50)}
        assert found == {"control", "deep"}
        answer = said(evaluate_flag(FLAGS, "rows", body()))
        assert answer["value"] == {"control": "control", "deep": {"rows": 30}}[answer["variant"]]
        assert answer["reason"] == "SPLIT"
        assert answer["metadata"] == {"assignment": "assigned", "inExperiment": True, "counted": True}

    @pytest.mark.parametrize(
        ("key", "variant", "reason", "why"),
        [
            ("tester", "deep", "TARGETING_MATCH", "override"),
            ("no", "control", "DEFAULT", "no_consent"),
            ("far", "control", "DEFAULT", "audience"),
        ],
    )
    def test_why_an_experiments_flag_has_its_value(self, key, variant, reason, why):
        answer = said(evaluate_flag(FLAGS, "rows", body(key)))
        assert (answer["variant"], answer["reason"], answer["metadata"]["assignment"]) == (variant, reason, why)
        assert answer["metadata"]["counted"] is False

    def test_features_are_flags(self):
        assert said(evaluate_flag(FLAGS, "banner", body())) == {
            "key": "banner",
            "value": "plain",
            "reason": "STATIC",
            "metadata": {},
        }
        assert said(evaluate_flag(FLAGS, "limit", body()))["reason"] == "DEFAULT"
        forced = said(evaluate_flag(FLAGS, "limit", body(device="tv")))
        assert (forced["value"], forced["reason"], forced["metadata"]) == (7, "TARGETING_MATCH", {"rule": "r"})
        shade = said(evaluate_flag(FLAGS, "shade", body()))
        assert (shade["reason"], shade["variant"]) == ("SPLIT", {1: "a", 2: "b"}[shade["value"]["dark"]])

    def test_a_flag_without_value_leaves_it_to_the_app(self):
        reply = evaluate_flag(FLAGS, "nothing", body())
        assert reply.status == 200
        assert "value" not in said(reply)

    @pytest.mark.parametrize("key", ["list", "circle"])
    def test_a_flag_that_cannot_be_told(self, key):
        reply = evaluate_flag(FLAGS, key, body())
        assert (reply.status, said(reply)["errorCode"]) == (400, "GENERAL")


class TestAllFlags:
    def test_all_are_told_those_that_fail_too(self):
        reply = evaluate_flags(FLAGS, body())
        assert reply.status == 200
        flags = {each["key"]: each for each in said(reply)["flags"]}
        assert list(flags) == ["banner", "circle", "limit", "list", "nothing", "rows", "shade"]
        for key, each in flags.items():
            assert each == said(evaluate_flag(FLAGS, key, body()))

    def test_no_flags_is_an_empty_list(self):
        assert said(evaluate_flags(Flags([]), body())) == {"flags": []}

    @pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', "*"])
    def test_an_answer_that_is_known_is_not_sent_again(self, shape):
        first = evaluate_flags(FLAGS, body())
        again = evaluate_flags(FLAGS, body(), shape.format(first.etag))
        assert (again.status, again.body, again.encode(), again.etag) == (304, None, b"", first.etag)

    def test_another_answer_has_another_tag(self):
        first = evaluate_flags(FLAGS, body())
        again = evaluate_flags(FLAGS, body(device="tv"), first.etag)
        assert again.status == 200
        assert again.etag != first.etag

    def test_the_first_source_that_knows_a_flag_answers(self):
        shadowed = FeatureFlags(parse_ruleset({"features": {"banner": {"defaultValue": "first"}}}))
        both = Flags([shadowed, FLAGS])
        assert said(evaluate_flag(both, "banner", body()))["value"] == "first"
        assert list(both.names()).count("banner") == 1


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: b'{"context": {"targetingKey": "' + text.encode())
)
def test_no_body_breaks_it(sent):
    assert evaluate_flag(FLAGS, "rows", sent).status in {200, 400}
    assert evaluate_flags(FLAGS, sent).status in {200, 400}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["device", "id", "x", "targetingKey"]), json_values))
def test_no_context_breaks_it(context):
    sent = json.dumps({"context": context}).encode()
    for key in FLAGS.names():
        assert evaluate_flag(FLAGS, key, sent).status in {200, 400}
    first = evaluate_flags(FLAGS, sent)
    assert first == evaluate_flags(FLAGS, sent)
    assert json.loads(first.encode())
