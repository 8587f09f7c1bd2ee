"""Every statement of every `queries.py`, made with arguments of the types that it asks for.

    for name, make in every_statement(Arguments()).items(): make().sql

`Arguments` makes a value of any type that a query may take. Who wants rows that exist says which: `known` maps a type
(`ProjectId`, `UUID`, `Scope`) to a function that makes one.
"""

import importlib
import inspect
import itertools
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, LiteralString, NewType, get_type_hints
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from freehold.database import Identity, Remembered, Statement, Visitor, Write
from freehold.fields import Address
from freehold.grants.models import Resource
from freehold.jobs.kinds import Done, Kind
from freehold.jobs.models import JobClass
from freehold.roles.models import PermissionName, RoleRef
from local.project import ROOT
from product.projects.permissions import SHARED

type Make = Callable[[], Statement[Any]]
type Known = Mapping[Any, Callable[[], object]]

MODULES = [
    ".".join(path.with_suffix("").relative_to(ROOT / "layers").parts)
    for path in sorted((ROOT / "layers").glob("*/*/queries.py"))
]
_IDENTITY = Identity(issuer="i", subject="s", issued_at=datetime.now(UTC))


class _Given(BaseModel):
    """What a job of any kind takes."""


_KIND = Kind(name="k", job_class=JobClass.STANDARD, input=_Given, run=lambda *_: Done())
_SIMPLE: Known = {
    UUID: lambda: UUID(int=1),
    str: lambda: "x",
    int: lambda: 1,
    bytes: lambda: b"x",
    datetime: lambda: datetime.now(UTC),
    timedelta: lambda: timedelta(seconds=1),
    Decimal: lambda: Decimal(1),
    LiteralString: lambda: "true",  # a condition
    Kind: lambda: _KIND,
    BaseModel: _Given,
    Resource: lambda: SHARED,
    RoleRef: lambda: "viewer",
    PermissionName: lambda: "tenant:read",
    Identity: lambda: _IDENTITY,
    Address: lambda: "ada@example.com",
    Visitor: lambda: Visitor(identity=_IDENTITY, request_id="r", address=""),
    Remembered: lambda: Remembered(route="POST /", key="k", request_hash=b"x"),
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """Makes arguments; `known` goes before what it would make by itself."""

    known: Known = field(default_factory=dict)

    def of(self, kind: Any) -> Any:  # noqa: ANN401, C901, PLR0911 (of whatever type it is; one way for each kind)
        """A value of this type."""
        for makers in (self.known, _SIMPLE):
            if (plain := typing.get_origin(kind) or kind) in makers:
                return makers[plain]()
        if isinstance(kind, NewType):
            return self.of(kind.__supertype__)
        if isinstance(kind, typing.TypeVar):
            return self.of(kind.__bound__)
        if isinstance(kind, typing.TypeAliasType):
            return self.of(kind.__value__)
        if typing.get_origin(kind) is list:
            return [self.of(kind.__args__[0])]
        if typing.get_origin(kind) is dict:
            return {self.of(kind.__args__[0]): self.of(kind.__args__[1])}
        if typing.get_origin(kind) is typing.Literal:
            return kind.__args__[0]
        if typing.get_origin(kind) in {typing.Annotated, types.UnionType, typing.Union}:
            return self.of(kind.__args__[0])
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind.model_construct(**{name: self._of_field(f) for name, f in kind.model_fields.items()})
        return kind(**{name: self.of(hint) for name, hint in get_type_hints(kind).items()})

    def _of_field(self, declared: FieldInfo) -> Any:  # noqa: ANN401 (likewise)
        """What may be left out, is."""
        return (
            self.of(declared.annotation) if declared.is_required() else declared.get_default(call_default_factory=True)
        )


def every_statement(arguments: Arguments) -> dict[str, Make]:
    """By name; one for each member of an Enum that a query takes, and each write also as it is remembered."""
    found: dict[str, Make] = {}
    for name, function in _functions():
        for suffix, make in _variants(function, arguments):
            found[name + suffix] = make
            if isinstance(make(), Write):
                found[f"{name}{suffix}, remembered"] = _remembered(make, arguments)
    return found


def _functions() -> Iterator[tuple[str, Callable[..., Statement[Any]]]]:
    for name in MODULES:
        for function_name, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
            if function.__module__ == name:
                yield f"{name}.{function_name}", function


def _variants(function: Callable[..., Statement[Any]], arguments: Arguments) -> Iterator[tuple[str, Make]]:
    hints = {name: hint for name, hint in get_type_hints(function).items() if name != "return"}
    enums = {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Enum)}
    others = {name: hint for name, hint in hints.items() if name not in enums}
    for chosen in itertools.product(*enums.values()):
        fixed = dict(zip(enums, chosen, strict=True))
        yield "".join(f" {member.value}" for member in chosen), _maker(function, fixed, others, arguments)


def _maker(
    function: Callable[..., Statement[Any]], fixed: Mapping[str, Enum], others: Mapping[str, Any], arguments: Arguments
) -> Make:
    return lambda: function(**fixed, **{name: arguments.of(hint) for name, hint in others.items()})


def _remembered(make: Make, arguments: Arguments) -> Make:
    def remembered() -> Statement[Any]:
        write = make()
        assert isinstance(write, Write)  # noqa: S101 (it was one a moment ago)
        return write.remembered(arguments.of(Remembered))

    return remembered
