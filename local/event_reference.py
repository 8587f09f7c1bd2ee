"""The page of events: what is told, to whom, with which data."""

import json
from collections.abc import Iterable
from typing import Any

from freehold.messaging.catalog import example
from freehold.messaging.events import EventType

PREFACE = """\
# Events

An event comes at least once, and in any order. Its `id` stays the same however often it comes; the ids of one subject's
events sort by the time of the change. `data` is the subject as it was right after the change. A field more is the same
version; a field that is taken away or changed makes a new one. [How they travel](../events.md).

"""


def page(catalog: Iterable[EventType]) -> str:
    """All kinds by name."""
    kinds = list(catalog)
    rows = "".join(
        f"| [`{kind.name}`](#{_anchor(kind)}) | {kind.version} | {kind.description} | {_who(kind)} |\n"
        for kind in kinds
    )
    heading = "| Event | Version | When | Who may subscribe |\n| --- | --- | --- | --- |\n"
    return PREFACE + heading + rows + "".join(map(_section, kinds))


def _section(kind: EventType) -> str:
    schema = kind.data.model_json_schema(mode="serialization")
    fields = "".join(
        f"| `{name}` | {_type(field, schema.get('$defs', {}))} | {field.get('description', '')} |\n"
        for name, field in schema["properties"].items()
    )
    shown = json.dumps(example(kind), indent=2)
    return (
        f"\n## {kind.name}\n\n{kind.description}. Its data:\n\n| Field | Type | |\n| --- | --- | --- |\n{fields}"
        f"\n```json\n{shown}\n```\n"
    )


def _who(kind: EventType) -> str:
    return f"holders of `{kind.permission.name}`" if kind.subscribable else "nobody; it is for the platform"


def _anchor(kind: EventType) -> str:
    """As Markdown makes it of the heading."""
    return kind.name.replace(".", "")


def _type(field: dict[str, Any], named: dict[str, Any]) -> str:
    if "$ref" in field:
        return _type(named[field["$ref"].rpartition("/")[2]], named)
    if "anyOf" in field:
        return " or ".join(_type(each, named) for each in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{each}`" for each in field["enum"])
    if field.get("type") == "array":
        return f"list of {_type(field['items'], named)}"
    return str(field.get("format", field.get("type", "anything")))
