"""What a statement does, in a few words that many statements share: `select app.projects`, never a value.

As OpenTelemetry has it: https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

MOST_TARGETS = 3
_TEXT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\bextract\([^()]*\)")
_CHANGED = re.compile(r"\b(insert) into\s+(\w{3,}\.\w+)|\b(update)\s+(\w{3,}\.\w+)|\b(delete) from\s+(\w{3,}\.\w+)")
_READ = re.compile(r"(?<!distinct )\b(?:from|join)\s+(?:lateral\s+)?(\w{3,}\.\w+)")
_CALLED = re.compile(r"\b(\w{3,}\.\w+)\s*\(")
_FIRST = re.compile(r"[a-z]+")
_ENTRANCES = ("select app.enter", "select app.lease")
_AROUND = ("begin", "commit")


@lru_cache(maxsize=1024)
def summary(sql: str) -> str:
    """Of one statement: what it changes, else what it reads, else what it calls."""
    bare = _TEXT.sub("''", sql.lower())
    if changed := [" ".join(filter(None, found)) for found in _CHANGED.findall(bare)]:
        return " ".join(_few(changed))
    for pattern in (_READ, _CALLED):
        if found := pattern.findall(bare):
            return " ".join(("select", *_few(found)))
    first = _FIRST.search(bare)
    return first[0] if first else ""


def of_unit(statements: Sequence[str]) -> str:
    """Of a unit of work: that of its first statement behind the entrance; of one that only enters, the entrance."""
    entered = ""
    for sql in statements:
        if sql.startswith(_AROUND):
            continue
        said = summary(sql)
        if not said.startswith(_ENTRANCES):
            return said
        entered = entered or said
    return entered or "begin"


def of_each(statements: Sequence[str]) -> list[str]:
    """Of each statement of a unit, but for what opens and closes it."""
    return [summary(sql) for sql in statements if not sql.startswith(_AROUND)]


def _few(found: Sequence[str]) -> Iterator[str]:
    yield from list(dict.fromkeys(found))[:MOST_TARGETS]
