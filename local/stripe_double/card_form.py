"""What a page asks of whoever pays: a card of Stripe's test cards, and the name on it."""

from collections.abc import Mapping

from local.stripe_double.look import field
from local.stripe_double.refusals import invalid

DIGITS = 2
type Typed = Mapping[str, str]

_CARDS = {
    "4242 4242 4242 4242": "pays",
    "5555 5555 5555 4444": "pays, a Mastercard",
    "4000 0000 0000 0341": "can be saved, and then fails each payment",
    "4000 0000 0000 0002": "is declined",
    "4000 0000 0000 9995": "has too little money",
    "4000 0000 0000 0069": "has expired",
    "4000 0000 0000 0259": "pays, and the payment is disputed",
}


def card_fields(typed: Typed, *, says: str = "", required: bool = True) -> str:
    """Number, expiry and code; every test card is listed with what it does. `says` stands below."""
    options = "".join(f'<option value="{number}">{what}</option>' for number, what in _CARDS.items())
    rows = "".join(f"<li><code>{number}</code> {what}</li>" for number, what in _CARDS.items())
    number = field(
        "number",
        "Card number",
        typed.get("number", "4242 4242 4242 4242"),
        required=required,
        options="cards",
        hint="4242 …",
    )
    expiry = field("expiry", "Expires, month and year", typed.get("expiry", "12 / 34"))
    code = field("cvc", "Security code", typed.get("cvc", "123"))
    known = f'<datalist id="cards">{options}</datalist><details><summary>Test cards</summary><ul>{rows}</ul></details>'
    return f'<fieldset><legend>Card</legend>{number}<div class="row">{expiry}{code}</div>{says}{known}</fieldset>'


def name_fields(typed: Typed) -> str:
    """The name on the card and the address that goes onto invoices."""
    where = "".join(
        (
            field("line1", "Street and number", typed.get("line1", "")),
            '<div class="row">',
            field("postal_code", "Postal code", typed.get("postal_code", "")),
            field("city", "City", typed.get("city", "")),
            "</div>",
            field("country", "Country, as two letters", typed.get("country", ""), hint="US"),
        )
    )
    name = field("name", "Name on card", typed.get("name", ""), required=True)
    return f"<fieldset><legend>Billing address</legend>{name}{where}</fieldset>"


def address_of(typed: Typed) -> dict[str, str] | None:
    """As Stripe's API takes it; None where nothing was typed."""
    return {name: typed[name] for name in ("line1", "postal_code", "city", "country") if typed.get(name)} or None


def card_of(typed: Typed) -> dict[str, str]:
    """The card, as Stripe's API takes it; what else is wrong with it, the engine says. Raises Refused."""
    month, _, year = typed.get("expiry", "").replace(" ", "").partition("/")
    if not (month + year).isdecimal() or len(month) > DIGITS or len(year) not in (DIGITS, 2 * DIGITS):
        raise invalid("Your card's expiration date is incomplete.", param="exp_month")
    return {"number": typed.get("number", "").replace(" ", ""), "exp_month": month, "exp_year": f"20{year[-DIGITS:]}"}
