"""Compares everything that Stripe holds with our copy, mends what differs, and says what that was.

Stripe is read in bulk. Whatever differs is fetched once more and written as every look is, so that what changed in the
meantime is not taken back. Where nothing differs nothing is written. Who was not reached in time comes first next time.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.billing import holdings, records
from freehold.billing.claims import ENDED, INCOMPLETE
from freehold.billing.drift import Difference, Drift, differences
from freehold.billing.gateway import StripeBusy, StripeRefused, StripeUnreadable
from freehold.billing.holdings import Held
from freehold.billing.plans import Catalog
from freehold.billing.remote import TENANT, Customer, Remote
from freehold.billing.sync import Gateway, Seen, Sync, nothing
from freehold.callers import WorkerCaller
from freehold.database import Database, Query, Statement, TenantGone, Works
from freehold.errors import CustomerTaken, NotFound
from freehold.ids import TenantId
from freehold.observability import logger

WORKER = "billing"
TENANTS = 500
"""In one look at who is at Stripe."""
NOBODY = UUID(int=0)


class Bulk(Gateway, Protocol):
    """Stripe, as far as this needs it."""

    def everything(self) -> Mapping[str, Remote]:
        """As `freehold.billing.gateway.Stripe` does."""


class Report(BaseModel):
    """What came of it. `left` tenants were not reached in time; `problems` are what nobody but a person can mend.

    `elsewhere` are customers that name a tenant who is not here: of another stage or cell with the same account, or
    erased.
    """

    model_config = ConfigDict(frozen=True)

    tenants: int
    customers: int
    left: int
    elsewhere: int = 0
    drift: tuple[Drift, ...]
    problems: tuple[str, ...] = ()

    @property
    def unhealed(self) -> int:
        """How many differences are still there."""
        return sum(not each.healed for each in self.drift)


@dataclass(frozen=True, slots=True)
class Linked:
    """A tenant's customer, and when it was last looked at."""

    tenant_id: TenantId
    customer_id: str | None
    """None of one that has nothing but what an operator gave."""
    synced_from: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Of all tenants of a cell with one account at Stripe."""

    system: Database
    worker: Database
    gateway: Bulk
    catalog: Catalog
    request_id: str
    _drift: list[Drift] = field(default_factory=list)
    _problems: dict[str, None] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    def run(self, *, latest: float) -> Report:
        """Begins with no tenant from `latest` on, on the monotonic clock. Raises as the gateway's `everything` does."""
        began = self.system.outside(_NOW)
        listed = self.gateway.everything()
        for tenant_id, customers in self._strangers(listed).items():
            if self._in_time(latest):
                self._adopt(tenant_id, customers, listed)
        reached = None
        for linked in self._round():
            if self._in_time(latest):
                reached = linked.tenant_id
                if linked.synced_from is None or linked.synced_from < began:
                    self._count["tenants"] += 1
                    self._compare(linked, listed)
        self._go_on_behind(reached if self._count["left"] else NOBODY)
        report = self._report(len(listed))
        _log(report)
        return report

    def _in_time(self, latest: float) -> bool:
        late = time.monotonic() >= latest
        self._count["left"] += late
        return not late

    def _report(self, customers: int) -> Report:
        return Report(
            tenants=self._count["tenants"],
            customers=customers,
            left=self._count["left"],
            elsewhere=self._count["elsewhere"],
            drift=tuple(self._drift),
            problems=tuple(self._problems),
        )

    @property
    def _sync(self) -> Sync:
        return Sync(gateway=self.gateway, catalog=self.catalog)

    def _round(self) -> Iterator[Linked]:
        """All of them once, from behind the one that the last time has reached."""
        first = None
        for linked in self._linked(None):
            first = first or linked.tenant_id
            yield linked
        for linked in self._linked(NOBODY):
            if first and linked.tenant_id >= first:
                return
            yield linked

    def _linked(self, after: UUID | None) -> Iterator[Linked]:
        while page := self.system.outside(_tenants(after)):
            yield from page
            after = page[-1].tenant_id

    def _go_on_behind(self, reached: UUID | None) -> None:
        if reached is not None:
            self.system.outside(_place(reached))

    def _works(self, tenant_id: TenantId) -> Works:
        return self.worker.working(WorkerCaller(tenant_id=tenant_id, worker=WORKER, request_id=self.request_id))

    def _compare(self, linked: Linked, listed: Mapping[str, Remote]) -> None:
        """A customer that is not listed was deleted, or is in another account."""
        works, tenant_id = self._works(linked.tenant_id), linked.tenant_id
        try:
            remote = self._remote(linked.customer_id, listed)
            if found := self._differences(works, remote):
                self._heal(works, tenant_id, found)
        except (TenantGone, NotFound):
            logger.info("gone before it was compared", tenant_id=tenant_id)
        except _STRIPES as error:
            self._note(
                tenant_id, Difference(field="customer", local=linked.customer_id, stripe=str(error)), healed=False
            )

    def _remote(self, customer_id: str | None, listed: Mapping[str, Remote]) -> Remote:
        if customer_id is None:
            return nothing()
        return listed.get(customer_id) or self.gateway.fetch(customer_id)

    def _heal(self, works: Works, tenant_id: TenantId, found: list[Difference]) -> None:
        seen = self._sync.look(works, tenant_id)
        works.do(*seen.effects)
        left = {each.field for each in self._differences(works, seen.remote)}
        for each in found:
            self._note(tenant_id, each, healed=each.field not in left)

    def _differences(self, works: Works, remote: Remote) -> list[Difference]:
        seen = Seen.of(works.one(holdings.begin()), remote, self.catalog)
        self._problems.update(dict.fromkeys(seen.standing.problems))
        subjects = [each.subject for each in seen.standing.notices]
        held = works.one(holdings.held([each.id for each in seen.mirror.invoices], subjects))
        return [
            *differences(held, seen.mirror),
            *_untold(subjects, held),
            *self._seats(seen),
            *_unawaited(seen),
            *_gone(seen),
        ]

    def _seats(self, seen: Seen) -> Iterator[Difference]:
        change = self._sync.seats_wanted(seen)
        if change:
            yield Difference(field="seats", local=str(change.seats), stripe=str(seen.standing.seats))

    def _strangers(self, listed: Mapping[str, Remote]) -> Mapping[TenantId, list[str]]:
        """Customers that are nobody's yet, by the tenant that they name."""
        mine = {each.customer_id for each in self._linked(NOBODY)}
        named: dict[TenantId, list[str]] = defaultdict(list)
        for customer_id in listed:
            if customer_id not in mine and (tenant_id := _tenant_of(listed[customer_id].customer)):
                named[tenant_id].append(customer_id)
        return named

    def _adopt(self, tenant_id: TenantId, customers: list[str], listed: Mapping[str, Remote]) -> None:
        """Link the one that has a subscription, else the newest, which Stripe lists first."""
        best, *others = sorted(customers, key=lambda each: not _subscribed(listed[each]))
        works, remote = self._works(tenant_id), listed[best]
        found = Difference(field="link", local=None, stripe=best)
        try:
            works.do(records.link(best, remote.customer.test_clock if remote.customer else None))
            self._heal(works, tenant_id, [found])
        except TenantGone:
            self._count["elsewhere"] += len(customers)
            return
        except CustomerTaken:
            others = [best, *others]
        except _STRIPES as error:
            self._note(tenant_id, found.model_copy(update={"local": str(error)}), healed=False)
        paying = [each for each in others if _subscribed(listed[each])]
        self._problems.update(
            {
                f"{each} has a subscription and names tenant {tenant_id}, which has another customer": None
                for each in paying
            }
        )

    def _note(self, tenant_id: TenantId, found: Difference, *, healed: bool) -> None:
        self._drift.append(Drift(tenant_id=tenant_id, healed=healed, **found.model_dump()))


