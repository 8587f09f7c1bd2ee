"""Plants each hole in a copy of the database, and asks whether anything notices.

A hole is a file of SQL in `holes/`. Its first lines say what is wrong and where it shows: on a table, in functions, at
the door, or nowhere but to the gate. What stands after a line that begins with `-- undo` takes back what the whole
cluster shares.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from freehold.database import gate
from freehold.database.migrations.bootstrap import LOGINS
from local.errors import LocalError
from local.postgres import SUPERUSER, Postgres
from proof.database import door
from proof.database.functions import FunctionAttack
from proof.database.tables import Attack
from proof.database.tenants import Tenant
from proof.database.world import World, world
from proof.found import Verdict
from proof.tally import Leak

FOLDER = Path(__file__).parent / "holes"
COPY, OWNER = "freehold_planted", "freehold_owner"
_AS_BOOTSTRAPPED = f"revoke all on database {COPY} from public; grant connect on database {COPY} to {', '.join(LOGINS)}"
"""A copy has none of the privileges that its template has as a database."""
_HEAD = re.compile(
    r"-- (?P<says>.+)\n-- focus: (?P<focus>\S+)\n\n(?P<sql>.*?)(?:\n-- undo[^\n]*\n(?P<undo>.*))?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Hole:
    """A hole: what it is, where it shows, and how it is made and taken back.

    `focus` is one of the attacks, or a part of the name of the relations that are attacked.
    """

    name: str
    says: str
    focus: str
    sql: str
    undo: str = ""


class CannotBePlanted(LocalError):
    """A hole whose SQL this schema refuses, so that nobody knows whether it would be found."""


def controls(planted: Sequence[Hole]) -> list[Hole]:
    """Nothing, planted wherever these are: what notices it would notice anything."""
    places = sorted({hole.focus for hole in planted})
    return [Hole("nothing", "Nothing is wrong with this one.", focus, "select") for focus in places]


def holes() -> list[Hole]:
    """Every planted hole of the database."""
    return [_read(file) for file in sorted(FOLDER.glob("*.sql"))]


def judge(server: Postgres, template: str, tenants: tuple[Tenant, Tenant], hole: Hole) -> Verdict:
    """Plant it, then ask the gate and the attacks. Raises CannotBePlanted."""
    with _planted(server, template, hole) as connection:
        rules = dict.fromkeys(f"gate: {violation.rule}" for violation in gate.violations(connection, settled=True))
        with world(server, COPY, tenants) as planted:
            leaks = _first_leaks(planted, hole.focus)
    return Verdict(hole.name, hole.says, (*rules, *dict.fromkeys(leak.check for leak in leaks)))


def _first_leaks(planted: World, focus: str) -> list[Leak]:
    """Of the attack that has to find one."""
    match focus:
        case "gate":
            return []
        case "functions":
            return FunctionAttack(planted, stop_early=True, foreign_ids=2).run().leaks
        case "door":
            return door.attack(planted).leaks
        case _:
            return Attack(planted, "tables", focus=focus, stop_early=True).run(planted.roles).leaks


def _read(file: Path) -> Hole:
    found = _HEAD.fullmatch(file.read_text().rstrip("\n"))
    if found is None:
        raise LocalError(f"{file.name} has to begin with `-- A sentence.`, `-- focus: schema.table` and an empty line.")
    return Hole(file.stem, found["says"], found["focus"], found["sql"], found["undo"] or "")


@contextmanager
def _planted(server: Postgres, template: str, hole: Hole) -> Iterator[psycopg.Connection]:
    server.superuser(f"create database {COPY} template {template} owner {OWNER};\n{_AS_BOOTSTRAPPED}")
    try:
        with psycopg.connect(server.conninfo(user=SUPERUSER, database=COPY), autocommit=True) as connection:
            try:
                connection.execute(hole.sql.encode())
            except psycopg.Error as error:
                raise CannotBePlanted(f"{hole.name} cannot be planted: {error.diag.message_primary}.") from error
            yield connection
    finally:
        server.superuser(f"drop database {COPY} with (force);\n{hole.undo}")
