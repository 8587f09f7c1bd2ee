"""Makes the parts of partitioned tables before their time comes, and drops those whose rows are kept no longer.

Ids sort by their time: so a range of ids is a span of time. A table that loses its rows again (`app.retention`, which
migrations write) is divided by weeks, so that none stays much longer than it has to; one that keeps them for good, by
months. A part of the outbox stays as long as it holds an event that nobody has published, and one of the audit trail as
long as it holds an entry that is not sealed: before it goes, a checkpoint says where each chain goes on. Each part is
made in one transaction, which holds its locks for milliseconds; it waits for one no longer than a migration would, and
tries again. A run that was killed is simply run again, and one too many does nothing.

A default part is empty once this has run. Rows reach it before the first run, when this has not run for five weeks, or
when an id lies about its time: the default part then becomes the part of that time, in one piece, and a new one takes
its place. Where that cannot be, the run fails and says so.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from freehold.database.connection import DEAD_PEER
from freehold.database.migrations.failures import MigrationError
from freehold.database.migrations.patience import LOCK_TIMEOUT, Patience
from freehold.database.migrations.runner import NOTICE_A_KILL, TRY_AGAIN, Tell, become_owner, take_turn
from freehold.database.migrations.watch import Watch
from freehold.ids import first_id, moment_of

AHEAD = timedelta(days=35)
"""So long may this fail to run before rows reach a default part."""
SOON = timedelta(days=1)
"""A part that begins within it is not attached: rows of its time may be on their way to the default part."""
TABLES = r"""
    select c.oid::regclass::text as name, c.relname as bare_name, quote_ident(a.attname) as key, r.keep,
           t.partdefid::regclass::text as rest, pg_relation_size(t.partdefid) > 0 as rest_is_used,
           exists (select from pg_constraint k
                    where k.conrelid = t.partdefid and k.conname = 'in_time') as half_adopted,
           coalesce((select json_object_agg(p.oid::regclass::text, b.upper order by b.upper)
                       from pg_inherits i join pg_class p on p.oid = i.inhrelid
                       cross join substring(pg_get_expr(p.relpartbound, p.oid) from 'TO \(''([-0-9a-f]+)''\)') b (upper)
                      where i.inhparent = c.oid and b.upper is not null), '{}') as parts
      from pg_partitioned_table t join pg_class c on c.oid = t.partrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum = t.partattrs[0] and a.atttypid = 'uuid'::regtype
      left join app.retention r on r.table_name = c.oid::regclass::text
     where t.partstrat = 'r' and t.partdefid <> 0 order by 1
"""

WAITS = "select exists (select from app.outbox where published_at is null and tableoid = %s::regclass)"
"""Asked as the relay, whom alone the policies let look across tenants; by the index of what waits."""
OUTBOX, AUDIT = "app.outbox", "app.audit"
CHECKPOINT = "call app.checkpoint_audit(%s::uuid)"
NOT_SEALED = "FH409"
DROP_SEALS = "select app.drop_seals(1000)"
RELAY = "set local role freehold_relay; set local app.tenant_id = '00000000-0000-0000-0000-000000000000'"


class PartitionsNotKept(MigrationError):
    """A part was not made or dropped, or a default part holds what belongs nowhere: docs/runbooks/retention.md."""


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table that is divided by time, and its default part, `rest`."""

    name: str
    bare_name: str
    key: str
    keep: timedelta | None
    rest: str
    rest_is_used: bool
    half_adopted: bool
    parts: dict[str, str]
    """By name, the id at which each ends; the last one last."""

    @property
    def end(self) -> datetime | None:
        """Of its last part; None where there is none yet."""
        return max((moment_of(UUID(upper)) for upper in self.parts.values()), default=None)

    def needs_adoption(self, now: datetime) -> bool:
        """Whether rows lie in the default part, or are about to."""
        return self.rest_is_used or self.end is None or self.end < now + SOON

    def over(self, now: datetime) -> list[str]:
        """Parts whose last row is older than the table keeps its rows."""
        return [name for name, upper in self.parts.items() if self.keep and moment_of(UUID(upper)) <= now - self.keep]

    def boundary_after(self, moment: datetime) -> datetime:
        """When the next part begins: a Monday, or the first of a month."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.keep:
            return day + timedelta(days=7 - day.weekday())
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Span:
    """What a part holds: from `lower`, or from ever, up to `upper`."""

    lower: datetime | None
    upper: datetime

    def named(self, table: Partitioned) -> str:
        """The part's name, without its schema."""
        return f"{table.bare_name}_until_{self.upper:%Y%m%d}"

    @property
    def bounds(self) -> str:
        """As PostgreSQL writes them."""
        lower = f"'{first_id(self.lower)}'" if self.lower else "minvalue"
        return f"for values from ({lower}) to ('{first_id(self.upper)}')"

    def condition(self, key: str) -> str:
        """That a row is of this time."""
        upper = f"{key} < '{first_id(self.upper)}'"
        return f"{upper} and {key} >= '{first_id(self.lower)}'" if self.lower else upper


def keep_up(conninfo: str, *, now: datetime, tell: Tell) -> list[str]:
    """Make what will be needed and drop what is over; the names of both. Raises PartitionsNotKept, MigrationFailed."""
    with psycopg.connect(conninfo, autocommit=True, **DEAD_PEER) as connection:
        connection.execute(NOTICE_A_KILL)
        take_turn(connection)  # a migration changes all parts of a table
        with Watch(conninfo, connection.info.backend_pid, tell) as watch:
            builder = _Builder(connection, watch, tell)
            done: list[str] = []
            strays = [table.rest for table in builder.tables() if not builder.adopt_rest(table, now, done)]
            done += [name for table in builder.tables() for name in builder.build_ahead(table, now)]
            over = [(table, name) for table in builder.tables() for name in table.over(now)]
            waiting = [name for table, name in over if not builder.drop(table, name)]
            done += [name for _, name in over if name not in waiting]
            builder.drop_seals()
    if strays or waiting:
        raise PartitionsNotKept(" ".join(_not_kept(strays, waiting)))
    return done


