"""Equality with GrowthBook's published cases, section by section (specification 0.8.0)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontrow.experiments.assignment.buckets import bucket_ranges, choose_variation, equal_weights
from frontrow.experiments.assignment.conditions import matches
from frontrow.experiments.assignment.evaluate import Evaluation, parse_ruleset
from frontrow.experiments.assignment.forcing import forced_by_url
from frontrow.experiments.assignment.hashing import bucket_hash
from frontrow.experiments.assignment.namespaces import in_namespace
from frontrow.experiments.assignment.records import Experiment
from frontrow.experiments.assignment.sticky import StickyDocument, own_documents
from frontrow.experiments.assignment.values import prepare_groups

CASES = Path(__file__).resolve().parents[4] / "shared" / "data" / "growthbook-cases" / "cases.json"

LEFT_OUT = {
    "decrypt": "encrypted feature files need AES; nothing here reads them",
    "urlRedirect": "redirects and page addresses belong to web-site testing",
}

pytestmark = pytest.mark.shared


@cache
def cases() -> dict[str, list[Any]]:
    return json.loads(CASES.read_text())


@pytest.fixture(scope="module", autouse=True)
def _published():
    if not CASES.is_file():
        pytest.skip("no data/growthbook-cases in the shared folder")


def section(name: str) -> Any:
    """One test for each case of a section; none where the data is not there."""
    found = cases()[name] if CASES.is_file() else [[f"{name}: no data"]]
    names = [f"{number}-{case[0]}" for number, case in enumerate(found)]
    return pytest.mark.parametrize("case", found, ids=names)


def evaluation(context: dict[str, Any], **more: Any) -> Evaluation:
    return Evaluation(parse_ruleset(context), context.get("attributes", {}), url=context.get("url", ""), **more)


def as_json(record: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(record))


def test_every_section_is_tested_or_left_out_for_a_reason():
    tested = {name for name, value in globals().items() if name.startswith("test_section_") and callable(value)}
    assert {name.removeprefix("test_section_") for name in tested} | set(LEFT_OUT) | {"specVersion"} == set(cases())


@section("hash")
def test_section_hash(case):
    seed, value, version, expected = case
    assert bucket_hash(seed, value, version) == expected


@section("getBucketRange")
def test_section_getBucketRange(case):
    _, (count, coverage, weights), expected = case
    found = bucket_ranges(count, coverage, weights)
    assert [pytest.approx(tuple(each), abs=1e-9) for each in expected] == found


@section("getEqualWeights")
def test_section_getEqualWeights(case):
    count, expected = case
    assert [round(each, 8) for each in equal_weights(count)] == expected


@section("chooseVariation")
def test_section_chooseVariation(case):
    _, bucket, ranges, expected = case
    assert choose_variation(bucket, ranges) == expected


@section("inNamespace")
def test_section_inNamespace(case):
    _, value, namespace, expected = case
    assert in_namespace(value, namespace) is expected


@section("getQueryStringOverride")
def test_section_getQueryStringOverride(case):
    _, key, url, count, expected = case
    assert forced_by_url(key, url, count) == expected


@section("evalCondition")
def test_section_evalCondition(case):
    _, condition, attributes, expected, *groups = case
    assert matches(condition, attributes, prepare_groups(groups[0] if groups else {})) is expected


@section("run")
def test_section_run(case):
    _, context, experiment, value, included, hashed = case
    result = evaluation(context).run(msgspec.convert(experiment, Experiment))
    assert (result.value, result.in_experiment, result.hash_used) == (value, included, hashed)


@section("feature")
def test_section_feature(case):
    _, context, key, expected = case
    assert as_json(evaluation(context).feature(key)) == expected


@section("contextualBandit")
def test_section_contextualBandit(case):
    _, context, key, expected = case
    sticky = own_documents(
        [msgspec.convert(each, StickyDocument) for each in context.get("stickyBucketAssignmentDocs", {}).values()],
        context["attributes"],
    )
    assert as_json(evaluation(context, sticky=sticky or None).feature(key)) == expected


@section("stickyBucket")
def test_section_stickyBucket(case):
    _, context, stored, key, expected, after = case
    documents = [msgspec.convert(each, StickyDocument) for each in stored]
    subject = evaluation(context, sticky=own_documents(documents, context["attributes"]))
    result = subject.feature(key).experiment_result
    assert as_json(subject.documents) == after
    assert (None if result is msgspec.UNSET else as_json(result)) == expected
