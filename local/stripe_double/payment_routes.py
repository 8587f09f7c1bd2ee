"""The addresses of payment intents, setup intents and charges."""

from local.stripe_double import collection, payment_methods, payments
from local.stripe_double.params import FREE, METADATA, Given, merged
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

INTENTS, SETUPS, CHARGES = "/v1/payment_intents", "/v1/setup_intents", "/v1/charges"


def confirm(world: World, given: Given, wanted: str) -> Obj:
    """Pay an invoice's intent with the cardholder there; raises Refused where the card declines."""
    intent = world.store.get("payment_intent", wanted)
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    method = _method(world, intent, given.get("payment_method"))
    invoice = world.store.objects[intent["_invoice"]]
    answer = collection.attempt(world, invoice, method, present=not given.get("off_session"), retry=False)
    if answer:
        raise payment_methods.refusal(answer, payment_intent=world.render(intent))
    return world.render(intent)


def _method(world: World, intent: Obj, wanted: str | None) -> Obj:
    if wanted:
        attached = payment_methods.attach(world, {"customer": intent["customer"]}, wanted)
        return world.store.objects[attached["id"]]
    found = payment_methods.default_of(world, intent["customer"])
    if found is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    return found


def setup(world: World, given: Given) -> Obj:
    """A payment method is prepared for later; with `confirm` it is attached at once."""
    if given.get("customer"):
        world.customer(given["customer"], param="customer")
    wanted = new_id("seti")
    intent = world.make(
        "setup_intent",
        "seti",
        id=wanted,
        application=None,
        automatic_payment_methods=None,
        cancellation_reason=None,
        client_secret=f"{wanted}_secret_{new_id('s')[2:]}",
        customer=given.get("customer"),
        customer_account=None,
        description=given.get("description"),
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=merged({}, given.get("metadata")),
        next_action=None,
        on_behalf_of=None,
        payment_method=None,
        payment_method_types=["card"],
        single_use_mandate=None,
        status="requires_payment_method",
        usage=given.get("usage") or "off_session",
    )
    world.announce("setup_intent.created", intent)
    if given.get("confirm"):
        return _confirm_setup(world, given, wanted)
    return world.render(intent)


def _confirm_setup(world: World, given: Given, wanted: str) -> Obj:
    intent = world.store.get("setup_intent", wanted)
    if not given.get("payment_method"):
        raise invalid("Missing required param: payment_method.", param="payment_method", code="parameter_missing")
    method = payment_methods.attach(world, {"customer": intent["customer"]}, given["payment_method"])
    with world.changing(intent, "setup_intent.succeeded"):
        intent.update(status="succeeded", payment_method=method["id"])
    return world.render(intent)


def _cancel(world: World, _: Given, wanted: str) -> Obj:
    intent = world.store.get("payment_intent", wanted)
    payments.cancel(world, intent, "requested_by_customer")
    return world.render(intent)


ROUTES = [
    listing("payment_intent", INTENTS, customer=str),
    retrieving("payment_intent", INTENTS),
    Route("POST", f"{INTENTS}/{{}}/confirm", confirm, {"payment_method": str, "off_session": bool, "return_url": str}),
    Route("POST", f"{INTENTS}/{{}}/cancel", _cancel),
    Route(
        "POST",
        SETUPS,
        setup,
        {
            "confirm": bool,
            "customer": str,
            "description": str,
            "metadata": METADATA,
            "payment_method": str,
            "usage": str,
            "automatic_payment_methods": FREE,
        },
    ),
    listing("setup_intent", SETUPS, customer=str, payment_method=str),
    retrieving("setup_intent", SETUPS),
    Route("POST", f"{SETUPS}/{{}}/confirm", _confirm_setup, {"payment_method": str}),
    listing("charge", CHARGES, customer=str, payment_intent=str),
    retrieving("charge", CHARGES),
]
