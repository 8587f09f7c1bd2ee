"""The product's database on a local server: the roles and their passwords, then the migrations, as on Aurora.

The cluster's superuser makes one role, `freehold_admin`, that is not a superuser; all the rest is that role's work.
"""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final

import psycopg

from freehold.billing.plans import Catalog
from freehold.billing.publishing import digest_of, document_of, overrides_of
from freehold.database import migrations
from freehold.database.migrations import ADMIN, MIGRATOR
from freehold.database.migrations.failures import MigrationChanged, MigrationError
from local.errors import LocalError
from local.postgres import Postgres, discard, temporary
from local.scratch import scratch
from product.plans import PLANS

NAME: Final = "freehold"


class Database:
    """A database on a running server."""

    def __init__(self, server: Postgres) -> None:
        self.server = server

    @property
    def conninfo(self) -> str:
        """What functions are given: neither user nor password, for each adds its own role."""
        return self.server.conninfo_without_user(database=NAME)

    def conninfo_of(self, role: str) -> str:
        """How one role connects, for tests and for `psql`."""
        return self.server.conninfo(user=role, database=NAME)

    def make_roles(self) -> None:
        """The administrator, and what RDS's token login is in place of: a password for each login."""
        passwords = self.server.passwords.ensure([ADMIN, *migrations.LOGINS])
        self.server.superuser(_admin_sql(passwords[ADMIN]))
        migrations.bootstrap(self.server.conninfo(user=ADMIN), {role: passwords[role] for role in migrations.LOGINS})

    def prepare(self, plans: Catalog | None = None) -> list[str]:
        """Roles, database and schema as this version of the code wants them; the names of the migrations that ran.

        Without plans, whoever is in it may have all and as much as they like: what is about plans gives them.
        """
        self.make_roles()
        try:
            applied = migrations.migrate(self.conninfo_of(MIGRATOR))
            self.publish(plans)
        except MigrationChanged as error:
            raise LocalError(f"{error} Or `make reset`, which empties the local database.") from None
        except (MigrationError, psycopg.Error) as error:
            raise LocalError(str(error)) from None
        return applied

    def publish(self, plans: Catalog | None = None) -> bool:
        """Put plans into force, as a deploy does; whether they were others before."""
        document, overrides = (document_of(plans), overrides_of(plans)) if plans else (_plenty(), [])
        return migrations.publish(self.conninfo_of(MIGRATOR), document, overrides, digest_of(document, overrides))


@contextmanager
def prepared() -> Iterator[Postgres]:
    """A throwaway server with the database as `prepare` leaves it, which the first of a process takes its time for."""
    with temporary(_original()) as server:
        yield server


@cache
def _original() -> Postgres:
    """What they are copies of. It does not run."""
    kept = ExitStack()
    atexit.register(kept.close)
    server = Postgres(kept.enter_context(scratch()) / "postgres", durable=False)
    kept.callback(discard, server.folder)
    with server:
        Database(server).prepare()
    return server


def _plenty() -> dict[str, Any]:
    """The product's plans, each with everything in it and without an end."""
    document = document_of(PLANS)
    for plan in document["plans"].values():
        plan["features"] = list(document["features"])
        plan["limits"] = dict.fromkeys(document["limits"])
        plan["rates"] = dict.fromkeys(document["rates"])
    return document


def _admin_sql(password: str) -> str:
    """The password is letters, digits, `-` and `_`: nothing to quote."""
    return f"""
        SELECT 'CREATE ROLE {ADMIN}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ADMIN}') \\gexec
        ALTER ROLE {ADMIN} LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD '{password}';
    """  # noqa: S608 -- both names are constants
