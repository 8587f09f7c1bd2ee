"""The verbs: one statement each, written for any table from its shape, with every value as a parameter.

A value comes from one of three rows: `target` is the row that is attacked, `own` is a row of whoever attacks, and `new`
is a row that could be inserted for the target's tenant. A statement that names nothing of the target is tried all the
same: it must not reach what it never named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from proof.database.shape import Constraint, Relation, quoted

type Source = Literal["target", "own", "new", "fresh"]
"""`fresh` is a row that could be inserted for whoever attacks."""

type Kind = Literal["read", "write", "seize"]
"""`seize` is what nobody but a table's owner may do at all."""


INSERT_OR_NOTHING = "insert, on conflict do nothing"


class Writing:
    """Writes one statement and remembers where its parameters come from."""

    def __init__(self, relation: Relation, columns: tuple[str, ...]) -> None:
        """`columns` are those that the role may update, those of the key last; there is always one."""
        self.relation, self.column = relation, quoted(columns[0])
        self.columns = tuple(name for name in columns if name not in relation.key) or columns[:1]
        self.sources: list[tuple[Source, str]] = []

    def value(self, source: Source, column: str) -> str:
        """A parameter, cast to its column's type."""
        self.sources.append((source, column))
        return f"${len(self.sources)}::{self.relation.column(column).type}"

    def key(self, source: Source = "target") -> str:
        """The condition that finds one row."""
        return " and ".join(f"{quoted(name)} = {self.value(source, name)}" for name in self.relation.key)

    def insert(self, choose: Callable[[str], Source | None] = lambda _: "new") -> str:
        """An INSERT of one row; `choose` says where each column's value comes from, and None leaves it out."""
        names = [column.name for column in self.relation.columns if not column.computed]
        chosen = {name: source for name in names if (source := choose(name))}
        columns = ", ".join(quoted(name) for name in chosen)
        values = ", ".join(self.value(source, name) for name, source in chosen.items())
        return f"insert into {self.relation.name} ({columns}) values ({values})"


@dataclass(frozen=True, slots=True)
class Verb:
    """One way to touch a table."""

    name: str
    kind: Kind
    write: Callable[[Writing], str]
    prepared: bool = True
    """COPY, TRUNCATE and ALTER cannot be prepared; they take no parameters either."""

    @property
    def may_do_nothing(self) -> bool:
        """Whether success without a single row is what it comes to, even for whoever may do it."""
        return self.kind == "seize" or self.name == INSERT_OR_NOTHING


@dataclass(frozen=True, slots=True)
class Statement:
    """A verb written for one table."""

    verb: Verb
    relation: Relation
    sql: str
    sources: tuple[tuple[Source, str], ...]

    @property
    def names_the_target(self) -> bool:
        """Whether what it does can differ between a row that exists and one that does not."""
        return any(source in {"target", "new"} for source, _ in self.sources)


def statement(verb: Verb, relation: Relation, columns: tuple[str, ...]) -> Statement:
    """The verb's statement for this table, by a role that may update these columns."""
    writing = Writing(relation, columns)
    sql = verb.write(writing)
    return Statement(verb, relation, sql, tuple(writing.sources))


def verbs(relation: Relation) -> Iterator[Verb]:
    """Those that make sense for it."""
    if not relation.is_table:
        yield from OF_A_VIEW
        return
    if not relation.held_by:
        yield from OF_EVERYBODY
        return
    yield from (verb for verb in OF_A_TABLE if verb is not COPY_TO or relation.kind != "p")
    if relation.holder == "tenant":
        if relation.held_by == ("tenant_id",):
            yield Verb("insert, tenant by default", "write", _insert_by_default)
        yield Verb("insert the least", "write", _insert_the_least)
        yield Verb("change", "write", _change)
        yield from _references(relation)


def _references(relation: Relation) -> Iterator[Verb]:
    """Own rows that name foreign ones. An identity's rows name tenants by their nature: there it is no attack."""
    for key in relation.foreign_keys:
        if set(key.columns) - set(relation.held_by):
            yield Verb(f"refer by {key.name}", "write", _referring(key))
    for columns in dict.fromkeys(relation.unique_keys):
        if set(columns) - set(relation.held_by):
            yield Verb(f"collide on ({', '.join(columns)})", "write", _with_columns_of_the_target(columns))


def _referring(key: Constraint) -> Callable[[Writing], str]:
    return _with_columns_of_the_target(key.columns)


def _with_columns_of_the_target(columns: tuple[str, ...]) -> Callable[[Writing], str]:
    def write(w: Writing) -> str:
        taken = set(columns) - set(w.relation.held_by)
        return w.insert(lambda name: "target" if name in taken else "fresh")

    return write


def _insert_by_default(w: Writing) -> str:
    return w.insert(lambda name: None if name in w.relation.held_by else "fresh")


def _move(w: Writing) -> str:
    moved = ", ".join(f"{quoted(name)} = {w.value('target', name)}" for name in w.relation.held_by)
    return f"update {w.relation.name} set {moved} where {w.key('own')}"


def _take(w: Writing) -> str:
    taken = ", ".join(f"{quoted(name)} = {w.value('own', name)}" for name in w.relation.held_by)
    return f"update {w.relation.name} set {taken} where {w.key()}"


