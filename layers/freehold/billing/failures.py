"""Why an invoice was not paid, in words that its customer reads, and what can be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEEDS_PERSON = ("requires_action", "authentication_required", "authentication_not_handled")
"""Statuses of a payment, and codes of what became of it, behind which nothing is wrong: its bank wants to ask."""
DECLINES: Mapping[str, str] = {
    "insufficient_funds": "Your bank says that there are not enough funds.",
    "expired_card": "Your card has expired.",
    "lost_card": "Your bank has declined the card.",
    "stolen_card": "Your bank has declined the card.",
    "incorrect_cvc": "The security code of your card is not right.",
    "processing_error": "Your bank could not process the payment just now.",
}
"""By the bank's own code; of what could tell a thief something, nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaid:
    """Why, and where it is put right. Decide by `code`."""

    code: str
    sentence: str
    link: str | None

    @property
    def needs_person(self) -> bool:
        """Whether a person has to confirm it, and nothing else is wrong."""
        return self.code == "action_required"

    @property
    def way_out(self) -> str:
        """What one may do."""
        return f"Pay it here to have it after all: {self.link}" if self.link else "Give another card, and ask again."


def unpaid(invoice: Mapping[str, Any]) -> Unpaid:
    """Of an invoice with its payments."""
    link = invoice.get("hosted_invoice_url")
    payments = (invoice.get("payments") or {}).get("data") or []
    intents = [each["payment"].get("payment_intent") for each in payments]
    intent = next((each for each in reversed(intents) if isinstance(each, Mapping)), {})
    error = intent.get("last_payment_error") or {}
    if intent.get("status") in NEEDS_PERSON or error.get("code") in NEEDS_PERSON:
        return Unpaid(code="action_required", sentence="Your bank asks you to confirm this payment.", link=link)
    if not error:
        return Unpaid(code="payment_failed", sentence="There is no card that could be charged.", link=link)
    return Unpaid(code="payment_failed", sentence=said(error.get("decline_code") or error.get("code")), link=link)


def said(code: str | None) -> str:
    """What a bank's code means."""
    return DECLINES.get(code or "", "Your bank has declined the payment.")
