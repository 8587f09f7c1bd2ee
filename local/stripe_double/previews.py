"""Invoices that do not exist yet: the real change is made, its invoice read, and all of it undone."""

from typing import Any

from local.stripe_double import changes, endings, invoices, renewals, subscriptions
from local.stripe_double.params import FREE, METADATA, MOMENT, Either, Given, Need
from local.stripe_double.refusals import Refused, invalid
from local.stripe_double.routes import Route
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

_PATH = "/v1/invoices/create_preview"
_DETAILS: dict[str, Any] = {
    "billing_cycle_anchor": {"type": Need(str), "timestamp": int},
    "billing_mode": FREE,
    "cancel_at": Either(str, {}),
    "cancel_at_period_end": bool,
    "cancel_now": bool,
    "items": [changes.ITEM],
    "metadata": METADATA,
    "proration_behavior": str,
    "proration_date": int,
    "trial_end": MOMENT,
}


def create(world: World, given: Given) -> Obj:
    """Exactly what the change would bring: by the same code, on the same objects."""
    wanted = given.get("subscription")
    subscription = world.store.get("subscription", wanted, param="subscription") if wanted else None
    customer = subscription["customer"] if subscription else given.get("customer")
    if not customer:
        raise invalid("You must pass a customer or a subscription.", param="customer", code="parameter_missing")
    world.customer(customer, param="customer")
    change = dict(given.get("subscription_details") or {})
    if "discounts" in given:
        change["discounts"] = given["discounts"]
    with world.rehearsal(customer):
        invoice = _of_change(world, subscription, change) if subscription else _of_new(world, customer, change)
        if invoice is None:
            raise _none(customer)
        return _shown(world, invoice)


def _of_new(world: World, customer: str, change: Given) -> Obj | None:
    if not change.get("items"):
        raise _none(customer)
    anchor = (change.pop("billing_cycle_anchor", None) or {}).get("timestamp")
    started = change | ({"billing_cycle_anchor": anchor} if anchor else {})
    return subscriptions.begin(world, world.store.objects[customer], started)[1]


def _of_change(world: World, subscription: Obj, change: Given) -> Obj | None:
    if subscription["status"] in ("canceled", "incomplete_expired"):
        return None
    if change.pop("cancel_now", None):
        prorate = change.get("proration_behavior", "create_prorations") != "none"
        return endings.close_accounts(world, subscription, prorate=prorate, usage=True, invoice=True)
    with world.quietly(subscription):
        return changes.apply(world, subscription, change) or _upcoming(world, subscription)


def _upcoming(world: World, subscription: Obj) -> Obj | None:
    ends = renewals.period_end(world, subscription)
    with world.supposing(subscription["customer"], ends):
        if subscription["cancel_at"] is not None and subscription["cancel_at"] <= ends:
            return endings.close_accounts(world, subscription, prorate=False, usage=True, invoice=True)
        trialing = subscription["status"] == "trialing"
        return renewals.renew(world, subscription, usage=not trialing)


def _shown(world: World, invoice: Obj) -> Obj:
    invoices.total_up(world, invoice)
    shown = world.render(invoice)
    preview = new_id("upcoming_in")
    every = invoices.open_lines(invoice)  # there is no address at which the rest could be read
    shown["lines"] = {"object": "list", "data": every, "has_more": False, "url": f"/v1/invoices/{preview}/lines"}
    for line in every:
        line["invoice"] = preview
    attempt = invoice["automatically_finalizes_at"] or invoice["created"]
    ending = {"ending_balance": invoice["_balance_after"], "automatically_finalizes_at": None}
    return shown | ending | {"id": preview, "billing_reason": "upcoming", "next_payment_attempt": attempt}


def _none(customer: str) -> Refused:
    return Refused(
        404, "invalid_request_error", f"No upcoming invoices for customer: {customer}", code="invoice_upcoming_none"
    )


ROUTES = [
    Route(
        "POST",
        _PATH,
        create,
        {
            "automatic_tax": FREE,
            "currency": str,
            "customer": str,
            "customer_details": FREE,
            "discounts": subscriptions.DISCOUNTS,
            "preview_mode": str,
            "subscription": str,
            "subscription_details": _DETAILS,
        },
    )
]
