"""Getting invoices paid: attempts, retries, and what a payment or its failure means for the subscription."""

from collections.abc import Callable

from local.stripe_double import invoices, payment_methods, payments
from local.stripe_double.cards import Answer
from local.stripe_double.store import Obj
from local.stripe_double.world import World

type Afterwards = Callable[[World, Obj, Obj], None]

AFTERWARDS: dict[str, Afterwards] = {}  # what comes of it elsewhere: those who know enter it here
_DAY = 86400
_LATE = ("past_due", "unpaid")


def advance(world: World, invoice: Obj, *, present: bool = False) -> Answer | None:
    """Finalise a draft and try to collect it; the card's answer where it refuses."""
    if invoice["status"] == "draft":
        invoices.finalize(world, invoice)
    if not invoice["amount_due"]:
        paid(world, invoice)
        return None
    return attempt(world, invoice, method_of(world, invoice), present=present)


def attempt(
    world: World, invoice: Obj, method: Obj | None, *, present: bool = False, retry: bool = True
) -> Answer | None:
    """One try; without a payment method that is a failure too. `retry`: the schedule counts this try."""
    intent = world.store.objects[invoice["_intent"]]
    answer = payments.attempt(world, intent, method, present=present) if method else _no_method()
    with world.changing(invoice):
        invoice["attempted"] = True
        if retry or not invoice["attempt_count"]:
            invoice["attempt_count"] += 1
        if answer:
            invoice["next_payment_attempt"] = _next_attempt(world, invoice, retry=retry)
    if answer is None:
        payments.settle(world, invoice)
        paid(world, invoice)
    else:
        world.announce("invoice.payment_failed", invoice)
        if answer.code == "authentication_required":
            world.announce("invoice.payment_action_required", invoice)
        _failed(world, invoice)
    return answer


def paid(world: World, invoice: Obj, *, out_of_band: bool = False) -> None:
    """The invoice is paid, and the subscription is what that makes it."""
    now = world.now(invoice["customer"])
    with world.changing(invoice, "invoice.paid"):
        invoice.update(status="paid", attempted=True, next_payment_attempt=None, amount_remaining=0)
        invoice["amount_paid"] = invoice["amount_due"]
        if out_of_band:
            invoice["amount_paid_off_stripe"] = invoice["amount_due"]
        invoice["status_transitions"] = invoice["status_transitions"] | {"paid_at": now}
    world.announce("invoice.payment_succeeded", invoice)
    _relieve(world, invoice)


def close(world: World, invoice: Obj, status: str) -> None:
    """Void or uncollectible: nobody will pay it, and a late subscription is not late because of it."""
    now = world.now(invoice["customer"])
    name = {"void": "voided", "uncollectible": "marked_uncollectible"}[status]
    with world.changing(invoice, f"invoice.{name}"):
        invoice.update(status=status, next_payment_attempt=None)
        invoice["status_transitions"] = invoice["status_transitions"] | {f"{name}_at": now}
        if status == "void":
            invoice["amount_remaining"] = 0
    if status == "void":
        payments.forsake(world, invoice)
        invoices.revert(world, invoice)
    subscription = invoices.subscription_of(world, invoice)
    if subscription and subscription["status"] in _LATE and _clear(world, subscription):
        _activate(world, subscription)
    if subscription and subscription["status"] == "incomplete" and status == "void":
        _expire(world, subscription)


def method_of(world: World, invoice: Obj) -> Obj | None:
    """The invoice's own, the subscription's, or the customer's."""
    subscription = invoices.subscription_of(world, invoice)
    own = subscription["default_payment_method"] if subscription else None
    return payment_methods.default_of(world, invoice["customer"], invoice["default_payment_method"], own)


def stop(world: World, subscription: Obj, *, besides: Obj | None) -> None:
    """No invoice of the subscription but one is collected automatically any more."""
    for invoice in world.store.all("invoice", subscription["customer"]):
        own = invoices.subscription_of(world, invoice) is subscription and invoice is not besides
        if own and invoice["status"] in ("draft", "open"):
            with world.changing(invoice):
                invoice.update(auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)


def _next_attempt(world: World, invoice: Obj, *, retry: bool) -> int | None:
    subscription, days = invoices.subscription_of(world, invoice), world.settings.retry_days
    if not retry and invoice["attempt_count"] > 1:
        still: int | None = invoice["next_payment_attempt"]
        return still
    first = subscription is not None and subscription["status"] == "incomplete"
    if first or not invoice["auto_advance"] or invoice["attempt_count"] > len(days):
        return None
    return world.now(invoice["customer"]) + days[int(invoice["attempt_count"]) - 1] * _DAY


def _failed(world: World, invoice: Obj) -> None:
    subscription = invoices.subscription_of(world, invoice)
    if subscription is None or invoice.get("_pending"):
        return
    if subscription["status"] in ("active", "trialing"):
        with world.changing(subscription):
            subscription["status"] = "past_due"
    if subscription["status"] == "past_due" and invoice["next_payment_attempt"] is None and invoice["auto_advance"]:
        AFTERWARDS["last retry"](world, subscription, invoice)


def _relieve(world: World, invoice: Obj) -> None:
    subscription = invoices.subscription_of(world, invoice)
    if subscription is None:
        return
    if invoice.get("_pending"):
        AFTERWARDS["change paid"](world, subscription, invoice)
    elif subscription["status"] == "incomplete":
        _activate(world, subscription)
    elif subscription["status"] == "paused" and invoice.get("_resumes"):
        _activate(world, subscription, "customer.subscription.resumed")
    elif subscription["status"] in _LATE and _clear(world, subscription):
        _activate(world, subscription)


def _activate(world: World, subscription: Obj, what: str = "") -> None:
    now = world.now(subscription["customer"])
    trialing = subscription["trial_end"] is not None and subscription["trial_end"] > now
    with world.changing(subscription, what):
        subscription.update(status="trialing" if trialing else "active", status_details=None)


def _expire(world: World, subscription: Obj) -> None:
    with world.changing(subscription):
        subscription.update(status="incomplete_expired", ended_at=world.now(subscription["customer"]))


def _clear(world: World, subscription: Obj) -> bool:
    """Whether the latest invoice that was sent is out of the way."""
    sent = [
        each
        for each in world.store.all("invoice", subscription["customer"])
        if invoices.subscription_of(world, each) is subscription
        and each["status"] != "draft"
        and each["amount_due"]
        and not each.get("_pending")
    ]
    return bool(sent) and sent[-1]["status"] in ("paid", "void", "uncollectible")


def _no_method() -> Answer:
    return Answer("missing", "This customer has no payment method that can be charged.")
