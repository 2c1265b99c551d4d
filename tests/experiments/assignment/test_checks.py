"""Experiments that contradict themselves or each other are refused before anybody is assigned."""

from __future__ import annotations

import math

import pytest

from frontrow.core.decode import decode
from frontrow.core.errors import InvalidRecord
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.checks import check_split
from frontrow.experiments.assignment.split import Holdout, Layer, Split, Variant

HALVES = (Variant(key="off", weight=0.5), Variant(key="on", weight=0.5))


def split(key: str = "a", **fields) -> Split:
    return Split(key=key, **{"variants": HALVES, **fields})


def weighed(*weights: float) -> tuple[Variant, ...]:
    return tuple(Variant(key=str(number), weight=weight) for number, weight in enumerate(weights))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (split(key=""), "/key"),
        (split(key="a\nb"), "/key"),
        (split(seed=""), "/seed"),
        (split(variants=()), "/variants"),
        (split(variants=HALVES[:1]), "/variants"),
        (split(variants=(HALVES[0], HALVES[0])), "/variants"),
        (split(variants=weighed(0.5, 0.4)), "/variants"),
        (split(variants=weighed(0.7, 0.6)), "/variants"),
        (split(variants=weighed(1.5, -0.5)), "/variants/0/weight"),
        (split(variants=weighed(math.nan, 0.5)), "/variants/0/weight"),
        (split(variants=(HALVES[0], Variant(key="", weight=0.5))), "/variants/1/key"),
        (split(variants=(HALVES[0], Variant(key="on", weight=0.5, value=[1]))), "/variants/1/value"),
        (split(coverage=1.1), "/coverage"),
        (split(coverage=-0.1), "/coverage"),
        (split(coverage=math.nan), "/coverage"),
        (split(coverage=math.inf), "/coverage"),
        (split(audience={"plan": {"$is": "basic"}}), "/audience/plan/$is"),
        (split(overrides={"ana": "maybe"}), "/overrides"),
        (split(overrides={"": "on"}), "/overrides"),
        (split(ranges=((0.0, 0.5),)), "/ranges"),
        (split(layer="page", ranges=()), "/ranges"),
        (split(layer="page", ranges=((0.5, 0.5),)), "/ranges/0"),
        (split(layer="page", ranges=((0.0, 0.1), (0.6, 0.5))), "/ranges/1"),
        (split(layer="page", ranges=((0.0, 1.1),)), "/ranges/0"),
        (split(layer="page", ranges=((math.nan, 1.0),)), "/ranges/0"),
        (split(layer="page", ranges=((0.00001, 0.00002),)), "/ranges/0"),
    ],
)
def test_a_wrong_split_is_refused_with_a_pointer(wrong, pointer):
    with pytest.raises(InvalidRecord) as error:
        check_split(wrong)
    assert error.value.pointer == pointer


def test_weights_within_a_millionth_of_one_are_taken():
    check_split(split(variants=weighed(1 / 3, 1 / 3, 0.3333333)))


def test_a_range_of_one_bucket_is_taken():
    check_split(split(layer="page", ranges=((0.0001, 0.0002), (0.3, 0.3001))))


PAGE = Layer(key="page")


@pytest.mark.parametrize(
    ("splits", "holdout", "layers", "words"),
    [
        ([split("a"), split("a", seed="b")], None, [], "two experiments have the key a"),
        ([], None, [PAGE, Layer(key="page", seed="x")], "two layers have the key page"),
        ([split("a"), split("b", seed="a")], None, [], "share the seed a"),
        ([split("holdout")], Holdout(share=0.1), [], "share the seed holdout"),
        ([split("a")], None, [Layer(key="page", seed="a")], "share the seed a"),
        ([split("a", layer="page")], None, [], "there is no layer page"),
        ([split("a", layer="page", unit="account")], None, [PAGE], "would not exclude each other"),
        ([split("a", unit="account")], Holdout(share=0.1, unit="profile"), [], "held out viewers"),
        ([], Holdout(share=0.1, seed=""), [], "seed is empty"),
        ([], None, [Layer(key="")], "key is empty"),
        ([], Holdout(share=1.1), [], "share must lie in 0..1"),
        ([], Holdout(share=math.nan), [], "share must lie in 0..1"),
        ([split("a", layer="page"), split("b", layer="page")], None, [PAGE], "a and b overlap in layer page"),
        (
            [
                split("a", layer="page", ranges=((0, 0.5),), overrides={"ana": "on"}),
                split("b", layer="page", ranges=((0.5, 1),), overrides={"ana": "on"}),
            ],
            None,
            [PAGE],
            "override the same unit",
        ),
        ([split("a"), split("b", coverage=2.0)], None, [], "experiment b: coverage"),
    ],
)
def test_experiments_that_contradict_each_other_are_refused(splits, holdout, layers, words):
    with pytest.raises(InvalidRecord, match=words):
        Assigner(splits, holdout, layers)


def test_ranges_that_touch_in_floats_share_no_bucket():
    """.1 + .2 is a little over .3: the bucket at .3 belongs to one experiment all the same."""
    first, second = split("a", layer="page", ranges=((0.1, 0.1 + 0.2),)), split("b", layer="page", ranges=((0.3, 0.5),))
    assigner = Assigner([first, second], None, [PAGE])
    for number in range(30_000):
        found = assigner.assign(str(number), {}, True)
        assert not (found["a"].in_experiment and found["b"].in_experiment)


def test_ranges_that_touch_do_not_overlap():
    Assigner([split("a", layer="page", ranges=((0, 0.5),)), split("b", layer="page", ranges=((0.5, 1),))], None, [PAGE])


def test_a_split_is_read_from_json():
    body = b"""{"key": "a", "layer": "page", "ranges": [[0, 1]], "coverage": 1, "overrides": {"ana": "on"},
        "variants": [{"key": "off", "weight": 0.5}, {"key": "on", "weight": 0.5, "value": {"rows": 30}}]}"""
    found = decode(body, Split)
    check_split(found)
    assert found.ranges == ((0.0, 1.0),)
    with pytest.raises(InvalidRecord) as error:
        decode(body.replace(b"coverage", b"covarage"), Split)
    assert "covarage" in error.value.message
