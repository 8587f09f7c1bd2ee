"""The lines of invoices: whole periods, usage, and parts of periods that wait as invoice items."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.stripe_double import items, meters, prices, pricing, prorations
from local.stripe_double.discounting import net
from local.stripe_double.discounts import coupons_of, running
from local.stripe_double.prorations import Debit
from local.stripe_double.rounding import decimal_text
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

type Period = tuple[int, int]

_TIMES = "×"  # noqa: RUF001 - as Stripe writes it


def of_period(world: World, subscription: Obj, item: Obj) -> list[Obj]:
    """The item's current period in full, one line for each tier."""
    price = items.price_of(world, item)
    span = (item["current_period_start"], item["current_period_end"])
    found = pricing.portions(price, Decimal(item["quantity"]))
    return [_portion(world, subscription, item, each, span) for each in found]


def of_trial(world: World, subscription: Obj, item: Obj) -> Obj:
    """A trial costs nothing and says so."""
    price = items.price_of(world, item)
    span = (item["current_period_start"], item["current_period_end"])
    text = f"Trial period for {_name(world, price)}"
    line = _line(world, subscription, price, amount=0, quantity=Decimal(item["quantity"]), text=text, span=span)
    return line | {"parent": _of_item(subscription, item)}


def of_usage(world: World, subscription: Obj, item: Obj, span: Period) -> list[Obj]:
    """What the meter counted in a period, from the moment on which the item is billed; a draft is counted anew."""
    return _usage(world, subscription, item, span, since=max(span[0], item["_usage_from"]))


def _usage(world: World, subscription: Obj, item: Obj, span: Period, *, since: int) -> list[Obj]:
    price = items.price_of(world, item)
    used = meters.used(world, price["recurring"]["meter"], subscription["customer"], (since, span[1]))
    found = [_portion(world, subscription, item, each, span) for each in pricing.portions(price, used)]
    return [each | {"_usage": item["id"], "_price": price["id"], "_since": since} for each in found]


def credit(world: World, subscription: Obj, item: Obj, at: int) -> None:
    """Give back the unused time of what was charged for the item: an invoice item for each debit."""
    price, charged = items.price_of(world, item), items.debits(item)
    for amount, debit in prorations.credited(charged, at):
        text = f"Unused time on {_counted(world, price, debit.quantity)} after {_day(at)}"
        _wait(
            world,
            subscription,
            item,
            amount=amount,
            quantity=debit.quantity,
            text=text,
            span=(at, debit.end),
            credited=debit,
        )
    items.keep_debits(item, prorations.spent(charged, at))


def charge(world: World, subscription: Obj, item: Obj, at: int) -> None:
    """Ask for the time from a moment to the end of the item's period, at its price and quantity, net of discounts."""
    price = items.price_of(world, item)
    start, end = items.full_period(world, item, subscription["billing_cycle_anchor"])
    coupons = coupons_of(world, running(world, subscription))
    whole = net(coupons, items.cost(world, item), price["product"])
    amount = prorations.remaining(whole, start=start, end=end, at=at)
    text = f"Remaining time on {_counted(world, price, item['quantity'])} after {_day(at)}"
    waiting = _wait(world, subscription, item, amount=amount, quantity=item["quantity"], text=text, span=(at, end))
    debit = Debit(amount=amount, start=at, end=end, quantity=item["quantity"], line=waiting["id"])
    items.keep_debits(item, [*items.debits(item), debit])


def owed_usage(world: World, subscription: Obj, item: Obj, at: int) -> None:
    """Usage up to a moment, of an item that goes or starts anew, waits for the next invoice."""
    span = (item["current_period_start"], at)
    for line in of_usage(world, subscription, item, span):
        if line["amount"]:
            _wait(
                world,
                subscription,
                item,
                amount=line["amount"],
                quantity=line["quantity"],
                text=line["description"],
                span=span,
                proration=False,
            )


def recount(world: World, subscription: Obj, draft: list[Obj]) -> list[Obj]:
    """The lines with usage counted as of now."""
    found: list[Obj] = []
    for line in draft:
        if "_usage" not in line:
            found.append(line)
        elif not any(each.get("_usage") == line["_usage"] for each in found):
            item = world.store.objects[line["_usage"]] | {"_price": line["_price"]}
            span = (line["period"]["start"], line["period"]["end"])
            found += _usage(world, subscription, item, span, since=line["_since"])
    return found


