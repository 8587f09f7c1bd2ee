"""How subscriptions end, pause and come back."""

from typing import Any

from local.stripe_double import collection, invoices, items, lines, pending, schedules
from local.stripe_double.params import Given, Need
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import Route
from local.stripe_double.store import Obj
from local.stripe_double.subscriptions import PATH
from local.stripe_double.world import World

_OVER = ("canceled", "incomplete_expired")
_DETAILS: dict[str, Any] = {"comment": str, "feedback": str}


def cancel(world: World, given: Given, wanted: str) -> Obj:
    """At once; with `prorate` the unused time is given back, with `invoice_now` all that is owed is asked for."""
    subscription = world.store.get("subscription", wanted)
    if subscription["status"] in _OVER:
        raise missing("subscription", wanted)
    asked = {"reason": "cancellation_requested"} | (given.get("cancellation_details") or {})
    end(world, subscription, prorate=bool(given.get("prorate")), invoice=bool(given.get("invoice_now")), details=asked)
    return world.render(subscription)


def end(
    world: World, subscription: Obj, *, prorate: bool = False, invoice: bool = False, details: Obj | None = None
) -> None:
    """At once, whoever asked for it; with `invoice` what is owed is collected at once too."""
    with world.quietly(subscription):
        last = close_accounts(world, subscription, prorate=prorate, usage=invoice, invoice=invoice)
        _cancel(world, subscription, last, details or {})
    world.announce("customer.subscription.deleted", subscription)
    if last:
        collection.advance(world, last)


def end_period(world: World, subscription: Obj) -> None:
    """At the end of what was paid for: the last usage is drafted like that of any period, and may still be told."""
    now = world.now(subscription["customer"])
    with world.quietly(subscription):
        charged: list[Obj] = []
        for item in items.of(world, subscription) if subscription["status"] != "trialing" else ():
            if lines.billable(world, item):
                lines.credit(world, subscription, item, now)  # where `cancel_at` lies within a period
            else:
                charged += lines.of_usage(world, subscription, item, (item["current_period_start"], now))
        start = min(each["current_period_start"] for each in items.of(world, subscription))
        last = invoices.draft(world, subscription, reason="subscription_cycle", charged=charged, span=(start, now))
        _cancel(world, subscription, last, {})
    world.announce("customer.subscription.deleted", subscription)


def _cancel(world: World, subscription: Obj, last: Obj | None, details: Obj) -> None:
    now = world.now(subscription["customer"])
    if subscription["pending_update"]:
        pending.forsake(world, subscription)
    schedules.cancel(world, subscription)
    collection.stop(world, subscription, besides=last)
    subscription.update(
        status="incomplete_expired" if subscription["status"] == "incomplete" else "canceled",
        ended_at=now,
        canceled_at=subscription["canceled_at"] or now,
        cancel_at_period_end=subscription["cancel_at_period_end"] and subscription["cancel_at"] == now,
        cancellation_details=subscription["cancellation_details"] | details,
    )


def close_accounts(world: World, subscription: Obj, *, prorate: bool, usage: bool, invoice: bool) -> Obj | None:
    """What is owed either way waits as invoice items, or is drafted at once."""
    now = world.now(subscription["customer"])
    for item in items.of(world, subscription) if subscription["status"] != "trialing" else ():
        if not lines.billable(world, item):
            if usage and item["current_period_start"] < now:
                lines.owed_usage(world, subscription, item, now)
        elif prorate:
            lines.credit(world, subscription, item, now)
    if not invoice:
        return None
    start = min(each["current_period_start"] for each in items.of(world, subscription))
    return invoices.draft(world, subscription, reason="subscription_update", charged=(), span=(start, now))


def after_retries(world: World, subscription: Obj, _: Obj) -> None:
    """The last retry failed: what the account's owner has set for that happens."""
    wanted = world.settings.after_retries
    if wanted == "cancel":
        end(world, subscription, details={"reason": "payment_failed"})
    elif wanted == "unpaid":
        with world.changing(subscription):
            subscription["status"] = "unpaid"


def pause(world: World, subscription: Obj) -> None:
    """A trial ended without anything to pay with."""
    now = world.now(subscription["customer"])
    reason = {"type": "trial_end_without_payment_method"}
    with world.changing(subscription, "customer.subscription.paused"):
        subscription["status"] = "paused"
        subscription["status_details"] = {
            "paused": {"subscription": reason, "transitioned_at": now, "type": "subscription"}
        }


def resume(world: World, given: Given, wanted: str) -> Obj:
    """A paused one starts a period and bills it at once; it stays paused until that is paid."""
    subscription = world.store.get("subscription", wanted)
    if subscription["status"] != "paused":
        raise invalid("The subscription is not paused.", code="subscription_not_paused")
    if given.get("payment_behavior") != "resume_on_payment_success":
        raise invalid("This double knows resume_on_payment_success only.", param="payment_behavior")
    customer = subscription["customer"]
    now, marked, place = world.now(customer), world.store.mark(customer), len(world.journal.waiting)
    with world.changing(subscription):
        if (given.get("billing_cycle_anchor") or {"type": "now"})["type"] == "now":
            subscription["billing_cycle_anchor"] = now
        charged = _first_after_pause(world, subscription, now)
        invoice = invoices.draft(world, subscription, reason="subscription_update", charged=charged, span=(now, now))
        if invoice:
            invoice["_resumes"] = True
            if invoice["amount_due"] and collection.method_of(world, invoice) is None:
                world.undo(customer, marked)
                del world.journal.waiting[place:]
                raise invalid(
                    "This customer has no attached payment source or default payment method.", code="resource_missing"
                )
            collection.advance(world, invoice)
        else:
            subscription.update(status="active", status_details=None)
    return world.render(subscription)


def _first_after_pause(world: World, subscription: Obj, now: int) -> list[Obj]:
    found: list[Obj] = []
    for item in items.of(world, subscription):
        item["_debits"], item["_usage_from"] = [], now
        items.begin(world, item, anchor=subscription["billing_cycle_anchor"], start=now)
        if lines.billable(world, item):
            found += lines.of_period(world, subscription, item)
    return found


collection.AFTERWARDS["last retry"] = after_retries

ROUTES = [
    Route("DELETE", f"{PATH}/{{}}", cancel, {"prorate": bool, "invoice_now": bool, "cancellation_details": _DETAILS}),
    Route(
        "POST",
        f"{PATH}/{{}}/resume",
        resume,
        {
            "billing_cycle_anchor": {"type": Need(str)},
            "payment_behavior": str,
            "proration_behavior": str,
            "proration_date": int,
        },
    ),
]
