"""What must hold after every step, whatever has happened in it."""

from psycopg.pq import PipelineStatus, TransactionStatus

from freehold.database import Query
from freehold.database.border import NoUnitOfWork
from freehold.permissions import TENANT_READ
from tests.isolation.bench import Bench, Watched
from tests.isolation.ends import outcome
from tests.isolation.world import Who, World

EVERYTHING = Query(
    "select id::text, 'tenants', id::text, name from app.tenants"
    " union all select tenant_id::text, 'members', id::text, subject from app.members"
    " union all select tenant_id::text, 'api_keys', id::text, name from app.api_keys"
    " union all select tenant_id::text, 'projects', id::text, name from app.projects",
    {},
    lambda result: set(result.fetchall()),
)
"""What an application asks that has forgotten its tenant."""


class Checks:
    """Of one door, in one world."""

    def __init__(self, bench: Bench, db: Watched, world: World) -> None:
        self.bench, self.db, self.world = bench, db, world

    def all_hold(self) -> None:
        """What must hold after every step."""
        self.nothing_is_open()
        self.nothing_is_left_behind()
        self.the_database_is_as_the_model_says()
        self.each_tenant_sees_its_own()

    def nothing_is_open(self) -> None:
        if (current := self.db.opened) is not None:
            status = current.info.transaction_status, current.info.pipeline_status
            assert status == (TransactionStatus.IDLE, PipelineStatus.OFF), f"the connection is left {status}"
            assert self.bench.server_says(self.db) in {"idle", "gone"}, "the server is left in a transaction"

    def nothing_is_left_behind(self) -> None:
        assert not self.db.outside(self.bench.left_behind), "what the door has set is left behind"
        try:
            seen = self.db.outside(EVERYTHING)
        except NoUnitOfWork:
            return
        raise AssertionError(f"outside a unit of work, {len(seen)} rows can be read")

    def the_database_is_as_the_model_says(self) -> None:
        assert self.world.read() == self.world.tenants, "the database is not what the model says"

    def each_tenant_sees_its_own(self) -> None:
        for number, tenant in enumerate(self.world.tenants):
            seen, error = outcome(
                lambda number=number: self.db.one(self.world.caller(number, Who.OWNER), TENANT_READ, EVERYTHING)
            )
            assert error is None, f"the owner of a tenant cannot read it any more: {error!r}"
            assert seen == tenant.everything, "a tenant sees what is not its own, or not all that is"
