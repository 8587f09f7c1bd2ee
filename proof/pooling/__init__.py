"""Many tenants on one pooled connection: units that fail, clients that die, and nothing that the next one can see.

Client processes share a single server connection through PgBouncer in transaction mode. A control does it the way of
many a tutorial, with a setting that outlives its transaction: it has to leak, or nothing was proved.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from psycopg.conninfo import make_conninfo

from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from local.pgbouncer import pooled
from local.postgres import Postgres
from proof.pooling.batch import Batch
from proof.pooling.clients import Way, run
from proof.pooling.insiders import Insider, sign_up
from proof.tally import Tally

API = "freehold_api"
TENANTS, CLIENTS = 6, 4
CONTROL_SHARE, FEWEST_IN_CONTROL = 50, 400


@dataclass(slots=True)
class Pooled(Tally):
    """The tally of family `pool`, and what its control came to."""

    units: Counter[str] = field(default_factory=Counter)
    """How many transactions of each kind."""
    seconds: float = 0.0
    """How long they took together."""
    control: int = 0
    """How many transactions the control made."""
    control_leaks: int = 0
    """How many of these saw rows of a tenant that they had not asked for."""


def attack(server: Postgres, *, transactions: int, after_step: Callable[[int, int], None]) -> Pooled:
    """So many transactions of several tenants; `after_step` hears how many are done, of how many.

    Raises NotInstalled where there is no PgBouncer, and ClientFailed for a mistake of the proof's own.
    """
    result = Pooled()
    insiders = _sign_up(server)
    began = time.monotonic()
    for batch in _through_a_pool(server, Way.DOOR, insiders, transactions):
        result.units.update(batch.units)
        result.probed("pool", batch.units.total())
        result.leaks.extend(batch.leaks)
        after_step(result.probes["pool"], transactions)
    result.seconds = time.monotonic() - began
    _try_control(server, insiders, result, max(FEWEST_IN_CONTROL, transactions // CONTROL_SHARE))
    return result


def _sign_up(server: Postgres) -> list[Insider]:
    db = Database(server.conninfo(user=API, database=DATABASE))
    try:
        return [sign_up(db) for _ in range(TENANTS)]
    finally:
        db.close()


def _try_control(server: Postgres, insiders: Sequence[Insider], result: Pooled, transactions: int) -> None:
    for batch in _through_a_pool(server, Way.TUTORIAL, insiders, transactions):
        result.control += batch.units.total()
        result.control_leaks += len(batch.leaks)
    if not result.control_leaks:
        result.unarmed.append("pool: a setting that outlives its transaction leaked nothing, so nothing could have")


def _through_a_pool(server: Postgres, way: Way, insiders: Sequence[Insider], transactions: int) -> Iterator[Batch]:
    """Each time through a pooler of its own: what is left on its connection is nobody else's."""
    with pooled(server, role=API) as port:
        where = make_conninfo(server.conninfo(user=API, database=DATABASE), port=port)
        yield from run(way, where, insiders, clients=CLIENTS, transactions=transactions)
