"""Features beyond the published cases: bad files, long chains, page addresses, sticky buckets that nobody keeps."""

from __future__ import annotations

import msgspec
import pytest

from frontrow.core.errors import InvalidRecord
from frontrow.experiments.assignment.evaluate import Evaluation, parse_ruleset
from frontrow.experiments.assignment.records import Experiment
from frontrow.experiments.assignment.sticky import StickyDocument, own_documents


def feature(key: str, features: dict, **attributes):
    return Evaluation(parse_ruleset({"features": features}), attributes).feature(key)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ([], ""),
        ({"features": []}, "/features"),
        ({"features": {"a": {"rules": [{"coverage": "half"}]}}}, "/features/.../rules/0/coverage"),
        ({"savedGroups": {"g": 1}}, "/saved_groups/..."),
    ],
)
def test_a_file_of_another_shape_is_refused(raw, pointer):
    with pytest.raises(InvalidRecord) as error:
        parse_ruleset(raw)
    assert error.value.pointer.lower().replace("_", "") == pointer.replace("_", "")


def test_a_file_that_nests_too_deeply_is_refused():
    condition: dict = {}
    for _ in range(300):
        condition = {"$not": condition}
    with pytest.raises(InvalidRecord, match="nest"):
        parse_ruleset({"features": {"a": {"rules": [{"force": 1, "condition": condition}]}}})


def test_a_very_long_chain_of_prerequisites_ends():
    chain = {
        f"f{number}": {
            "defaultValue": True,
            "rules": [{"parentConditions": [{"id": f"f{number + 1}", "condition": {"value": True}, "gate": True}]}],
        }
        for number in range(2_000)
    }
    assert feature("f0", chain).source == "cyclicPrerequisite"


def test_an_experiment_on_page_addresses_takes_nobody():
    experiment = Experiment(key="a", variations=[0, 1], url_patterns=[{"type": "simple", "pattern": "/home"}])
    assert not Evaluation(parse_ruleset({}), {"id": "1"}).run(experiment).in_experiment


def test_an_experiment_without_variations_is_no_experiment():
    result = Evaluation(parse_ruleset({}), {"id": "1"}).run(Experiment(key="a", variations=[]))
    assert (result.value, result.in_experiment) == (None, False)


def test_a_list_as_unit_is_no_unit():
    assert feature("a", {"a": {"rules": [{"variations": [0, 1]}]}}, id=["1"]).source == "defaultValue"


def test_an_experiment_whose_prerequisites_form_a_circle_takes_nobody():
    rules = [{"variations": [0, 1], "parentConditions": [{"id": "a", "condition": {}}]}]
    assert feature("a", {"a": {"rules": rules}}, id="1").source == "cyclicPrerequisite"
    experiment = Experiment(
        key="x", variations=[0, 1], parent_conditions=msgspec.convert([{"id": "a", "condition": {}}], list)
    )
    experiment = msgspec.convert(msgspec.to_builtins(experiment), Experiment)
    result = Evaluation(parse_ruleset({"features": {"a": {"rules": rules}}}), {"id": "1"}).run(experiment)
    assert not result.in_experiment


def test_without_documents_nothing_is_kept_and_no_fallback_used():
    subject = Evaluation(parse_ruleset({}), {"device": "d"})
    experiment = Experiment(key="a", variations=[0, 1], fallback_attribute="device")
    assert not subject.run(experiment).in_experiment
    assert subject.documents is None


def test_a_remembered_variation_outlasts_new_weights():
    before = Experiment(key="a", variations=[0, 1], hash_version=2)
    first = Evaluation(parse_ruleset({}), {"id": "ana"}, sticky={})
    chosen = first.run(before).variation_id
    weights = [0.0, 1.0] if chosen == 0 else [1.0, 0.0]
    after = msgspec.structs.replace(before, weights=weights)
    assert Evaluation(parse_ruleset({}), {"id": "ana"}).run(after).variation_id != chosen
    kept = Evaluation(parse_ruleset({}), {"id": "ana"}, sticky=first.documents).run(after)
    assert (kept.variation_id, kept.sticky_bucket_used) == (chosen, True)


def test_only_the_units_own_documents_are_read():
    documents = [StickyDocument("id", "bo", {"a__0": "1"}), StickyDocument("id", "", {"a__0": "1"})]
    assert own_documents(documents, {"id": "ana", "other": "bo"}) == {}
    assert own_documents(documents, {}) == {}
