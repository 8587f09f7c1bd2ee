"""Compares everything that Stripe holds with our copy, mends what differs, and says what that was.

Stripe is read in bulk. Whatever differs is fetched once more and written as every look is, so that what changed in the
meantime is not taken back. Where nothing differs nothing is written.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.billing import holdings, records
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

    def everything(self) -> Iterator[Remote]:
        """As `freehold.billing.gateway.Stripe` does."""


class Report(BaseModel):
    """What came of it. `left` tenants were not reached in time; `problems` are what nobody but a person can mend."""

    model_config = ConfigDict(frozen=True)

    tenants: int
    customers: int
    left: int
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

    def run(self, *, latest: float) -> Report:
        """Begins with no tenant from `latest` on, on the monotonic clock. Raises as the gateway's `everything` does."""
        began = self.system.outside(_NOW)
        remotes = {each.customer.id: each for each in self.gateway.everything() if each.customer}
        customers, tenants, left = len(remotes), 0, 0
        for linked in self._linked():
            remote = remotes.pop(linked.customer_id, None) if linked.customer_id else nothing()
            if time.monotonic() >= latest:
                left += 1
            elif linked.synced_from is None or linked.synced_from < began:
                tenants += 1
                self._compare(linked, remote)
        for each in remotes.values():
            self._adopt(each)
        report = Report(
            tenants=tenants,
            customers=customers,
            left=left,
            drift=tuple(self._drift),
            problems=tuple(self._problems),
        )
        _log(report)
        return report

    @property
    def _sync(self) -> Sync:
        return Sync(gateway=self.gateway, catalog=self.catalog)

    def _linked(self) -> Iterator[Linked]:
        after = NOBODY
        while page := self.system.outside(_tenants(after)):
            yield from page
            after = page[-1].tenant_id

    def _works(self, tenant_id: TenantId) -> Works:
        return self.worker.working(WorkerCaller(tenant_id=tenant_id, worker=WORKER, request_id=self.request_id))

    def _compare(self, linked: Linked, remote: Remote | None) -> None:
        """A customer that is not listed was deleted, or is in another account."""
        works, tenant_id = self._works(linked.tenant_id), linked.tenant_id
        try:
            remote = remote or self.gateway.fetch(linked.customer_id or "")
            if found := self._differences(works, remote):
                self._heal(works, tenant_id, found)
        except (TenantGone, NotFound):
            logger.info("gone before it was compared", tenant_id=tenant_id)
        except _STRIPES as error:
            self._note(
                tenant_id, Difference(field="customer", local=linked.customer_id, stripe=str(error)), healed=False
            )

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

    def _adopt(self, remote: Remote) -> None:
        """Link a customer that names its tenant and is nobody's yet."""
        customer = remote.customer
        if customer is None or (tenant_id := _tenant_of(customer)) is None:
            return
        works = self._works(tenant_id)
        found = Difference(field="link", local=None, stripe=customer.id)
        try:
            works.do(records.link(customer.id, customer.test_clock))
            self._heal(works, tenant_id, [found])
        except (CustomerTaken, TenantGone, *_STRIPES) as error:
            said = getattr(error, "detail", None) or str(error) or "the tenant is gone"
            self._note(tenant_id, found.model_copy(update={"local": said}), healed=False)

    def _note(self, tenant_id: TenantId, found: Difference, *, healed: bool) -> None:
        self._drift.append(Drift(tenant_id=tenant_id, healed=healed, **found.model_dump()))


_STRIPES = (StripeBusy, StripeRefused, StripeUnreadable)
_NOW = Query("select clock_timestamp()", {}, lambda result: result.fetchone()[0])


def _tenants(after: UUID) -> Statement[list[Linked]]:
    return Statement(
        "select tenant_id, customer_id, synced_from from app.billing_tenants(%(after)s, %(batch)s)",
        {"after": after, "batch": TENANTS},
        lambda result: [Linked(TenantId(tenant), *rest) for tenant, *rest in result.fetchall()],
    )


def _tenant_of(customer: Customer) -> TenantId | None:
    try:
        return TenantId(UUID(customer.metadata.get(TENANT, "")))
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
        drift=len(report.drift),
        unhealed=report.unhealed,
    )
