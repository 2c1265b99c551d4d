"""The documentation page: plain HTML and CSS from the table of routes; nothing is fetched from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from frontrow import __version__
from frontrow.api.openapi import Json, openapi_document, operation_id
from frontrow.api.problems import KINDS
from frontrow.api.route import Route

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


_ACCESS = "`Authorization: Bearer KEY`; a key has one role. With `--dev` no key is needed, on this machine only."
_PROBLEMS = "Errors are `application/problem+json`: `{type, title, status, detail, errors: [{pointer, message}]}`."


def docs_html(routes: Sequence[Route]) -> bytes:
    """The whole page."""
    document = openapi_document(routes)
    contents = "".join(f'<li><a href="#{operation_id(route)}">{_name(route)}</a></li>' for route in routes)
    calls = "".join(_call(route, document) for route in routes)
    records = "".join(_record(name, schema) for name, schema in sorted(document["components"]["schemas"].items()))
    problems = "".join(
        f'<tr id="{kind.slug}"><td>{status}</td><td>{escape(kind.title)}</td><td>{_prose(kind.meaning)}</td></tr>'
        for status, kind in sorted(KINDS.items())
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Frontrow API</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<header><h1>Frontrow API <small>{escape(__version__)}</small></h1>
<p>{_prose(document["info"]["description"])} As a file: <a href="/openapi.json">openapi.json</a>.</p></header>
<nav aria-label="Calls"><ul>{contents}
<li><a href="#problems">Problems</a></li><li><a href="#records">Records</a></li></ul></nav>
<main>
<section><h2>Access</h2><p>{_prose(_ACCESS)}</p></section>
{calls}
<section id="problems"><h2>Problems</h2>
<p>{_prose(_PROBLEMS)}</p>
<table><thead><tr><th>Status</th><th>Title</th><th>Meaning</th></tr></thead><tbody>{problems}</tbody></table></section>
<section id="records"><h2>Records</h2>{records}</section>
</main>
</body>
</html>
""".encode()


def _call(route: Route, document: Json) -> str:
    operation = document["paths"][route.path][route.method.lower()]
    roles = "open to all" if route.roles is None else ", ".join(sorted(route.roles))
    problems = ", ".join(f'<a href="#{KINDS[status].slug}">{status}</a>' for status in route.statuses)
    answer = next(iter(operation["responses"].values()))
    content: Json = next(iter(answer.get("content", {}).values()), {"schema": {}})
    parts = [
        f'<section id="{operation_id(route)}"><h2>{_name(route)}</h2><p>{_prose(route.summary)}.</p>',
        f"<p>Roles: {escape(roles)}. Answers {route.status} {_type(content['schema'])}; problems {problems}.</p>",
        _parameters(operation.get("parameters", [])),
    ]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        parts.append(f"<p>Body: {_type(schema)}.</p>")
    if route.example is not None:
        parts.append(f"<pre>{escape(_example(route))}</pre>")
    return "".join(parts) + "</section>"


def _parameters(parameters: list[Json]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(stated['name'])}</code></td>"
        f"<td>{stated['in']}{', required' if stated['required'] else ''}</td><td>{_type(stated['schema'])}</td></tr>"
        for stated in parameters
    )
    return f"<table><thead><tr><th>Parameter</th><th>Where</th><th>Type</th></tr></thead><tbody>{rows}</tbody></table>"


def _record(name: str, schema: Json) -> str:
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{' *' if field in required else ''}</td><td>{_type(below)}</td></tr>"
        for field, below in schema.get("properties", {}).items()
    )
    table = f"<table><thead><tr><th>Field</th><th>Type</th></tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    return f'<h3 id="record-{escape(name)}">{escape(name)}</h3><p>{_prose(schema.get("description", ""))}</p>{table}'


def _type(schema: Json) -> str:
    """A schema in a few words, with links to records."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#record-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"]) + _default(schema)
    if "enum" in schema:
        return " | ".join(escape(str(value)) for value in schema["enum"]) + _default(schema)
    words = escape(str(schema.get("type", "anything")))
    if schema.get("type") == "array":
        held: Any = schema.get("items") or next(iter(schema.get("prefixItems", [])), {})
        words = f"array of {_type(held)}"
    limits = [
        f"≥ {schema['minimum']}" if "minimum" in schema else "",
        f"≤ {schema['maximum']}" if "maximum" in schema else "",
    ]
    limits += [f"at most {schema['maxItems']}" if "maxItems" in schema else "", schema.get("description", "")]
    stated = ", ".join(escape(limit) for limit in limits if limit)
    return words + (f" ({stated})" if stated else "") + _default(schema)


def _default(schema: Json) -> str:
    value: Any = schema.get("default")
    return f", default {escape(json.dumps(value))}" if value not in (None, [], {}) else ""


def _example(route: Route) -> str:
    if route.query is not None:
        return f"{route.method} {route.path}?{urlencode(route.example)}"
    return f"{route.method} {route.path}\n{json.dumps(route.example, indent=2, ensure_ascii=False)}"


def _name(route: Route) -> str:
    return f"<code>{route.method} {escape(route.path)}</code>"


def _prose(text: str) -> str:
    """Text with `code` in it."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
