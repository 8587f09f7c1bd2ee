"""Plans that would not scale, found by reading EXPLAIN: every statement, as the request role and as an exempt one.

Each fault is a sentence. A plan is at fault where it
- reads a whole table, or a whole index; but for a short table that is nobody's, such as the classes of jobs: one of
  100 rows at most, with 2,000 tenants in the database, has no rows that tenants bring;
- reads an index by anything but its leading column: everybody's entries are in the way;
- checks a row-level security policy row by row, rather than once or by index; what the relay is let through by, and
  whether a row is shared with whoever asks, may be checked for the rows of one tenant, which an index has found;
- has no policy left in it: its value was taken for a constant, and a kept plan would serve the next tenant with it;
  but where it reads nothing that is anybody's;
- filters by a condition that an index would have answered, had the policy not come first (it is not leakproof);
- sorts more than a page: an index has no such order, or the policy keeps it from being used.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, counted
from benchmarks.harness import dataset
from benchmarks.harness.acting import (
    EXEMPT,
    Asked,
    acting,
    as_the_role_does,
    make_exempt_role,
    needs_tenant,
    role_of,
    rows_of_some_tenants,
)
from benchmarks.harness.world import TENANTS, Row, World
from freehold.database import Statement
from freehold.database.migrations.bootstrap import DATABASE
from local.watch import Watch

GOALS = (goals.PLANS,)
A_PAGE = 100  # rows
_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter")
_LEADING = """
    select c.relname, pg_get_indexdef(i.indexrelid, 1, true) from pg_index i join pg_class c on c.oid = i.indexrelid
"""
_SHORT_AND_NOBODYS = """
    select relname from pg_class where relkind = 'r' and not relrowsecurity and reltuples between 0 and %s
       and relnamespace in ('app'::regnamespace, 'directory'::regnamespace)
"""
"""Rows are counted, not pages: migrations that rewrite a row leave its dead version behind, and with it a page."""
_OF_ONE_TENANT = (
    "(CURRENT_USER = 'freehold_relay'::name) OR (",
    "(current_setting('scope'::text) = 'tenant'::text) OR (POSITION(",
)
"""How conditions begin that may be checked row by row among those of one tenant: the relay's, and that of grants."""
_QUALIFIER = re.compile(r"\b[a-z_][a-z0-9_]*\.(?=[a-z_])")

type Plan = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scan:
    """One place of a plan that reads a table or an index; conditions are taken apart at their ANDs."""

    kind: str
    table: str
    index: str
    conditions: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def by(self, kind: str) -> frozenset[str]:
        """The conditions of one kind."""
        return self.conditions.get(kind, frozenset())


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """How many statements have a plan at fault."""
    with world.superuser() as connection:
        make_exempt_role(connection)
        with dataset.work(connection, tenants=TENANTS[DATABASE]):
            as_the_role_does(connection)
            [rows] = rows_of_some_tenants(world, connection, tenants=1)
            statements = {name: make() for name, make in Asked(rows).statements().items()}
            found = [
                f"{name} {fault}"
                for name in watch.each(list(statements))
                for fault in faults_of(connection, statements[name], rows.row)
            ]
    how = f"{len(statements)} statements on 2,000 tenants with 500 projects each"
    yield counted(goals.PLANS, len(found), how=how, found=found)


def faults_of(connection: psycopg.Connection, statement: Statement[Any], row: Row) -> list[str]:
    """What is wrong with the plan of one statement."""
    request = explained(connection, role_of(connection, statement, row), statement, row)
    exempt = explained(connection, EXEMPT, statement, row)
    return faults(request, exempt, leading_columns(connection), short_and_nobodys(connection))


def explained(connection: psycopg.Connection, role: str, statement: Statement[Any], row: Row) -> Plan:
    """The plan that a role gets, with these parameters, behind the door."""
    params = {**statement.params, "tenant_id": row.tenant_id}
    with acting(connection, role, row, entered=needs_tenant(statement)):
        answer = connection.execute(f"explain (format json) {statement.sql}".encode(), params).fetchone()
    plan: Plan = answer[0][0]["Plan"] if answer else {}
    return plan


