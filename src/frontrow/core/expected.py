"""What a type expects at a place inside a value, in words: for errors that say what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from msgspec import inspect

ANY = "..."
"""A step of msgspec's paths: some value of an object, or of a set."""
_FEW = 24


def choices_at(kind: Any, steps: Sequence[str], *, key: bool = False) -> list[str]:
    """The values that a place of this type may have, where they are few and named; with `key` the names that an object
    there may use."""
    return list({each: None for stated in _at(_stated(kind), steps) for each in _named(stated, key)})


def fields_at(kind: Any, steps: Sequence[str]) -> list[str]:
    """The fields of the record at a place."""
    return [
        field.encode_name
        for stated in _at(_stated(kind), steps)
        if isinstance(stated, inspect.StructType)
        for field in stated.fields
    ]


def form_at(kind: Any, steps: Sequence[str]) -> str:
    """How a text at a place is written, with an example, as its type describes it; "" if it does not."""
    for stated in _at(_stated(kind), steps):
        if isinstance(stated, inspect.Metadata) and isinstance(_bare(stated), inspect.StrType):
            schema = stated.extra_json_schema or {}
            examples = ", ".join(map(str, schema.get("examples", ())))
            return str(schema.get("description", "")) + (f", such as {examples}" if examples else "")
    return ""


def listed(values: Sequence[str]) -> str:
    """Some of the values, and how many there are."""
    more = f" and {len(values) - _FEW} more" if len(values) > _FEW else ""
    return ", ".join(value or '""' for value in values[:_FEW]) + more


@cache
def _stated(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _at(stated: inspect.Type, steps: Sequence[str]) -> Iterator[inspect.Type]:
    """What may stand there: several where a place takes one of several types."""
    bare = _bare(stated)
    if isinstance(bare, inspect.UnionType):
        for each in bare.types:
            yield from _at(each, steps)
    elif not steps:
        yield stated
    elif isinstance(bare, inspect.StructType):
        for field in bare.fields:
            if field.encode_name == steps[0]:
                yield from _at(field.type, steps[1:])
    elif isinstance(bare, inspect.DictType):
        yield from _at(bare.value_type, steps[1:])
    elif isinstance(bare, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        yield from _at(bare.item_type, steps[1:])


def _named(stated: inspect.Type, key: bool) -> Iterator[str]:
    bare = _bare(stated)
    if key and isinstance(bare, inspect.DictType):
        bare = _bare(bare.key_type)
    if isinstance(bare, inspect.LiteralType):
        yield from map(str, bare.values)
    elif isinstance(bare, inspect.EnumType):
        yield from (str(each.value) for each in bare.cls)


def _bare(stated: inspect.Type) -> inspect.Type:
    while isinstance(stated, inspect.Metadata):
        stated = stated.type
    return stated
