"""Holds a database against the rules, in one statement that changes nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from freehold.database.gate.reviewed import Reviewed, ReviewUnreadable, reviewed
from freehold.database.gate.rule import NAMES, RULES, VOCABULARY, Rule

QUIETLY = "set local search_path = pg_catalog, pg_temp; set local jit = off; set local transaction_read_only = on"
"""Names are then written out in full, and no temporary table stands in for the catalog; and compiling a query that runs
once would take longer than running it."""
DIGEST = re.compile(r" @ [0-9a-f]{12}$")
REVIEW = "What is right all the same gets an entry with its reason in layers/product/migrations/reviewed.toml."
FIRST = "Mend the first, then look again: one mistake often breaks several rules."


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
        super().__init__("\n".join([*(f"{found.sentence} [{found.rule}]" for found in violations), REVIEW, FIRST]))
        self.violations = tuple(violations)


def require(connection: psycopg.Connection, *, settled: bool = False) -> None:
    """Raise SchemaRefused, with every violation, unless there is none; or because a reviewed.toml cannot be read."""
    try:
        found = violations(connection, settled=settled)
    except ReviewUnreadable as error:
        unreadable = Violation("reviewed", error.file, str(error), "Write it as the head of that file says.")
        raise SchemaRefused([unreadable]) from error
    if found:
        raise SchemaRefused(found)


def violations(
    connection: psycopg.Connection, *, settled: bool = False, exceptions: Sequence[Reviewed] | None = None
) -> list[Violation]:
    """What breaks a rule and was not reviewed, also inside a transaction, whose work it sees and leaves as it is.

    `settled` when every migration ran, so that nothing waits for its second step: then a constraint that was never
    validated counts too, and so does an exception that excuses nothing any more, and one for a function is for its body
    as it is: before, a body may stand that a later migration replaces. `exceptions` are the reviewed ones.
    """
    rules = [rule for rule in RULES if settled or not rule.settled]
    known = [each for each in (reviewed() if exceptions is None else exceptions) if not (settled and each.until)]
    excused = {_subject(each, settled=settled): each for each in known}
    found = [(_subject(each, settled=settled), each) for each in _inspect(connection, rules)]
    unused = excused.keys() - {subject for subject, _ in found}
    return [each for subject, each in found if subject not in excused] + [
        _stale(excused[subject]) for subject in sorted(unused) if settled
    ]


def _subject(of: Violation | Reviewed, *, settled: bool) -> tuple[str, str]:
    return of.rule, of.object if settled else DIGEST.sub("", of.object)


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
    why = " and does not break it" if exception.rule in NAMES else ", which is unknown"
    says = f"{exception.object} is excepted from the rule {exception.rule}{why}."
    return Violation("reviewed", exception.object, says, "Take the entry out of reviewed.toml.")
