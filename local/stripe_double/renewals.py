"""What time alone does to a subscription and its invoices: trials end, periods follow one another, drafts go out."""

from local.stripe_double import collection, endings, invoices, items, lines, payment_methods, pending, schedules
from local.stripe_double.passing import HAPPENINGS
from local.stripe_double.store import Obj
from local.stripe_double.world import World

_DAY = 86400
_SOON = 3 * _DAY
_HOURS_23 = 23 * 3600
_RUNNING = ("active", "past_due", "unpaid", "trialing")


def due(world: World, subscription: Obj) -> int | None:
    """When the subscription is next touched by time."""
    if subscription["status"] == "incomplete":
        return int(subscription["created"]) + _HOURS_23
    if subscription["status"] not in _RUNNING:
        return None
    moments = [period_end(world, subscription), subscription["cancel_at"]]
    if subscription["status"] == "trialing" and subscription.get("_told") != subscription["trial_end"]:
        moments.append(subscription["trial_end"] - _SOON)
    if subscription["pending_update"]:
        moments.append(subscription["pending_update"]["expires_at"])
    if subscription["pause_collection"]:
        moments.append(subscription["pause_collection"]["resumes_at"])
    known = [int(each) for each in moments if each is not None]
    return min(known) if known else None


def due_invoice(_: World, invoice: Obj) -> int | None:
    """A draft goes out, an open one is tried again."""
    if not invoice["auto_advance"]:
        return None
    moment = {"draft": invoice["automatically_finalizes_at"], "open": invoice["next_payment_attempt"]}.get(
        invoice["status"]
    )
    return None if moment is None else int(moment)


def period_end(world: World, subscription: Obj) -> int:
    """The earliest end of its items' periods."""
    return min(int(each["current_period_end"]) for each in items.of(world, subscription))


def happen(world: World, subscription: Obj, moment: int) -> None:
    """The one thing that is due now; what else is due comes again at once."""
    waiting = subscription["pending_update"]
    if subscription["status"] == "incomplete":
        _expire(world, subscription)
    elif waiting and waiting["expires_at"] <= moment:
        pending.expire(world, subscription)
    elif _resumes(subscription, moment):
        with world.changing(subscription):
            subscription["pause_collection"] = None
    elif subscription["cancel_at"] is not None and subscription["cancel_at"] <= moment:
        endings.end_period(world, subscription)
    elif period_end(world, subscription) <= moment:
        _end_trial(world, subscription) if subscription["status"] == "trialing" else renew(world, subscription)
    else:
        subscription["_told"] = subscription["trial_end"]
        world.announce("customer.subscription.trial_will_end", subscription)


def renew(world: World, subscription: Obj, *, usage: bool = True) -> Obj | None:
    """The items whose period is over begin the next; what they cost, and what was used, is drafted."""
    now = period_end(world, subscription)
    with world.changing(subscription):
        began = _began(world, subscription, now)
        schedules.turn(world, subscription, now)
        over = [each for each in items.of(world, subscription) if each["current_period_end"] <= now]
        charged: list[Obj] = []
        for item in over:
            span = (item["current_period_start"], now)
            item["_debits"] = [each for each in item["_debits"] if each["end"] > now]
            items.begin(world, item, anchor=subscription["billing_cycle_anchor"], start=now)
            if lines.billable(world, item):
                charged += lines.of_period(world, subscription, item)
            elif usage:
                charged += lines.of_usage(world, subscription, item, span)
            if not usage:
                item["_usage_from"] = now
        invoice = invoices.draft(world, subscription, reason="subscription_cycle", charged=charged, span=(began, now))
        if invoice and subscription["status"] == "unpaid":
            invoice["auto_advance"] = False
    return invoice


def _began(world: World, subscription: Obj, now: int) -> int:
    over = [each for each in items.of(world, subscription) if each["current_period_end"] <= now]
    return min(int(each["current_period_start"]) for each in over)


def _end_trial(world: World, subscription: Obj) -> None:
    method = payment_methods.default_of(world, subscription["customer"], subscription["default_payment_method"])
    wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if method is None and wanted == "cancel":
        endings.end(world, subscription)
    elif method is None and wanted == "pause":
        endings.pause(world, subscription)
    else:
        with world.changing(subscription):
            subscription["status"] = "active"
            renew(world, subscription, usage=False)


def _expire(world: World, subscription: Obj) -> None:
    with world.changing(subscription):
        for invoice in world.store.all("invoice", subscription["customer"]):
            if invoices.subscription_of(world, invoice) is subscription and invoice["status"] == "open":
                collection.close(world, invoice, "void")
        subscription.update(status="incomplete_expired", ended_at=world.now(subscription["customer"]))


def _resumes(subscription: Obj, moment: int) -> bool:
    until = (subscription["pause_collection"] or {}).get("resumes_at")
    return until is not None and until <= moment


def happen_invoice(world: World, invoice: Obj, _: int) -> None:
    """A draft is finalised and collected, unless collection is paused; an open one is tried again."""
    subscription = invoices.subscription_of(world, invoice)
    paused = (subscription or {}).get("pause_collection")
    if invoice["status"] == "open":
        collection.attempt(world, invoice, collection.method_of(world, invoice))
    elif not paused:
        collection.advance(world, invoice)
    elif paused["behavior"] == "keep_as_draft":
        with world.changing(invoice):
            invoice.update(auto_advance=False, automatically_finalizes_at=None)
    else:
        invoices.finalize(world, invoice)
        collection.close(world, invoice, "void" if paused["behavior"] == "void" else "uncollectible")


HAPPENINGS["subscription"] = happen
HAPPENINGS["invoice"] = happen_invoice
