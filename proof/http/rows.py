"""What the database holds of each tenant, seen past every policy: whether a request changed it, and how."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import psycopg

from freehold.database.catalog import Catalog, Table, read_catalog
from local.companies import ALL_POWER

type Row = dict[str, Any]
type Fingerprints = dict[str, str]
type Said = list[tuple[Any, ...]]

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
WRITTEN_SINCE = f"{NUMBER} >= %(since)s"
"""By the number of the transaction that has written a row, which begins anew after four billion: never here."""
UNIT = {"principal": "operator:proof", "request_id": "proof", "address": "", "scope": "tenant", "granted": ""}


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
        self._known: dict[str, tuple[object, Said]] = {}

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
        now = (self.ask("select pg_current_snapshot()::text"), tenants)
        if self._seen[0] != now:
            found: dict[str, list[str]] = {NOBODY: []}
            for tenant, said in self._said(tenants):
                found.setdefault(str(tenant or NOBODY), []).append(said)
            self._seen = (now, {tenant: "\n".join(sorted(parts)) for tenant, parts in found.items()})
        return self._seen[1]

    def _said(self, tenants: list[str]) -> Iterator[tuple[Any, str]]:
        """What each table says of each tenant.

        A write leaves a version of a row that bears the number of its transaction: while there are as many versions,
        and the sum of their numbers is the same, so are the rows.
        """
        for name, *versions in self.ask(self._versions):
            now = [tenants, versions]
            if name not in self._known or self._known[name][0] != now:
                self._known[name] = now, self.ask(_fingerprint(name, self._holders[name]), tenants=tenants)
            yield from self._known[name][1]

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
        [(number,)] = self.ask("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
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


def _fingerprint(name: str, key: str | None) -> str:
    said = f"'{name} ' || count(*) || coalesce(sum(hashtextextended(t::text, 0)), 0)"
    if key is None:
        return f"select null::uuid, {said} from {name} t"
    return f"select {key}, {said} from {name} t where {key} = any(%(tenants)s::uuid[]) group by {key}"
