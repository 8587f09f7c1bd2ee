"""Messages as queues hand them over, made from the examples under `events/` for any tenant.

The example says which fields there are; its MessageGroupId says which of its ids is the tenant's. Other ids are taken
from the tenant's own rows: `delivery_id` from a table of deliveries, a principal from the members, an event's subject
from what its type is about.
"""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from functions.declaration import Function
from local.project import ROOT
from proof.database.tenants import marked_uuid, new_mark
from proof.http.rows import Row

type Json = Any
type Path = tuple[str | int, ...]
type Rows = Mapping[str, list[Row]]
"""A tenant's rows, by table."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PRINCIPAL = re.compile(rf"(member|api_key):({_UUID.pattern})")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_PEOPLE = ("author", "owner", "assignee", "user", "by")


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a function's queue, of one record."""

    name: str
    record: Json
    body: Json

    @property
    def tenant(self) -> str:
        """Whose message it is there."""
        return str(self.record["attributes"]["MessageGroupId"])

    @property
    def is_of_a_job(self) -> bool:
        """Whether it hands a job over."""
        return {"tenant_id", "job_id", "token"} <= set(self.body)

    @property
    def event_type(self) -> str:
        """Of an event of ours; empty for anything else."""
        detail = self.body.get("detail", {})
        return str(detail.get("type", "")) if "tenant_id" in detail else ""

    def sent(self, body: str, group: str) -> Json:
        """As Lambda gets it."""
        attributes = {**self.record["attributes"], "MessageGroupId": group}
        return {"Records": [{**self.record, "messageId": str(uuid4()), "body": body, "attributes": attributes}]}

    def of(self, tenant: str, rows: Rows) -> Json:
        """The body, for another tenant and its rows."""
        made = _Moulded(self, tenant, rows)
        return made.value("", self.body, ())


def examples(function: Function) -> list[Example]:
    """Every record of every example of a function."""
    return [
        Example(file.stem, record, json.loads(record["body"]))
        for file in sorted((ROOT / "events" / function.code).glob("*.json"))
        for record in json.loads(file.read_text()).get("Records", ())
    ]


def fresh() -> str:
    """An id that nothing has, of this moment."""
    return marked_uuid(new_mark())


def names(body: Json) -> Iterator[Path]:
    """Where ids stand in a body."""
    for path, value in _leaves(body):
        if isinstance(value, str) and _UUID.search(value):
            yield path


def changed(body: Json, path: Path, value: Json) -> Json:
    """The same body with something else in one place."""
    copy = deepcopy(body)
    at(copy, path[:-1])[path[-1]] = value
    return copy


def at(body: Json, path: Path) -> Json:
    """What stands in a place. Raises LookupError, TypeError."""
    for step in path:
        body = body[step]
    return body


def absent(value: str) -> str:
    """Ids of nothing, in the same words."""
    return _UUID.sub(lambda _: str(uuid4()), value)


class _Moulded:
    def __init__(self, example: Example, tenant: str, rows: Rows) -> None:
        self._example, self._tenant, self._rows = example, tenant, rows
        self._ids: dict[str, str] = {example.tenant: tenant}
        self._subject = example.event_type.partition(".")[0]
        self._address = ""

    def value(self, key: str, value: Json, path: Path) -> Json:
        match value:
            case dict():
                return {name: self.value(name, part, (*path, name)) for name, part in _ids_first(value)}
            case list():
                return [self.value(key, part, path) for part in value]
            case str() if found := _PRINCIPAL.fullmatch(value):
                return f"{found[1]}:{self._id(found[1], found[2])}"
            case str() if _UUID.fullmatch(value):
                return self._id(self._stem(key, path), value)
            case str() if self._address and _ADDRESS.fullmatch(value):
                return self._address
        return value

    def _stem(self, key: str, path: Path) -> str:
        if path in {("id",), ("detail", "id")}:
            return ""
        if key in {"id", "subject_id"}:
            return self._subject
        stem = key.removesuffix("_id").rpartition("freehold_")[2]
        return "member" if stem.rpartition("_")[2] in _PEOPLE else stem

    def _id(self, stem: str, known: str) -> str:
        if known not in self._ids:
            row = self._row(stem)
            self._ids[known] = str(row["id"]) if row else fresh()
            addresses = [v for v in (row or {}).values() if isinstance(v, str) and _ADDRESS.fullmatch(v)]
            self._address = next(iter(addresses), self._address)
        return self._ids[known]

    def _row(self, stem: str) -> Row | None:
        if not stem:
            return None
        plural = re.compile(rf"\w+\.\w*({re.escape(stem)}s|{re.escape(stem.removesuffix('y'))}ies)")
        tables = (name for name, rows in self._rows.items() if plural.fullmatch(name) and rows and "id" in rows[0])
        return next((self._rows[name][0] for name in sorted(tables, key=len)), None)


def _ids_first(value: dict[str, Json]) -> list[tuple[str, Json]]:
    """So that an address is known when it is met."""
    return sorted(value.items(), key=lambda item: "tags" not in item[0] and "mail" not in item[0])


def _leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    match value:
        case dict():
            for name, part in value.items():
                yield from _leaves(part, (*path, name))
        case list():
            for number, part in enumerate(value):
                yield from _leaves(part, (*path, number))
        case _:
            yield path, value
