"""Sticky buckets: the variation a unit once got is kept, in documents that the caller stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from frontrow.experiments.assignment.records import Experiment, VariationMeta
from frontrow.experiments.assignment.values import text_of

Documents = dict[str, "StickyDocument"]
"""Documents by `document_key`."""


class StickyDocument(Struct, frozen=True, rename="camel"):
    """What one value of one attribute was given: variation keys by `KEY__VERSION` of the experiment."""

    attribute_name: str
    attribute_value: str
    assignments: dict[str, str] = {}


def document_key(name: str, value: str) -> str:
    """The key under which a document is stored."""
    return f"{name}||{value}"


def own_documents(documents: Iterable[StickyDocument], attributes: Mapping[str, object]) -> Documents:
    """Those of `documents` that belong to a unit with these attributes."""
    return {
        document_key(each.attribute_name, each.attribute_value): each
        for each in documents
        if each.attribute_value and text_of(attributes.get(each.attribute_name)) == each.attribute_value
    }


def assignment_key(experiment: Experiment) -> str:
    """Under what an experiment's variation is remembered; another bucket version starts anew."""
    return f"{experiment.key}__{experiment.bucket_version or 0}"


def remembered(experiment: Experiment, assignments: Mapping[str, str]) -> tuple[int, bool]:
    """(number of the remembered variation or -1, whether the unit is blocked).

    Blocked: it was in a version of the experiment below `min_bucket_version`, and may not come back.
    """
    for version in range(experiment.min_bucket_version or 0):
        if f"{experiment.key}__{version}" in assignments:
            return -1, True
    key = assignments.get(assignment_key(experiment))
    if key is None:
        return -1, False
    keys = [variation_key(experiment, number) for number in range(len(experiment.variations))]
    return (keys.index(key) if key in keys else -1), False


def remember(documents: Documents, name: str, value: str, experiment: Experiment, variation: str) -> Documents:
    """`documents` with this assignment in the document of (name, value); the same object when it is there already."""
    key, under = document_key(name, value), assignment_key(experiment)
    before = documents.get(key)
    known = before.assignments if before else {}
    if known.get(under) == variation:
        return documents
    return {**documents, key: StickyDocument(name, value, {**known, under: variation})}


def variation_key(experiment: Experiment, number: int) -> str:
    """The key of a variation: its meta's, else its number."""
    key = variation_meta(experiment, number).key
    return key if isinstance(key, str) else str(number)


def variation_meta(experiment: Experiment, number: int) -> VariationMeta:
    """What is said about a variation."""
    known = experiment.meta or []
    return known[number] if 0 <= number < len(known) else VariationMeta()
