"""Applies what is missing, step by step, and remembers what ran, so that a run that was killed is simply run again.

A migration is `NNNN_name.pre.sql` (runs before new code) or `NNNN_name.post.sql` (after it, when the old code is gone).
The platform's come first, then the product's. They run as the owner role, reached from a login that is no superuser.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from freehold.database.connection import DEAD_PEER
from freehold.database.gate import SchemaRefused, require
from freehold.database.migrations import indexes, ledger, patience
from freehold.database.migrations.failures import MigrationFailed, hint
from freehold.database.migrations.files import Migration, Phase, Step, migrations
from freehold.database.migrations.ledger import Missing
from freehold.database.migrations.patience import Patience
from freehold.database.migrations.watch import Watch

type Tell = Callable[[str], None]
"""Hears what is being done, a line at a time."""

ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtextextended('freehold migrations', 0))"
TURN = 60.0
"""Seconds for another run to end. One that was killed holds its lock until the server notices."""
LOOK_AGAIN = 0.1  # seconds
NOTICE_A_KILL = """
    set client_connection_check_interval = '2s';
    set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3
"""
"""Else the server would finish the statement of a client that is gone, and hold its locks until then."""
CANCEL_AUTOVACUUM = """
    set local role freehold_owner; set local search_path = pg_catalog; set local lock_timeout = '3s';
    lock table {} in share update exclusive mode
