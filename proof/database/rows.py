"""Rows in every table that can hold a tenant's, made from what the database says about its columns and constraints.

No table is known by name: one that an adopter adds gets its rows on the day it is added. Where a check refuses every
value that comes to mind, the error says what to do.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from psycopg import errors

from local.errors import LocalError
from proof.database.candidates import candidates
from proof.database.shape import IDENTITY, Column, Constraint, Relation, quoted
from proof.database.tenants import Tenant, new_mark

type Value = str | None
type Row = Mapping[str, Value]
"""By column, as PostgreSQL writes it."""

WANTED = 3
DEFAULT = "\0"
"""Stands for a column that is left out, so that its default fills it."""
_MOST_TRIES = 4_000
_BOUND = re.compile(r"FOR VALUES (?:FROM \('?([^')]*)'?|IN \('?([^',)]*)'?)")


class NoRow(LocalError):
    """A table that the proof cannot put a row into, so that nothing about it would be proved."""


@dataclass(slots=True)
class Filler:
    """Puts rows into tables as the cluster's superuser, in each tenant's name."""

    connection: psycopg.Connection
    relations: tuple[Relation, ...]
    rows: dict[tuple[int, str], list[Row]] = field(default_factory=dict)
    """By the relation's oid and the tenant's mark; others refer to the first, and none to the last."""

    def fill(self, tenants: Sequence[Tenant]) -> None:
        """See to it that each tenant has rows in each table and in each partition. Raises NoRow."""
        for relation in self._in_order():
            for tenant in tenants:
                with _acting(self.connection, tenant):
                    self._fill(relation, tenant)

    def spare(self, relation: Relation, tenant: Tenant) -> Row:
        """A row that could be inserted for this tenant, and was not; where no other is possible, one that is there."""
        try:
            with _acting(self.connection, tenant), self.connection.transaction(force_rollback=True):
                return self._insert(relation, self._stranger(relation, tenant), number=WANTED)
        except errors.UniqueViolation:
            return self.rows[relation.oid, tenant.mark][-1]

    def first(self, oid: int, tenant: Tenant) -> Row | None:
        """What others refer to."""
        return next(iter(self.rows.get((oid, tenant.mark), ())), None)

    def _fill(self, relation: Relation, tenant: Tenant) -> None:
        rows = self._read(relation, tenant)
        most = 1 if relation.is_tenant and relation.held_by == ("id",) else WANTED
        while len(rows) < most:
            try:
                with self.connection.transaction():
                    rows.append(self._insert(relation, tenant, number=len(rows)))
            except errors.UniqueViolation:
                if not rows:
                    raise
                break
            self.rows[relation.oid, tenant.mark] = rows
        self.rows[relation.oid, tenant.mark] = rows

    def _read(self, relation: Relation, tenant: Tenant) -> list[Row]:
        whose = " and ".join(f"{name}::text = %s" for name in relation.held_by)
        columns = ", ".join(f"{quoted(name)}::text" for name in relation.column_names)
        mine = [tenant.issuer, tenant.subject] if relation.held_by == IDENTITY else [tenant.id]
        found = self.connection.execute(f"select {columns} from {relation.name} where {whose}".encode(), mine)
        return [dict(zip(relation.column_names, row, strict=True)) for row in found]

    def _stranger(self, relation: Relation, tenant: Tenant) -> Tenant:
        """Where a tenant has one row and no more, its spare is a tenant of its own."""
        return Tenant("nobody", new_mark()) if relation.held_by == ("id",) else tenant

    def _insert(self, relation: Relation, tenant: Tenant, *, number: int) -> Row:
        refused: psycopg.Error | None = None
        attempts = Attempts(self._options(relation, tenant, number))
        for values in itertools.islice(attempts, _MOST_TRIES):
            try:
                with self.connection.transaction():
                    return self._put(relation, values)
            except errors.UniqueViolation:
                raise
            except psycopg.Error as error:
                refused = error
                attempts.blame(_to_blame(relation, error))
        raise NoRow(
            f"{relation.name}: no row could be made for the proof: {refused and refused.diag.message_primary}."
            " Give the columns of that check a default that it accepts."
        )

    def _options(self, relation: Relation, tenant: Tenant, number: int) -> dict[str, list[Value]]:
        options = {c.name: _of_column(relation, c, tenant.mark, number) for c in relation.columns if not c.computed}
        options |= {name: [*_within(relation, number), *values] for name, values in _keys(relation, options)}
        for key in relation.foreign_keys:
            if key.target != relation.oid or self.first(relation.oid, tenant):
                options |= self._referring(relation, key, tenant, options)
        return options | {name: [value] for name, value in _holding(relation, tenant).items()}

    def _referring(
        self, relation: Relation, key: Constraint, tenant: Tenant, options: Mapping[str, list[Value]]
    ) -> dict[str, list[Value]]:
        row = self.first(key.target, tenant) or self._any_row(key)
        pairs = zip(key.columns, key.target_columns, strict=True)
        return {
            name: [row.get(target), *([None] if not relation.column(name).required else [])] if row else options[name]
            for name, target in pairs
            if name in options
        }

    def _any_row(self, key: Constraint) -> Row | None:
        """Of a table that is nobody's, such as the built-in roles; it is made where there is none yet, as of flags."""
        target = next(relation for relation in self.relations if relation.oid == key.target)
        if target.held_by:
            return None
        columns = ", ".join(f"{quoted(name)}::text" for name in key.target_columns)
        found = self.connection.execute(f"select {columns} from {target.name} limit 1".encode()).fetchone()
        if found is None:
            return self._insert(target, Tenant("nobody", new_mark()), number=0)
        return dict(zip(key.target_columns, found, strict=True))

    def _put(self, relation: Relation, values: Row) -> Row:
        given = {name: value for name, value in values.items() if value != DEFAULT}
        names = ", ".join(quoted(name) for name in given)
        places = ", ".join(f"%s::{relation.column(name).type}" for name in given)
        back = ", ".join(f"{quoted(name)}::text" for name in relation.column_names)
        sql = f"insert into {relation.name} ({names}) overriding system value values ({places}) returning {back}"
        row = self.connection.execute(sql.encode(), list(given.values())).fetchone()
        if row is None:
            raise NoRow(f"{relation.name} took a row and kept none: a trigger or a rule swallows it.")
        return dict(zip(relation.column_names, row, strict=True))

    def _in_order(self) -> Iterator[Relation]:
        """Tables before those that refer to them; where they refer to one another, as they come."""
        left = [relation for relation in self.relations if relation.is_table and relation.held_by]
        while left:
            waiting = {relation.oid for relation in left}
            possible = [r for r in left if not _needs(r) & (waiting - {r.oid})]
            ready = [r for r in possible if not {k.target for k in r.foreign_keys} & (waiting - {r.oid})]
            ready = ready or possible[:1] or left[:1]
            yield from ready
            left = [relation for relation in left if relation not in ready]


