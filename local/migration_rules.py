"""What a migration may not say, as rules over one file; squawk's rules stand beside them.

What strings and the bodies of functions say is left out, but for a `do` block, which runs at once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from freehold.database.migrations.failures import MigrationMalformed
from freehold.database.migrations.files import Migration, Step

HIDDEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|(?P<do>\bdo\s+)?(?P<tag>\$\w*\$).*?(?P=tag)|'(?:[^']|'')*'", re.DOTALL | re.IGNORECASE
)
NAME = r"[a-z_]\w*\.[a-z_]\w*"
CREATED = re.compile(rf"\bcreate table (?:if not exists )?({NAME})\b(?! partition of)")
DECLARED = r"call app\.(?:tenant_table|identity_table)\(\s*'{table}'|comment on table {table} is 'global: \S"
OWNED = re.compile(rf"call app\.(?:tenant_table|identity_table)\(\s*'({NAME})'")
IDENTITIES = re.compile(rf"call app\.identity_table\(\s*'({NAME})'")
REFERENCE = re.compile(rf"\badd constraint (\w+) foreign key\b.*?\breferences ({NAME})")
LOCKED = re.compile(
    rf"^(?:alter table (?:if exists )?(?:only )?|lock (?:table )?(?:only )?"
    rf"|(?:create|alter|drop)(?: or replace)?(?: constraint)? (?:policy|trigger) .*?\bon )({NAME}(?:, {NAME})*)"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule."""

    file: str
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Statement:
    """In lower case, with single spaces, without what is hidden; `step` is the number of its step."""

    text: str
    line: int
    step: int


@dataclass(frozen=True)
class File:
    """One migration, and the tables of tenants and of identities that all of them together declare."""

    name: str
    sql: str
    owned: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()

    @cached_property
    def migration(self) -> Migration:
        """As the runner reads it."""
        return Migration(self.name.removesuffix(".sql"), self.sql)

    @cached_property
    def statements(self) -> list[Statement]:
        """Of every step."""
        return [statement for step in self.migration.steps for statement in _statements(step)]

    @cached_property
    def new_tables(self) -> set[str]:
        """Those that this file makes: nobody uses them yet."""
        return {name for statement in self.statements for name in CREATED.findall(statement.text)}


def owned_tables(sql: str) -> set[str]:
    """The tables that a file declares as tenants' or identities'."""
    return set(OWNED.findall(sql))


def identity_tables(sql: str) -> set[str]:
    """Those of identities alone."""
    return set(IDENTITIES.findall(sql))


def findings(file: File) -> Iterator[Finding]:
    """Every breach of a rule of ours."""
    try:
        for step in file.migration.steps:
            _ = step.kind
    except MigrationMalformed as error:
        yield Finding(file.name, 1, "step", str(error))
        return
    for rule, check in RULES.items():
        for statement in file.statements:
            if sentence := check(file, statement):
                yield Finding(file.name, statement.line, rule, sentence)


def _statements(step: Step) -> Iterator[Statement]:
    visible, line = HIDDEN.sub(_hide, step.sql), step.line
    for part in visible.split(";"):
        if text := " ".join(part.lower().split()):
            blank = len(part) - len(part.lstrip())
            yield Statement(text, line + part.count("\n", 0, blank), step.number)
        line += part.count("\n")


def _hide(found: re.Match[str]) -> str:
    """As many lines as there were. The `end` of a block is no end of a transaction."""
    if found["do"]:
        return re.sub(r"\$\w*\$|\b(begin|end)\b", " ", found[0], flags=re.IGNORECASE)
    return "''" * found[0].startswith(("'", "$")) + "\n" * found[0].count("\n")


def _undeclared(file: File, statement: Statement) -> str:
    for table in CREATED.findall(statement.text):
        if not re.search(DECLARED.format(table=re.escape(table)), file.sql):
            return (
                f"{table} does not say whose rows it holds: call app.tenant_table('{table}') after it, in this file;"
                f" or comment on table {table} is 'global: why'."
            )
    return ""


def _blocking_index(file: File, statement: Statement) -> str:
    found = re.match(rf"create (?:unique )?index (?:if not exists )?\w+ on ({NAME})", statement.text)
    if found and found[1] not in file.new_tables:
        return (
            f"{found[1]} would take no writes while this is built: a line `-- step: …` above it, and"
            " `create index concurrently`."
        )
    return "Nobody would wait for it gladly: drop index concurrently if exists, in a step of its own." * bool(
        re.match(r"drop index (?!concurrently)", statement.text)
    )


