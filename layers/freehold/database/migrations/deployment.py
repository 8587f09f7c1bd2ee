"""What a deploy does to a cell's database."""

from psycopg.conninfo import make_conninfo

from freehold.database.login import conninfo, ready
from freehold.database.migrations.bootstrap import ADMIN, MIGRATOR, bootstrap
from freehold.database.migrations.runner import Phase, migrate

EVERYWHERE = "postgres"
"""The database that every cluster has; ours does not exist before the first deploy."""


def bring_up_to_date(phase: Phase) -> list[str]:
    """Roles and database as the administrator, the schema as the migrator; the names of what was applied.

    Raises what the runner raises, and SystemExit when FREEHOLD_DATABASE is not usable.
    """
    bootstrap(ready(make_conninfo(conninfo(ADMIN), dbname=EVERYWHERE)))
    return migrate(ready(conninfo(MIGRATOR)), phase)
