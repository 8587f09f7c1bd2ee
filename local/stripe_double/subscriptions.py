"""Subscriptions: how one begins, and how it is read."""

from typing import Any

from local.stripe_double import collection, discounts, invoices, items, lines
from local.stripe_double.cards import Answer
from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import FREE, METADATA, MOMENT, RANGE, Either, Given, Need, merged
from local.stripe_double.refusals import Refused, declined, invalid
from local.stripe_double.routes import CREATED, Route, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/subscriptions"
BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
DISCOUNTS: list[Any] = [{"coupon": str, "promotion_code": str, "discount": str}]
_DAY = 86400
_SOON = 3 * _DAY

SHARED: dict[str, Any] = {
    "automatic_tax": FREE,
    "cancel_at": Either(str, {}),
    "cancel_at_period_end": bool,
    "collection_method": str,
    "default_payment_method": str,
    "description": str,
    "discounts": DISCOUNTS,
    "invoice_settings": FREE,
    "metadata": METADATA,
    "off_session": bool,
    "payment_behavior": str,
    "payment_settings": FREE,
    "proration_behavior": str,
    "trial_end": MOMENT,
    "trial_settings": {"end_behavior": {"missing_payment_method": str, "billing_cycle_anchor": str}},
}
_NEW: dict[str, Any] = SHARED | {
    "billing_cycle_anchor": int,
    "billing_mode": {"type": Need(str), "flexible": {"proration_discounts": str}},
    "currency": str,
    "customer": Need(str),
    "items": Need([{"price": str, "quantity": int, "metadata": METADATA}]),
    "trial_period_days": int,
}


def create(world: World, given: Given, *, present: bool = False) -> Obj:
    """Begins with an invoice; `payment_behavior` says what its failure means. `present`: the cardholder is there."""
    customer = world.customer(given["customer"], param="customer")
    marked, place = world.store.mark(customer["id"]), len(world.journal.waiting)
    try:
        subscription, invoice = begin(world, customer, given)
        world.announce("customer.subscription.created", subscription)
        world.journal.first(place)
        _tell_trial(world, subscription)
        answer = _pay_first(world, invoice, given, present=present) if invoice else None
        if answer and given.get("payment_behavior") == "error_if_incomplete":
            raise declined(answer.message, code=answer.code, decline_code=answer.decline_code, extra={})
    except Refused:
        world.undo(customer["id"], marked)
        del world.journal.waiting[place:]
        raise
    return world.render(subscription)


def begin(world: World, customer: Obj, given: Given) -> tuple[Obj, Obj | None]:
    """A new subscription with its first invoice as a draft; nothing is announced of the subscription yet."""
    subscription = _begun(world, customer, given)
    with world.quietly(subscription):
        _furnish(world, subscription, given)
        invoice = _first_invoice(world, subscription)
        if invoice is None or not invoice["amount_due"]:
            subscription["status"] = "trialing" if subscription["trial_end"] else "active"
    return subscription, invoice


def _begun(world: World, customer: Obj, given: Given) -> Obj:
    _check(given)
    now = world.now(customer["id"])
    trial_end = trial(given, now)
    return world.make(
        "subscription",
        "sub",
        **dict.fromkeys(_NOTHING.split()),
        automatic_tax={"enabled": False, "disabled_reason": None, "liability": None},
        billing_cycle_anchor=trial_end or given.get("billing_cycle_anchor") or now,
        billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        billing_schedules=[],
        cancel_at_period_end=False,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        currency=(given.get("currency") or "").lower() or None,
        customer=customer["id"],
        default_payment_method=None,
        default_tax_rates=[],
        discounts=[],
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        metadata=merged({}, given.get("metadata")),
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        start_date=now,
        status="incomplete",
        test_clock=customer["test_clock"],
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
        trial_start=now if trial_end else None,
        _items=[],
    )


_NOTHING = (
    "application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at canceled_at "
    "customer_account days_until_due default_source description ended_at latest_invoice "
    "next_pending_invoice_item_invoice on_behalf_of pause_collection pending_invoice_item_interval "
    "pending_setup_intent pending_update schedule status_details transfer_data"
)


def _furnish(world: World, subscription: Obj, given: Given) -> None:
    for at, each in enumerate(given["items"]):
        item = items.add(world, subscription, each, at=f"items[{at}]")
        subscription["currency"] = items.price_of(world, item)["currency"]
    for item in items.of(world, subscription):
        _first_period(world, subscription, item)
    settle_plain(world, subscription, given)
    subscription["discounts"] = discounts.redeem(
        world, given.get("discounts"), customer=subscription["customer"], subscription=subscription
    )


def _first_period(world: World, subscription: Obj, item: Obj) -> None:
    items.begin(world, item, anchor=subscription["billing_cycle_anchor"], start=subscription["start_date"])
    if subscription["trial_end"]:
        item["current_period_end"] = subscription["trial_end"]


