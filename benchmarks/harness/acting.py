"""Statements as a request would send them, under the request role or under one that row-level security exempts.

Both roles hold the same privileges and run on the same connection, behind the same entrance, with the same parameters:
what is left between them is what row-level security costs, or how it changes a plan.
"""

import itertools
import random
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from benchmarks.harness.world import API, Row, World
from freehold.api_keys.models import Scope
from freehold.api_keys.secrets import Secret, new_secret
from freehold.callers import Identity, Visitor
from freehold.database import Remembered, Statement
from freehold.database.door import FIRST_EPOCH, entrance
from freehold.fields import Address
from freehold.groups.models import GroupId
from freehold.http.pagination import BEFORE_ALL
from freehold.ids import ApiKeyId, MemberId
from freehold.invitations.models import InvitationId
from freehold.jobs.models import JobId
from freehold.permissions import API_KEYS_WRITE
from freehold.roles.models import RoleId
from freehold.scim.models import ScimTokenId
from freehold.sso.models import ConnectionId, DomainId
from freehold.webhooks.models import DeliveryId, EndpointId
from local.statements import Arguments, Make, every_statement
from product.projects.models import ProjectId

EXEMPT = "freehold_exempt"
"""The bench's own role: what any of the roles below may, and BYPASSRLS."""
ROLES = (API, "freehold_report", "freehold_worker")
"""Those whose statements stand in a `queries.py`; the first that may run one is whose it is."""
LIMIT = 50
_GRANTS = f"""
    select format('grant %s on %s to {EXEMPT}', privilege_type, c.oid::regclass)
      from pg_class c, aclexplode(relacl) where grantee = any ('{{{",".join(ROLES)}}}'::regrole[])
    union all
    select format('grant %s (%I) on %s to {EXEMPT}', privilege_type, attname, attrelid::regclass)
      from pg_attribute, aclexplode(attacl) where grantee = any ('{{{",".join(ROLES)}}}'::regrole[])
    union all
    select format('grant usage on schema %I to {EXEMPT}', nspname)
      from pg_namespace, aclexplode(nspacl) where grantee = any ('{{{",".join(ROLES)}}}'::regrole[])
    union all
    select format('grant execute on function %s to {EXEMPT}', p.oid::regprocedure)
      from pg_proc p, aclexplode(proacl) where grantee = any ('{{{",".join(ROLES)}}}'::regrole[])
"""


KINDS: Mapping[Any, tuple[LiteralString, LiteralString]] = {
    ProjectId: ("projects", "archived_at is null"),
    MemberId: ("members", "role <> 'owner'"),  # the last one stays
    ApiKeyId: ("api_keys", "revoked_at is null"),
    JobId: ("jobs", "true"),
    EndpointId: ("webhook_endpoints", "true"),
    DeliveryId: ("deliveries", "true"),
    GroupId: ("groups", "true"),
    RoleId: ("roles", "true"),
    InvitationId: ("invitations", "status = 'pending'"),
    ScimTokenId: ("scim_tokens", "revoked_at is null"),
    ConnectionId: ("sso_connections", "true"),
    DomainId: ("domains", "true"),
}
"""By the type of an id: the table, and which of its rows."""
REFUSED = (
    "freehold.billing.queries.link_customer",
    "freehold.invitations.queries.accept_invitation",
    "freehold.limits.queries.within",
    "freehold.sso.queries.sign_in",
)
"""They need a customer of Stripe's, a token that was mailed, a limit of the plans, or a provider that vouches: without
one, a refusal is all that they come to."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a tenant has that a statement can be about."""

    row: Row
    ids: Mapping[Any, list[UUID]]
    """By their type."""


class Asked:
    """Every statement, about the rows of one tenant; each call of a `Make` takes the next row."""

    def __init__(self, rows: Rows) -> None:
        self._turn = {kind: itertools.cycle(found or [BEFORE_ALL]) for kind, found in rows.ids.items()}
        self._rows = rows

    def statements(self) -> dict[str, Make]:
        """By name."""
        who = self._rows.row.caller
        known: dict[Any, Any] = {kind: turn.__next__ for kind, turn in self._turn.items()}
        known |= {
            UUID: lambda: BEFORE_ALL,
            int: lambda: LIMIT,
            str: lambda: secrets.token_hex(8),  # a name can be taken
            Address: lambda: f"{secrets.token_hex(8)}@example.com",  # and so can an address
            Scope: lambda: "projects:read",
            Secret: lambda: new_secret(who.tenant_id, "test"),
            Identity: lambda: who.identity,
            Visitor: lambda: Visitor(identity=who.identity, request_id="bench", address="192.0.2.1"),
            Remembered: lambda: Remembered(route="POST /bench", key=secrets.token_hex(8), request_hash=b"x"),
        }
        found = every_statement(Arguments(known))
        return {name: make for name, make in found.items() if name not in REFUSED}


def make_exempt_role(superuser: psycopg.Connection) -> None:
    """Give it exactly what the roles have. Two measurements want it; the first one makes it."""
    if superuser.execute("select from pg_roles where rolname = %s", [EXEMPT]).rowcount:
        return
    superuser.execute(f"create role {EXEMPT} bypassrls noinherit")
    for (grant,) in superuser.execute(_GRANTS).fetchall():
        superuser.execute(grant)


def rows_of_some_tenants(world: World, superuser: psycopg.Connection, *, tenants: int) -> list[Rows]:
    """Some tenants with the ids of their rows, in random order."""
    chosen = random.Random(1).sample(world.rows[superuser.info.dbname], tenants)  # noqa: S311
    return [_rows(superuser, row) for row in chosen]


def needs_tenant(statement: Statement[Any]) -> bool:
    """False for an entrance, which runs before there is one."""
    return "%(tenant_id)s" in statement.sql


def role_of(connection: psycopg.Connection, statement: Statement[Any], row: Row) -> str:
    """The first role that may run the statement."""
    params = {**statement.params, "tenant_id": row.tenant_id}
    *others, last = ROLES
    for role in others:
        with suppress(psycopg.errors.InsufficientPrivilege):
            with acting(connection, role, row, entered=needs_tenant(statement)):
                connection.execute(f"explain {statement.sql}".encode(), params)
            return role
    return last


@contextmanager
def acting(connection: psycopg.Connection, role: str, row: Row, *, entered: bool) -> Iterator[None]:
    """A transaction of this role, behind the door where `entered`; nothing of it stays."""
    connection.execute("begin")
    try:
        if entered:
            connection.execute(f"set local role {API}")
            door = entrance(row.caller, API_KEYS_WRITE, FIRST_EPOCH)
            connection.execute(door.sql.encode(), door.params)
        connection.execute(f"set local role {role}")
        yield
    finally:
        connection.execute("rollback")


def as_the_role_does(connection: psycopg.Connection) -> None:
    """Give a connection the settings that the request role logs in with."""
    found = connection.execute(
        "select unnest(setconfig) from pg_db_role_setting where setrole = %s::regrole and setdatabase = 0", [API]
    ).fetchall()
    for (setting,) in found:
        name, _, value = re.sub(r'"', "", setting).partition("=")
        connection.execute("select set_config(%s, %s, false)", [name, value])


def _rows(connection: psycopg.Connection, row: Row) -> Rows:
    def ids(table: LiteralString, condition: LiteralString) -> list[UUID]:
        found = connection.execute(
            f"select id from app.{table} where tenant_id = %s and {condition} order by random()",
            [row.tenant_id],
        )
        return [identifier for (identifier,) in found]

    return Rows(row, {kind: ids(table, condition) for kind, (table, condition) in KINDS.items()})
