"""The job that makes our copy what Stripe holds: fetches all of a customer, derives where the tenant stands, writes it.

An event is a hint that something has changed, never what has. However many come, and in whatever order, one look after
the last of them is enough. Two looks may overlap: the one that began later is what holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from pydantic import BaseModel

from freehold import clock
from freehold.billing import announcements, holdings, ledger, records, seats, standing, trials, tries
from freehold.billing.claims import Known
from freehold.billing.gateway import StripeBusy, StripeRefused, StripeUnreadable
from freehold.billing.holdings import Begun
from freehold.billing.mirror import Mirror
from freehold.billing.plans import Catalog
from freehold.billing.remote import Remote
from freehold.billing.seats import Quantities
from freehold.billing.standing import Grant, Standing
from freehold.billing.trials import Trials
from freehold.database import Works
from freehold.errors import NotFound, Unavailable
from freehold.ids import TenantId
from freehold.jobs.kinds import Again, Backoff, Done, Effects, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.observability import logger

EVENTS = {
    "trial_ending": announcements.TRIAL_ENDING,
    "payment_failed": announcements.PAYMENT_FAILED,
    "payment_recovered": announcements.PAYMENT_RECOVERED,
    "subscription_ended": announcements.SUBSCRIPTION_ENDED,
}
WAITS = Backoff(tuple(timedelta(seconds=seconds) for seconds in (5, 20, 60, 300, 900, 1800, 3600)))


class Gateway(Quantities, Trials, Protocol):
    """Stripe, as far as this needs it."""

    def fetch(self, customer_id: str) -> Remote:
        """As `freehold.billing.gateway.Stripe` does."""


class Nothing(BaseModel):
    """Which tenant it is, is all that has to be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look has brought."""

    begun: Begun
    remote: Remote
    standing: Standing
    mirror: Mirror

    @classmethod
    def of(cls, begun: Begun, remote: Remote, catalog: Catalog) -> Self:
        """What that makes of the tenant."""
        found = standing.of(remote, catalog=catalog, known=_known(begun), grants=_grants(begun))
        return cls(begun=begun, remote=remote, standing=found, mirror=Mirror.of(remote, found, catalog))

    @property
    def gone(self) -> str | None:
        """The customer, where it was deleted at Stripe: another may take its place."""
        customer = self.remote.customer
        return customer.id if customer and customer.deleted else None

    @property
    def effects(self) -> Effects:
        """What makes it hold, in one unit of work."""
        moment, follow = self.begun.moment, self.standing.seats is not None
        again = (records.look_again("seats"),) if follow and not self.begun.seats_follow else ()
        return (
            records.taken(moment, seats_follow=follow, gone=self.gone),
            *again,  # for who joined before that was known
            *records.copy(self.mirror, moment, self.standing.because),
            *(records.tell_once(each.subject, EVENTS[each.mail], moment) for each in self.standing.notices),
            tries.close(moment),
            ledger.close("It was canceled before it was done."),  # of that alone nobody tells its kind
            records.finish(self.begun.wanted, self.standing.review_at),
        )

    def log_problems(self) -> None:
        """The alarm reads these lines."""
        for problem in self.standing.problems:
            logger.error("billing problem", problem=problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Looks at Stripe for one tenant at a time."""

    gateway: Gateway
    catalog: Catalog

    def look(self, works: Works, tenant_id: TenantId) -> Seen:
        """What Stripe holds now, once its seats are as many as they should be; nothing of ours is changed yet.

        Raises NotFound where billing has nothing to do with the tenant, StripeBusy, StripeRefused, StripeUnreadable.
        """
        seen = self._seen(works)
        counts = seen.standing.subscription
        if counts and trials.end_if_had(self.gateway, works, tenant_id, counts, seen.remote):
            seen = self._seen(works)
        change = self.seats_wanted(seen)
        if change and seats.make(self.gateway, works, tenant_id, change):
            seen = self._seen(works)
        seen.log_problems()
        return seen

    def seats_wanted(self, seen: Seen) -> seats.Change | None:
        """What Stripe is to be told, where it has another number of seats than there should be."""
        counts = seen.standing.subscription
        return seats.wanted(counts, self.catalog, seen.begun.members) if counts else None

    def _seen(self, works: Works) -> Seen:
        begun = works.one(holdings.begin())
        remote = self.gateway.fetch(begun.customer_id) if begun.customer_id else nothing()
        return Seen.of(begun, remote, self.catalog)


def nothing() -> Remote:
    """Of a tenant that has no customer."""
    return Remote(customer=None, now=clock.now())


def _grants(begun: Begun) -> list[Grant]:
    return [Grant(access=each.access, until=each.until, plan=each.plan) for each in begun.grants]


def _known(begun: Begun) -> Known | None:
    was = begun.account
    if was is None:
        return None
    return Known(
        plan=was.plan,
        access=was.access,
        status=was.status,
        subscription_id=was.subscription_id,
        past_due_since=was.past_due_since,
    )


def syncing(gateway: Callable[[], Gateway], catalog: Catalog) -> Kind[Nothing]:
    """The kind of job that looks, at whatever Stripe this is."""
    return Kind(
        name="billing.sync",
        job_class=JobClass.BILLING,
        input=Nothing,
        run=lambda running, _: _run(gateway, catalog, running),
        attempts=12,
        backoff=WAITS,
    )


def _run(gateway: Callable[[], Gateway], catalog: Catalog, running: Running) -> Outcome:
    """Where there is no customer, Stripe is not asked, and need not be there."""
    try:
        begun = running.works.one(holdings.begin())
    except NotFound:
        return Done()
    if begun.customer_id is None:
        seen = Seen.of(begun, nothing(), catalog)
        seen.log_problems()
        return Done(effects=seen.effects)
    try:
        stripe = gateway()
    except Unavailable as unavailable:
        return Again(None, f"Stripe cannot be asked: {unavailable.detail}", effects=_of_grants(begun))
    return _looked(Sync(gateway=stripe, catalog=catalog), running, begun)


def _looked(sync: Sync, running: Running, begun: Begun) -> Outcome:
    try:
        return Done(effects=sync.look(running.works, running.tenant_id).effects)
    except StripeBusy as busy:
        return Again(None, f"Stripe did not answer: {busy}", effects=_of_grants(begun))
    except (StripeRefused, StripeUnreadable) as wrong:
        logger.error("billing problem", problem=str(wrong))
        return Again(None, f"Stripe's answer was not understood: {wrong}", effects=_of_grants(begun))


def _of_grants(begun: Begun) -> Effects:
    """What operators give begins and ends though Stripe says nothing: until it does, what it said last holds."""
    if grant := standing.lasting(_grants(begun), clock.now()):
        return (records.allow(grant.access, begun.synced_from, "grant"),)
    if account := begun.account:
        because: standing.Because = "payment" if account.past_due_since else "plan"
        return (records.allow(account.access, begun.synced_from, because),)
    return ()
