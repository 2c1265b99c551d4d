"""Who is in which arm: the order of reasons, and what may never happen when experiments change."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations, pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.errors import NotFound
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.evaluate import Evaluation, Ruleset
from frontrow.experiments.assignment.records import Experiment
from frontrow.experiments.assignment.split import Assignment, Holdout, Layer, Split, Variant
from frontrow.experiments.assignment.values import prepare_groups

UNITS = [f"profile-{number}" for number in range(20_000)]
SEVERAL = 5.0
"""Standard errors that a share may be off: one false alarm in 1.7 million."""


def split(key: str = "rows", weights: tuple[float, ...] = (0.5, 0.5), **fields) -> Split:
    variants = tuple(Variant(key=f"v{number}", weight=weight) for number, weight in enumerate(weights))
    return Split(key=key, variants=variants, **fields)


def arms(assigner: Assigner, key: str, units=UNITS) -> dict[str, Assignment]:
    return {unit: assigner.assign_one(key, unit, {}, True) for unit in units}


@cache
def _probe(holdout: Holdout) -> Assigner:
    return Assigner([split("probe")], holdout)


def held_out(holdout: Holdout, unit: str, account: str | None = None) -> bool:
    """Whether an experiment that would take everybody leaves this viewer to the holdout."""
    return _probe(holdout).assign_one("probe", unit, {}, True, account).reason == "holdout"


def near(count: int, total: int, share: float) -> bool:
    return abs(count - total * share) <= SEVERAL * math.sqrt(total * share * (1 - share)) + 1e-9


ids = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
cuts = st.lists(st.integers(1, 20), min_size=2, max_size=5)


@st.composite
def splits(draw, key: str) -> Split:
    parts = draw(cuts)
    weights = tuple(part / sum(parts) for part in parts)
    audience = draw(st.sampled_from([{}, {"plan": "basic"}, {"country": {"$in": ["DE", "FR"]}}]))
    return split(key, weights, coverage=draw(st.floats(0, 1)), audience=audience, seed=draw(st.none() | ids))


class TestReasons:
    def test_a_randomised_unit_is_in_and_counted(self):
        found = Assigner([split()]).assign("ana", {}, True)["rows"]
        assert (found.in_experiment, found.counted, found.reason) == (True, True, "assigned")
        assert found.variant in {"v0", "v1"}
        assert 0 <= found.bucket < 1

    def test_without_consent_everybody_has_the_control_and_is_not_counted(self):
        assigner = Assigner([split(overrides={"ana": "v1"})])
        assert assigner.assign("ana", {}, False)["rows"] == Assignment("v0", False, False, None, "no_consent")

    def test_an_override_gives_its_variant_and_is_not_counted(self):
        assigner = Assigner([split(coverage=0.0, overrides={"ana": "v1"}, audience={"plan": "none"})], Holdout(share=1))
        assert assigner.assign("ana", {}, True)["rows"] == Assignment("v1", True, False, None, "override")
        assert assigner.assign("bo", {}, True)["rows"].reason == "holdout"

    def test_outside_the_audience_is_the_control(self):
        assigner = Assigner([split(audience={"country": {"$in": ["DE"]}})])
        assert assigner.assign("ana", {"country": "FR"}, True)["rows"].reason == "audience"
        assert assigner.assign("ana", {"country": "DE"}, True)["rows"].reason == "assigned"
        assert assigner.assign("ana", {}, True)["rows"].reason == "audience"

    def test_saved_groups_can_be_an_audience(self):
        groups = prepare_groups({"staff": ["ana"]})
        assigner = Assigner([split(audience={"profile_id": {"$inGroup": "staff"}})], groups=groups)
        assert assigner.assign("ana", {"profile_id": "ana"}, True)["rows"].in_experiment
        assert not assigner.assign("bo", {"profile_id": "bo"}, True)["rows"].in_experiment

    def test_zero_coverage_is_nobody(self):
        assert not any(
            each.in_experiment for each in arms(Assigner([split(coverage=0.0)]), "rows", UNITS[:500]).values()
        )

    def test_accounts_as_unit_give_all_profiles_of_one_the_same_arm(self):
        assigner = Assigner([split(unit="account")])
        found = {assigner.assign(unit, {}, True, "family")["rows"] for unit in UNITS[:50]}
        assert len(found) == 1
        assert assigner.assign("ana", {}, True)["rows"] == Assignment("v0", False, False, None, "no_unit")

    def test_an_account_experiment_is_overridden_by_account(self):
        assigner = Assigner([split(unit="account", overrides={"family": "v1"})])
        assert assigner.assign("ana", {}, True, "family")["rows"].reason == "override"

    def test_an_unknown_experiment_is_not_found(self):
        with pytest.raises(NotFound):
            Assigner([]).assign_one("rows", "ana", {}, True)

    def test_no_experiments_is_no_answers(self):
        assert Assigner([]).assign("ana", {}, True) == {}


class TestStability:
    @given(splits("a"), ids, st.booleans())
    def test_the_same_unit_gets_the_same_variant(self, one, unit, consent):
        first, second = (Assigner([one], Holdout(share=0.1, seed="a seed longer than any id above")) for _ in range(2))
        assert first.assign(unit, {}, consent) == second.assign(unit, {}, consent) == first.assign(unit, {}, consent)
        assert first.assign(unit, {}, consent)["a"] == first.assign_one("a", unit, {}, consent)

    @given(splits("a"), splits("b"), splits("b"), ids)
    def test_changing_one_experiment_moves_no_other(self, kept, before, after, unit):
        kept, before, after = (msgspec.structs.replace(each, seed=None) for each in (kept, before, after))
        found = [Assigner(several).assign(unit, {}, True)["a"] for several in ([kept], [kept, before], [after, kept])]
        assert found[0] == found[1] == found[2]

    @given(cuts, st.floats(0, 1), st.floats(0, 1), st.sampled_from(UNITS))
    def test_raising_coverage_moves_nobody_who_is_in(self, parts, low, high, unit):
        low, high = sorted((low, high))
        weights = tuple(part / sum(parts) for part in parts)
        few, many = (Assigner([split("a", weights, coverage=each)]).assign(unit, {}, True)["a"] for each in (low, high))
        if few.in_experiment:
            assert many == few

    def test_raising_the_holdout_lets_nobody_go(self):
        small, large = ({unit for unit in UNITS if held_out(Holdout(share=share), unit)} for share in (0.05, 0.1))
        assert small
        assert small < large

    def test_the_hash_is_growthbooks(self):
        """An app that hashes with a GrowthBook SDK finds the arm that the engine finds."""
        mine = Assigner([split("rows", (0.2, 0.3, 0.5), coverage=0.6, seed="s")])
        theirs = Experiment(
            key="rows", variations=["v0", "v1", "v2"], weights=[0.2, 0.3, 0.5], coverage=0.6, seed="s", hash_version=2
        )
        for unit in [*UNITS[:300], "zoë", "日本", "🎬"]:
            ours, other = mine.assign_one("rows", unit, {}, True), Evaluation(Ruleset(), {"id": unit}).run(theirs)
            assert (ours.variant, ours.in_experiment) == (other.value, other.in_experiment)


class TestShares:
    @pytest.mark.parametrize("weights", [(0.5, 0.5), (0.9, 0.1), (0.2, 0.3, 0.5), (0.25,) * 4, (0.01, 0.99)])
    @pytest.mark.parametrize("coverage", [1.0, 0.3])
    def test_shares_match_weights(self, weights, coverage):
        found = arms(Assigner([split("a", weights, coverage=coverage)]), "a")
        for number, weight in enumerate(weights):
            count = sum(each.in_experiment and each.variant == f"v{number}" for each in found.values())
            assert near(count, len(UNITS), weight * coverage)

    def test_the_holdout_has_its_share(self):
        assert near(sum(held_out(Holdout(share=0.05), unit) for unit in UNITS), len(UNITS), 0.05)

    def test_experiments_layers_and_the_holdout_fall_independently(self):
        layer = Layer(key="page")
        several = [split(key) for key in ("exp1", "exp2", "exp3")] + [split("in", layer="page", ranges=((0, 0.5),))]
        assigner = Assigner(several, Holdout(share=0.5), [layer])
        found = [assigner.assign(unit, {}, True) for unit in UNITS]
        events = [[each["exp1"].reason == "holdout" for each in found]]
        events += [[each.bucket < 0.5 for each in arms(Assigner([one]), one.key).values()] for one in several[:3]]
        inside = Assigner([split("in", layer="page", ranges=((0, 0.5),))], layers=[layer])
        events.append([each.in_experiment for each in arms(inside, "in").values()])
        for left, right in combinations(events, 2):
            both = sum(a and b for a, b in zip(left, right, strict=True))
            assert near(both, len(UNITS), 0.25)
        within = [each["in"].variant for each in found if each["in"].in_experiment]
        assert near(within.count("v1"), len(within), 0.5)

    def test_ids_in_a_row_fall_evenly(self):
        """Consecutive numbers differ in the last digit, which a plain FNV would leave in related buckets."""
        assigner = Assigner([split()])
        variants = [assigner.assign_one("rows", str(number), {}, True).variant for number in range(10_000)]
        alike = sum(a == b for a, b in pairwise(variants))
        assert near(alike, 9_999, 0.5)


class TestExclusion:
    LAYERS = (Layer(key="page"),)

    def several(self) -> list[Split]:
        return [
            split("a", layer="page", ranges=((0.0, 0.3),)),
            split("b", layer="page", ranges=((0.3, 0.5), (0.9, 1.0))),
            split("c", layer="page", ranges=((0.5, 0.9),), coverage=0.5),
            split("free"),
        ]

    def test_a_unit_is_in_one_experiment_of_a_layer_at_most(self):
        assigner = Assigner(self.several(), layers=self.LAYERS)
        counts = dict.fromkeys("abc", 0)
        for unit in UNITS:
            found = assigner.assign(unit, {}, True)
            inside = [key for key in "abc" if found[key].in_experiment]
            assert len(inside) <= 1
            assert found["free"].in_experiment
            for key in inside:
                counts[key] += 1
        for key, share in (("a", 0.3), ("b", 0.3), ("c", 0.2)):
            assert near(counts[key], len(UNITS), share)

    def test_an_override_takes_the_unit_out_of_the_layers_other_experiments(self):
        plain = Assigner(self.several(), layers=self.LAYERS)
        unit = next(unit for unit in UNITS if plain.assign_one("a", unit, {}, True).in_experiment)
        a, b, c, free = self.several()
        forced = Assigner([a, msgspec.structs.replace(b, overrides={unit: "v1"}), c, free], layers=self.LAYERS)
        found = forced.assign(unit, {}, True)
        assert {key: each.reason for key, each in found.items()} == {
            "a": "layer",
            "b": "override",
            "c": "layer",
            "free": "assigned",
        }

    def test_held_out_units_are_in_no_experiment(self):
        assigner = Assigner(self.several(), Holdout(share=0.2), self.LAYERS)
        for unit in UNITS[:3_000]:
            found = assigner.assign(unit, {}, True)
            if held_out(Holdout(share=0.2), unit):
                assert {(each.variant, each.in_experiment, each.reason) for each in found.values()} == {
                    ("v0", False, "holdout")
                }
            else:
                assert all(each.reason != "holdout" for each in found.values())

    def test_a_held_out_account_holds_out_all_its_profiles_from_all_experiments(self):
        assigner = Assigner([split("a"), split("b", unit="account")], Holdout(share=0.5))
        accounts = [f"account-{number}" for number in range(200)]
        held = {account for account in accounts if held_out(Holdout(share=0.5), "any", account)}
        assert near(len(held), 200, 0.5)
        for account in accounts:
            for profile in ("x", "y"):
                found = assigner.assign(profile, {}, True, account)
                assert all((each.reason == "holdout") == (account in held) for each in found.values())
