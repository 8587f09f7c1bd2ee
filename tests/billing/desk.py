"""The desk where looks at Stripe are made: tenants with customers, the jobs that look, and our copy to compare."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg

from freehold.billing import holdings, records
from freehold.billing.holdings import Held
from freehold.billing.plans import Catalog
from freehold.billing.remote import Remote, Subscription
from freehold.billing.sync import Gateway, Seen, Sync, syncing
from freehold.callers import WorkerCaller
from freehold.database import Database, Statement, Works, done
from freehold.ids import TenantId
from freehold.jobs.dispatcher import pick, wake
from freehold.jobs.handed import Handed
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from local.companies import superuser as as_superuser
from tests.billing.parts import CATALOG


@dataclass
class Kept:
    """Stripe as a value: what it holds of each customer is set, and what it is told is noted."""

    held: dict[str, Remote] = field(default_factory=dict)
    before_answering: Callable[[], None] = lambda: None
    fetched: int = 0
    told: list[tuple[str, int, str]] = field(default_factory=list)
    ended_trials: list[tuple[str, str]] = field(default_factory=list)

    def fetch(self, customer_id: str) -> Remote:
        self.fetched += 1
        answer = self.held[customer_id]
        self.before_answering()
        return answer

    def set_quantity(self, subscription_id: str, item_id: str, quantity: int, *, key: str) -> None:
        self.told.append((subscription_id, quantity, key))
        for customer, remote in self.held.items():
            changed = [_with(each, item_id, quantity) for each in remote.subscriptions]
            self.held[customer] = remote.model_copy(update={"subscriptions": tuple(changed)})

    def end_trial(self, subscription_id: str, *, key: str) -> None:
        self.ended_trials.append((subscription_id, key))


def _with(subscription: Subscription, item_id: str, quantity: int) -> Subscription:
    items = [
        item.model_copy(update={"quantity": quantity}) if item.id == item_id else item for item in subscription.items
    ]
    return subscription.model_copy(update={"items": tuple(items)})


@dataclass
class Desk:
    """`system` and `workers` are the database as those roles; `others` are workers in another process."""

    system: Database
    workers: Database
    others: Database
    superuser: str
    stripe: Gateway
    catalog: Catalog = CATALOG
    connect: Callable[[], Gateway] | None = None
    """How jobs reach Stripe, where that is not simply there."""

    def tenant(self, customer: str | None = None, clock: str | None = None) -> TenantId:
        """A new one; linked where a customer is named, and to be looked at."""
        tenant = TenantId(uuid4())
        self.execute(tenant, "insert into directory.tenants (id) values (%(tenant_id)s)")
        self.execute(tenant, "insert into app.tenants (id, name) values (%(tenant_id)s, 'A tenant')")
        if customer:
            self.link(tenant, customer, clock)
        return tenant

    def link(self, tenant: TenantId, customer: str, clock: str | None = None) -> None:
        self.works(tenant).do(done("select app.link_customer(%(customer)s, %(clock)s)", customer=customer, clock=clock))

    def member(self, tenant: TenantId) -> None:
        self.execute(
            tenant,
            "insert into app.members (issuer, subject, role) values ('https://issuer', %(subject)s, 'member')",
            subject=str(uuid4()),
        )

    def works(self, tenant: TenantId) -> Works:
        return self.workers.working(WorkerCaller(tenant_id=tenant, worker="jobs", request_id="a-request"))

    def execute(self, tenant: TenantId, sql: str, **params: object) -> list[tuple[Any, ...]]:
        return as_superuser(self.superuser, sql, tenant=tenant, **params)

    def grant(self, tenant: TenantId, access: str, until: datetime) -> None:
        """As an operator gives it."""
        self.execute(
            tenant,
            "insert into app.access_grants (access, reason, granted_by, until)"
            " values (%(access)s::app.access, 'They pay by bank', 'operator:ada', %(until)s)",
            access=access,
            until=until,
        )
        self.execute(tenant, "insert into app.billing_syncs default values on conflict do nothing")
        self.works(tenant).do(records.look_again("grant"))

    def want(self, tenant: TenantId) -> None:
        """As an event asks for it."""
        self.works(tenant).do(records.look_again("an event"))

    @property
    def elsewhere(self) -> "Desk":
        """The same desk in another process."""
        return replace(self, workers=self.others)

    def forget_everybody(self) -> None:
        """Whom other tests have left behind."""
        with psycopg.connect(self.superuser) as connection:
            connection.execute("delete from app.jobs")
            connection.execute("delete from directory.stripe_links")
            connection.execute("delete from app.billing_syncs")
            connection.execute("delete from directory.trials")  # test cards are everybody's

    def look(self, tenant: TenantId) -> Seen:
        """As whoever has changed something looks at once."""
        return Sync(gateway=self.stripe, catalog=self.catalog).look(self.works(tenant), tenant)

    def make_due(self, tenant: TenantId) -> None:
        """What waits for another attempt."""
        self.execute(
            tenant,
            "update app.jobs set due_at = now()"
            " where tenant_id = %(tenant_id)s and state = 'scheduled' and attempt > 0",
        )

    def receive(
        self, customer: str, *, key: str | None = None, type_: str = "customer.updated", id_: str = ""
    ) -> list[tuple[str]]:
        """Of the webhook: what became of an event about this customer."""
        told = Statement(
            "select app.receive_stripe(%(id)s, %(customer)s, %(type)s, now(), '', false, null, %(key)s, false, '{}')",
            {"id": id_ or f"evt_{uuid4().hex}", "customer": customer, "type": type_, "key": key},
            lambda result: result.fetchall(),
        )
        return self.workers.outside(told)

    def hand(self) -> list[Handed]:
        """The jobs whose turn it is."""
        self.system.outside(wake(1_000))
        return self.system.outside(pick(JobClass.BILLING, 1_000))

    def perform(self, handed: Handed) -> str:
        kind = syncing(self.connect or (lambda: self.stripe), self.catalog)
        return perform({kind.name: kind}, self.workers, handed)

    def run(self) -> list[str]:
        """Every job that is due, and those that follow; how each ended."""
        ended: list[str] = []
        while handed := self.hand():
            ended += [self.perform(job) for job in handed]
        return ended

    def copy(self, tenant: TenantId) -> Held:
        invoices = self.execute(tenant, "select id from app.invoices where tenant_id = %(tenant_id)s")
        return self.works(tenant).one(holdings.held(each for (each,) in invoices))

    def events(self, tenant: TenantId) -> list[tuple[str, dict[str, Any]]]:
        return self.execute(
            tenant,
            "select type, data from app.outbox where tenant_id = %(tenant_id)s and type ~ '^billing' order by id",
        )

    def audited(self, tenant: TenantId) -> int:
        [(count,)] = self.execute(tenant, "select count(*) from app.audit where tenant_id = %(tenant_id)s")
        return int(count)

    def written(self, tenant: TenantId) -> list[str]:
        """In which transaction each row of our copy was written last: the same where nothing was written."""
        rows = ["select 'tenants', xmin::text from app.tenants where id = %(tenant_id)s"]
        rows += [
            f"select '{table}', xmin::text from app.{table} where tenant_id = %(tenant_id)s"
            for table in ("billing_accounts", "subscriptions", "invoices", "billing_notices")
        ]
        return [" ".join(row) for row in self.execute(tenant, " union all ".join(rows) + " order by 1, 2")]

    def everything_written(self) -> list[tuple[Any, ...]]:
        """The same for all tenants, with what is looked at, told, announced and audited."""
        tables = "tenants billing_accounts billing_syncs subscriptions invoices billing_notices outbox audit jobs"
        rows = [f"select '{table}', count(*), max(xmin::text::bigint) from app.{table}" for table in tables.split()]
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(" union all ".join(rows)).fetchall()

    def jobs(self, tenant: TenantId) -> list[tuple[str, datetime]]:
        return self.execute(
            tenant,
            "select state, due_at from app.jobs"
            " where tenant_id = %(tenant_id)s and kind = 'billing.sync' order by due_at",
        )
