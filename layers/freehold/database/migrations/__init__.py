"""Bringing a database to the schema that the code expects: roles and database once, then migrations."""

from freehold.database.migrations.bootstrap import ADMIN, LOGINS, MIGRATOR, bootstrap
from freehold.database.migrations.publishing import publish
from freehold.database.migrations.runner import migrate, plan

__all__ = ["ADMIN", "LOGINS", "MIGRATOR", "bootstrap", "migrate", "plan", "publish"]