def _not_kept(strays: list[str], waiting: list[str]) -> Iterator[str]:
    """What somebody has to look into."""
    if strays:
        yield f"{', '.join(strays)} may hold rows whose ids are of no time that has a part, and will not have one."
    if waiting:
        yield f"{', '.join(waiting)} stays beyond its time, because it holds what nobody has published or sealed."
    yield "docs/runbooks/retention.md says what to do. Everything else is done."


class _Builder:
    """Changes one thing at a time, and waits for nobody for long."""

    def __init__(self, connection: psycopg.Connection, watch: Watch, tell: Tell) -> None:
        self._connection, self._watch, self._tell = connection, watch, tell

    def tables(self) -> list[Partitioned]:
        """As they are now."""
        with self._connection.transaction(), self._connection.cursor(row_factory=class_row(Partitioned)) as cursor:
            become_owner(self._connection)
            return cursor.execute(TABLES).fetchall()

    def adopt_rest(self, table: Partitioned, now: datetime, done: list[str]) -> bool:
        """Make the part of its time of what lies in the default part; whether that can be done, or need not be.

        It is checked ahead and apart, so that nobody waits for it. New rows fit what is checked: they are of a time
        before its end, which is weeks away.
        """
        if table.half_adopted:
            self._drop_check(table)
        if not table.needs_adoption(now):
            return True
        span = Span(table.end, _last(table, now))
        if span.lower and span.lower >= span.upper:
            return False
        try:
            self._carry_out(
                f"alter table {table.rest} add constraint in_time check ({span.condition(table.key)}) not valid"
            )
            self._carry_out(f"alter table {table.rest} validate constraint in_time")
            self._carry_out("call app.adopt_default(%s, %s, %s)", table.name, span.named(table), span.bounds)
        except (psycopg.Error, PartitionsNotKept) as error:
            with contextlib.suppress(psycopg.Error, PartitionsNotKept):  # the first error counts
                self._drop_check(table)
            if isinstance(error, psycopg.errors.CheckViolation):
                return False
            raise
        self._tell(f"made {span.named(table)} of what lay in {table.rest}")
        done.append(span.named(table))
        return True

    def build_ahead(self, table: Partitioned, now: datetime) -> Iterator[str]:
        """Make each part that is missing."""
        for span in _missing(table, now):
            self._carry_out("call app.add_part(%s, %s, %s)", table.name, span.named(table), span.bounds)
            self._tell(f"made {span.named(table)}")
            yield span.named(table)

    def drop(self, table: Partitioned, part: str) -> bool:
        """Drop it; False, and nothing, where it holds what waits. Nothing new comes to a part that is over."""
        if (table.name == OUTBOX and self._waits(part)) or (
            table.name == AUDIT and not self._checkpoint(table.parts[part])
        ):
            return False
        self._carry_out(f"drop table {part}")
        self._tell(f"dropped {part}")
        return True

    def _waits(self, part: str) -> bool:
        with self._connection.transaction():
            self._connection.execute(RELAY)
            [waits] = self._connection.execute(WAITS, [part]).fetchone() or [True]
        return bool(waits)

    def drop_seals(self) -> None:
        """Those that no entry is left for, in small transactions."""
        dropped = 1
        while dropped:
            with self._connection.transaction():
                become_owner(self._connection)
                [dropped] = self._connection.execute(DROP_SEALS).fetchone() or [0]

    def _checkpoint(self, upper: str) -> bool:
        """Let the chains begin behind the part that ends there; False while an entry in it is not sealed."""
        try:
            self._carry_out(CHECKPOINT, upper)
        except psycopg.Error as error:
            if error.sqlstate != NOT_SEALED:
                raise
            return False
        return True

    def _drop_check(self, table: Partitioned) -> None:
        self._carry_out(f"alter table {table.rest} drop constraint if exists in_time")

    def _carry_out(self, statement: str, *values: str) -> None:
        """In a transaction of its own, once it gets its locks. Raises PartitionsNotKept when it does not."""
        waiting = Patience(LOCK_TIMEOUT)
        while True:
            self._watch.begin()
            try:
                with self._connection.transaction():
                    become_owner(self._connection)
                    self._connection.execute(statement.encode(), values or None)
            except (*TRY_AGAIN, psycopg.errors.QueryCanceled) as error:
                why = "others waited for it" if self._watch.stood_aside() else self._watch.in_the_way()
                if not waiting.pause():
                    raise PartitionsNotKept(
                        f"`{statement}` was tried {waiting.tries} times and did not get its locks: {why}."
                        " Nothing is broken; the next run goes on."
                    ) from error
                self._tell(f"tries again: {why}")
            else:
                return


def _last(table: Partitioned, now: datetime) -> datetime:
    """When the last part that is needed now ends."""
    boundary = table.boundary_after(now)
    while boundary < now + AHEAD:
        boundary = table.boundary_after(boundary)
    return boundary


def _missing(table: Partitioned, now: datetime) -> Iterator[Span]:
    """From the last part on, as far ahead as is needed."""
    lower = table.end
    upper = lower or now
    while upper < _last(table, now):
        upper = table.boundary_after(upper)
        yield Span(lower, upper)
        lower = upper