class Attempts:
    """Combinations of options: first the likeliest of each column, then others for the columns that were to blame.

    What suits one check is kept while another is met; where two share a column, each goes on where it was.
    """

    def __init__(self, options: Mapping[str, list[Value]]) -> None:
        self._options = options
        self._chosen = {name: values[0] for name, values in options.items() if values}
        self._blamed: tuple[str, ...] = ()
        self._others: dict[tuple[str, ...], Iterator[tuple[Value, ...]]] = {}

    def blame(self, columns: Sequence[str]) -> None:
        """These did not go together."""
        self._blamed = tuple(name for name in columns if len(self._options.get(name, ())) > 1) or tuple(self._chosen)
        if self._blamed not in self._others:
            combinations = itertools.product(*(self._options[name] for name in self._blamed))
            self._others[self._blamed] = itertools.cycle(itertools.islice(combinations, _MOST_TRIES))
            next(self._others[self._blamed])

    def __iter__(self) -> Iterator[Row]:
        yield dict(self._chosen)
        while self._blamed:
            self._chosen |= dict(zip(self._blamed, next(self._others[self._blamed]), strict=True))
            yield dict(self._chosen)


def _needs(relation: Relation) -> set[int]:
    """What has to be there before it, at the least."""
    return {key.target for key in relation.foreign_keys if all(relation.column(name).required for name in key.columns)}


def _to_blame(relation: Relation, error: psycopg.Error) -> tuple[str, ...]:
    if error.diag.column_name:
        return (error.diag.column_name,)
    for constraint in relation.constraints:
        if constraint.name == error.diag.constraint_name:
            return constraint.columns
    return tuple(c.name for c in relation.columns if c.type.endswith(error.diag.datatype_name or "\0"))


def _holding(relation: Relation, tenant: Tenant) -> dict[str, str]:
    if relation.holder == "identity":
        return {"issuer": tenant.issuer, "subject": tenant.subject}
    return dict.fromkeys(relation.held_by, tenant.id)


def _keys(relation: Relation, options: Mapping[str, list[Value]]) -> Iterator[tuple[str, list[Value]]]:
    """The columns that decide which partition a row falls into."""
    for name in relation.partitioned_by:
        if relation.is_partition and name in options:
            yield name, options[name]


def _within(relation: Relation, number: int) -> list[str]:
    """Values at the beginning of what a partition takes."""
    found = _BOUND.search(relation.bound or "")
    lowest = found and (found[1] or found[2])
    if not lowest:
        return []
    try:
        return [str(UUID(int=UUID(lowest).int + number))]
    except ValueError:
        return [lowest]


def _of_column(relation: Relation, column: Column, mark: str, number: int) -> list[Value]:
    """What it might hold; what the database puts there by itself, and nothing at all, come last."""
    checks = [k.says for k in relation.constraints if k.kind == "c" and column.name in k.columns]
    values = candidates(column, mark, number, said=" ".join([*checks, relation.bound or ""]))
    return [*values, *([DEFAULT] if column.has_default else []), *([] if column.required else [None])]


@contextmanager
def _acting(connection: psycopg.Connection, tenant: Tenant) -> Iterator[None]:
    """The settings of a unit of work of this tenant, for the block."""
    for name, value in tenant.settings.items():
        connection.execute("select set_config(%s, %s, false)", [name, value])
    try:
        yield
    finally:
        for name in tenant.settings:
            connection.execute("select set_config(%s, '', false)", [name])