def leading_columns(connection: psycopg.Connection) -> dict[str, str]:
    """By index, without its schema as EXPLAIN names it, the column or expression that it begins with."""
    return dict(connection.execute(_LEADING).fetchall())


def short_and_nobodys(connection: psycopg.Connection) -> frozenset[str]:
    """Analysed tables without row-level security or more than a page of rows, without schemas as EXPLAIN names them."""
    return frozenset(name for (name,) in connection.execute(_SHORT_AND_NOBODYS, [A_PAGE]).fetchall())


def faults(request: Plan, exempt: Plan, leading: Mapping[str, str], short: frozenset[str] = frozenset()) -> list[str]:
    """What is wrong with the request role's plan; the exempt role's shows what it would be without policies.

    `short` are the tables that may be read as a whole.
    """
    free = list(_scans(exempt))
    scans = [scan for scan in _scans(request) if not (scan.kind == "Seq Scan" and scan.table in short)]
    found = [fault for scan in scans for fault in _faults_of(scan, free, leading)]
    if any(scan.table and scan.table not in short for scan in free) and not _all_conditions(request) - _all_conditions(
        exempt
    ):
        found.append("has no policy in its plan")
    return found + [f"sorts {rows} rows" for rows in _sorted_rows(request) if rows > A_PAGE]


def _all_conditions(plan: Plan) -> set[str]:
    kinds = (*_CONDITIONS, "One-Time Filter")
    return {part for node in _nodes(plan) for kind in kinds if kind in node for part in _parts(node[kind])}


def _sorted_rows(plan: Plan) -> Iterator[int]:
    """How many rows go into each sort, by the planner's estimate."""
    for node in _nodes(plan):
        if node["Node Type"] in ("Sort", "Incremental Sort"):
            yield node["Plans"][0]["Plan Rows"]


def _faults_of(scan: Scan, free: list[Scan], leading: Mapping[str, str]) -> Iterator[str]:
    if scan.kind == "Seq Scan":
        yield f"reads all of {scan.table}"
    if scan.index and not _leads(scan, leading[scan.index]):
        yield f"reads {scan.index} without a value for {leading[scan.index]}, which it begins with"
    without_policy = [other for other in free if other.table == scan.table]
    everywhere = {part for other in without_policy for kind in _CONDITIONS for part in other.by(kind)}
    by_index = {part for other in without_policy for part in other.by("Index Cond") | other.by("Recheck Cond")}
    for part in sorted(scan.by("Filter")):
        if part not in everywhere and not _is_within_a_tenant(part, scan):
            yield f"checks {part} of {scan.table} row by row"
        elif part in by_index and part not in scan.by("Index Cond"):
            yield f"filters {scan.table} by {part}, which an index would answer without the policy"


def _is_within_a_tenant(part: str, scan: Scan) -> bool:
    """Whether it is one that may be checked row by row, for rows that the tenant's index has found."""
    by_index = scan.by("Index Cond") | scan.by("Recheck Cond")
    return part.startswith(_OF_ONE_TENANT) and any(found.startswith("tenant_id = ") for found in by_index)


def _leads(scan: Scan, column: str) -> bool:
    """Whether the index is read from a value of its first column on."""
    return any(re.match(rf"\(?{re.escape(column)}\)? = ", part) for part in scan.by("Index Cond"))


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _scans(plan: Plan) -> Iterator[Scan]:
    for node in _nodes(plan):
        if ("Relation Name" in node and node["Node Type"] != "ModifyTable") or "Index Name" in node:
            conditions = {kind: frozenset(_parts(node[kind])) for kind in _CONDITIONS if kind in node}
            yield Scan(node["Node Type"], node.get("Relation Name", ""), node.get("Index Name", ""), conditions)


def _parts(condition: str) -> Iterator[str]:
    """`((a = 1) AND (b = 2))` as `a = 1` and `b = 2`, without the tables' names."""
    text = _bare(condition)
    depth = start = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(" AND ", place):
            yield _QUALIFIER.sub("", _bare(text[start:place].strip()))
            start = place + len(" AND ")
    yield _QUALIFIER.sub("", _bare(text[start:].strip()))


def _bare(text: str) -> str:
    """Without the parentheses that enclose all of it."""
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1]
    return text


def _closes(text: str) -> int:
    """Where the parenthesis that opens the text is closed."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
    return -1
