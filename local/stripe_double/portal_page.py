"""The page on which customers look after what they pay for, as Stripe's hosted portal is; and that of one invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.stripe_double import look
from local.stripe_double.card_form import Typed, card_fields

type Object = dict[str, Any]

DONE = {
    "card": "The card was changed.",
    "cancel": "The subscription ends with its period.",
    "undo": "The subscription goes on.",
    "paid": "The invoice is paid.",
}
"""By the word in the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a customer has; `upcoming` by the subscription's id, where there is a next invoice."""

    session: Object
    subscriptions: Sequence[Object]
    upcoming: dict[str, Object]
    cards: Sequence[Object]
    default_card: str | None
    invoices: Sequence[Object]


def portal(held: Held, typed: Typed, *, said: str = "", told: str = "") -> str:
    """Everything on one page."""
    back = held.session.get("return_url")
    return look.page(
        "Billing",
        look.alert(said),
        look.done(told),
        "<h2>Subscriptions</h2>",
        "".join(_subscription(held, one) for one in held.subscriptions) or look.paragraph("There is none."),
        "<h2>Card</h2>",
        "".join(_card(one, held.default_card) for one in held.cards) or look.paragraph("There is none."),
        _change_card(held.session["id"], typed),
        "<h2>Invoices</h2>",
        _invoices(held.invoices),
        f"<p>{look.link(back, 'Back')}</p>" if back else "",
    )


def invoice(shown: Object, typed: Typed, *, said: str = "", told: str = "") -> str:
    """An invoice; with a card form where it can be paid."""
    money = [
        (name, shown[key])
        for name, key in (
            ("Subtotal", "subtotal"),
            ("Total", "total"),
            ("Paid", "amount_paid"),
            ("Due", "amount_remaining"),
        )
    ]
    lines = [
        (look.text(line["description"] or ""), look.money(line["amount"], line["currency"]))
        for line in shown["lines"]["data"]
    ]
    sums = [(f"<b>{name}</b>", f"<b>{look.money(amount, shown['currency'])}</b>") for name, amount in money]
    pay = f'<form method="post">{card_fields(typed)}<button>Pay</button></form>' if shown["status"] == "open" else ""
    return look.page(
        f"Invoice {shown['number'] or ''}",
        look.alert(said),
        look.done(told),
        look.paragraph(f"{shown['status'].capitalize()}, of {look.day(shown['created'])}."),
        look.table(("What", "Amount"), [*lines, *sums]),
        pay,
    )


def _subscription(held: Held, one: Object) -> str:
    items = one["items"]["data"]
    rows = [(look.text(_name(item["price"])), look.text(str(item.get("quantity") or "as used"))) for item in items]
    ends = one["cancel_at"] or max(item["current_period_end"] for item in items)
    status = (
        f"{one['status'].replace('_', ' ')}; " + ("ends" if one["cancel_at"] else "renews") + f" on {look.day(ends)}."
    )
    upcoming = held.upcoming.get(one["id"])
    after = f"The next invoice is {look.money(upcoming['amount_due'], upcoming['currency'])}." if upcoming else ""
    where = f"/p/session/{held.session['id']}"
    word, words = (
        ("undo", "Keep the subscription") if one["cancel_at"] else ("cancel", "Cancel at the end of the period")
    )
    change = look.button(words, f"{where}/{word}", quiet=True, subscription=one["id"])
    return look.table(("What", "Quantity"), rows) + look.paragraph(f"{status.capitalize()} {after}") + change


def _name(price: Object) -> str:
    return str(price.get("nickname") or price.get("lookup_key") or price["id"])


def _card(method: Object, default: str | None) -> str:
    card = method["card"]
    shown = f"{card['brand'].capitalize()} ending in {card['last4']}, good until {card['exp_month']}/{card['exp_year']}"
    return look.paragraph(f"{shown} (charged)" if method["id"] == default else shown)


def _change_card(session: str, typed: Typed) -> str:
    action = f"/p/session/{look.text(session)}/card"
    form = f'<form method="post" action="{action}">{card_fields(typed)}<button>Save</button></form>'
    return f"<details{' open' if typed else ''}><summary>Pay with another card</summary>{form}</details>"


def _invoices(invoices: Sequence[Object]) -> str:
    rows = [
        (
            look.link(f"/invoices/{one['id']}", one["number"] or "Draft"),
            look.text(look.day(one["created"])),
            look.text(one["status"].capitalize()),
            look.money(one["total"], one["currency"]),
        )
        for one in invoices
    ]
    return look.table(("Number", "Date", "Status", "Total"), rows) if rows else look.paragraph("There is none.")
