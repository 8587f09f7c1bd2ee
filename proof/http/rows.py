"""What the database holds of each tenant, seen past every policy: whether a request changed it, and how."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import psycopg

from freehold.database.catalog import Catalog, Table, read_catalog
from local.companies import ALL_POWER

type Row = dict[str, Any]
type Fingerprints = dict[str, str]
type Sums = dict[str, tuple[int, int]]
"""By tenant: how many rows a table holds, and the sum of what they say."""

USES = "app.api_key_uses"
"""In which it is noted, behind whatever a key does, that it was used."""
NOBODY = ""
"""Under this name stand the rows that belong to no tenant: nobody may change them."""
TENANTS = ("app.tenants", "directory.tenants")
REFERS_TO_TENANTS = """
    select conrelid::regclass::text, attname
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
     where contype = 'f' and cardinality(conkey) = 1
       and confrelid in ('app.tenants'::regclass, 'directory.tenants'::regclass)
"""
NUMBER = "t.xmin::text::bigint"
MOMENT = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
WRITTEN_SINCE = f"{NUMBER} >= %(since)s"
"""By the number of the transaction that has written a row, which begins anew after four billion: never here."""
UNIT = {"principal": "operator:proof", "request_id": "proof", "address": "", "scope": "tenant", "granted": ""}


@dataclass(frozen=True, slots=True)
class _Known:
    """What a table held. Rows that come later bear the number of no transaction before `since`."""

    tenants: list[str]
    versions: list[int]
    since: int
    sums: Sums


class Rows:
    """A superuser's connection to every table that the catalog knows."""

    def __init__(self, superuser: str) -> None:
        self.catalog: Catalog = read_catalog(superuser)
        self._connection = psycopg.connect(superuser, autocommit=True)
        refers = dict(self.ask(REFERS_TO_TENANTS))
        self._holders = {table.name: _holder(table, refers) for table in self.catalog.tables}
        self._versions = " union all ".join(
            f"select '{name}', count(*), sum({NUMBER}) from {name} t" for name in self._holders
        )
        self._ids = " union ".join(
            f"select {key}::text, id::text from {name} where {key} = any(%(tenants)s)"
            for name, key in self._holders.items()
            if key and _has(self.catalog, name, "id")
        )

        self._rows = " union all ".join(
            f"select '{name}', to_jsonb(t) from {name} t where {key} = %(tenant)s and {WRITTEN_SINCE}"
            for name, key in self._holders.items()
            if key
        )
        self._seen: tuple[object, Fingerprints] = (None, {})
        self._known: dict[str, _Known] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fingerprints(self, tenants: Iterable[str]) -> Fingerprints:
        """For each tenant one text that changes when any of its rows does, and one for the rows of nobody.

        Rows are read again where a transaction has written anything since, and only those of tables that have other
        versions of rows by then: else all that is seen is as it was.
        """
        tenants = list(tenants)
        [(moment, snapshot)] = self.ask(f"select {MOMENT}, pg_current_snapshot()::text")
        if self._seen[0] != (now := (snapshot, tenants)):
            found: dict[str, list[str]] = {NOBODY: []}
            for name, sums in self._sums(tenants, moment):
                for tenant, said in sums.items():
                    found.setdefault(tenant, []).append(f"{name} {said}")
            self._seen = (now, {tenant: "\n".join(sorted(parts)) for tenant, parts in found.items()})
        return self._seen[1]

    def _sums(self, tenants: list[str], moment: int) -> Iterator[tuple[str, Sums]]:
        """What each table holds of each tenant.

        A write leaves a version of a row that bears the number of its transaction: while there are as many versions,
        and the sum of their numbers is the same, so are the rows.
        """
        for name, *versions in self.ask(self._versions):
            known = self._known.get(name)
            if not (known and known.tenants == tenants and known.versions == versions):
                sums = self._with_what_was_added(name, known, tenants, versions[0])
                sums = self._all(name, tenants) if sums is None else sums
                known = self._known[name] = _Known(tenants, versions, moment, sums)
            yield name, known.sums

    def _with_what_was_added(self, name: str, known: _Known | None, tenants: list[str], count: int) -> Sums | None:
        """Nothing where more happened than that rows were added: then there are fewer more than are new."""
        if not (known and known.tenants == tenants):
            return None
        added = self._read(name, WRITTEN_SINCE, since=known.since)
        if known.versions[0] + sum(number for number, _ in added.values()) != count:
            return None
        old = known.sums
        new = {one: _plus(old.get(one, (0, 0)), more) for one, more in added.items() if one in (*tenants, NOBODY)}
        return old | new

    def _all(self, name: str, tenants: list[str]) -> Sums:
        key = self._holders[name]
        return self._read(name, f"{key} = any(%(tenants)s::uuid[])" if key else "true", tenants=tenants)

    def _read(self, name: str, where: str, **params: object) -> Sums:
        whose = self._holders[name] or "null"
        sql = f"select {whose}, count(*), sum(hashtextextended(t::text, 0)) from {name} t where {where} group by 1"
        return {str(tenant or NOBODY): (number, int(said)) for tenant, number, said in self.ask(sql, **params)}

    def ids(self, tenants: Iterable[str]) -> dict[str, set[str]]:
        """Every id of every row of each tenant, its own included."""
        found = {tenant: {tenant} for tenant in tenants}
        for tenant, row_id in self.ask(self._ids, tenants=list(found)):
            found[tenant].add(row_id)
        return found

    def of(self, tenant: str) -> dict[str, list[Row]]:
        """A tenant's rows, by table."""
        found: dict[str, list[Row]] = {}
        for name, row in self.written(tenant, since=0):
            found.setdefault(name, []).append(row)
        return found

    def moment(self) -> int:
        """The number of the oldest transaction that has not ended, for `written`."""
        [(number,)] = self.ask(f"select {MOMENT}")
        return int(number)

    def written(self, tenant: str, *, since: int) -> list[tuple[str, Row]]:
        """Each row of a tenant that was written since a moment, with its table; also where it says what it said."""
        return self.ask(self._rows, tenant=tenant, since=since)

    def execute(self, tenant: str, sql: str, **params: object) -> None:
        """Change something as a feature that comes later will, with all that a unit of work sets."""
        with self._connection.transaction():
            for name, value in {**UNIT, "tenant_id": tenant, "member_id": tenant}.items():
                self._connection.execute("select set_config(%s, %s, true)", [f"app.{name}", value])
            self._connection.execute(ALL_POWER)
            self._connection.execute(sql, {"tenant_id": tenant, **params})

    def ask(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Whatever else the attack wants to know."""
        return self._connection.execute(sql, params).fetchall()


def changed(before: Fingerprints, after: Fingerprints, *, noting: str = "") -> set[str]:
    """The tenants whose rows are not what they were; of one of them it may be noted that a key of its own was used."""
    tenants = before.keys() | after.keys()
    return {one for one in tenants if _said(before, one, noting=noting) != _said(after, one, noting=noting)}


def _said(fingerprints: Fingerprints, tenant: str, *, noting: str) -> list[str]:
    lines = fingerprints.get(tenant, "").splitlines()
    return [line for line in lines if tenant != noting or not line.startswith(f"{USES} ")]


def _holder(table: Table, refers: Mapping[str, str]) -> str | None:
    """The column that says whose a row is."""
    if any(column.name == "tenant_id" for column in table.columns):
        return "tenant_id"
    return "id" if table.name in TENANTS else refers.get(table.name)


def _has(catalog: Catalog, name: str, column: str) -> bool:
    return any(column == c.name for table in catalog.tables if table.name == name for c in table.columns)


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
