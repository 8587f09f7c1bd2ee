"""What can be asked for: each route of the manifest, with what the OpenAPI document says of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from functions.declaration import Function
from functions.manifest import AUTHORIZER, FUNCTIONS, OPERATORS
from local.reference import openapi

type Schema = dict[str, Any]
type Kind = Literal["public", "visitor", "tenant", "directory"]

TENANT = "freehold-tenant"
PLACE = re.compile(r"\{(\w+)\}")
JSON = ("application/json", "application/scim+json")
DIRECTORIES = "/scim/"
DECISIONS = "/ofrep/"
"""How the paths begin of what is only asked, if by POST."""
UNSUPPORTED = "/{endpoint}"
"""How the paths end under which SCIM has endpoints that are not here."""
CLOCKS = ("system", "migrator")
"""What the clock wakes logs in as these."""
KNOWN = {
    "name", "routes", "folder", "public", "database", "product", "memory_mb", "timeout_seconds", "latency", "on_deploy",
    "also", "queue", "events", "schedule", "uses", "issuers",
}  # fmt: skip
"""What a function can be today. A field that is new is a way in that no attack here has tried."""
LEADS_NOWHERE = {"logs"}
"""Ways in to a function that has no database: behind them is nothing of a tenant's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route. A tenant's operation takes the header that names one; a visitor's acts in none.

    That of a directory is SCIM's: its token names the tenant.
    """

    method: str
    path: str
    kind: Kind
    parameters: tuple[Schema, ...]
    body: Schema | None
    answer: Schema

    @property
    def route(self) -> str:
        """As the manifest names it."""
        return f"{self.method} {self.path}"

    @property
    def places(self) -> list[str]:
        """The names of the ids in its path, in their order."""
        return PLACE.findall(self.path)

    @property
    def is_supported(self) -> bool:
        """Whether there is a request that it does not refuse."""
        return not self.path.endswith(UNSUPPORTED)

    @property
    def reads(self) -> bool:
        """Whether it may change nothing."""
        return self.method in {"GET", "HEAD"} or self.path.startswith(DECISIONS)

    def takes(self, header: str) -> bool:
        """Whether this header is part of its contract."""
        return any(p["in"] == "header" and p["name"].lower() == header for p in self.parameters)

    @property
    def queries(self) -> list[Schema]:
        """The parameters of its query."""
        return [p for p in self.parameters if p["in"] == "query"]


def largest(operation: Operation) -> dict[str, int]:
    """The largest page that can be asked for: what should not be there must not hide behind its end."""
    schemas = {parameter["name"]: parameter["schema"] for parameter in operation.queries}
    return {
        name: schema["maximum"]
        for name, schema in schemas.items()
        if schema.get("type") == "integer" and "maximum" in schema
    }


@dataclass(frozen=True, slots=True)
class Interface:
    """All operations, and the schemas that they refer to."""

    operations: tuple[Operation, ...]
    schemas: Mapping[str, Schema]

    def operation(self, method: str, path: str) -> Operation | None:
        """The one that serves this route."""
        return next((o for o in self.operations if (o.method, o.path) == (method, path)), None)


def interface() -> Interface:
    """From the code, so that a route that is added today is attacked today. Raises KeyError for an undescribed one."""
    document = openapi()
    described = document["paths"]
    found = [_operation(function, route, described) for function in FUNCTIONS for route in function.routes]
    return Interface(tuple(found), document["components"]["schemas"])


def unknown_ways_in(functions: tuple[Function, ...] = FUNCTIONS) -> list[str]:
    """A sentence for each function that runs for a reason which no attack here knows."""
    found = []
    for function in functions:
        set_here = {name for name in Function.__slots__ if getattr(function, name) not in (None, (), "", False)}
        harmless = LEADS_NOWHERE if function.database is None else set()
        if unknown := set_here - KNOWN - harmless:
            found.append(f"{function.name} has {', '.join(sorted(unknown))}, which no attack in proof/http tries yet")
        elif not (
            function.routes
            or function.on_deploy
            or function.logs
            or function in (AUTHORIZER, OPERATORS)
            or _is_attacked(function)
        ):
            found.append(f"{function.name} serves no route: write an attack for what calls it, in proof/http")
    return found


def _is_attacked(function: Function) -> bool:
    """Messages are forged in proof/workers; what the clock wakes calls what proof/database/handing.py has called.

    What operators reach is their role's, and attacked with all that the role may execute.
    """
    return function.queue is not None or (function.schedule is not None and function.database in CLOCKS)


def _operation(function: Function, route: str, paths: Schema) -> Operation:
    method, _, path = route.partition(" ")
    described = paths[path][method.lower()]
    parameters = tuple(described.get("parameters", ()))
    body = _schema(described.get("requestBody", {}))
    named = any(p["in"] == "header" and p["name"].lower() == TENANT for p in parameters)
    good: Schema = next((a for status, a in described["responses"].items() if status.startswith("2")), {})
    return Operation(
        method=method,
        path=path,
        kind=_kind(function, path, named=named),
        parameters=parameters,
        body=body,
        answer=_schema(good) or {},
    )


def _kind(function: Function, path: str, *, named: bool) -> Kind:
    if path.startswith(DIRECTORIES):
        return "directory"
    return "public" if function.public else "tenant" if named else "visitor"


def _schema(described: Schema) -> Schema | None:
    content: Schema = described.get("content", {})
    return next((content[media]["schema"] for media in JSON if "schema" in content.get(media, {})), None)
