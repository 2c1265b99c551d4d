"""OpenAPI 3.1 from the table of routes and the records that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from frontrow import __version__
from frontrow.api.problems import CONTENT_TYPE, KINDS, Problem
from frontrow.api.route import Route
from frontrow.people.keys import ROLES

Json = dict[str, Any]

_TEMPLATE = "#/components/schemas/{name}"
_TIMES = {"Event": ("at", "received_at")}
"""Kept as numbers inside, written as RFC 3339 outside."""
_ID = {"type": "string", "minLength": 1, "maxLength": 128}


def openapi_json(routes: Sequence[Route]) -> bytes:
    """The document as it is answered."""
    return msgspec.json.encode(openapi_document(routes))


def openapi_document(routes: Sequence[Route]) -> Json:
    """All routes, their records, problems, roles and examples."""
    kinds = [kind for route in routes for kind in (_body_kind(route), _answer_kind(route), route.query) if kind]
    unique = list(dict.fromkeys([*kinds, Problem]))
    schemas, components = msgspec.json.schema_components(unique, schema_hook=_anything, ref_template=_TEMPLATE)
    schema_of = dict(zip(unique, schemas, strict=True))
    for name, fields in _TIMES.items():
        for field in fields:
            components[name]["properties"][field] = {"type": "string", "format": "date-time"}
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of, components)
    for route in routes:  # a query's record is spelled out as parameters
        if route.query and not any(other.body is route.query for other in routes):
            components.pop(route.query.__name__, None)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Frontrow",
            "version": __version__,
            "description": "The home page of a streaming service, learned from every play, explained, in real time.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {str(status): _problem_response(status) for status in KINDS},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": f"An API key; roles: {', '.join(ROLES)}."}
            },
        },
    }
    plain: Json = msgspec.json.decode(msgspec.json.encode(document))  # as JSON has it: defaults may be tuples
    return plain


def _anything(kind: type) -> Json:
    """`object` stands for any JSON value (a feature's); msgspec is told by NotImplementedError that a type is none."""
    if kind is object:
        return {"description": "any JSON value"}
    raise NotImplementedError


def _body_kind(route: Route) -> Any:
    return route.shown or route.body


def _answer_kind(route: Route) -> Any:
    return route.answer if isinstance(route.answer, type) and issubclass(route.answer, msgspec.Struct) else None


def _operation(route: Route, schema_of: dict[Any, Any], components: Json) -> Json:
    operation: Json = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.path.split("/")[2] if route.path.startswith("/v1/") else "server"],
        "responses": {str(route.status): _answer(route, schema_of)}
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in route.statuses},
        "security": [{"key": sorted(route.roles)}] if route.roles is not None else [],
    }
    parameters = [{"name": name, "in": "path", "required": True, "schema": _ID} for name in route.id_names]
    if route.query is not None:
        parameters += _query_parameters(route, components[route.query.__name__])
    if parameters:
        operation["parameters"] = parameters
    if (kind := _body_kind(route)) is not None:
        content = {"schema": schema_of[kind], "example": route.example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _answer(route: Route, schema_of: dict[Any, Any]) -> Json:
    if route.answer is None:
        return {"description": "Done; no content"}
    schema = schema_of.get(route.answer, {"type": "string" if route.answer is str else "object"})
    return {"description": route.summary, "content": {route.content_type: {"schema": schema}}}


def _query_parameters(route: Route, record: Json) -> list[Json]:
    parameters = []
    for name, schema in record["properties"].items():
        stated: Json = {"name": name, "in": "query", "required": name in record.get("required", ()), "schema": schema}
        if name == "context":  # `context.NAME=value`, any number of them
            pattern = {"type": "object", "additionalProperties": {"type": "string"}}
            stated |= {"schema": pattern, "description": "Written as `context.NAME=value`, once for each name."}
        elif route.example and name in route.example:
            stated["example"] = route.example[name]
        parameters.append(stated)
    return parameters


def _problem_response(status: int) -> Json:
    kind = KINDS[status]
    schema = {"$ref": _TEMPLATE.format(name="Problem")}
    return {"description": f"{kind.title}. {kind.meaning}", "content": {CONTENT_TYPE: {"schema": schema}}}


def operation_id(route: Route) -> str:
    """A name for clients made from the document: `get_v1_titles_title_id`."""
    return re.sub(r"\W+", "_", f"{route.method.lower()}_{route.path}").strip("_")
