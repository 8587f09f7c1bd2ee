"""What an application may do inside a transaction, well or badly, one move after the other.

Each move does it for real, and tells the script what must become of the unit.
"""

import copy
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st

from freehold.callers import Caller
from freehold.database import Query
from freehold.database.border import NestedUnit, NoUnitOfWork, connection_lost
from freehold.database.session import Transaction
from freehold.database.unit import Pending, Unfinished
from freehold.errors import Busy, NotFound, OutcomeUnknown, Unavailable
from freehold.permissions import TENANT_READ
from tests.isolation.acts import Act, Known, Plan, acts, mixed
from tests.isolation.bench import Watched, interrupted
from tests.isolation.model import Actor, Tenant

NAMES = Query("select name from app.projects order by name", {}, lambda result: [name for (name,) in result.fetchall()])
MOVE = "update app.projects set tenant_id = %(other)s"
INTRUDE = "insert into app.projects (tenant_id, name) values (%(other)s, 'intruder')"
type Errors = tuple[type[BaseException], ...]


def raw(sql: str, **params: Any) -> Query[None]:
    """SQL that no feature would send."""
    return Query(sql, params, lambda _: None)


@dataclass
class Script:
    """One transaction as it should go."""

    db: Watched
    draft: Tenant
    """The tenant as the unit must see it."""
    actor: Actor
    neighbour: Tenant
    neighbour_caller: Caller
    broken: Errors = ()
    """What must come out of the block; nothing while all is well."""
    swallowed: bool = False
    """Whether the last statement failed and nobody minded; only a savepoint helps now."""
    done: list[tuple[Act, Known, Plan, Pending[Any]]] = field(default_factory=list)
    saved: tuple[Tenant, int] | None = None

    def breaks(self, *errors: type[BaseException]) -> None:
        """From now on; the first reason counts."""
        self.broken, self.swallowed = self.broken or errors, False

    def restore(self) -> None:
        """Back to the savepoint."""
        if self.saved:
            self.draft, kept = copy.deepcopy(self.saved[0]), self.saved[1]
            del self.done[kept:]


def save(tx: Transaction, script: Script) -> None:
    tx.put(raw("savepoint here"))
    script.swallowed = False
    if not script.broken:
        script.saved = copy.deepcopy(script.draft), len(script.done)


def back(tx: Transaction, script: Script) -> None:
    if script.saved:
        tx.put(raw("rollback to here"))
        if script.swallowed:
            script.broken, script.swallowed = (), False
        if not script.broken:
            script.restore()


def look(tx: Transaction, script: Script) -> None:
    seen = tx.get(NAMES)
    assert not script.broken, f"the unit must have failed with {script.broken}, and can be read"
    there = sorted(project.name for project in script.draft.projects.values())
    assert seen == there, f"inside the unit there is {there}, and {seen} is seen"


def recover(tx: Transaction, script: Script) -> None:
    """Errors inside a savepoint: the unit goes on."""
    if script.saved and not script.broken:
        with pytest.raises(psycopg.errors.DivisionByZero):
            tx.get(raw("select 1 / 0"))
        tx.put(raw("rollback to here"))
        script.restore()


def swallow(tx: Transaction, script: Script) -> None:
    """An error that the application does not want to know of: the unit must not commit."""
    try:
        tx.get(raw("select 1 / 0"))
    except psycopg.Error as error:
        script.swallowed = not connection_lost(error)
        script.broken = (psycopg.InternalError,) if script.swallowed else (Unavailable, OutcomeUnknown)


def divide(tx: Transaction, script: Script) -> None:
    script.breaks(psycopg.errors.DivisionByZero)
    tx.put(raw("select 1 / 0"))


def intrude(tx: Transaction, script: Script) -> None:
    script.breaks(psycopg.errors.InsufficientPrivilege)
    tx.put(raw(INTRUDE, other=script.neighbour.id))


def move_rows(tx: Transaction, script: Script) -> None:
    script.breaks(psycopg.errors.InsufficientPrivilege)
    tx.put(raw(MOVE, other=script.neighbour.id))


