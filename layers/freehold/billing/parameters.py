"""What a target comes to in the parameters of Stripe's API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from freehold.billing.asking import Held
from freehold.billing.remote import SEATS, TENANT, Item
from freehold.billing.targets import Part, Target
from freehold.errors import PaymentsNotSetUp
from freehold.ids import TenantId

type Dict = dict[str, Any]
type Ids = Mapping[str, str]
"""Of prices, by what they are called."""


def new_items(target: Target, ids: Ids) -> list[Dict]:
    """Of a subscription that begins, a page that sells it, or a phase."""
    return [_with_quantity({"price": _price(part, ids)}, part) for part in target.parts]


def changed_items(target: Target, ids: Ids) -> list[Dict]:
    """Of a subscription that there is: what stays or becomes another, what comes, and what goes."""
    parts = [
        _with_quantity({**({"id": part.item} if part.item else {}), "price": _price(part, ids)}, part)
        for part in target.parts
    ]
    return [*parts, *({"id": item, "deleted": True} for item in target.gone)]


def discounts(code: str | None, *, remove: bool) -> Dict:
    """As a change says it; nothing where it stays as it is."""
    if remove:
        return {"discounts": ""}
    return {"discounts": [{"promotion_code": code}]} if code else {}


def at_once(target: Target, held: Held, ids: Ids, at: datetime) -> Dict:
    """A change that is charged now, as if it were made at that moment. If that fails, everything stays as it was."""
    if held.subscription.status == "trialing":
        return {"items": changed_items(target, ids), "proration_behavior": "none"}
    return {
        "items": changed_items(target, ids),
        "proration_behavior": "always_invoice",
        "proration_date": int(at.timestamp()),
    }


def phases(target: Target, held: Held, ids: Ids, schedule: Mapping[str, Any], seats: int | None) -> list[Dict]:
    """The period that is paid for, as it is; then what is wanted. Discounts go on, and do not begin anew."""
    running = schedule["current_phase"]["start_date"]
    now = next(each for each in schedule["phases"] if each["start_date"] == running)
    kept = {"discounts": [{"discount": each.id} for each in held.subscription.discounts] or ""}
    return [
        {
            "start_date": now["start_date"],
            "end_date": int(end.timestamp()) if (end := held.subscription.period_end) else now["end_date"],
            "items": [_as_it_is(item) for item in held.subscription.items],
            "proration_behavior": "none",
            **kept,
        },
        {
            "items": new_items(target, ids),
            "proration_behavior": "none",
            "duration": {"interval": target.interval, "interval_count": 1},
            "metadata": {"freehold_plan": target.plan, "freehold_interval": target.interval, **least(seats)},
            **kept,
        },
    ]


def metadata(tenant_id: TenantId, seats: int | None) -> dict[str, str]:
    """Whose it is, and how many seats it has at least where somebody has said so."""
    return {TENANT: str(tenant_id), **least(seats)}


def least(seats: int | None) -> dict[str, str]:
    """How many seats are paid for at least, however few members there are; as before where nobody says so."""
    return {SEATS: str(seats)} if seats else {}


def _price(part: Part, ids: Ids) -> str:
    if part.stays:
        return part.price
    if part.price not in ids:
        raise PaymentsNotSetUp(
            f"The price {part.price} is not known to our payment provider: run `freehold billing push`."
        )
    return ids[part.price]


def _with_quantity(item: Dict, part: Part) -> Dict:
    return item if part.quantity is None else {**item, "quantity": part.quantity}


def _as_it_is(item: Item) -> Dict:
    return {"price": item.price.id, **({} if item.quantity is None else {"quantity": item.quantity})}
