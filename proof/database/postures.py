"""The same database with privileges that nobody has: what row-level security is worth when all else has failed."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from proof.database.shape import Relation

_USE = "grant usage on schema {schema} to {role}"
_GRANT = "grant select, insert, update, delete on {table} to {role}"
_POLICY = "create policy {policy} on {table} to {role} using (true) with check (true)"


def grant_everything(connection: psycopg.Connection, relations: Sequence[Relation], roles: Sequence[str]) -> None:
    """Let each role read and change every table that holds a tenant's rows, as the most careless migration would."""
    with connection.transaction():
        for relation in relations:
            if relation.is_table and relation.held_by:
                for role in roles:
                    _grant(connection, relation, role)


def _grant(connection: psycopg.Connection, relation: Relation, role: str) -> None:
    parts = {
        "schema": sql.SQL(relation.name.partition(".")[0]),
        "table": sql.SQL(relation.name),
        "role": sql.Identifier(role),
        "policy": sql.Identifier(f"everything for {role}"),
    }
    for statement in (_USE, _GRANT, _POLICY):
        connection.execute(sql.SQL(statement).format(**parts))