_STRIPES = (StripeBusy, StripeRefused, StripeUnreadable)
_NOW = Query("select clock_timestamp()", {}, lambda result: result.fetchone()[0])


def _tenants(after: UUID | None) -> Statement[list[Linked]]:
    return Statement(
        "select tenant_id, customer_id, synced_from from app.billing_tenants(%(after)s, %(batch)s)",
        {"after": after, "batch": TENANTS},
        lambda result: [Linked(TenantId(tenant), *rest) for tenant, *rest in result.fetchall()],
    )


def _place(reached: UUID) -> Statement[None]:
    """Where app.billing_tenants begins for whoever names no place: the holder of a turn that is over at once."""
    return Statement(
        "select app.take_turn('billing_reached', '', %(tenant)s, interval '0')",
        {"tenant": str(reached)},
        lambda _: None,
    )


def _subscribed(remote: Remote) -> bool:
    return any(each.status not in (*ENDED, INCOMPLETE) for each in remote.subscriptions)


def _tenant_of(customer: Customer | None) -> TenantId | None:
    try:
        return TenantId(UUID(customer.metadata.get(TENANT, ""))) if customer else None
    except ValueError:
        return None


def _untold(subjects: list[str], held: Held) -> Iterator[Difference]:
    for subject in subjects:
        if subject not in held.told:
            yield Difference(field=f"notice {subject}", local=None, stripe="is due")


def _unawaited(seen: Seen) -> Iterator[Difference]:
    """Time will change something, and nobody will look then."""
    due = seen.standing.review_at
    if due and not seen.begun.awaited:
        yield Difference(field="next look", local=None, stripe=due.isoformat())


def _gone(seen: Seen) -> Iterator[Difference]:
    """Nobody may take the place of a customer that was deleted until that is written down."""
    if seen.gone and seen.begun.gone_id != seen.gone:
        yield Difference(field="customer", local=seen.gone, stripe="is deleted")


def _log(report: Report) -> None:
    """Alarms read the lines of problems, and the last one."""
    for each in report.drift:
        logger.warning("billing drift", **each.model_dump(mode="json"))
    for problem in report.problems:
        logger.error("billing problem", problem=problem)
    logger.info(
        "reconciled",
        tenants=report.tenants,
        customers=report.customers,
        left=report.left,
        elsewhere=report.elsewhere,
        drift=len(report.drift),
        unhealed=report.unhealed,
    )
