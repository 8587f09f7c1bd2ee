"""What the database says about its own tables: read from itself, so that a table that is added is known that day.

Isolation checks, documentation and, later, export, erasure and moving a tenant all start from here. A comment on a
column says `personal` or `secret`; a comment on a table says why it is not audited, or that it holds no tenant's rows.
"""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

import psycopg
from pydantic import BaseModel, ConfigDict

type Holder = Literal["tenant", "identity", "global", "unknown"]

SAID: dict[str, Holder] = {"identity": "identity", "global": "global"}
TABLES = """
    select json_agg(t order by t.name) from (
        select n.nspname || '.' || c.relname as name,
               coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
               c.relkind = 'p' as partitioned,
               exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant') as has_tenant_policy,
               (select json_agg(json_build_object(
                           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
                           'comment', coalesce(col_description(c.oid, a.attnum), '')) order by a.attnum)
                  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
               coalesce((select json_agg(distinct fn.nspname || '.' || f.relname)
                  from pg_constraint k
                  join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
                 where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '[]') as refers_to
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('app', 'directory') and c.relkind in ('r', 'p') and not c.relispartition
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


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table, those that others refer to first."""

    tables: tuple[Table, ...]


def read_catalog(conninfo: str) -> Catalog:
    """Ask the database. Any role may."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(TABLES).fetchone()
    tables = {table.name: table for table in map(Table.model_validate, (row and row[0]) or [])}
    order = TopologicalSorter({name: table.refers_to for name, table in tables.items()}).static_order()
    return Catalog(tuple(tables[name] for name in order))
