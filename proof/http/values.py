"""Bodies out of the OpenAPI document: a good value for each schema, with the sender's mark in every text."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proof.http.operations import Schema

DEEPEST = 8
FORMATS = {
    "date-time": "2999-12-31T00:00:00+00:00",
    "date": "2999-12-31",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "{mark}@example.test",
    "uri": "https://example.test/{mark}",
    "hostname": "{mark}.example.test",
    "ipv4": "192.0.2.1",
}


class NoValue(Exception):
    """The document does not say how a good value looks."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes values. `reference` finds an id for a property such as `project_id`, or raises NoValue."""

    schemas: Mapping[str, Schema]
    mark: str
    reference: Callable[[str], str]

    def body(self, schema: Schema, *, whole: bool = True) -> Any:  # noqa: ANN401 (any JSON value)
        """A body that should be accepted; with everything that is optional, or with nothing of it."""
        return self._value("body", schema, whole, 0)

    def value(self, name: str, schema: Schema) -> Any:  # noqa: ANN401 (any JSON value)
        """A good value for one parameter."""
        return self._value(name, schema, True, 0)  # noqa: FBT003 (handed down)

    def _value(self, name: str, schema: Schema, whole: bool, depth: int) -> Any:  # noqa: ANN401, C901, PLR0911, FBT001 (one case for each kind of schema)
        schema = resolved(schema, self.schemas)
        if depth > DEEPEST:
            raise NoValue(f"{name} is nested more than {DEEPEST} levels deep")
        for given in ("const", "default"):
            if schema.get(given) not in (None, "", [], {}):
                return schema[given]
        if "{mark}" in FORMATS.get(schema.get("format", ""), ""):
            return self._text(name, schema)
        for choices in ("enum", "examples"):
            if schema.get(choices):
                return schema[choices][0]
        if "allOf" in schema:
            return self._value(name, merged(schema, self.schemas), whole, depth + 1)
        match schema.get("type"):
            case "object":
                return self._object(schema, whole, depth)
            case "array":
                least = max(1, schema.get("minItems", 0))
                return [self._value(name, schema.get("items", {}), whole, depth + 1) for _ in range(least)]
            case "string":
                return self._text(name, schema)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
        raise NoValue(f"the document says nothing of {name}: give it a type, or an example")

    def _object(self, schema: Schema, whole: bool, depth: int) -> dict[str, Any]:  # noqa: FBT001 (handed down)
        required = schema.get("required", [])
        return {
            name: self._value(name, part, whole, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if whole or name in required
        }

    def _text(self, name: str, schema: Schema) -> str:
        if schema.get("format") == "uuid":
            return self.reference(name)
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]].format(mark=self.mark)
        if "pattern" in schema:
            raise NoValue(f"{name} has a pattern: give its field an example")
        return _fitting(self.mark, schema)


def resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """Without references, and without the null of an optional value."""
    while True:
        if "$ref" in schema:
            schema = {**schemas[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
        elif choices := [c for key in ("anyOf", "oneOf") for c in schema.get(key, ()) if c.get("type") != "null"]:
            schema = {**{k: v for k, v in schema.items() if k not in {"anyOf", "oneOf"}}, **choices[0]}
        else:
            return schema


def merged(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """All parts of an `allOf` as one object."""
    parts = [resolved(part, schemas) for part in schema["allOf"]]
    properties = {name: value for part in parts for name, value in part.get("properties", {}).items()}
    required = [name for part in parts for name in part.get("required", ())]
    return {"type": "object", "properties": properties, "required": required}


def properties(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The properties of an object; of a page, those of its items."""
    found: dict[str, Schema] = resolved(schema, schemas).get("properties", {}) if schema else {}
    if "items" in found and found["items"].get("type") == "array":
        return properties(found["items"]["items"], schemas)
    return found


type Place = tuple[str | int, ...]
"""Where something stands in a body, such as `("projects", 0, "id")`."""


def references(body: Any, schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[Place]:  # noqa: ANN401 (any JSON value)
    """Where in a body an id stands, as a path of names and numbers."""
    schema = resolved(schema, schemas)
    parts: Iterable[tuple[str | int, Any, Schema]] = ()
    if isinstance(body, dict):
        parts = [(name, body[name], part) for name, part in schema.get("properties", {}).items() if name in body]
    elif isinstance(body, list):
        parts = [(number, item, schema.get("items", {})) for number, item in enumerate(body)]
    elif schema.get("format") == "uuid":
        yield ()
    for name, value, part in parts:
        yield from ((name, *rest) for rest in references(value, part, schemas))


def sibling(known: str) -> str:
    """An id that nothing has, made in the same moment as a known one: it sorts beside it."""
    number = uuid.UUID(known).int
    return str(uuid.UUID(int=(number >> 62 << 62) | (uuid.uuid4().int & ((1 << 62) - 1))))


def _fitting(mark: str, schema: Schema) -> str:
    text = mark[: schema.get("maxLength", len(mark))]
    return text.ljust(schema.get("minLength", 0), "x")


def _number(schema: Schema) -> float:
    least: float = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    most: float = schema.get("maximum", 10**9)
    return min(max(1, least), most)
