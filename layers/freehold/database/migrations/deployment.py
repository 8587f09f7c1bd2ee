"""What a deploy does to a cell's database before new code runs."""

from psycopg.conninfo import make_conninfo

from freehold.database.login import conninfo, ready
from freehold.database.migrations.bootstrap import ADMIN, MIGRATOR, bootstrap
from freehold.database.migrations.runner import Phase, migrate

ANY = "postgres"
"""The database that every cluster has; ours does not exist before the first deploy."""


def bring_up_to_date(phase: Phase, *, admin_password: str) -> list[str]:
    """Roles and database as the administrator, the schema as the migrator; the names of what was applied.

    Raises what the runner raises, and SystemExit when FREEHOLD_DATABASE is not usable.
    """
    bootstrap(make_conninfo(conninfo(ADMIN), dbname=ANY, password=admin_password), {})
    return migrate(ready(conninfo(MIGRATOR)), phase)
