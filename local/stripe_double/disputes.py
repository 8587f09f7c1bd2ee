"""Disputes: a cardholder asks the bank for the money back."""

from local.stripe_double.params import FREE, METADATA, Given
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/disputes"
_DUE_SECONDS = 14 * 86400


def open_one(world: World, charge: Obj, reason: str = "fraudulent") -> Obj:
    """The money is withdrawn at once; the charge says that it is disputed."""
    dispute = world.make(
        "dispute",
        "du",
        amount=charge["amount"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": world.now(charge["customer"]) + _DUE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        is_charge_refundable=False,
        metadata={},
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details={"card": {"brand": "visa", "case_type": "chargeback"}, "type": "card"},
        reason=reason,
        status="needs_response",
        _customer=charge["customer"],
    )
    with world.changing(charge):
        charge["disputed"] = True
    world.announce("charge.dispute.created", dispute)
    world.announce("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _update(world: World, given: Given, wanted: str) -> Obj:
    """Evidence of the text `winning_evidence` or `losing_evidence` decides it, as in Stripe's test mode."""
    dispute = world.store.get("dispute", wanted)
    evidence = given.get("evidence") or {}
    with world.changing(dispute):
        dispute["evidence"] = dispute["evidence"] | evidence
        dispute["evidence_details"] = dispute["evidence_details"] | {"has_evidence": bool(dispute["evidence"])}
    word = evidence.get("uncategorized_text")
    if word in ("winning_evidence", "losing_evidence"):
        settle(world, dispute, "won" if word == "winning_evidence" else "lost")
    return world.render(dispute)


def _close(world: World, _: Given, wanted: str) -> Obj:
    dispute = world.store.get("dispute", wanted)
    settle(world, dispute, "lost")
    return world.render(dispute)


def settle(world: World, dispute: Obj, status: str) -> None:
    """It is over; what was won comes back."""
    with world.changing(dispute, "charge.dispute.closed"):
        dispute["status"] = status
    if status == "won":
        world.announce("charge.dispute.funds_reinstated", dispute)


ROUTES = [
    listing("dispute", PATH, charge=str, payment_intent=str),
    retrieving("dispute", PATH),
    Route("POST", f"{PATH}/{{}}", _update, {"evidence": FREE, "metadata": METADATA, "submit": bool}),
    Route("POST", f"{PATH}/{{}}/close", _close),
]