def _merge(then: str) -> Callable[[Writing], str]:
    def write(w: Writing) -> str:
        values = ", ".join(w.value("target", name) for name in w.relation.key)
        names = ", ".join(quoted(name) for name in w.relation.key)
        on = " and ".join(f"t.{quoted(name)} = v.{quoted(name)}" for name in w.relation.key)
        done = then.format(column=w.column)
        return f"merge into {w.relation.name} t using (values ({values})) v ({names}) on {on} when matched then {done}"

    return write


def _on_conflict(then: str) -> Callable[[Writing], str]:
    def write(w: Writing) -> str:
        insert = w.insert(lambda name: "target" if name in w.relation.key else "new")
        return f"{insert} on conflict {then.format(column=w.column, key=_key_of(w.relation))}"

    return write


def _key_of(relation: Relation) -> str:
    for kind in ("p", "u"):
        for constraint in relation.constraints:
            if constraint.kind == kind:
                return "(" + ", ".join(quoted(name) for name in constraint.columns) + ")"
    return ""


def _by_key(text: str) -> Callable[[Writing], str]:
    return lambda w: text.format(table=w.relation.name, column=w.column, key=w.key())


def _whole(text: str) -> Callable[[Writing], str]:
    return lambda w: text.format(table=w.relation.name, column=w.column)


def _loud(w: Writing) -> str:
    """An error that quotes all values, from any row that it is computed for."""
    values = ", ".join(map(quoted, w.relation.column_names))
    return f"select 1 from {w.relation.name} where concat_ws(' ', {values})::integer = 0"


def _insert_the_least(w: Writing) -> str:
    """What has a default gets it, and shows what it got."""
    needed = {c.name for c in w.relation.columns if c.required and not c.has_default} | set(w.relation.held_by)
    return w.insert(lambda name: "fresh" if name in needed else None) + " returning *"


def _change(w: Writing) -> str:
    """Everything that the role may change of a row of its own, to something else."""
    changed = ", ".join(f"{quoted(name)} = {w.value('fresh', name)}" for name in w.columns)
    return f"update {w.relation.name} set {changed} where {w.key('own')}"


def _copy_from(w: Writing) -> str:
    columns = ", ".join(quoted(column.name) for column in w.relation.columns if not column.computed)
    return f"copy {w.relation.name} ({columns}) from stdin"


_COPY_ONE = "insert into {table} overriding system value select * from {table} limit 1"
_COLUMNS = "select * from {table}"
COPY_TO = Verb("copy to", "read", _whole("copy {table} to stdout"), prepared=False)
OF_A_VIEW = (
    Verb("select all", "read", _whole(_COLUMNS)),
    Verb("copy query to", "read", _whole("copy (select * from {table}) to stdout"), prepared=False),
    Verb("delete all", "write", _whole("delete from {table}")),
)
OF_EVERYBODY = (
    Verb("select all", "read", _whole(_COLUMNS)),
    Verb("update all", "seize", _whole("update {table} set {column} = {column}"), prepared=False),
    Verb("delete all", "seize", _whole("delete from {table}"), prepared=False),
    Verb(
        "insert",
        "seize",
        _whole("insert into {table} overriding system value select * from {table} limit 1"),
        prepared=False,
    ),
    Verb("truncate", "seize", _whole("truncate {table} cascade"), prepared=False),
)
OF_A_TABLE = (
    Verb("select one", "read", _by_key("select * from {table} where {key}")),
    Verb("select all", "read", _whole(_COLUMNS)),
    Verb("count", "read", _whole("select count(*) from {table}")),
    Verb("exists", "read", _by_key("select exists (select from {table} where {key})")),
    Verb("for update", "read", _whole("select * from {table} for update")),
    Verb("loud error", "read", _loud),
    COPY_TO,
    Verb("copy query to", "read", _whole("copy (select * from {table}) to stdout"), prepared=False),
    Verb("insert", "write", lambda w: w.insert()),
    Verb("insert returning", "write", lambda w: f"{w.insert()} returning *"),
    Verb(INSERT_OR_NOTHING, "write", _on_conflict("do nothing")),
    Verb("insert, on conflict do update", "write", _on_conflict("{key} do update set {column} = excluded.{column}")),
    Verb("update", "write", _by_key("update {table} set {column} = {column} where {key}")),
    Verb("update returning", "write", _by_key("update {table} set {column} = {column} where {key} returning *")),
    Verb("update all", "write", _whole("update {table} set {column} = {column}")),
    Verb("update all returning", "write", _whole("update {table} set {column} = {column} returning *")),
    Verb("move a row away", "write", _move),
    Verb("take a row over", "write", _take),
    Verb("delete", "write", _by_key("delete from {table} where {key}")),
    Verb("delete returning", "write", _by_key("delete from {table} where {key} returning *")),
    Verb("delete all", "write", _whole("delete from {table}")),
    Verb("merge, update", "write", _merge("update set {column} = t.{column}")),
    Verb("merge, delete", "write", _merge("delete")),
    Verb("copy from", "write", _copy_from, prepared=False),
    Verb("truncate", "seize", _whole("truncate {table} cascade"), prepared=False),
    Verb("switch off", "seize", _whole("alter table {table} disable row level security"), prepared=False),
)
