"""frontrow.toml: typed records, every key known, every default shown.

A room keeps its settings as a record beside its code; `frontrow.settings` joins them. A field's documentation is the
`description` of its `msgspec.Meta`.
"""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec

from frontrow.core.decode import convert
from frontrow.core.errors import InvalidRecord, UsageError
from frontrow.core.names import nearest

S = TypeVar("S", bound=msgspec.Struct)


def load_settings(path: Path, kind: type[S]) -> S:
    """The settings of a file (defaults where there is none); UsageError names an unknown key and the nearest known."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mend = "A section stands once: write the setting below the one that is there." if "twice" in str(error) else ""
        raise UsageError(f"{path} is not valid TOML: {error}", mend) from None
    _refuse_unknown(raw, kind, path, "")
    try:
        return convert(raw, kind)
    except InvalidRecord as error:
        raise UsageError(f"{path}: {error.message}") from None


def _refuse_unknown(raw: dict[str, Any], kind: type[msgspec.Struct], path: Path, prefix: str) -> None:
    hints = get_type_hints(kind)
    for key, value in raw.items():
        if key not in kind.__struct_fields__:
            section = isinstance(value, dict)
            near = nearest(prefix + key, _sections(kind, prefix) if section else _all_keys(kind, prefix), 0.3)
            mend = f"Known here: {', '.join(kind.__struct_fields__)}"
            if near:
                mend = f"Did you mean {f'[{near}]' if section else near}?"
            raise UsageError(f"{path}: unknown setting {prefix}{key}", mend)
        below = hints[key]
        if isinstance(value, dict) and isinstance(below, type) and issubclass(below, msgspec.Struct):
            _refuse_unknown(value, below, path, f"{prefix}{key}.")


def _sections(kind: type[msgspec.Struct], prefix: str) -> list[str]:
    hints = get_type_hints(kind).items()
    return [prefix + name for name, hint in hints if isinstance(hint, type) and issubclass(hint, msgspec.Struct)]


def _all_keys(kind: type[msgspec.Struct], prefix: str) -> list[str]:
    keys: list[str] = []
    for name, hint in get_type_hints(kind).items():
        nested = isinstance(hint, type) and issubclass(hint, msgspec.Struct)
        keys += _all_keys(hint, f"{prefix}{name}.") if nested else [prefix + name]
    return keys


def template(settings: msgspec.Struct, heading: str) -> str:
    """A settings file that shows every setting with what it means: those that are not the default as they are, the
    others commented out."""
    return f"{heading.rstrip()}\n\n" + "\n".join(_section(settings, "")).strip() + "\n"


def table(kind: type[msgspec.Struct], prefix: str) -> list[str]:
    """The settings of a record as lines of a Markdown table: name, default, what it takes, what it means."""
    schema = _schema(kind)
    lines = ["| name | default | takes | meaning |", "|---|---|---|---|"]
    for name, stated in schema.items():
        default = msgspec.json.encode(stated["default"]).decode()
        lines.append(f"| `{prefix}{name}` | `{default}` | {_takes(stated)} | {stated['description']} |")
    return lines


def takes(kind: type[msgspec.Struct], name: str) -> str:
    """What a setting may be, in words."""
    return _takes(_schema(kind)[name])


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    return schema


def _takes(stated: dict[str, Any]) -> str:
    """What a JSON schema allows, in words."""
    if "enum" in stated:
        return " or ".join(f"`{each}`" for each in stated["enum"])
    if stated["type"] == "array":
        return f"a list of {_takes(stated['items'])}"
    if stated["type"] == "object":
        return f"by name, {_takes(stated['additionalProperties'])}"
    kind = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}
    within = f", {stated['minimum']:,} to {stated['maximum']:,}" if "minimum" in stated else ""
    return f"{kind[stated['type']]}{within}"


def _section(settings: msgspec.Struct, prefix: str) -> list[str]:
    plain: list[str] = []
    nested: list[str] = []
    kind = type(settings)
    defaults = kind()
    for field in msgspec.structs.fields(kind):
        hint = get_type_hints(kind)[field.name]
        value = getattr(settings, field.name)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            nested += ["", f"[{prefix}{field.name}]", *_section(value, f"{prefix}{field.name}.")]
            continue
        described = msgspec.inspect.type_info(field.type)
        text = ""
        if isinstance(described, msgspec.inspect.Metadata):
            text = (described.extra_json_schema or {}).get("description", "")
        plain += [f"# {line}" for line in textwrap.wrap(text, 110)]
        mark = "# " if value == getattr(defaults, field.name) else ""
        plain.append(f"{mark}{field.name} = {_toml(value)}")
    return plain + nested


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return '""'
    return msgspec.json.encode(value).decode()