def _rows_of_tenants(file: File, statement: Statement) -> str:
    found = re.search(rf"\b(?:update|delete from|merge into|truncate(?: table)?)(?: only)? ({NAME})", statement.text)
    if found and found[1] in file.owned and not statement.text.startswith(("grant", "revoke", "create", "comment")):
        return (
            f"{found[1]} shows its owner one tenant at most: call app.backfill('{found[1]}', 'column = …', 'column is"
            " null') in a step of its own."
        )
    return ""


def _removes_too_early(file: File, statement: Statement) -> str:
    """What an earlier step of the file has added may go."""
    if not file.name.endswith(".pre.sql"):
        return ""
    found = re.match(
        r"drop (\w+)|alter \w+ (?:if exists )?\S+ .*?\b(drop|rename) (column |constraint |to )?(\w+)", statement.text
    )
    if not found or (found[2] == "drop" and found[4] in {"default", "not"}):
        return ""
    if found[3] == "constraint " and re.search(rf"\badd constraint {found[4]}\b", file.sql):
        return ""
    return "The code that still runs may use it: remove it in a file of the same number that ends in .post.sql."


def _validated_under_lock(file: File, statement: Statement) -> str:
    found = re.match(rf"alter table (?:only )?({NAME}) .*\bvalidate constraint (\w+)", statement.text)
    if not found:
        return ""
    references = [each for other in file.statements for each in REFERENCE.findall(other.text)]
    sides = {side for name, table in references if name == found[2] for side in (found[1], table)}
    if sides & file.identities:
        return (
            "Nobody sees all rows of an identity table, so no look would prove it: make the foreign key in the file"
            " that makes the table."
        )
    if sides & file.owned:
        return (
            f"The database would look as the owner looks, who sees one tenant at most: call app.validate_reference("
            f"'{found[1]}', '{found[2]}') in a step of its own."
        )
    beside = [other for other in file.statements if other.step == statement.step and other is not statement]
    if any(other.text.startswith("alter table") for other in beside):
        return "It would keep the lock of what stands beside it for a whole scan: a line `-- step: …` above it."
    return ""


def _several_tables(file: File, statement: Statement) -> str:
    """Said once for each step, at the first statement that goes too far."""
    locked: set[str] = set()
    for other in (each for each in file.statements if each.step == statement.step):
        before = len(locked)
        for tables in LOCKED.findall(other.text):
            locked |= set(tables.split(", ")) - file.new_tables
        if len(locked) > 1:
            return (
                f"It would hold {' and '.join(sorted(locked))} at once: divide it by a line `-- step: …`, for requests"
                " lock them in another order."
            ) * (other is statement and before <= 1)
    return ""


def _says(pattern: str, sentence: str) -> Callable[[File, Statement], str]:
    form = re.compile(pattern)
    return lambda _file, statement: sentence if form.search(statement.text) else ""


RULES: dict[str, Callable[[File, Statement], str]] = {
    "declared": _undeclared,
    "index": _blocking_index,
    "rows": _rows_of_tenants,
    "expand": _removes_too_early,
    "validate": _validated_under_lock,
    "tables": _several_tables,
    "role": _says(
        r"^(set|reset) (local |session )?(role|session authorization)\b",
        "A migration runs as freehold_owner: leave the role as it is.",
    ),
    "setting": _says(
        r"^(set|reset) (local |session )?(lock_timeout|statement_timeout|transaction_timeout|search_path|row_security"
        r"|session_replication_role|app\.)",
        "The runner sets what a step needs: take the line out.",
    ),
    "transaction": _says(
        r"^(begin|start|commit|end|rollback|abort|savepoint|release|prepare transaction)\b",
        "A step is a transaction already: take the line out, or divide the file by `-- step: …`.",
    ),
    "public": _says(r"^grant .* to public\b", "Everybody is nobody in particular: name the role, call app.allow(…)."),
    "definer": _says(
        r"^create (or replace )?(function|procedure) (?=.*\bsecurity definer\b)(?!.*\bset search_path\b)",
        "Whoever calls it could make its names mean something else: add set search_path = pg_catalog, pg_temp.",
    ),
    "exempt": _says(
        r"^alter table .*\b(disable (row level security|trigger|rule)|no force)\b",
        "Row-level security and the audit trail hold for migrations too: use app.backfill.",
    ),
}
"""By name: what is wrong with a statement and what to do, or nothing."""
