"""What a change costs, to the unit: Stripe's own preview, written down so that the change can be held to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from freehold.billing import ledger, parameters, targets
from freehold.billing.asking import Held
from freehold.billing.checkout import Counter, promotion
from freehold.billing.claims import ENDED, INCOMPLETE
from freehold.billing.customers import customer_of
from freehold.billing.lasting import Until
from freehold.billing.models import Bill, Line, Preview, Wish
from freehold.billing.obstacles import refuse_change
from freehold.billing.queries import Account
from freehold.billing.targets import Target
from freehold.database import Remembered

VALID = timedelta(hours=1)
"""For how long a change can be had at the price of its preview."""

type Dict = dict[str, Any]


def preview(counter: Counter, wish: Wish, once: Remembered | None) -> Preview:
    """What it costs now, and from the next renewal on.

    Raises InvalidInput, PromotionCodeRefused, PaymentDue, ResumeFirst.
    """
    operation, account = counter.begin("preview", once, {"wish": wish.model_dump(mode="json")})
    if operation.result:
        return Preview.model_validate(operation.result["shown"])
    with counter.answered(operation):
        customer = customer_of(counter.db, counter.caller, counter.asking, account)
        found = counter.asking.subscriptions(customer)
        made = (
            _of_change(counter, customer, held, wish, account)
            if (held := live(found))
            else _of_first(counter, customer, wish, account, is_new=not found)
        )
    shown = Preview(id=operation.id, valid_until=operation.created_at + VALID, **made["shown"])
    result = {"shown": shown.model_dump(mode="json"), "at": made["at"], "amount": shown.due_now.amount_due}
    counter.put(ledger.finish(operation.id, result))
    return shown


def live(found: list[Held]) -> Held | None:
    """The newest one that has neither ended nor never begun."""
    return next((each for each in found if each.subscription.status not in (*ENDED, INCOMPLETE)), None)


def _of_change(counter: Counter, customer: str, held: Held, wish: Wish, account: Account) -> Dict:
    asking, subscription = counter.asking, held.subscription
    target = targets.changed(counter.catalog, subscription, wish, account)
    refuse_change(asking, customer, held, target)
    ids, now = asking.prices(target.lookup_keys), asking.now(account.clock_id)
    code, of = promotion(asking, wish.promotion_code), {"customer": customer, "subscription": subscription.id}
    less = parameters.discounts(code["id"] if code else None, remove=wish.remove_discount)
    is_charged = target.effective == "now" and target.is_new and subscription.status != "trialing"
    at_once = parameters.at_once(target, held, ids, now)
    due = asking.preview({**of, **less, "subscription_details": at_once}) if is_charged else None
    renews_at = _end_of(due) if due and target.interval_changes else subscription.period_end or now
    until = Until(now=now, renews_at=renews_at, is_charged=is_charged)
    if code is None and not wish.remove_discount:
        less = {"discounts": until.kept(subscription.discounts) or ""}
    elif code and not until.lasts(code):
        less = {"discounts": ""}
    later = {"items": parameters.changed_items(target, ids), "proration_behavior": "none"}
    renewal = asking.preview({**of, **less, "subscription_details": later})
    effective_at = now if target.effective == "now" else subscription.period_end or now
    shown = _shown(target, effective_at, due, renewal, subscription.currency, renews_at)
    return {"at": now.isoformat(), "shown": shown}


def _of_first(counter: Counter, customer: str, wish: Wish, account: Account, *, is_new: bool) -> Dict:
    """Where the checkout would begin with a trial, so does this; it is not used up by that."""
    asking = counter.asking
    target = targets.first(counter.catalog, wish, account)
    code, items = (
        promotion(asking, wish.promotion_code),
        parameters.new_items(target, asking.prices(target.lookup_keys)),
    )
    of = {"customer": customer, "subscription_details": {"items": items}}
    first = asking.preview({**of, **parameters.discounts(code["id"] if code else None, remove=False)})
    now, trial = asking.now(account.clock_id), counter.trial(target.plan, account, is_new=is_new, look=True)
    due, renews_at = (None, now + timedelta(days=trial.days)) if trial else (first, _end_of(first))
    until = Until(now=now, renews_at=renews_at, is_charged=due is not None)
    renewal = asking.preview(of) if code and not until.lasts(code) else first
    return {"at": None, "shown": _shown(target, now, due, renewal, first["currency"], renews_at)}


def _shown(  # noqa: PLR0913, PLR0917 (what it says)
    target: Target, effective_at: datetime, due: Dict | None, renewal: Dict, currency: str, renews_at: datetime
) -> Dict:
    return {
        "effective": target.effective,
        "effective_at": effective_at,
        "due_now": bill(due) if due else nothing(currency),
        "at_renewal": bill(renewal),
        "renews_at": renews_at,
    }


def _end_of(invoice: Mapping[str, Any]) -> datetime:
    """When the period is over that an invoice of this moment begins. Its lines of usage are of the one before."""
    return _moment(max(line["period"]["end"] for line in invoice["lines"]["data"]))


def bill(invoice: Mapping[str, Any]) -> Bill:
    """An invoice of Stripe's, as it is shown."""
    return Bill(
        currency=invoice["currency"],
        subtotal=invoice["subtotal"],
        discount=sum(each["amount"] for each in invoice.get("total_discount_amounts") or ()),
        tax=sum(each["amount"] for each in invoice.get("total_taxes") or ()),
        total=invoice["total"],
        amount_due=invoice["amount_due"],
        lines=tuple(map(_line, invoice["lines"]["data"])),
    )


def nothing(currency: str) -> Bill:
    """Where nothing is charged."""
    return Bill(currency=currency, subtotal=0, discount=0, tax=0, total=0, amount_due=0, lines=())


def _line(line: Mapping[str, Any]) -> Line:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return Line(
        description=line["description"] or "",
        amount=line["amount"],
        currency=line["currency"],
        quantity=line.get("quantity"),
        proration=bool(details.get("proration")),
        period_start=_moment(line["period"]["start"]),
        period_end=_moment(line["period"]["end"]),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
