"""Overrides of tunables: named by their path in the settings, checked as those are, applied per request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import msgspec

from frontrow.core.decode import CHOICES, convert
from frontrow.core.errors import InvalidRecord
from frontrow.core.names import nearest
from frontrow.core.settings import takes
from frontrow.experiments.design.design import MODEL

S = TypeVar("S", bound=msgspec.Struct)


def overridden(settings: S, overrides: Mapping[str, Any], prefix: str) -> S:
    """`settings` with the overrides that begin with `prefix`; InvalidRecord (a pointer below /overrides) where a name
    is no tunable, with the nearest that is, or where a value is not what the tunable takes."""
    known = {prefix + name for name in settings.__struct_fields__}
    values: dict[str, Any] = {}
    for name, value in overrides.items():
        if name == MODEL:
            continue
        if name not in known:
            raise InvalidRecord(
                f"there is no tunable {name[:80]}; {_nearest(name, known)}", f"/overrides/{_step(name)}"
            )
        field = name.removeprefix(prefix)
        try:
            convert({field: value}, type(settings))
        except InvalidRecord as error:
            message = prefix + error.message
            if CHOICES not in message:
                message += f"; it takes {takes(type(settings), field)}"
            raise InvalidRecord(message, f"/overrides/{_step(name)}") from None
        values[field] = value
    return convert(msgspec.to_builtins(settings) | values, type(settings)) if values else settings


def check_model(overrides: Mapping[str, Any], published: Collection[str]) -> None:
    """InvalidRecord where `model` names a version that is not kept."""
    version = overrides.get(MODEL)
    if MODEL in overrides and (not isinstance(version, str) or version not in published):
        kept = ", ".join(sorted(published)[-5:]) or "none; run frontrow train"
        raise InvalidRecord(f"model: there is no version {str(version)[:60]}; kept are {kept}", f"/overrides/{MODEL}")


def _nearest(name: str, known: Collection[str]) -> str:
    names = [*known, MODEL]
    near = nearest(name, names, 0.3)
    meant = f"the nearest is {near}; " if near else ""
    return f"{meant}known are {', '.join(sorted(names))}"


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:80]
