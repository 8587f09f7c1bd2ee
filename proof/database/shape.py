"""The shape of everything that can hold a tenant's rows, read from the database: what the attack needs to know of it.

Whose rows a relation holds is told by its columns and foreign keys, never by its policies: a policy may be what is
missing.
"""

from functools import cached_property
from pathlib import Path
from typing import Literal

import psycopg
from pydantic import BaseModel, ConfigDict

type Holder = Literal["tenant", "identity", "global", "unknown"]

IDENTITY = ("issuer", "subject")
OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
"""Every schema but PostgreSQL's own."""
_RELATIONS = Path(__file__).with_suffix(".sql").read_text()


def quoted(name: str) -> str:
    """As SQL names it."""
    return '"' + name.replace('"', '""') + '"'


class Typed(BaseModel):
    """A column or an argument. `element` is an array's element type, and the type itself of anything else."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    base: str
    is_array: bool
    element: str
    labels: tuple[str, ...]
    length: int | None = None


class Column(Typed):
    """One column."""

    required: bool
    has_default: bool
    computed: bool


class Constraint(BaseModel):
    """One constraint; `target` is the relation that a foreign key refers to, 0 for others."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["p", "u", "f", "c", "x"]
    says: str
    columns: tuple[str, ...]
    target: int
    target_columns: tuple[str, ...]


class Relation(BaseModel):
    """A table, a partition, a view or a materialized view. `name` is quoted, ready for SQL."""

    model_config = ConfigDict(frozen=True)

    oid: int
    name: str
    kind: Literal["r", "p", "v", "m", "f"]
    comment: str
    bound: str | None
    is_tenant: bool
    has_more_policies: bool
    """Whether not even a whole tenant sees all of its rows."""
    partitioned_by: tuple[str, ...]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    unique_keys: tuple[tuple[str, ...], ...]

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_table(self) -> bool:
        """Whether it holds rows of its own, or its partitions do."""
        return self.kind in {"r", "p"}

    @property
    def is_partition(self) -> bool:
        """Whether it is a part of another table."""
        return self.bound is not None

    @property
    def holder(self) -> Holder:
        """Whose rows it holds."""
        said = self.comment.partition(":")[0]
        if said == "identity" and set(IDENTITY) <= set(self.column_names):
            return "identity"
        if "tenant_id" in self.column_names or self.is_tenant:
            return "tenant"
        return "global" if said == "global" else "unknown"

    @property
    def held_by(self) -> tuple[str, ...]:
        """The columns that say whose a row is; none where it is nobody's."""
        if self.holder == "identity":
            return IDENTITY
        if self.holder != "tenant":
            return ()
        return ("tenant_id",) if "tenant_id" in self.column_names else ("id",)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What tells its rows apart: its primary key, and where it has none, whose they are and their id."""
        for kind in ("p", "u"):
            for constraint in self.constraints:
                if constraint.kind == kind:
                    return tuple(dict.fromkeys((*constraint.columns, *self.held_by)))
        return tuple(name for name in ("tenant_id", "id") if name in self.column_names) or self.column_names[:1]

    @property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        """Those that lead to other rows."""
        return tuple(constraint for constraint in self.constraints if constraint.kind == "f")

    def column(self, name: str) -> Column:
        """By its name."""
        return next(column for column in self.columns if column.name == name)


def read(connection: psycopg.Connection) -> tuple[Relation, ...]:
    """Every relation outside PostgreSQL's own schemas; parents before their partitions."""
    row = connection.execute(_RELATIONS.encode()).fetchone()
    return tuple(map(Relation.model_validate, row[0] if row else []))
