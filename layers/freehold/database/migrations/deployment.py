"""What a deploy does to a cell's database."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.conninfo import make_conninfo

from freehold.database.login import conninfo, ready
from freehold.database.migrations.bootstrap import ADMIN, MIGRATOR, bootstrap
from freehold.database.migrations.files import Phase
from freehold.database.migrations.ledger import Missing
from freehold.database.migrations.publishing import publish
from freehold.database.migrations.runner import migrate, plan

EVERYWHERE = "postgres"
"""The database that every cluster has; ours does not exist before the first deploy."""


def bring_up_to_date(phase: Phase) -> list[str]:
    """Roles and database as the administrator, the schema as the migrator; the names of what was applied.

    It says in the log what it does. Raises what the runner raises, and SystemExit when FREEHOLD_DATABASE is not usable.
    """
    bootstrap(ready(make_conninfo(conninfo(ADMIN), dbname=EVERYWHERE)))
    return migrate(ready(conninfo(MIGRATOR)), phase, tell=_log)


def outlook(phase: Phase) -> list[Missing]:
    """What bringing it up to date would do; changes nothing, also while somebody else does it."""
    return plan(ready(conninfo(MIGRATOR)), phase)


def put_into_force(document: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]], digest: str) -> bool:
    """Publish the plans of this version of the code; whether they were others before."""
    changed = publish(ready(conninfo(MIGRATOR)), document, overrides, digest)
    _log("The plans are in force." if changed else "The plans were in force already.")
    return changed


def _log(line: str) -> None:
    print(line)  # noqa: T201 (the function's log)
