"""The remote evaluation protocol: its statuses, error codes and bodies, entity tags, and any body that may come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.flags import ExperimentFlags, FlagContext, Resolution, Subject
from frontrow.experiments.assignment.split import Split, Variant
from frontrow.experiments.ofrep import Reply, evaluate_flag, evaluate_flags

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


class Beside:
    """An experiment, and flags with whatever a source may say."""

    def __init__(self):
        self.rows = ExperimentFlags(Assigner([ROWS]), subject_of)
        self.others = {
            "banner": Resolution(value="plain", reason="STATIC"),
            "circle": Resolution(error="it stands on itself"),
            "list": Resolution(value=[1]),
            "nothing": Resolution(),
        }

    def names(self):
        return sorted([*self.others, *self.rows.names()])

    def resolver(self, context):
        limit = 7 if context.attributes.get("device") == "tv" else 3
        known = self.others | {"banner": Resolution(value=f"plain {limit}", reason="STATIC")}
        experiment = self.rows.resolver(context)
        return lambda key: known.get(key) or experiment(key)


FLAGS = Beside()
NO_FLAGS = ExperimentFlags(Assigner([]), subject_of)


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

    def test_a_value_is_told_with_why_it_is(self):
        told = {"key": "banner", "value": "plain 3", "reason": "STATIC", "metadata": {}}
        assert said(evaluate_flag(FLAGS, "banner", body())) == told

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
        assert list(flags) == ["banner", "circle", "list", "nothing", "rows"]
        for key, each in flags.items():
            assert each == said(evaluate_flag(FLAGS, key, body()))

    def test_no_flags_is_an_empty_list(self):
        assert said(evaluate_flags(NO_FLAGS, body())) == {"flags": []}

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
