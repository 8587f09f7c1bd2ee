"""The test cards that Stripe documents: how each looks, and how it answers a charge."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """How a card says no; `decline_code` where the bank gave one."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True)
class Card:
    """`refuses` is the answer to every charge, `attaches` whether it can be saved at all, `disputes` the reason."""

    number: str
    brand: str = "visa"
    refuses: Answer | None = None
    attaches: bool = True
    disputes: str | None = None
    authenticates: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for one number each time."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _declined(decline_code: str) -> Answer:
    return Answer("card_declined", "Your card was declined.", decline_code)


_SHORT = Answer("card_declined", "Your card has insufficient funds.", "insufficient_funds")
_EXPIRED = Answer("expired_card", "Your card has expired.", "expired_card")
_CVC = Answer("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc")
_PROCESSING = Answer(
    "processing_error", "An error occurred while processing your card. Try again in a little bit.", "processing_error"
)

_ALL = (
    Card("4242424242424242"),
    Card("4000056655665556"),
    Card("5555555555554444", brand="mastercard"),
    Card("378282246310005", brand="amex"),
    Card("4000000000000341", refuses=_declined("generic_decline")),
    Card("4000000000000002", refuses=_declined("generic_decline"), attaches=False),
    Card("4000000000009995", refuses=_SHORT, attaches=False),
    Card("4000000000009987", refuses=_declined("lost_card"), attaches=False),
    Card("4000000000009979", refuses=_declined("stolen_card"), attaches=False),
    Card("4000000000000069", refuses=_EXPIRED, attaches=False),
    Card("4000000000000127", refuses=_CVC, attaches=False),
    Card("4000000000000119", refuses=_PROCESSING, attaches=False),
    Card("4000000000000259", disputes="fraudulent"),
    Card("4000000000002685", disputes="product_not_received"),
    Card("4000002500003155", authenticates=True),
    Card("4000002760003184", authenticates=True),
)
BY_NUMBER = {card.number: card for card in _ALL}
BY_NAME = {
    "pm_card_visa": BY_NUMBER["4242424242424242"],
    "pm_card_visa_debit": BY_NUMBER["4000056655665556"],
    "pm_card_mastercard": BY_NUMBER["5555555555554444"],
    "pm_card_amex": BY_NUMBER["378282246310005"],
    "pm_card_chargeCustomerFail": BY_NUMBER["4000000000000341"],
    "pm_card_visa_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_visa_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
    "pm_card_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
    "pm_card_visa_chargeDeclinedLostCard": BY_NUMBER["4000000000009987"],
    "pm_card_visa_chargeDeclinedStolenCard": BY_NUMBER["4000000000009979"],
    "pm_card_chargeDeclinedExpiredCard": BY_NUMBER["4000000000000069"],
    "pm_card_chargeDeclinedIncorrectCvc": BY_NUMBER["4000000000000127"],
    "pm_card_chargeDeclinedProcessingError": BY_NUMBER["4000000000000119"],
    "pm_card_createDispute": BY_NUMBER["4000000000000259"],
    "pm_card_createDisputeProductNotReceived": BY_NUMBER["4000000000002685"],
    "pm_card_authenticationRequired": BY_NUMBER["4000002760003184"],
    "pm_card_authenticationRequiredOnSetup": BY_NUMBER["4000002500003155"],
}
BY_NAME |= {name.replace("pm_card_", "tok_"): card for name, card in BY_NAME.items()}


def known(card: str) -> Card | None:
    """By number, spaces allowed, or by the name of a test payment method."""
    return BY_NUMBER.get(card.replace(" ", "")) or BY_NAME.get(card)
