"""Refunds: money goes back to the card, all of it or a part."""

from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import embedded
from local.stripe_double.params import METADATA, Given, merged
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/refunds"


def create(world: World, given: Given) -> Obj:
    """Of a charge, or of the charge behind a payment intent; never more than is left of it."""
    charge = _charge(world, given)
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if given.get("amount") is None else given["amount"]
    if not charge["paid"] or charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if not 0 < amount <= left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount")
    refund = world.make(
        "refund",
        "re",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        customer_account=None,
        destination_details={"card": {"type": "refund"}, "type": "card"},
        metadata=merged({}, given.get("metadata")),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=given.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    world.announce("refund.created", refund)
    with world.changing(charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return world.render(refund)


def _charge(world: World, given: Given) -> Obj:
    if given.get("charge"):
        return world.store.get("charge", given["charge"], param="charge")
    if not given.get("payment_intent"):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    intent = world.store.get("payment_intent", given["payment_intent"], param="payment_intent")
    if not intent["latest_charge"]:
        raise missing("charge", intent["id"], param="payment_intent")
    return world.store.objects[intent["latest_charge"]]


def _update(world: World, given: Given, wanted: str) -> Obj:
    refund = world.store.get("refund", wanted)
    with world.changing(refund):
        refund["metadata"] = merged(refund["metadata"], given.get("metadata"))
    return world.render(refund)


def _of_charge(world: World, charge: Obj) -> object:
    found = [world.render(each) for each in reversed(world.store.all("refund")) if each["charge"] == charge["id"]]
    return embedded(found, f"/v1/charges/{charge['id']}/refunds")


EXTRAS["charge", "refunds"] = _of_charge

ROUTES = [
    Route(
        "POST",
        PATH,
        create,
        {"amount": int, "charge": str, "payment_intent": str, "reason": str, "metadata": METADATA},
    ),
    listing("refund", PATH, charge=str, payment_intent=str),
    retrieving("refund", PATH),
    Route("POST", f"{PATH}/{{}}", _update, {"metadata": METADATA}),
]