"""
"""It keeps no reader or writer waiting. PostgreSQL ends an autovacuum for whoever has waited for it for a second."""
TRY_AGAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def plan(conninfo: str, phase: Phase = "all", *, among: Iterable[Migration] | None = None) -> list[Missing]:
    """What `migrate` would do; changes nothing and waits for nobody. Raises what it would raise before it begins."""
    with psycopg.connect(conninfo, autocommit=True, **DEAD_PEER) as connection:
        return ledger.missing(connection, migrations(phase) if among is None else among)


def migrate(
    conninfo: str, phase: Phase = "all", *, among: Iterable[Migration] | None = None, tell: Tell = lambda _line: None
) -> list[str]:
    """Apply what is missing and return its names.

    Raises MigrationChanged, MigrationMalformed, MigrationMisnamed, MigrationFailed; the latter also when the schema
    breaks a rule of the gate, whether or not something was missing.
    """
    with psycopg.connect(conninfo, autocommit=True, **DEAD_PEER) as connection:
        connection.add_notice_handler(lambda notice: tell(notice.message_primary or ""))
        connection.execute(NOTICE_A_KILL)
        take_turn(connection)
        is_new = ledger.prepare(connection)
        todo = ledger.missing(connection, migrations(phase) if among is None else among)
        if todo:
            with Watch(conninfo, connection.info.backend_pid, tell) as watch:
                for missing in todo:
                    _apply(connection, missing, watch, tell, is_new=is_new)
        _require_no_drift(connection, everything=among is None)
        return [missing.migration.name for missing in todo]


def take_turn(connection: psycopg.Connection) -> None:
    """Asks again and again: a statement that waits has a snapshot, for which an index built concurrently waits."""
    deadline = time.monotonic() + TURN
    while not connection.execute(ONE_AT_A_TIME).fetchall()[0][0]:
        if time.monotonic() > deadline:
            raise MigrationFailed(
                f"Another run of the migrations has not ended within {TURN:.0f} s: pg_locks says whose."
                " Then deploy again."
            )
        time.sleep(LOOK_AGAIN)


def _apply(connection: psycopg.Connection, missing: Missing, watch: Watch, tell: Tell, *, is_new: bool) -> None:
    migration = missing.migration
    tell(f"{migration.name}")
    for step in missing.steps:
        if step.title:
            tell(f"  {ledger.label(step)}")
        with _explained(connection, migration, step):
            _until_it_gets_its_locks(connection, migration, step, watch, tell, is_new=is_new)
    if not missing.steps:  # the last one failed, and was taken out
        with connection.transaction():
            become_owner(connection)
            ledger.finish(connection, migration)


def _until_it_gets_its_locks(  # noqa: PLR0913 (the one who asks has all of it)
    connection: psycopg.Connection, migration: Migration, step: Step, watch: Watch, tell: Tell, *, is_new: bool
) -> None:
    waiting = Patience(_lock_timeout(step))
    while True:
        watch.begin()
        try:
            _run(connection, migration, step, is_new=is_new)
        except (*TRY_AGAIN, psycopg.errors.QueryCanceled) as error:
            stood_aside = watch.stood_aside()
            if isinstance(error, psycopg.errors.QueryCanceled) and not stood_aside:
                raise
            why = "others waited for it" if stood_aside else watch.in_the_way()
            if not waiting.pause():
                raise MigrationFailed(_gave_up(migration, step, waiting, why, stood_aside=stood_aside)) from error
            tell(f"  tries again: {why}")
            for table in watch.autovacuumed():
                _cancel_autovacuum(connection, table)
        else:
            return


def _cancel_autovacuum(connection: psycopg.Connection, table: str) -> None:
    with suppress(psycopg.errors.LockNotAvailable, psycopg.errors.WrongObjectType), connection.transaction():
        connection.execute(CANCEL_AUTOVACUUM.format(table).encode())


def _run(connection: psycopg.Connection, migration: Migration, step: Step, *, is_new: bool) -> None:
    """Bookkeeping and the gate's look are in the transaction of the step, where it has one.

    In a database that nobody has used yet, the gate looks at the last step of each migration.
    """
    is_last = step.number == len(migration.steps)
    if step.kind != "transaction":
        with _as_owner(connection, migration, _lock_timeout(step)):
            _run_alone(connection, step)
    with connection.transaction():
        become_owner(connection)
        if step.kind == "transaction":
            connection.execute(step.sql.encode())
            _require_still_within(connection, migration, step)
            become_owner(connection)  # whatever the migration was in the end
        if is_last or not is_new:
            require(connection)
        ledger.record(connection, migration, step, last=is_last)


def _require_still_within(connection: psycopg.Connection, migration: Migration, step: Step) -> None:
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        raise MigrationFailed(
            f"{_where(migration, step)} ends its transaction by itself, and what came before that stays: take begin,"
            " commit and rollback out, and divide the file by lines `-- step: …`."
        )


def _lock_timeout(step: Step) -> float:
    return patience.QUIET_LOCK_TIMEOUT if step.kind.endswith("index") else patience.LOCK_TIMEOUT


def _run_alone(connection: psycopg.Connection, step: Step) -> None:
    match step.kind:
        case "create index":
            indexes.create(connection, step)
        case "drop index":
            indexes.drop(connection, step)
        case _:
            connection.execute(step.sql.encode())


def become_owner(connection: psycopg.Connection) -> None:
    """For this transaction, in which no wait for a lock is long."""
    connection.execute(
        "set local role freehold_owner; set local search_path = pg_catalog;"
        f" set local lock_timeout = '{patience.LOCK_TIMEOUT}s'".encode()
    )


@contextmanager
def _as_owner(connection: psycopg.Connection, migration: Migration, lock_timeout: float) -> Iterator[None]:
    """For the session, because what runs inside commits by itself."""
    connection.execute("set role freehold_owner")
    connection.execute("set search_path = pg_catalog")
    connection.execute(sql.SQL("set lock_timeout = {}").format(f"{lock_timeout}s"))
    connection.execute("select set_config('app.migration', %s, false)", [migration.name])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("reset role; reset search_path; reset lock_timeout; reset app.migration")


@contextmanager
def _explained(connection: psycopg.Connection, migration: Migration, step: Step) -> Iterator[None]:
    """What went wrong, and what is left of it."""
    where = _where(migration, step)
    remains = f"{_remains(step)}. Mend it and run it again"
    try:
        yield
    except SchemaRefused as error:
        raise MigrationFailed(f"{where} was refused, and {remains}:\n{error}") from error
    except psycopg.Error as error:
        if connection.closed:
            raise MigrationFailed(
                f"{where} lost its connection: {error} Run it again; what was done is remembered."
            ) from error
        raise MigrationFailed(f"{where} could not be applied, and {remains}: {error}{hint(error)}") from error


def _where(migration: Migration, step: Step) -> str:
    return f"{migration.name}, {ledger.label(step)}," if step.title else migration.name


def _remains(step: Step) -> str:
    if not step.title:
        return "nothing of it was applied"
    return "nothing of this step was recorded; the steps before it stay, and are not repeated"


def _gave_up(migration: Migration, step: Step, waiting: Patience, why: str, *, stood_aside: bool) -> str:
    where = _where(migration, step)
    tried = f"{where} was tried {waiting.tries} times in {waiting.seconds:.0f} s"
    if stood_aside:
        return (
            f"{tried}, and each time kept readers or writers waiting for more than half a second."
            " Nothing is broken: divide it into steps that need their locks for a moment, or run it when it is quiet."
        )
    return f"{tried} and did not get its locks: {why}. Nothing is broken: let that end, and deploy again."


def _require_no_drift(connection: psycopg.Connection, *, everything: bool) -> None:
    """Whoever changed the schema by hand hears of it at the next deploy.

    A version that goes back finds a newer schema than its own: that one may be halfway, and is not its to judge.
    """
    known = migrations()
    if everything and ledger.is_ahead(connection, known):
        return
    settled = everything and not ledger.missing(connection, known)
    try:
        with connection.transaction():
            become_owner(connection)
            require(connection, settled=settled)
    except SchemaRefused as error:
        raise MigrationFailed(f"The schema breaks rules of the gate:\n{error}") from error
