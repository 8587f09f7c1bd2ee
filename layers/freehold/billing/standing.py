"""Where a tenant stands, from everything that Stripe holds of it: a pure function, with an answer for every status.

All subscriptions of the customer are looked at, and the best one counts: what an old one says late harms no newer one.
What is not begun gives nothing and takes nothing away; what nobody here knows changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from freehold.billing.claims import CANCELED, ENDED, GIVES, INCOMPLETE, NONE, PAUSED, TRIALING, Claim, Known, claim_of
from freehold.billing.plans import Catalog
from freehold.billing.prices import Interval
from freehold.billing.remote import Remote, Subscription
from freehold.permissions import Access

LONGEST_STATUS = 40
LATE = timedelta(hours=2)
"""How long after a period's end Stripe has said what became of it; then it is asked."""
PAYMENT_FAILED = "payment_failed"

type Because = Literal["plan", "payment", "paused", "grant"]
type Mail = Literal["trial_ending", "payment_failed", "payment_recovered", "subscription_ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an operator has given, or taken: the newest one that lasts holds, whatever is paid."""

    access: Access
    until: datetime
    plan: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that people are told once: `subject` tells whether they were."""

    mail: Mail
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a tenant has. `access` is what its subscription gives, `holds` what it may do, `because` of what."""

    plan: str
    add_ons: tuple[str, ...] = ()
    interval: Interval | None = None
    seats: int | None = None
    status: str = NONE
    access: Access
    holds: Access
    because: Because = "plan"
    subscription: Subscription | None = None
    """The one that counts; where none does, the one that did."""
    past_due_since: datetime | None = None
    review_at: datetime | None = None
    """When time alone changes something of this."""
    notices: tuple[Notice, ...] = ()
    problems: tuple[str, ...] = ()
    """What somebody should look at, in sentences."""


def of(remote: Remote, *, catalog: Catalog, known: Known | None = None, grants: Sequence[Grant] = ()) -> Standing:
    """Where the tenant stands at the customer's present. `grants` are in the order in which they were given."""
    claims = [claim for each in remote.subscriptions if (claim := claim_of(each, remote, catalog, known))]
    best = max(claims, key=lambda claim: claim.worth, default=None)
    grant = lasting(grants, remote.now)
    standing = _by(best, claims) if best else _without(remote, catalog)
    if grant:
        standing = replace(standing, holds=grant.access, because="grant")
    return replace(
        standing,
        review_at=_review_at(best, grant, remote, catalog),
        notices=tuple(_notices(standing, best, remote, catalog, known)),
        problems=(*_problems(claims, remote), *_problems_of(grant, catalog)),
    )


def lasting(grants: Sequence[Grant], now: datetime) -> Grant | None:
    """The newest one that holds then; they are in the order in which they were given."""
    return next((each for each in reversed(grants) if each.until > now), None)


def _by(best: Claim, claims: Sequence[Claim]) -> Standing:
    beside = {add_on for claim in claims if claim.access is best.access for add_on in claim.add_ons}
    return Standing(
        plan=best.plan,
        add_ons=tuple(sorted(beside)),
        interval=best.interval,
        seats=best.seats,
        status=best.subscription.status[:LONGEST_STATUS],
        access=best.access,
        holds=best.access,
        because=_because(best),
        subscription=best.subscription,
        past_due_since=best.since,
    )


def _because(best: Claim) -> Because:
    if best.since:
        return "payment"
    return "paused" if best.subscription.status == PAUSED else "plan"


def _without(remote: Remote, catalog: Catalog) -> Standing:
    """No subscription gives anything: the newest one says why."""
    newest = max(remote.subscriptions, key=lambda each: (each.created, each.id), default=None)
    has_ended = any(each.status == CANCELED for each in remote.subscriptions)
    plan = catalog.plan(catalog.after_cancel if has_ended else catalog.fallback)
    status = newest.status[:LONGEST_STATUS] if newest and newest.status not in GIVES else NONE
    return Standing(plan=plan.id, status=status, access=plan.access, holds=plan.access, subscription=newest)


def _review_at(best: Claim | None, grant: Grant | None, remote: Remote, catalog: Catalog) -> datetime | None:
    """Nothing waits for a test clock: whoever moves one says so."""
    if remote.customer and remote.customer.test_clock:
        return None
    moments = [grant.until if grant else None]
    if best:
        late = [each + LATE for each in (best.subscription.period_end, best.subscription.ends_at) if each]
        moments += [best.rung.next_at if best.rung else None, _reminder_at(best.subscription, catalog), *late]
    return min((each for each in moments if each and each > remote.now), default=None)


def _reminder_at(subscription: Subscription, catalog: Catalog) -> datetime | None:
    if subscription.status != TRIALING or not subscription.trial_end or not catalog.trial:
        return None
    return subscription.trial_end - timedelta(days=catalog.trial.reminder_days)


def _notices(
    standing: Standing, best: Claim | None, remote: Remote, catalog: Catalog, known: Known | None
) -> Iterator[Notice]:
    if best:
        yield from _of_the_trial(best.subscription, remote.now, catalog)
        yield from _of_the_ladder(best)
    if known and known.subscription_id and standing.subscription:
        yield from _of_what_was(standing, best, remote, known)


def _of_the_trial(subscription: Subscription, now: datetime, catalog: Catalog) -> Iterator[Notice]:
    reminder = _reminder_at(subscription, catalog)
    if reminder and subscription.trial_end and reminder <= now < subscription.trial_end:
        yield Notice(mail="trial_ending", subject=f"trial_ending {subscription.id}")


def _of_the_ladder(best: Claim) -> Iterator[Notice]:
    """Steps that change what the tenant may do are told as that: only those that warn are told here."""
    if best.since and best.rung and best.rung.mail == PAYMENT_FAILED:
        step = f"{best.rung.after_days} {best.subscription.id} {best.since.isoformat()}"
        yield Notice(mail="payment_failed", subject=f"payment_failed {step}")


def _of_what_was(standing: Standing, best: Claim | None, remote: Remote, known: Known) -> Iterator[Notice]:
    is_same = best is not None and best.subscription.id == known.subscription_id
    if known.past_due_since and is_same and standing.past_due_since is None and standing.status != PAUSED:
        subject = f"payment_recovered {known.subscription_id} {known.past_due_since.isoformat()}"
        yield Notice(mail="payment_recovered", subject=subject)
    if best is None and known.status in GIVES and _has_ended(known.subscription_id, remote):
        yield Notice(mail="subscription_ended", subject=f"subscription_ended {known.subscription_id}")


def _has_ended(subscription: str | None, remote: Remote) -> bool:
    return any(each.id == subscription and each.status in ENDED for each in remote.subscriptions)


def _problems(claims: Sequence[Claim], remote: Remote) -> Iterator[str]:
    """The alarm on what billing does not understand reads these."""
    given = {claim.subscription.id for claim in claims}
    for each in sorted(remote.subscriptions, key=lambda each: each.id):
        if each.status not in (*GIVES, *ENDED, INCOMPLETE):
            yield f"unknown subscription status {each.status} of {each.id}: what held goes on"
        elif each.status in GIVES and each.id not in given:
            yield f"the subscription {each.id} names no plan that we know"
    if len(claims) > 1:
        yield f"the customer has {len(claims)} subscriptions at once: {', '.join(sorted(given))}"


def _problems_of(grant: Grant | None, catalog: Catalog) -> Iterator[str]:
    """A plan that the catalog had when it was given may be gone from it."""
    if grant and grant.plan and grant.plan not in catalog.plans:
        yield f"an operator's grant names the plan {grant.plan}, which there is no more: only its access holds"
