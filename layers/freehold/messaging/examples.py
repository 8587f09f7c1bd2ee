"""What a model's data could look like, made from its schema."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

type Schema = dict[str, Any]

MOMENT = "2026-01-15T09:30:00+00:00"
OF_FORMATS = {"date-time": MOMENT, "date": MOMENT[:10], "email": "ada@example.com", "uri": "https://example.com/"}
OF_TYPES: Schema = {"integer": 1, "number": 1.5, "boolean": True, "object": {}, "null": None}


def of(model: type[BaseModel]) -> Schema:
    """As JSON: a field's first example, its default or least value, or something of its type. Its ids differ."""
    schema = model.model_json_schema(mode="serialization")
    return {
        name: _value(name, field, schema.get("$defs", {}), number)
        for number, (name, field) in enumerate(schema.get("properties", {}).items(), start=1)
    }


def _value(name: str, field: Schema, named: Schema, number: int) -> Any:  # noqa: ANN401, PLR0911 (of any type; one way each)
    if "$ref" in field:
        return _value(name, named[field["$ref"].rpartition("/")[2]], named, number)
    for given in ("examples", "enum"):
        if given in field:
            return field[given][0]
    if "const" in field:
        return field["const"]
    if "anyOf" in field:
        return _value(name, field["anyOf"][-1 if field["anyOf"][-1] == {"type": "null"} else 0], named, number)
    if field.get("format") == "uuid":
        return str(UUID(int=number, version=4))
    match field.get("type"):
        case "string":
            return OF_FORMATS.get(field.get("format", ""), f"some {name}")
        case "array":
            return [_value(name, field["items"], named, number)]
        case "object":
            return {each: _value(each, inner, named, number) for each, inner in field.get("properties", {}).items()}
        case kind:
            return OF_TYPES.get(str(kind))