def cancel(tx: Transaction, script: Script) -> None:
    script.breaks(Busy)
    tx.get(raw("select pg_cancel_backend(pg_backend_pid()), pg_sleep(2)"))


def time_out(tx: Transaction, script: Script) -> None:
    script.breaks(Busy)
    tx.put(raw("set local statement_timeout = 20"))
    tx.get(raw("select pg_sleep(2)"))


def interrupt(tx: Transaction, script: Script) -> None:
    if not script.broken:
        script.breaks(KeyboardInterrupt)
        with interrupted(0.02):
            tx.get(raw("select pg_sleep(2)"))


def die_waiting(tx: Transaction, script: Script) -> None:
    script.breaks(Unavailable)
    tx.get(raw("select pg_terminate_backend(pg_backend_pid()), pg_sleep(2)"))


def die_unheard(tx: Transaction, script: Script) -> None:
    """The server ends in the middle of a flight: before COMMIT, but who sent it cannot know."""
    script.breaks(Unavailable, OutcomeUnknown)
    tx.put(raw("select pg_terminate_backend(pg_backend_pid()), pg_sleep(2)"))


def nest(_: Transaction, script: Script) -> None:
    """Another unit inside this one, the neighbour's: it is refused, and this one goes on."""
    with pytest.raises(NestedUnit):
        script.db.one(script.neighbour_caller, TENANT_READ, NAMES)
    with pytest.raises(NestedUnit):
        script.db.outside(NAMES)


def nest_loudly(_: Transaction, script: Script) -> None:
    script.broken, script.swallowed = (NestedUnit,), False
    script.db.outside(NAMES)


def nest_in_psycopg(_: Transaction, script: Script) -> None:
    """What psycopg offers for nesting knows nothing of the flight."""
    script.broken, script.swallowed = (Unavailable, psycopg.Error), False
    with script.db.current.transaction():
        pass


def read_early(_: Transaction, script: Script) -> None:
    if script.done:
        script.broken, script.swallowed = (Unfinished,), False
        script.done[-1][3].value  # noqa: B018 (reading it is the mistake)


def leave_early(tx: Transaction, script: Script) -> None:
    """A ROLLBACK of the application's own, and a look around: there is no tenant any more."""
    script.broken = () if script.swallowed else script.broken
    script.breaks(NoUnitOfWork)
    tx.put(raw("rollback"))
    tx.get(NAMES)


@dataclass(frozen=True)
class Put:
    """One of the product's own changes."""

    act: Act

    def __call__(self, tx: Transaction, script: Script, known: Known) -> None:
        plan = self.act.plan(script.draft, script.actor, known)
        if plan.unsendable:
            script.broken = (psycopg.DataError,)
        pending = tx.put(plan.write)
        script.swallowed = False
        if plan.broken:
            script.breaks(plan.broken)
        if not script.broken:
            script.done.append((self.act, known, plan, pending))
            if not plan.absent:
                self.act.apply(script.draft, script.actor, known, uuid.uuid4())


type Move = Callable[[Transaction, Script], None]
GENTLE: tuple[Move, ...] = (look, save, back, recover, nest)
ROUGH: tuple[Move, ...] = (
    swallow, divide, intrude, move_rows, cancel, time_out, interrupt, die_waiting, die_unheard, nest_loudly,
    nest_in_psycopg, read_early, leave_early,
)  # fmt: skip


class Ending(Enum):
    """How the block ends; the value is what the application raises."""

    COMMIT = None
    MISTAKE = ValueError
    NOT_FOUND = NotFound
    KEYBOARD = KeyboardInterrupt
    EXIT = SystemExit
    GENERATOR = GeneratorExit
    STOP = StopIteration
    PSYCOPG = psycopg.OperationalError

    def happen(self) -> None:
        if self.value is not None:
            raise self.value("the application's own")


puts = st.builds(Put, acts)
moves = mixed((4, puts), (4, st.sampled_from(GENTLE)), (1, st.sampled_from(ROUGH)))
scripts = st.lists(moves, min_size=1, max_size=6)
endings = st.sampled_from([Ending.COMMIT] * 20 + list(Ending)[1:])
