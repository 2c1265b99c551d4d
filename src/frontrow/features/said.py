"""What is said of a moment in free fields: `context` of requests and of events, and which fields are learned from.

A field's value is its text: a string as it is, a number or a boolean as JSON writes it, so that `true` of an event is
`context.NAME=true` of a request. Null, lists, objects and long texts say nothing that could be learned.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.features.moments import UNKNOWN, Field, Fields, Said

MOST_FIELDS: Final = 4
MOST_VALUES: Final = 16
"""Of a field, those with the most playbacks; its other values count as not said."""
LEAST_PLAYS: Final = 50
"""Playbacks from which a value is told apart: of fewer nothing could be learned."""
LONGEST: Final = 64
"""Characters of a name or a value beyond which it is free text, not one of a few."""
ANY: Final = "*"
_TRIED: Final = 4 * MOST_FIELDS
"""Fields that are looked at, so that a log of thousands of names costs no more."""
_DECIDED: Final = 0.02
"""A field that is wrongly guessed from the title in no more than this share of the plays in which it is without one
tells the title (an app that sends the genre along), not the moment: no request could say it."""
_LARGEST: Final = 10**15
"""From here on neighbouring whole numbers are no longer told apart by all that write JSON."""


def said_of(context: Mapping[str, Any] | None) -> Said:
    """(name, value) of what a context says, by name."""
    told = ((name, _text(value)) for name, value in sorted((context or {}).items()))
    return tuple((name, value) for name, value in told if 0 < len(name) <= LONGEST and 0 < len(value) <= LONGEST)


def _text(value: Any) -> str:
    """A value's text; empty for what is no value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and abs(value) < _LARGEST:  # neither infinite nor NaN
        return str(int(value)) if value == int(value) else repr(value)
    return ""


def with_context(
    interactions: Interactions, contexts: Iterable[tuple[int, Mapping[str, Any]]], among: Sequence[str] = (ANY,)
) -> Interactions:
    """The interactions with what was said when they began, in the fields that may be learned from: of those named in
    `among` (ANY: of all) the MOST_FIELDS with the most playbacks, in which at least two values have LEAST_PLAYS, and
    which titles do not decide.

    `contexts` are contexts of events by log offset, each once, in any order: the same log gives the same fields.
    """
    if interactions.offset is None:
        return interactions
    number: dict[tuple[str, str], int] = {}
    offset, pair = array("q"), array("q")
    for where, context in contexts:
        for one in said_of(context):
            if ANY in among or one[0] in among:
                offset.append(where)
                pair.append(number.setdefault(one, len(number)))
    place, own = _places(interactions.offset, np.array(offset, np.int64)), np.array(pair, np.int64)
    there = place >= 0
    place, own = place[there], own[there]
    counts = np.bincount(own, minlength=len(number)).tolist()
    ranked = _ranked({one: counts[which] for one, which in number.items() if counts[which] >= LEAST_PLAYS})
    fields: list[Field] = []
    columns: list[NDArray[np.int8]] = []
    for field in ranked:
        value = np.full(len(number), UNKNOWN, np.int8)
        value[[number[field.name, text] for text in field.values]] = np.arange(len(field.values))
        told = np.flatnonzero(value[own] >= 0)
        if len(fields) < MOST_FIELDS and not _decided(interactions.title[place[told]], value[own[told]]):
            column = np.full(len(interactions), UNKNOWN, np.int8)
            column[place[told]] = value[own[told]]
            fields.append(field)
            columns.append(column)
    if not fields:
        return interactions
    return replace(interactions, fields=Fields(tuple(fields)), said=np.stack(columns, 1))


def _places(offset: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in `offset` each of `wanted` stands; -1: nowhere."""
    if not len(offset):
        return np.full(len(wanted), -1)
    order = np.argsort(offset, kind="stable")
    found = order[np.minimum(np.searchsorted(offset, wanted, sorter=order), len(order) - 1)]
    return np.where(offset[found] == wanted, found, -1)


def _ranked(counts: Mapping[tuple[str, str], int]) -> list[Field]:
    """The fields that may be learned from, those with the most playbacks first, by the playbacks of each (name, value)
    that has enough of them."""
    by_name: dict[str, list[tuple[int, str]]] = {}
    for (name, value), count in counts.items():
        by_name.setdefault(name, []).append((-count, value))
    most = {name: sorted(values)[:MOST_VALUES] for name, values in by_name.items() if len(values) > 1}
    names = sorted(most, key=lambda name: (sum(count for count, _ in most[name]), name))[:_TRIED]
    return [Field(name, tuple(sorted(value for _, value in most[name]))) for name in names]


def _decided(title: NDArray[np.int32], value: NDArray[np.int8]) -> bool:
    """Whether the title decides what is said, by plays of titles that were played again."""
    plays = np.bincount(title)
    again = plays[title] > 1
    pairs, count = np.unique(title[again].astype(np.int64) * (MOST_VALUES + 1) + value[again], return_counts=True)
    most = np.zeros(len(plays), np.int64)
    np.maximum.at(most, pairs // (MOST_VALUES + 1), count)
    total, usual = int(count.sum()), int(np.bincount(value[again], minlength=1).max())
    return total > 0 and total - int(most.sum()) <= _DECIDED * (total - usual)
