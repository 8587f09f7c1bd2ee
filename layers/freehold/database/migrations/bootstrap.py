"""Creates the roles and the database, once per cluster, as an administrator that is not a superuser."""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold.database.connection import DEAD_PEER

DATABASE = "freehold"
ADMIN = "freehold_admin"
"""Whoever bootstraps: on Aurora the master user, which is no superuser there either."""
SIGNS_IN = "rds_iam"
"""Aurora's role for those who log in with a signed token; a member of it has no password that works."""
ONE_AT_A_TIME = "select pg_advisory_lock(hashtextextended('freehold bootstrap', 0))"
NOBODY: Mapping[str, str] = {}
OWNERS = ("freehold_owner", "freehold_door", "freehold_auditor", "freehold_registrar", "freehold_relay")
"""Own schemas, entrances, the audit trail, sign-up, the relay. Nobody logs in as them; none is another's member."""
MIGRATOR = "freehold_migrator"
REQUEST_ROLES = ("freehold_api", "freehold_worker", "freehold_system", "freehold_report", "freehold_operator")
LOGINS = (MIGRATOR, *REQUEST_ROLES)
REQUEST_SETTINGS = {
    "statement_timeout": "9s",  # the statement is refused, and the caller hears that nothing happened
    "transaction_timeout": "10s",  # a whole unit of work; must be the longer one, or PostgreSQL ignores the other
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "search_path": "pg_catalog",
    "timezone": "UTC",
}


def bootstrap(admin_conninfo: str, passwords: Mapping[str, str] = NOBODY) -> None:
    """Make whatever is missing; safe to run again, and at the same time: they take turns.

    `passwords` names one for each login that uses one. On Aurora nobody does, the administrator neither: whoever makes
    a role is a member of it, and so of what the role is a member of.
    """
    with psycopg.connect(admin_conninfo, autocommit=True, **DEAD_PEER) as connection:
        connection.execute("set lock_timeout = '60s'")
        connection.execute(ONE_AT_A_TIME)
        for role in (*OWNERS, *LOGINS):
            _create_role(connection, role, login=role in LOGINS)
        for role, password in passwords.items():
            connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), password))
        for role in REQUEST_ROLES:
            _configure(connection, role)
        for role in OWNERS:
            _let_switch(connection, role, to=MIGRATOR)
        if _exists(connection, SIGNS_IN):
            for role in LOGINS:
                connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(SIGNS_IN), sql.Identifier(role)))
        _create_database(connection)
        with psycopg.connect(make_conninfo(admin_conninfo, dbname=DATABASE), autocommit=True, **DEAD_PEER) as inside:
            _close_to_the_public(inside)


def _create_role(connection: psycopg.Connection, role: str, *, login: bool) -> None:
    if not _exists(connection, role):
        kind = sql.SQL("login" if login else "nologin")
        connection.execute(sql.SQL("create role {} {} noinherit").format(sql.Identifier(role), kind))


def _exists(connection: psycopg.Connection, role: str) -> bool:
    return bool(connection.execute("select from pg_roles where rolname = %s", [role]).rowcount)


def _configure(connection: psycopg.Connection, role: str) -> None:
    for setting, value in REQUEST_SETTINGS.items():
        statement = sql.SQL("alter role {} set {} = {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Identifier(setting), value))


def _let_switch(connection: psycopg.Connection, role: str, *, to: str) -> None:
    statement = sql.SQL("grant {} to {} with inherit false, set true")
    connection.execute(statement.format(sql.Identifier(role), sql.Identifier(to)))


def _create_database(connection: psycopg.Connection) -> None:
    """The administrator has to be able to become the owner for as long as it takes to name it."""
    if connection.execute("select from pg_database where datname = %s", [DATABASE]).rowcount:
        return
    connection.execute("grant freehold_owner to current_user with inherit false, set true")
    connection.execute(sql.SQL("create database {} owner freehold_owner").format(sql.Identifier(DATABASE)))
    connection.execute("revoke freehold_owner from current_user")


def _close_to_the_public(connection: psycopg.Connection) -> None:
    """As the database's owner: a login may connect and nothing else; what it may do comes with the migrations."""
    connection.execute("grant freehold_owner to current_user with inherit false, set true")
    with connection.transaction():
        connection.execute("set local role freehold_owner")
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(DATABASE)))
        roles = sql.SQL(", ").join(map(sql.Identifier, LOGINS))
        connection.execute(
            sql.SQL("grant connect on database {} to session_user, {}").format(sql.Identifier(DATABASE), roles)
        )
        connection.execute("revoke all on schema public from public")
    connection.execute("revoke freehold_owner from current_user")