def settle_plain(world: World, subscription: Obj, given: Given) -> None:
    """What is simply kept, at the beginning and in every change."""
    for name in ("description", "automatic_tax", "payment_settings", "invoice_settings", "trial_settings"):
        if name in given:
            kept = subscription[name]
            subscription[name] = kept | given[name] if isinstance(kept, dict) and given[name] else given[name]
    if "default_payment_method" in given:
        _check_method(world, subscription, given["default_payment_method"])
        subscription["default_payment_method"] = given["default_payment_method"]
    if subscription["schedule"] and {"cancel_at_period_end", "cancel_at"} & set(given):
        raise invalid(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    if "cancel_at_period_end" in given:
        _end_later(world, subscription, at_period_end=given["cancel_at_period_end"])
    elif "cancel_at" in given:
        _end_at(world, subscription, given["cancel_at"])


def _end_later(world: World, subscription: Obj, *, at_period_end: bool) -> None:
    if at_period_end:
        _end_at(world, subscription, "max_period_end")
    elif subscription["cancel_at_period_end"]:
        _end_at(world, subscription, None)
    subscription["cancel_at_period_end"] = at_period_end


def _end_at(world: World, subscription: Obj, wanted: str | None) -> None:
    ends = [each["current_period_end"] for each in items.of(world, subscription)]
    named = {"max_period_end": max, "min_period_end": min}
    when = None if wanted is None else named[wanted](ends) if wanted in named else _moment(wanted)
    if when is not None and when <= world.now(subscription["customer"]):
        raise invalid("The cancel_at must be in the future.", param="cancel_at")
    details = subscription["cancellation_details"] | {"reason": "cancellation_requested" if when else None}
    asked = world.now(subscription["customer"]) if when else None
    subscription.update(cancel_at=when, canceled_at=asked, cancel_at_period_end=False, cancellation_details=details)


def _moment(wanted: str) -> int:
    if not wanted.isdigit():
        raise invalid(f"Invalid timestamp: {wanted}", param="cancel_at")
    return int(wanted)


def _first_invoice(world: World, subscription: Obj) -> Obj | None:
    now, found = subscription["start_date"], []
    for item in items.of(world, subscription):
        if not lines.billable(world, item):
            continue
        if subscription["trial_end"]:
            found.append(lines.of_trial(world, subscription, item))
        elif items.full_period(world, item, subscription["billing_cycle_anchor"])[0] == now:
            found += lines.of_period(world, subscription, item)
        else:
            lines.charge(world, subscription, item, now)
    return invoices.draft(world, subscription, reason="subscription_create", charged=found, span=(now, now))


def _pay_first(world: World, invoice: Obj, given: Given, *, present: bool) -> Answer | None:
    behavior = given.get("payment_behavior") or "allow_incomplete"
    if behavior == "default_incomplete" and invoice["amount_due"]:
        invoices.finalize(world, invoice)
        return None
    if invoice["amount_due"] and collection.method_of(world, invoice) is None:
        raise invalid(
            "This customer has no attached payment source or default payment method. Please consider adding a default "
            "payment method.",
            code="resource_missing",
        )
    return collection.advance(world, invoice, present=present)


def _tell_trial(world: World, subscription: Obj) -> None:
    if subscription["trial_end"] and subscription["trial_end"] - world.now(subscription["customer"]) <= _SOON:
        subscription["_told"] = subscription["trial_end"]
        world.announce("customer.subscription.trial_will_end", subscription)


def trial(given: Given, now: int) -> int | None:
    """When the trial ends that is asked for."""
    if given.get("trial_end") not in (None, "now"):
        if given["trial_end"] <= now:
            raise invalid("The trial_end must be in the future, or `now`.", param="trial_end")
        return int(given["trial_end"])
    days = given.get("trial_period_days")
    if days is not None and days < 1:
        raise invalid("The trial_period_days must be at least 1.", param="trial_period_days")
    return now + days * _DAY if days else None


def _check(given: Given) -> None:
    if given.get("payment_behavior") not in (None, *BEHAVIORS):
        raise invalid(f"Invalid payment_behavior: must be one of {', '.join(BEHAVIORS)}", param="payment_behavior")
    if (given.get("billing_mode") or {"type": "flexible"})["type"] != "flexible":
        raise invalid("This double knows flexible billing mode only.", param="billing_mode[type]")
    if given.get("collection_method") not in (None, "charge_automatically"):
        raise invalid("This double knows charge_automatically only.", param="collection_method")


def _check_method(world: World, subscription: Obj, wanted: str | None) -> None:
    if (
        wanted
        and world.store.get("payment_method", wanted, param="default_payment_method")["customer"]
        != subscription["customer"]
    ):
        raise invalid(
            "The payment method must be attached to the customer.",
            param="default_payment_method",
            code="resource_missing",
        )


def _list(world: World, given: Given) -> Obj:
    status, price = given.get("status"), given.get("price")
    found = [
        each
        for each in reversed(world.store.all("subscription", given.get("customer")))
        if _wanted(each, status)
        and (not price or any(item["_price"] == price for item in items.of(world, each)))
        and given.get("test_clock") in (None, each["test_clock"])
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=PATH, render=world.render)


def _wanted(subscription: Obj, status: str | None) -> bool:
    if status == "all":
        return True
    if status == "ended":
        return subscription["status"] in ("canceled", "incomplete_expired")
    return subscription["status"] != "canceled" if status is None else bool(subscription["status"] == status)


ROUTES = [
    Route("POST", PATH, create, _NEW),
    Route(
        "GET",
        PATH,
        _list,
        PAGING
        | {
            "customer": str,
            "status": str,
            "price": str,
            "test_clock": str,
            "collection_method": str,
            "created": CREATED,
            "current_period_end": Either(int, RANGE),
            "current_period_start": Either(int, RANGE),
        },
    ),
    retrieving("subscription", PATH),
]
