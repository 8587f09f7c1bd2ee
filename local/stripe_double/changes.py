"""Changes of a subscription: items, quantities, intervals, trials, and the invoice that a change may bring."""

from dataclasses import dataclass, field
from typing import Any

from local.stripe_double import collection, discounts, invoices, items, lines, pending
from local.stripe_double.params import METADATA, Given, Need, merged
from local.stripe_double.payment_methods import refusal
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route
from local.stripe_double.store import Obj
from local.stripe_double.subscriptions import BEHAVIORS, PATH, SHARED, settle_plain, trial
from local.stripe_double.world import World

ITEM: dict[str, Any] = {
    "id": str,
    "price": str,
    "quantity": int,
    "deleted": bool,
    "metadata": METADATA,
    "clear_usage": bool,
}
_TAKES: dict[str, Any] = SHARED | {
    "billing_cycle_anchor": {"type": Need(str)},
    "cancellation_details": {"comment": str, "feedback": str},
    "items": [ITEM],
    "pause_collection": {"behavior": Need(str), "resumes_at": int},
    "proration_date": int,
}
_WHILE_PENDING = {
    "billing_cycle_anchor",
    "cancel_at_period_end",
    "discounts",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
}
_OVER = ("canceled", "incomplete_expired")


@dataclass
class Bill:
    """What a change asks to be paid at once."""

    now: bool = False
    charged: list[Obj] = field(default_factory=list)


def update(world: World, given: Given, wanted: str) -> Obj:
    """All of it, or nothing where payment was a condition."""
    subscription = world.store.get("subscription", wanted)
    _check(subscription, given)
    marked, place = world.store.mark(subscription["customer"]), len(world.journal.waiting)
    behavior = given.get("payment_behavior") or "allow_incomplete"
    try:
        with world.changing(subscription):
            invoice = apply(world, subscription, given)
            if invoice:
                _collect(world, subscription, invoice, behavior, marked, given)
    except Exception:
        world.undo(subscription["customer"], marked)
        del world.journal.waiting[place:]
        raise
    return world.render(subscription)


def apply(world: World, subscription: Obj, given: Given) -> Obj | None:
    """Change it; the draft that the change brings at once, if any. Parts of periods otherwise wait as invoice items."""
    if given.get("items") and subscription["pending_update"]:
        pending.forsake(world, subscription)
    settle_plain(world, subscription, given)
    if "metadata" in given:
        subscription["metadata"] = merged(subscription["metadata"], given["metadata"])
    if given.get("cancellation_details"):
        subscription["cancellation_details"] = subscription["cancellation_details"] | given["cancellation_details"]
    if "pause_collection" in given:
        paused = given["pause_collection"]
        subscription["pause_collection"] = {"resumes_at": None} | paused if paused else None
    if "discounts" in given:
        subscription["discounts"] = discounts.redeem(
            world, given["discounts"], customer=subscription["customer"], subscription=subscription
        )
    bill = _rebuild(world, subscription, given)
    if not bill.now:
        return None
    now = world.now(subscription["customer"])
    return invoices.draft(world, subscription, reason="subscription_update", charged=bill.charged, span=(now, now))


def _rebuild(world: World, subscription: Obj, given: Given) -> Bill:
    now = world.now(subscription["customer"])
    at = _proration_date(world, subscription, given, now)
    trialing = subscription["status"] == "trialing"
    known, touched = set(subscription["_items"]), _touched(world, subscription, given)
    restarts = _restarts(world, subscription, given)
    for item in items.of(world, subscription) if restarts or _new_trial(given) else touched:
        _leave(world, subscription, item, given, at)
    _edit(world, subscription, given)
    if restarts:
        return _restart(world, subscription, now)
    if trialing or _new_trial(given):
        return _retime(world, subscription, given, now)
    entering = [each for each in items.of(world, subscription) if each in touched or each["id"] not in known]
    for item in entering:
        _enter(world, subscription, item, at, prorates=given.get("proration_behavior") != "none")
    return Bill(now=_at_once(world, subscription, given))


def _proration_date(world: World, subscription: Obj, given: Given, now: int) -> int:
    at = given.get("proration_date")
    if at is None:
        return now
    spans = [(each["current_period_start"], each["current_period_end"]) for each in items.of(world, subscription)]
    if not all(start <= at <= end for start, end in spans):
        raise invalid("Cannot specify a proration date outside of the current period.", param="proration_date")
    return int(at)


def _at_once(world: World, subscription: Obj, given: Given) -> bool:
    return given.get("proration_behavior") == "always_invoice" and bool(invoices.pending(world, subscription))


def _touched(world: World, subscription: Obj, given: Given) -> list[Obj]:
    """Items that exist and become others by the change, or go."""
    found = []
    for at, each in enumerate(given.get("items") or ()):
        if not each.get("id"):
            continue
        item = world.store.get("subscription_item", each["id"], param=f"items[{at}][id]")
        if item["id"] not in subscription["_items"]:
            raise invalid(f"The item {each['id']} does not belong to this subscription.", param=f"items[{at}][id]")
        price, quantity = each.get("price"), each.get("quantity")
        if each.get("deleted") or price not in (None, item["_price"]) or quantity not in (None, item["quantity"]):
            found.append(item)
    return found


def _new_trial(given: Given) -> bool:
    return given.get("trial_end") not in (None, "now")


