"""Payment intents and charges: one attempt at a card, and what came of it."""

from typing import Any

from local.stripe_double import cards, disputes
from local.stripe_double.payment_methods import card_of
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World


def prepare(world: World, invoice: Obj) -> Obj:
    """The payment intent of a finalised invoice, and the invoice payment that ties the two."""
    intent = _intent(world, invoice["customer"], invoice["amount_due"], invoice["currency"], invoice["id"])
    payment = world.make(
        "invoice_payment",
        "inpay",
        amount_paid=None,
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"payment_intent": intent["id"], "type": "payment_intent"},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
        _customer=invoice["customer"],
    )
    invoice["_intent"], invoice["_payment"] = intent["id"], payment["id"]
    world.announce("payment_intent.created", intent)
    return intent


def attempt(world: World, intent: Obj, method: Obj, *, present: bool) -> cards.Answer | None:
    """One charge of the card; the card's answer where it refuses. `present`: the cardholder is there to confirm."""
    card = card_of(method)
    answer = card.refuses
    if card.authenticates and not present:
        answer = cards.Answer(
            "authentication_required",
            "Your card was declined. This transaction requires authentication.",
            "authentication_required",
        )
    charge = _charge(world, intent, method, answer)
    with world.changing(intent, "payment_intent.payment_failed" if answer else "payment_intent.succeeded"):
        intent.update(latest_charge=charge["id"], payment_method=None if answer else method["id"])
        if answer:
            intent.update(status="requires_payment_method", last_payment_error=_error(world, answer, charge, method))
        else:
            intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    if card.disputes and not answer:
        disputes.open_one(world, charge, card.disputes)
    return answer


def cancel(world: World, intent: Obj, reason: str) -> None:
    """It will not be paid any more."""
    if intent["status"] in ("succeeded", "canceled"):
        return
    now = world.now(intent["customer"])
    with world.changing(intent, "payment_intent.canceled"):
        intent.update(status="canceled", canceled_at=now, cancellation_reason=reason)


def settle(world: World, invoice: Obj) -> None:
    """The invoice payment is done."""
    payment = world.store.objects[invoice["_payment"]]
    with world.changing(payment, "invoice_payment.paid"):
        payment.update(status="paid", amount_paid=payment["amount_requested"])
        payment["status_transitions"] = {"canceled_at": None, "paid_at": world.now(invoice["customer"])}


def forsake(world: World, invoice: Obj) -> None:
    """The invoice is over without having been paid: neither is its payment expected."""
    payment = world.store.objects.get(invoice.get("_payment") or "")
    if payment and payment["status"] == "open":
        payment["status"] = "canceled"
        payment["status_transitions"] = {"canceled_at": world.now(invoice["customer"]), "paid_at": None}
        cancel(world, world.store.objects[invoice["_intent"]], "void_invoice")


def _intent(world: World, customer: str, amount: int, currency: str, invoice: str | None) -> Obj:
    wanted = new_id("pi")
    return world.make(
        "payment_intent",
        "pi",
        id=wanted,
        **dict.fromkeys(_NOTHING_OF_INTENTS.split()),
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        automatic_payment_methods=None,
        capture_method="automatic",
        client_secret=f"{wanted}_secret_{new_id('s')[2:]}",
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description="Subscription creation" if invoice else None,
        metadata={},
        payment_method_types=["card"],
        setup_future_usage="off_session" if invoice else None,
        status="requires_payment_method",
        _invoice=invoice,
    )


_NOTHING_OF_INTENTS = (
    "application application_fee_amount canceled_at cancellation_reason customer_account last_payment_error "
    "latest_charge next_action on_behalf_of payment_method processing receipt_email review shipping source "
    "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
)
_NOTHING_OF_CHARGES = (
    "application application_fee application_fee_amount balance_transaction failure_balance_transaction on_behalf_of "
    "receipt_email receipt_number review shipping source_transfer statement_descriptor statement_descriptor_suffix "
    "transfer_data transfer_group"
)


def _charge(world: World, intent: Obj, method: Obj, answer: cards.Answer | None) -> Obj:
    charge = world.make(
        "charge",
        "ch",
        **dict.fromkeys(_NOTHING_OF_CHARGES.split()),
        amount=intent["amount"],
        amount_captured=0 if answer else intent["amount"],
        amount_refunded=0,
        billing_details=dict(method["billing_details"]),
        calculated_statement_descriptor="DOUBLE",
        captured=answer is None,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=answer.code if answer else None,
        failure_message=answer.message if answer else None,
        fraud_details={},
        metadata={},
        outcome=_outcome(answer),
        paid=answer is None,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"card": _face(method), "type": "card"},
        receipt_url=None if answer else f"{world.settings.pages}/receipts/{intent['id']}",
        refunded=False,
        status="failed" if answer else "succeeded",
    )
    world.announce("charge.failed" if answer else "charge.succeeded", charge)
    return charge


def _outcome(answer: cards.Answer | None) -> Obj:
    return {
        "network_status": "declined_by_network" if answer else "approved_by_network",
        "reason": answer.decline_code if answer else None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline."
        if answer
        else "Payment complete.",
        "type": "issuer_declined" if answer else "authorized",
    }


def _face(method: Obj) -> Obj:
    names = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {name: method["card"][name] for name in names} | {"network": method["card"]["brand"]}


def _error(world: World, answer: cards.Answer, charge: Obj, method: Obj) -> dict[str, Any]:
    return {
        "charge": charge["id"],
        "code": answer.code,
        "decline_code": answer.decline_code,
        "message": answer.message,
        "payment_method": world.render(method),
        "type": "card_error",
    }
