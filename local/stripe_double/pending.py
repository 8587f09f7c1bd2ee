"""Changes that wait for their payment: the subscription stays what it was until the invoice is paid, for 23 hours."""

from local.stripe_double import collection, discounts, items
from local.stripe_double.params import Given
from local.stripe_double.store import Obj, duplicate
from local.stripe_double.world import World

_HOURS_23 = 23 * 3600
_OF_INVOICES = ("invoice", "payment_intent", "charge", "invoice_payment")


def keep(world: World, subscription: Obj, invoice: Obj, marked: dict[str, Obj], given: Given) -> None:
    """Go back to what was before the change, but for the invoice and what belongs to it; remember the change."""
    customer = subscription["customer"]
    wanted = {each["id"]: duplicate(each) for each in (subscription, *items.of(world, subscription))}
    stays = {
        each["id"]: duplicate(each)
        for each in (world.store.objects[customer], *_of(world, invoice), *_new_discounts(world, customer, marked))
    }
    shown = [world.render(each) for each in items.of(world, subscription)]
    world.undo(customer, marked)
    for kept in stays.values():
        if kept["id"] in world.store.objects:
            world.store.objects[kept["id"]].update(kept)
        else:
            world.note(world.store.add(kept))
    again = world.store.objects[invoice["id"]]
    waited = [each for each, was in marked.items() if was["object"] == "invoiceitem" and was["invoice"] is None]
    again.update(_pending=wanted, _waited=waited, next_payment_attempt=None)
    expires = min(
        [world.now(customer) + _HOURS_23, *(each["current_period_end"] for each in items.of(world, subscription))]
    )
    fresh = [each["id"] for each in stays.values() if each["object"] == "discount"]
    subscription.update(latest_invoice=again["id"], pending_update=_shown(given, shown, expires, fresh))


def _of(world: World, invoice: Obj) -> list[Obj]:
    found = [each for kind in _OF_INVOICES for each in world.store.all(kind, invoice["customer"])]
    own = [each for each in found if invoice["id"] in (each["id"], each.get("invoice"), each.get("_invoice"))]
    charges = [each for each in found if each.get("payment_intent") == invoice.get("_intent")]
    waited = [each for each in world.store.all("invoiceitem", invoice["customer"]) if each["invoice"] == invoice["id"]]
    return [*own, *charges, *waited]


def _new_discounts(world: World, customer: str, marked: dict[str, Obj]) -> list[Obj]:
    return [each for each in world.store.all("discount", customer) if each["id"] not in marked]


def apply(world: World, subscription: Obj, invoice: Obj) -> None:
    """The invoice is paid: the subscription becomes what was asked for."""
    wanted = invoice.pop("_pending")
    if wanted is True:
        return
    redeemed = (subscription["pending_update"] or {}).get("discounts") or ()
    with world.changing(subscription):
        for each in wanted.values():
            if each["id"] in world.store.objects:
                world.store.objects[each["id"]].update(each)
            else:
                world.store.add(each)
        for each in redeemed:
            discounts.count(world, each)
        subscription.update(pending_update=None, latest_invoice=invoice["id"])
    world.announce("customer.subscription.pending_update_applied", subscription)


def expire(world: World, subscription: Obj) -> None:
    """Nobody paid in time."""
    with world.changing(subscription):
        forsake(world, subscription)
    world.announce("customer.subscription.pending_update_expired", subscription)


def forsake(world: World, subscription: Obj) -> None:
    """The change is given up, its invoice void."""
    for invoice in world.store.all("invoice", subscription["customer"]):
        if subscription["id"] in (invoice.get("_pending") or {}) and invoice["status"] == "open":
            collection.close(world, invoice, "void")
            invoice.pop("_pending")
            for each in invoice["_waited"]:
                world.store.objects[each]["invoice"] = None
    subscription["pending_update"] = None


def _shown(given: Given, shown: list[Obj], expires: int, fresh: list[str]) -> Obj:
    until = given.get("trial_end")
    return {
        "billing_cycle_anchor": None,
        "cancel_at_period_end": given.get("cancel_at_period_end"),
        "discounts": fresh or None,
        "expires_at": expires,
        "metadata": given.get("metadata"),
        "subscription_items": shown if given.get("items") else None,
        "trial_end": until if until != "now" else None,
        "trial_from_plan": None,
    }


collection.AFTERWARDS["change paid"] = apply