def _restarts(world: World, subscription: Obj, given: Given) -> bool:
    """Whether all periods begin anew: on demand, or because no item keeps a rhythm that there was."""
    if (given.get("billing_cycle_anchor") or {}).get("type") == "now" or given.get("trial_end") == "now":
        return True
    after = _rhythms_after(world, subscription, given)
    trialing = subscription["status"] == "trialing" or _new_trial(given)
    return bool(after) and not trialing and not after & items.intervals(world, subscription)


def _rhythms_after(world: World, subscription: Obj, given: Given) -> set[tuple[str, int]]:
    wanted = {each["id"]: each for each in given.get("items") or () if each.get("id")}
    kept = [each for each in items.of(world, subscription) if not (wanted.get(each["id"]) or {}).get("deleted")]
    named = [(wanted.get(each["id"]) or {}).get("price") or each["_price"] for each in kept]
    named += [each["price"] for each in given.get("items") or () if not each.get("id") and each.get("price")]
    found = [world.store.get("price", each, param="items[0][price]")["recurring"] or {} for each in named]
    return {(each.get("interval", ""), each.get("interval_count", 0)) for each in found}


def _leave(world: World, subscription: Obj, item: Obj, given: Given, at: int) -> None:
    """What an item was until now: its unused time is given back, its usage is asked for."""
    if lines.billable(world, item):
        if given.get("proration_behavior") != "none":
            lines.credit(world, subscription, item, at)
    elif subscription["status"] != "trialing":
        lines.owed_usage(world, subscription, item, at)
        item["_usage_from"] = at


def _edit(world: World, subscription: Obj, given: Given) -> None:
    for at, each in enumerate(given.get("items") or ()):
        if not each.get("id"):
            items.add(world, subscription, each, at=f"items[{at}]")
        elif each.get("deleted"):
            subscription["_items"] = [kept for kept in subscription["_items"] if kept != each["id"]]
        else:
            items.change(world, subscription, world.store.objects[each["id"]], each, at=f"items[{at}]")
    if not subscription["_items"]:
        raise invalid("A subscription must have at least one active plan.", param="items")


def _enter(world: World, subscription: Obj, item: Obj, at: int, *, prorates: bool) -> None:
    """What an item is from now on: the time that is left of its period is asked for."""
    anchor = subscription["billing_cycle_anchor"]
    if item["current_period_end"] is None:
        items.begin(world, item, anchor=anchor, start=at)
        item["current_period_start"] = items.full_period(world, item, anchor)[0]
    if prorates and lines.billable(world, item) and item["current_period_end"] > at:
        lines.charge(world, subscription, item, at)


def _restart(world: World, subscription: Obj, now: int) -> Bill:
    """All items begin a whole period, which is billed at once."""
    subscription["billing_cycle_anchor"] = now
    if subscription["trial_end"] and subscription["trial_end"] > now:
        subscription["trial_end"] = now
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    charged: list[Obj] = []
    for item in items.of(world, subscription):
        item["_debits"], item["_usage_from"] = [], now
        items.begin(world, item, anchor=now, start=now)
        if lines.billable(world, item):
            charged += lines.of_period(world, subscription, item)
    return Bill(now=True, charged=charged)


def _retime(world: World, subscription: Obj, given: Given, now: int) -> Bill:
    """During a trial, changes cost nothing; a new end of it moves all periods."""
    until = trial(given, now) or subscription["trial_end"]
    if subscription["status"] != "trialing":
        subscription["trial_start"] = now
    subscription.update(trial_end=until, billing_cycle_anchor=until, status="trialing")
    for item in items.of(world, subscription):
        item["current_period_start"] = item["current_period_start"] or now
        if item["_debits"]:
            item["current_period_start"], item["_debits"] = now, []
        item["current_period_end"] = until
    return Bill(now=_at_once(world, subscription, given))


def _collect(  # noqa: PLR0913, PLR0917 - what was before is needed where payment was a condition
    world: World, subscription: Obj, invoice: Obj, behavior: str, marked: dict[str, Obj], given: Given
) -> None:
    if behavior == "default_incomplete" and invoice["amount_due"]:
        invoices.finalize(world, invoice)
        subscription["status"] = "past_due"
        return
    if behavior == "pending_if_incomplete":
        invoice["_pending"] = True
    answer = collection.advance(world, invoice)
    if answer is None:
        invoice.pop("_pending", None)
        return
    if behavior == "error_if_incomplete":
        raise refusal(answer)
    if behavior == "pending_if_incomplete":
        pending.keep(world, subscription, invoice, marked, given)


def _check(subscription: Obj, given: Given) -> None:
    allowed = {"metadata", "cancellation_details"}
    if subscription["status"] in _OVER and set(given) - allowed:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    if given.get("payment_behavior") not in (None, *BEHAVIORS):
        raise invalid(f"Invalid payment_behavior: must be one of {', '.join(BEHAVIORS)}", param="payment_behavior")
    if given.get("payment_behavior") == "pending_if_incomplete" and set(given) - _WHILE_PENDING:
        raise invalid(
            "You cannot update " + ", ".join(sorted(set(given) - _WHILE_PENDING)) + " when `payment_behavior` is "
            "`pending_if_incomplete`.",
            param="payment_behavior",
        )


ROUTES = [Route("POST", f"{PATH}/{{}}", update, _TAKES)]
