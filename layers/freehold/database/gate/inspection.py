"""Holds a database against the rules, in one statement that changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from freehold.database.gate.reviewed import Reviewed, reviewed
from freehold.database.gate.rule import RULES, VOCABULARY, Rule

QUIETLY = "set local search_path = pg_catalog, pg_temp; set local jit = off; set local transaction_read_only = on"
"""Names are then written out in full, and no temporary table stands in for the catalog; and compiling a query that runs
once would take longer than running it."""
REVIEW = "What is right all the same gets an entry with its reason in layers/product/migrations/reviewed.toml."


@dataclass(frozen=True, slots=True)
class Violation:
    """One object that breaks one rule."""

    rule: str
    object: str
    says: str
    fix: str

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do."""
        return f"{self.says} {self.fix}"


class SchemaRefused(Exception):
    """The schema breaks rules of the gate: what each one says to do, do."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("\n".join([*(f"{found.sentence} [{found.rule}]" for found in violations), REVIEW]))
        self.violations = tuple(violations)


def require(connection: psycopg.Connection, *, settled: bool = False) -> None:
    """Raise SchemaRefused, with every violation, unless there is none."""
    if found := violations(connection, settled=settled):
        raise SchemaRefused(found)


def violations(
    connection: psycopg.Connection, *, settled: bool = False, exceptions: Sequence[Reviewed] | None = None
) -> list[Violation]:
    """What breaks a rule and was not reviewed, also inside a transaction, whose work it sees and leaves as it is.

    `settled` when every migration ran, so that nothing waits for its second step: then a constraint that was never
    validated counts too, and so does an exception that excuses nothing any more. `exceptions` are the reviewed ones.
    """
    rules = [rule for rule in RULES if settled or not rule.settled]
    excused = {(each.rule, each.object): each for each in (reviewed() if exceptions is None else exceptions)}
    found = list(_inspect(connection, rules))
    unused = excused.keys() - {(each.rule, each.object) for each in found}
    return [each for each in found if (each.rule, each.object) not in excused] + [
        _stale(excused[key]) for key in sorted(unused) if settled
    ]


def _inspect(connection: psycopg.Connection, rules: Sequence[Rule]) -> Iterator[Violation]:
    places = {rule.name: place for place, rule in enumerate(rules)}
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(QUIETLY)
        rows = [(places[name], row) for name, row in cursor.execute(statement(rules)).fetchall()]
    for place, row in sorted(rows, key=lambda found: (found[0], found[1]["object"])):
        yield _violation(rules[place], row)


def statement(rules: Sequence[Rule]) -> bytes:
    """All of them as one statement, which returns the rule's name and the offender's columns."""
    parts = (
        f"select '{rule.name}', to_jsonb(offender) from (\n{rule.sql}\n) offender"  # noqa: S608 -- files of this package
        for rule in rules
    )
    return (VOCABULARY + "\nunion all\n".join(parts)).encode()


def _violation(rule: Rule, row: Mapping[str, Any]) -> Violation:
    return Violation(rule.name, row["object"], rule.says.format_map(row), rule.fix.format_map(row))


def _stale(exception: Reviewed) -> Violation:
    says = f"{exception.object} is excepted from the rule {exception.rule} and does not break it."
    return Violation("reviewed", exception.object, says, "Take the entry out of reviewed.toml.")
