"""The schema of a database as `pg_dump` writes it, without what differs from one run or release to the next."""

import re
import subprocess

from local import reach
from local.database import NAME
from local.errors import LocalError
from local.postgres import SUPERUSER, Postgres
from local.processes import environment, unprivileged_account

WRITTEN = "-- Written by `make docs` from the migrations, which add up to it: write a migration instead.\n\n"
PASSING = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)\n", re.MULTILINE)
GAPS = re.compile(r"\n{3,}")


def schema(server: Postgres, database: str = NAME) -> str:
    """What docs/reference/schema.sql holds."""
    dump = reach.binaries(unprivileged_account()) / "pg_dump"
    target = server.conninfo(user=SUPERUSER, database=database)
    result = subprocess.run(
        [dump, "--schema-only", "-d", target], capture_output=True, text=True, env=environment(), check=False
    )
    if result.returncode:
        raise LocalError(f"pg_dump could not read the schema: {result.stderr.strip()}")
    return WRITTEN + GAPS.sub("\n\n", PASSING.sub("", result.stdout)).strip() + "\n"
