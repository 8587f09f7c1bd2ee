"""Money in a run: a company pays, uses, wants a better plan and grows, and what must have come of it in the end."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from uuid import uuid5

from faults.story import Damage
from faults.world import World
from freehold.billing import holdings
from freehold.billing.drift import differences
from freehold.billing.gateway import stripe_of_stage
from freehold.billing.mirror import STRIPE
from freehold.billing.prices import SEAT
from freehold.billing.remote import TENANT
from freehold.billing.sync import Seen
from freehold.callers import WorkerCaller
from freehold.database import Works, database
from freehold.ids import TenantId
from freehold.usage.checking import totals
from local.companies import Company
from local.errors import LocalError
from local.gateway import Answer
from product.plans import PLANS

BEFORE, AFTER = "pro", "scale"
METER = "api_calls"
USED = (7, 11, 13)
MEMBERS = 2


def begin(world: World) -> Company:
    """A company pays for a plan, tells what it used, some of it twice, wants a better plan, and has a new member."""
    company = world.people.company()
    prices = [price.lookup_key for price in PLANS.plans[BEFORE].prices["month"]]
    customer = world.till.subscriber(company.id, *prices)
    company.execute("select app.link_customer(%(customer)s, null)", customer=customer)
    events = [{"id": str(number), "meter": METER, "quantity": quantity} for number, quantity in enumerate(USED)]
    for batch in (events[:2], events[1:]):
        _require(HTTPStatus.OK, company.call("POST", "/v1/usage/events", body={"events": batch}))
    _require(HTTPStatus.ACCEPTED, company.call("POST", "/v1/billing/change", body={"plan": AFTER}))
    company.member("member")
    return company


def damage(world: World, company: Company) -> Damage:
    """What is not as it should be, once everything has come to rest."""
    found = Damage()
    customers = world.till.all("/v1/customers")
    mine = [str(each["id"]) for each in customers if each["metadata"].get(TENANT) == str(company.id)]
    found.count("customers at Stripe", times=len(mine))
    for customer in mine[:1]:
        _subscription(world, customer, found)
        _change(world, customer, found)
        _events(world, customer, found)
        _usage(world, company, customer, found)
        _announcements(world, customer, company, found)
    _copy(company, found)
    _jobs(world, company, found)
    return found


def _subscription(world: World, customer: str, found: Damage) -> None:
    """One that lives, to the plan that was wanted, with a seat for each member."""
    live = world.till.all("/v1/subscriptions", customer=customer)
    found.count("subscriptions that live", times=len(live))
    sold = [(PLANS.price_of(item["price"]["metadata"]), item) for each in live for item in each["items"]["data"]]
    seats = [item["quantity"] for price, item in sold if price and price.component == SEAT]
    found.count("plans that were wanted", times=int({price.plan for price, _ in sold if price} == {AFTER}))
    found.count("seats", times=sum(seats), wanted=MEMBERS)


def _change(world: World, customer: str, found: Damage) -> None:
    """One invoice for it, and no time is given back or charged for twice."""
    reasons = Counter(each["billing_reason"] for each in world.till.all("/v1/invoices", customer=customer))
    for reason in ("subscription_create", "subscription_update"):
        found.count(f"invoices of {reason}", times=reasons[reason])
    prorated = Counter(
        f"{each['description']} at {each['pricing']['price_details']['price']}"
        for each in world.till.all("/v1/invoiceitems", customer=customer)
        if each["proration"]
    )
    for what, times in prorated.items():
        found.count(what, times=times)


def _events(world: World, customer: str, found: Damage) -> None:
    """What Stripe has told is written down once, and was looked at."""
    rows = world.ask(
        "select event_id from directory.stripe_events"
        " where issuer = 'stripe' and subject = %(customer)s and state = 'taken'",
        customer=customer,
    )
    stored = Counter(event for (event,) in rows)
    for event in world.till.told(customer):
        found.count(f"event {event}", times=stored[event])


def _usage(world: World, company: Company, customer: str, found: Damage) -> None:
    """What was recorded is what was counted, what was reported, and what Stripe counts: to the unit."""
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    totalled = _works(company).one(totals(begin))
    [meter] = [each for each in world.till.all("/v1/billing/meters") if each["event_name"].endswith(METER)]
    span = {"start_time": str(int(begin.timestamp())), "end_time": str(int((begin + timedelta(hours=4)).timestamp()))}
    sums = world.till.all(f"/v1/billing/meters/{meter['id']}/event_summaries", customer=customer, **span)
    for what in ("recorded", "aggregated", "claimed", "reported"):
        found.count(f"units {what}", times=sum(getattr(each, what) for each in totalled), wanted=sum(USED))
    counted = sum(Decimal(str(each["aggregated_value"])) for each in sums)
    found.count("units that Stripe counts", times=int(counted), wanted=sum(USED))


def _copy(company: Company, found: Damage) -> None:
    """Our copy, and what the tenant may do, are what follows from what Stripe holds now."""
    works, gateway = _works(company), stripe_of_stage()
    begun = works.one(holdings.begin())
    seen = Seen.of(begun, gateway.fetch(begun.customer_id or ""), PLANS)
    held = works.one(holdings.held([each.id for each in seen.mirror.invoices], []))
    for each in differences(held, seen.mirror):
        found.lost += 1
        found.details.append(f"our copy differs: {each}")


def _jobs(world: World, company: Company, found: Damage) -> None:
    """The change was made and is noted as done, and nothing has failed."""
    jobs = _counted(world, company, "select kind || ' ' || state, count(*) from app.jobs")
    found.count("changes", times=jobs["billing.change succeeded"])
    asked = _counted(world, company, "select kind || ' ' || state, count(*) from app.billing_operations")
    found.count("changes that were asked for", times=asked["change done"])
    if failed := [what for what in (*jobs, *asked) if what.endswith((" failed", " canceled"))]:
        found.stuck += 1
        found.details.append(f"of what was asked for: {failed}")


def _announcements(world: World, customer: str, company: Company, found: Damage) -> None:
    """Each invoice that was paid is announced once, and nobody gets a mail: nothing has gone wrong."""
    told = _counted(world, company, "select type || ' ' || subject_id, count(*) from app.outbox")
    for invoice in world.till.all("/v1/invoices", customer=customer):
        paid = f"billing.invoice_paid {uuid5(STRIPE, invoice['id'])}"
        found.count(paid, times=told[paid], wanted=int(invoice["status"] == "paid"))
    mails = _counted(world, company, "select template, count(*) from app.emails")
    found.count(f"mails, {list(mails)}", times=mails.total(), wanted=0)


def _counted(world: World, company: Company, sql: str) -> Counter[str]:
    rows = world.ask(f"{sql} where tenant_id = %(tenant_id)s group by 1", tenant_id=company.id)
    return Counter({str(what): int(times) for what, times in rows})


def _works(company: Company) -> Works:
    caller = WorkerCaller(tenant_id=TenantId(company.id), worker="billing", request_id="faults")
    return database("freehold_worker").working(caller)


def _require(status: HTTPStatus, answer: Answer) -> None:
    if answer.status != status:
        raise LocalError(f"Nobody can have money: {answer}")
