"""What the database says about its own tables: read from itself, so that a table that is added is known that day.

Isolation checks, documentation and, later, export, erasure and moving a tenant all start from here. A comment on a
column says `personal` or `secret`; a comment on a table says why it is not audited, or that it holds no tenant's rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Literal

import psycopg
from pydantic import BaseModel, ConfigDict

type Holder = Literal["tenant", "identity", "global", "unknown"]

SAID: dict[str, Holder] = {"identity": "identity", "global": "global"}
TABLES = """
    with refers as (
        select k.conrelid as oid, format('%I.%I', n.nspname, f.relname) as name,
               exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                          and not a.attnotnull) as optional
          from pg_constraint k join pg_class f on f.oid = k.confrelid join pg_namespace n on n.oid = f.relnamespace
         where k.contype = 'f' and k.conparentid = 0 and k.confrelid <> k.conrelid
    )
    select json_agg(t order by t.name) from (
        select format('%I.%I', n.nspname, c.relname) as name,
               coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
               c.relkind = 'p' as partitioned,
               exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant') as has_tenant_policy,
               (select json_agg(json_build_object(
                           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
                           'comment', coalesce(col_description(c.oid, a.attnum), '')) order by a.attnum)
                  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
               coalesce((select json_agg(distinct r.name) from refers r where r.oid = c.oid), '[]') as refers_to,
               coalesce((select json_agg(r.name) from (
                            select name from refers where oid = c.oid group by name having bool_and(optional)
                        ) r), '[]') as may_refer_to
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and c.relkind in ('r', 'p') and not c.relispartition
    ) t
"""


class Column(BaseModel):
    """One column; `comment` is `personal`, `secret` or nothing."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    required: bool
    comment: str


class Table(BaseModel):
    """One table, partitions counted as their parent."""

    model_config = ConfigDict(frozen=True)

    name: str
    comment: str
    partitioned: bool
    has_tenant_policy: bool
    columns: tuple[Column, ...]
    refers_to: tuple[str, ...]
    may_refer_to: tuple[str, ...] = ()
    """Those of them that a row need not refer to: a foreign key over a column that may be null."""

    @property
    def holder(self) -> Holder:
        """Whose rows it holds: a tenant's, an identity's, everybody's; unknown is a mistake."""
        if self.has_tenant_policy:
            return "tenant"
        return SAID.get(self.comment.partition(":")[0], "unknown")

    @property
    def unaudited(self) -> str | None:
        """Why its changes are not recorded; None where they are, or where nobody may change it."""
        kind, _, reason = self.comment.partition(": ")
        return reason if kind == "unaudited" else None

    def marked(self, mark: Literal["personal", "secret"]) -> list[str]:
        """The columns that are."""
        return [column.name for column in self.columns if column.comment == mark]


class TablesInACircle(Exception):
    """Tables refer to one another, so that none of them can be filled first. One of the columns has to be nullable."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table, those that others refer to first; of a circle, the one that need not refer to the next."""

    tables: tuple[Table, ...]


def read_catalog(conninfo: str) -> Catalog:
    """Ask the database; any role may. Raises TablesInACircle."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(TABLES).fetchone()
    tables = {table.name: table for table in map(Table.model_validate, (row and row[0]) or [])}
    return Catalog(tuple(tables[name] for name in _order(tables)))


def _order(tables: Mapping[str, Table]) -> list[str]:
    """Where tables refer to one another in a circle, it is opened where a column may be null."""
    before = {name: set(table.refers_to) & tables.keys() for name, table in tables.items()}
    while True:
        try:
            return list(TopologicalSorter(before).static_order())
        except CycleError as error:
            circle: list[str] = error.args[1]
            _open(circle, before, tables)


def _open(circle: Sequence[str], before: Mapping[str, set[str]], tables: Mapping[str, Table]) -> None:
    """`circle` names each table before the one that refers to it, and ends as it began."""
    for referred, name in pairwise(circle):
        if referred in tables[name].may_refer_to:
            before[name].remove(referred)
            return
    raise TablesInACircle(
        f"{', '.join(circle[:-1])} refer to one another in a circle, so that none can be filled first:"
        " let one of the columns be null."
    )
