"""One OpenAPI document over all functions: FastAPI's own for route groups, lean operations from their models."""

import re
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from freehold.http.app import PROBLEMS, create_app
from freehold.http.calling import TENANT
from freehold.http.lean import Also, Operation
from freehold.http.problems import MEDIA_TYPE, Problem
from freehold.http.repeated import DESCRIPTION as KEY_DESCRIPTION
from freehold.http.repeated import HEADER
from freehold.http.webhooks import REF, webhook
from freehold.messaging.events import EventType

VERSION = "2026-11-20"
DESCRIPTION = (
    "Every error is an `application/problem+json` with a stable `code`. Every answer carries `X-Request-Id`; send"
    " `X-Correlation-Id` to find your own requests again. Every POST that changes something takes an"
    " `Idempotency-Key`, so that it can be repeated safely. Where your plan limits how often you may ask, each answer"
    " says in `RateLimit` what is left."
)
OUT_OF_NAMES = re.compile(r"[/{}]+")
HEADERS = {
    "RateLimit-Policy": "How often you may ask: `q` requests in `w` seconds, for each policy that is named.",
    "RateLimit": "What is left of that: `r` requests, and `t` seconds until all of them are there again.",
    "Retry-After": "After how many seconds to try again.",
}
"""What any answer may carry: each is described once."""
ON_ANSWERS = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
BEARER = {"type": "http", "scheme": "bearer", "description": "An access token, or an API key `fh_…`"}

type Document = dict[str, Any]


def merge(routers: Iterable[APIRouter], operations: Iterable[Operation], events: Iterable[EventType] = ()) -> Document:
    """The document of all of them. Raises ValueError where two describe different things under one name."""
    paths: Document = {}
    schemas: Document = {}
    for router in routers:
        document = create_app(router).openapi()
        _add(paths, _secured(_problems(document["paths"])))
        _add(schemas, document.get("components", {}).get("schemas", {}))
    for operation in operations:
        _add(paths, {operation.path: {operation.method.lower(): _lean(operation)}})
        for model in (operation.model, *(answer.model for answer in operation.also)):
            _add(schemas, _schemas(model))
        _add(schemas, _schema_of(operation)[1])
    webhooks: Document = {}
    for kind in events:
        _add(webhooks, {kind.name: {"post": webhook(kind)}})
        _add(schemas, _schemas(kind.data))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Freehold", "version": VERSION, "description": DESCRIPTION},
        "paths": dict(sorted(paths.items())),
        "webhooks": webhooks,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "headers": {name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.items()},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _add(into: Document, more: Document) -> None:
    for name, value in more.items():
        if into.setdefault(name, value) != value:
            raise ValueError(f"two functions describe {name} differently")


def _problems(paths: Document) -> Document:
    """FastAPI describes every answer of a route as JSON; errors have their own media type."""
    for item in paths.values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                answer["headers"] = {**ON_ANSWERS, **answer.get("headers", {})}
                if status in ("4XX", "5XX") and "application/json" in answer["content"]:
                    answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    return paths


def _secured(paths: Document) -> Document:
    for item in paths.values():
        for operation in item.values():
            operation["security"] = [{"bearer": []}]
    return paths


def _lean(operation: Operation) -> Document:
    good = {"description": "Successful Response", "content": {"application/json": {"schema": _answer(operation.model)}}}
    described: Document = {
        "summary": operation.summary,
        "operationId": OUT_OF_NAMES.sub("_", operation.path.strip("/").partition(".")[0].removeprefix("v1/")).strip(
            "_"
        ),
        "tags": [operation.tag],
        "responses": {
            "200": good,
            **{str(answer.status): _also(answer) for answer in operation.also},
            **({"4XX": _problem("4XX")} if operation.body else {}),
            "5XX": _problem("5XX"),
        },
    }
    if not operation.body:
        return described
    for answer in described["responses"].values():
        answer["headers"] = ON_ANSWERS
    return described | _acting(operation)


def _acting(operation: Operation) -> Document:
    """What FastAPI would say of a route that acts in a tenant and takes a body."""
    content = {media_type: {"schema": _schema_of(operation)[0]} for media_type in operation.media_types}
    return {
        "description": operation.description,
        "parameters": [
            *operation.parameters,
            _header(TENANT, {"type": "string", "format": "uuid"}, "The tenant to act in, if you belong to several"),
            *([_header(HEADER, {"type": "string"}, KEY_DESCRIPTION)] if operation.changes else []),
        ],
        "requestBody": {"required": True, "content": content},
        "security": [{"bearer": []}],
    }


def _answer(model: type[BaseModel] | None) -> Document:
    return {"$ref": REF.format(model=model.__name__)} if model else {"type": "object"}


def _also(answer: Also) -> Document:
    content = {"content": {"application/json": {"schema": _answer(answer.model)}}} if answer.model else {}
    return {"description": answer.description, **content}


def _problem(status: str) -> Document:
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model=Problem.__name__)}}}
    return {"description": PROBLEMS[status]["description"], "content": content}


def _header(name: str, schema: Document, description: str) -> Document:
    choices = {"anyOf": [schema, {"type": "null"}]}
    return {"name": name, "in": "header", "required": False, "schema": choices, "description": description}


def _schema_of(operation: Operation) -> tuple[Document, Document]:
    """Of what it takes, and of all that this is made of."""
    if operation.body is None:
        return {}, {}
    schema = operation.body.json_schema(ref_template=REF)
    return schema, schema.pop("$defs", {})


def _schemas(model: type[BaseModel] | None) -> Document:
    if model is None:
        return {}
    _, definitions = models_json_schema([(model, "serialization")], ref_template=REF)
    found: Document = definitions["$defs"]
    return found
