"""The migrations as files: their names, their order, and the steps that a file is divided into.

A file is one step, and so one transaction, unless lines like `-- step: build the index` divide it. Each step runs by
itself. What cannot be in a transaction stands alone in its step: a concurrent index, or a procedure that commits, such
as `call app.backfill(…)`.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import Literal, get_args

from freehold.database.migrations.failures import MigrationMalformed, MigrationMisnamed, UnknownPhase

type Phase = Literal["pre", "post", "all"]
type Kind = Literal["transaction", "create index", "drop index", "procedure"]

PHASES: tuple[str, ...] = get_args(Phase.__value__)
SOURCES = (("freehold", "freehold.database.migrations", "versions"), ("product", "product", "migrations"))
NAME = re.compile(r"\d{4}_[a-z0-9_]+\.(pre|post)\.sql")
MARK = re.compile(r"^-- step: *(\S.*?) *$", re.MULTILINE)
HIDDEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|(?P<kept>\"[^\"]*\")|(?P<text>(?P<tag>\$\w*\$).*?(?P=tag)|'(?:[^']|'')*')", re.DOTALL
)
"""Comments, quoted names, and strings."""
PROCEDURES = "backfill|validate_reference|show_tables_to_the_owner|renew_masks|queue_audit"
"""Those of `app` that commit by themselves."""
WORD = r"[a-z_][a-z0-9_]*"
ALONE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "create index",
        re.compile(
            rf"create (?P<unique>unique )?index concurrently (if not exists )?(?P<index>{WORD})"
            rf" on (?P<table>(?P<schema>{WORD})\.{WORD})\b.*",
            re.IGNORECASE,
        ),
    ),
    (
        "drop index",
        re.compile(rf"drop index concurrently if exists (?P<schema>{WORD})\.(?P<index>{WORD})", re.IGNORECASE),
    ),
    ("procedure", re.compile(rf"call app\.({PROCEDURES})\s?\(.*\)", re.IGNORECASE)),
)
"""Over one statement on one line, with single spaces, without comments and what strings say."""
ELSEWHERE = re.compile(rf"\bon\s+{WORD}\.{WORD}\b(.*)", re.IGNORECASE | re.DOTALL)
LOOKS_ALONE = re.compile(rf"\bindex concurrently\b|\bcall app\.({PROCEDURES})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a migration that runs by itself; `number` counts from 1, `line` is where it begins in the file."""

    number: int
    title: str
    sql: str
    line: int = 1

    @property
    def checksum(self) -> str:
        """Of the text that ran."""
        return _checksum(self.sql)

    @property
    def statements(self) -> list[str]:
        """Each on one line, without comments and what strings say."""
        shown = HIDDEN.sub(lambda found: found["kept"] or ("''" if found["text"] else " "), self.sql)
        return [" ".join(part.split()) for part in shown.split(";") if part.strip()]

    @property
    def kind(self) -> Kind:
        """How it has to run. Raises MigrationMalformed for what would have to be alone and is not."""
        match self.statements:
            case [only]:
                for kind, form in ALONE:
                    if form.fullmatch(only):
                        return kind
        if any(map(LOOKS_ALONE.search, self.statements)):
            raise MigrationMalformed(
                f"step {self.number} is not alone, or not in one of these forms: `create [unique] index concurrently"
                " name on schema.table …`, `drop index concurrently if exists schema.name`, `call app.backfill(…)`,"
                " `call app.validate_reference(…)`. Give it a step of its own: a line `-- step: what it does` above it"
                " and below it."
            )
        return "transaction"

    def names(self) -> dict[str, str]:
        """What a concurrent index names: `index`, `schema`, and to create it `table` and perhaps `unique`."""
        matches = (form.fullmatch(self.statements[0]) for _, form in ALONE)
        found = next((match.groupdict(default="") for match in matches if match), {})
        return {name: word.lower() for name, word in found.items()}

    def elsewhere(self, table: str) -> str:
        """The words of a concurrent index, for another table of the schema and within a transaction."""
        said = ELSEWHERE.search(HIDDEN.sub(lambda found: found["kept"] or found["text"] or " ", self.sql))
        return f"create {self.names()['unique']}index on {self.names()['schema']}.{table}{said[1] if said else ''}"


@dataclass(frozen=True, slots=True)
class Migration:
    """`name` is like `freehold/0001_foundation.pre`."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Of the text that ran."""
        return _checksum(self.sql)

    @property
    def steps(self) -> tuple[Step, ...]:
        """At least one. Raises MigrationMalformed."""
        marks = list(MARK.finditer(self.sql))
        if not marks:
            return (self._whole(),)
        if Step(0, "", self.sql[: marks[0].start()]).statements:
            raise MigrationMalformed(f"{self.name} has SQL above its first `-- step:` line: give it a step as well.")
        ends = [*(mark.start() for mark in marks[1:]), len(self.sql)]
        return tuple(
            Step(number, mark[1], self.sql[mark.start() : end], self.sql.count("\n", 0, mark.start()) + 1)
            for number, (mark, end) in enumerate(zip(marks, ends, strict=True), 1)
        )

    def _whole(self) -> Step:
        whole = Step(1, "", self.sql)
        if whole.kind != "transaction":
            raise MigrationMalformed(f"{self.name} needs a line `-- step: what it does` above what it does.")
        return whole


def migrations(phase: Phase = "all") -> list[Migration]:
    """Every migration of a phase, in the order in which they run. Raises UnknownPhase."""
    if phase not in PHASES:
        raise UnknownPhase(f"{phase!r} is no phase: choose one of {', '.join(PHASES)}.")
    found = [
        Migration(f"{source}/{file.name.removesuffix('.sql')}", file.read_text())
        for source, package, folder in SOURCES
        if find_spec(package)
        for file in sql_files(files(package) / folder)
    ]
    return [migration for migration in found if phase == "all" or migration.name.endswith(f".{phase}")]


def sql_files(folder: Traversable) -> list[Traversable]:
    """By number, and of one number the *pre* part before the *post* part."""
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    for file in found:
        if not NAME.fullmatch(file.name):
            raise MigrationMisnamed(
                f"{file.name} must be named like 0002_milestones.pre.sql or 0002_milestones.post.sql."
            )
    return sorted(found, key=lambda file: (file.name.partition(".")[0], ".post." in file.name))


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