def of_waiting(waiting: Obj) -> Obj:
    """The line that an invoice item becomes."""
    return {
        **_blank(),
        "amount": waiting["amount"],
        "currency": waiting["currency"],
        "description": waiting["description"],
        "discountable": waiting["discountable"],
        "metadata": dict(waiting["metadata"]),
        "parent": waiting["_parent"],
        "period": dict(waiting["period"]),
        "pricing": waiting["pricing"],
        "quantity": waiting["quantity"],
        "quantity_decimal": waiting["quantity_decimal"],
        "subscription": waiting["_subscription"],
        "subtotal": waiting["amount"],
        "_item": waiting["id"],
    }


def _wait(  # noqa: PLR0913 - an invoice item has as many parts
    world: World,
    subscription: Obj,
    item: Obj,
    *,
    amount: int,
    quantity: int | None,
    text: str,
    span: Period,
    proration: bool = True,
    credited: Debit | None = None,
) -> Obj:
    price = items.price_of(world, item)
    waiting = world.make(
        "invoiceitem",
        "ii",
        amount=amount,
        currency=price["currency"],
        customer=subscription["customer"],
        customer_account=None,
        date=world.now(subscription["customer"]),
        description=text,
        discountable=not proration,
        discounts=[],
        invoice=None,
        metadata={},
        net_amount=amount,
        parent={
            "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
            "type": "subscription_details",
        },
        period={"start": span[0], "end": span[1]},
        pricing=_pricing(price, Decimal(price["unit_amount_decimal"] or 0)),
        proration=proration,
        proration_details=None,
        quantity=quantity or 0,
        quantity_decimal=str(quantity or 0),
        tax_rates=[],
        test_clock=world.clock_of(subscription["customer"]),
        _subscription=subscription["id"],
    )
    details = _of_item(subscription, item)
    details["subscription_item_details"] |= {"invoice_item": waiting["id"], "proration": proration}
    if credited and credited.invoice:
        cause = {"invoice": credited.invoice, "invoice_line_items": [credited.line]}
        details["subscription_item_details"]["proration_details"] = {"credited_items": cause}
    waiting["_parent"] = details
    world.announce("invoiceitem.created", waiting)
    return waiting


def _portion(world: World, subscription: Obj, item: Obj, part: pricing.Portion, span: Period) -> Obj:
    price = items.price_of(world, item)
    rate = _rate(price, part)
    text = f"{_count(part.quantity)} {_TIMES} {_name(world, price)} ({rate})"
    line = _line(world, subscription, price, amount=part.amount, quantity=part.quantity, text=text, span=span)
    return line | {"parent": _of_item(subscription, item), "pricing": _pricing(price, part.unit_amount or Decimal(0))}


def _line(  # noqa: PLR0913 - a line has as many parts
    _: World, subscription: Obj, price: Obj, *, amount: int, quantity: Decimal, text: str, span: Period
) -> Obj:
    return {
        **_blank(),
        "amount": amount,
        "currency": price["currency"],
        "description": text,
        "metadata": dict(subscription["metadata"]),
        "period": {"start": span[0], "end": span[1]},
        "pricing": _pricing(price, Decimal(price["unit_amount_decimal"] or 0)),
        "quantity": int(quantity),
        "quantity_decimal": decimal_text(quantity),
        "subscription": subscription["id"],
        "subtotal": amount,
    }


def _blank() -> Obj:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "pretax_credit_amounts": [],
        "taxes": [],
    }


def _pricing(price: Mapping[str, Any], unit: Decimal) -> Obj:
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": decimal_text(unit),
    }


def _of_item(subscription: Obj, item: Obj) -> Obj:
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}


def _rate(price: Obj, part: pricing.Portion) -> str:
    recurring = price["recurring"]
    rhythm = (
        recurring["interval"]
        if recurring["interval_count"] == 1
        else "{interval_count} {interval}s".format(**recurring)
    )
    at = f"{decimal_text((part.unit_amount or Decimal(0)) / 100)} {price['currency'].upper()}"
    return f"Tier {part.tier} at {at} / {rhythm}" if part.tier else f"at {at} / {rhythm}"


def _counted(world: World, price: Obj, quantity: int | None) -> str:
    name = _name(world, price)
    return name if quantity in (None, 1) else f"{quantity} {_TIMES} {name}"


def _name(world: World, price: Obj) -> str:
    return str(world.store.objects[price["product"]]["name"])


def _count(quantity: Decimal) -> str:
    return decimal_text(quantity)


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %b %Y}"


def billable(world: World, item: Obj) -> bool:
    """Whether a period is paid for in advance."""
    return not prices.metered(items.price_of(world, item))
