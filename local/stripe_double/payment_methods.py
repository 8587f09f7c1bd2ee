"""Payment methods: cards, and whom they belong to."""

from datetime import UTC, datetime
from typing import Any

from local.stripe_double import cards
from local.stripe_double.listing import PAGING, page
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.refusals import Refused, declined, invalid, missing
from local.stripe_double.routes import Route, listing
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/payment_methods"
_MOST_YEARS = 50
_CARD: dict[str, Any] = {"number": str, "exp_month": int, "exp_year": int, "cvc": str, "token": str}


def create(world: World, given: Given) -> Obj:
    """Of type card, by a number that is one of Stripe's test cards."""
    asked = given.get("card") or {}
    card = cards.known(asked.get("number") or asked.get("token") or "")
    if card is None:
        raise declined("Your card number is incorrect.", code="incorrect_number", extra={"param": "number"})
    return world.render(of_card(world, card, given))


def of_card(world: World, card: cards.Card, given: Given | None = None) -> Obj:
    """A new payment method that belongs to nobody yet. Raises Refused where it is no longer good."""
    given = given or {}
    until = {
        name: each for name in ("exp_month", "exp_year") if (each := (given.get("card") or {}).get(name)) is not None
    }
    _require_good(world, **until)
    blank: Obj = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    return world.make(
        "payment_method",
        "pm",
        allow_redisplay="unspecified",
        billing_details=blank | (given.get("billing_details") or {}),
        card=_face(card) | until,
        customer=None,
        customer_account=None,
        metadata=merged({}, given.get("metadata")),
        type="card",
        _number=card.number,
    )


def _require_good(world: World, exp_month: int = 12, exp_year: int | None = None) -> None:
    """Through the month that is on it."""
    today = datetime.fromtimestamp(world.now(), UTC)
    year = today.year if exp_year is None else exp_year
    if not today.year <= year <= today.year + _MOST_YEARS:
        raise _misdated("year")
    if not 1 <= exp_month <= 12 or (year, exp_month) < (today.year, today.month):  # noqa: PLR2004 (months)
        raise _misdated("month")


def _misdated(part: str) -> Refused:
    message = f"Your card's expiration {part} is invalid."
    return declined(message, code=f"invalid_expiry_{part}", extra={"param": f"exp_{part}"})


def attach(world: World, given: Given, wanted: str) -> Obj:
    """Saves it on the customer; a card that the bank refuses is refused here."""
    customer = world.customer(given["customer"], param="customer")
    method = _found(world, wanted)
    if method["customer"] == customer["id"]:
        return world.render(method)
    if method["customer"] or method.get("_detached"):
        raise invalid(
            "The payment method you provided has already been attached to a customer."
            if method["customer"]
            else "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            code=None,
        )
    card = card_of(method)
    if card.refuses and not card.attaches:
        raise refusal(card.refuses)
    with world.changing(method, "payment_method.attached"):
        method["customer"] = customer["id"]
        world.store.belong(method)
    return world.render(method)


def detach(world: World, _: Given, wanted: str) -> Obj:
    """It cannot be used again; whoever had it as default has none."""
    method = world.store.get("payment_method", wanted)
    if not method["customer"]:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = world.store.get("customer", method["customer"])
    with world.changing(customer):
        if customer["invoice_settings"]["default_payment_method"] == wanted:
            customer["invoice_settings"] = customer["invoice_settings"] | {"default_payment_method": None}
    for each in world.store.all("subscription", customer["id"]):
        with world.changing(each):
            if each["default_payment_method"] == wanted:
                each["default_payment_method"] = None
    with world.changing(method, "payment_method.detached"):
        method.update(customer=None, _detached=True, _customer=customer["id"])
    return world.render(method)


def update(world: World, given: Given, wanted: str) -> Obj:
    """Expiry, billing details and metadata."""
    method = world.store.get("payment_method", wanted)
    with world.changing(method):
        if given.get("card"):
            method["card"] = method["card"] | given["card"]
        if given.get("billing_details"):
            method["billing_details"] = method["billing_details"] | given["billing_details"]
        if "metadata" in given:
            method["metadata"] = merged(method["metadata"], given["metadata"])
    return world.render(method)


def default_of(world: World, customer: str, *preferred: str | None) -> Obj | None:
    """The first that is named and still attached; at last the customer's own default."""
    owner = world.store.get("customer", customer)
    for wanted in (*preferred, owner["invoice_settings"]["default_payment_method"]):
        if wanted and world.store.objects[wanted]["customer"] == customer:
            return world.store.objects[wanted]
    return None


def card_of(method: Obj) -> cards.Card:
    """The test card behind a payment method."""
    return cards.BY_NUMBER[method["_number"]]


def refusal(answer: cards.Answer, **extra: Any) -> Exception:  # noqa: ANN401 - JSON
    """The card's answer as the error that Stripe sends."""
    return declined(answer.message, code=answer.code, decline_code=answer.decline_code, extra=extra)


def _found(world: World, wanted: str) -> Obj:
    card = cards.known(wanted)
    return of_card(world, card) if card else world.store.get("payment_method", wanted)


def _face(card: cards.Card) -> Obj:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": card.fingerprint,
        "funding": "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _of_customer(world: World, given: Given, customer: str) -> Obj:
    world.customer(customer)
    found = list(reversed(world.store.all("payment_method", customer)))
    attached = [each for each in found if each["customer"] == customer and given.get("type") in (None, each["type"])]
    return page(attached, given, url=f"/v1/customers/{customer}/payment_methods", render=world.render)


def _one_of_customer(world: World, _: Given, customer: str, wanted: str) -> Obj:
    method = world.store.get("payment_method", wanted)
    if method["customer"] != customer:
        raise missing("payment_method", wanted)
    return world.render(method)


def _retrieve(world: World, _: Given, wanted: str) -> Obj:
    return world.render(_found(world, wanted))


ROUTES = [
    Route(
        "POST",
        PATH,
        create,
        {"type": Need(str), "card": _CARD, "billing_details": FREE, "metadata": METADATA, "allow_redisplay": str},
    ),
    listing("payment_method", PATH, dated=False, customer=str, type=str),
    Route("GET", f"{PATH}/{{}}", _retrieve),
    Route(
        "POST",
        f"{PATH}/{{}}",
        update,
        {"billing_details": FREE, "metadata": METADATA, "card": {"exp_month": int, "exp_year": int}},
    ),
    Route("POST", f"{PATH}/{{}}/attach", attach, {"customer": Need(str)}),
    Route("POST", f"{PATH}/{{}}/detach", detach),
    Route("GET", "/v1/customers/{}/payment_methods", _of_customer, PAGING | {"type": str, "allow_redisplay": str}),
    Route("GET", "/v1/customers/{}/payment_methods/{}", _one_of_customer),
]
