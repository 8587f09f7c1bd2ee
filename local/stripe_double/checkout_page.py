"""The page on which somebody subscribes: what Stripe's hosted Checkout asks, as one form."""

from typing import Any

from local.stripe_double import look
from local.stripe_double.card_form import Typed, card_fields, name_fields
from local.stripe_double.checkout import needs_card

type Object = dict[str, Any]

_ONE_TRIAL = "Freehold gives each card one trial: that of a second tenant on the same number ends at once."
_NO_CARD = "No card is needed to begin: empty its number to go without one."


def checkout(session: Object, typed: Typed, *, said: str = "", told: str = "", trial_days: int | None = None) -> str:
    """An open session; `said` is what went wrong, `told` what went well."""
    due = session["amount_total"] or 0
    currency = session["currency"] or "usd"
    return look.page(
        f"Subscribe for {look.money(due, currency)}" if due else "Subscribe",
        look.alert(said),
        look.done(told),
        _lines(session),
        look.paragraph(f"The first {trial_days} days are free; the card is charged after them.") if trial_days else "",
        _form(session, typed, trial=bool(trial_days)),
        f"<p>{look.link(session['cancel_url'], 'Back, without subscribing')}</p>" if session["cancel_url"] else "",
    )


def closed(session: Object) -> str:
    """A session that nobody can complete any more."""
    if session["status"] == "complete":
        return look.page("This is done", look.paragraph("You have subscribed already; nothing is left to pay here."))
    sentence = "This page has expired. Nothing was charged; go back to where you came from and begin anew."
    back = f"<p>{look.link(session['cancel_url'], 'Back')}</p>" if session["cancel_url"] else ""
    return look.page("This page has expired", look.paragraph(sentence), back)


def promised(coupon: Object) -> str:
    """What a promotion code gives, in a sentence."""
    amount = (
        f"{coupon['percent_off']:g} %"
        if coupon["percent_off"]
        else look.money(coupon["amount_off"], coupon["currency"])
    )
    months = coupon.get("duration_in_months")
    how_long = {"once": "once", "forever": "each time", "repeating": f"for {months} months"}[coupon["duration"]]
    return f"The code takes {amount} off, {how_long}."


def _lines(session: Object) -> str:
    rows = [
        (look.text(line["description"] or ""), look.text(str(line["quantity"] or "as used")), _amount(line))
        for line in session["line_items"]["data"]
    ]
    total = ("<b>Due today</b>", "", f"<b>{look.money(session['amount_total'] or 0, session['currency'] or 'usd')}</b>")
    return look.table(("What", "Quantity", "Amount"), [*rows, total])


def _amount(line: Object) -> str:
    interval = ((line.get("price") or {}).get("recurring") or {}).get("interval")
    every = f" <small>a {look.text(interval)}</small>" if interval else ""
    return look.money(line["amount_subtotal"], line["currency"]) + every


def _form(session: Object, typed: Typed, *, trial: bool) -> str:
    needed = needs_card(session)
    says = look.paragraph(" ".join((_NO_CARD,) * (not needed) + (_ONE_TRIAL,) * trial)) if trial or not needed else ""
    email = (session["customer_details"] or {}).get("email") or session["customer_email"]
    code = typed.get("promotion_code", "")
    promotion = look.field("promotion_code", "Promotion code", code) if session["allow_promotion_codes"] else ""
    apply = '<button class="quiet" name="do" value="apply">Apply code</button>' if promotion else ""
    fields = (
        look.paragraph(f"For {email}")
        if email
        else look.field("email", "E-mail", typed.get("email", ""), kind="email"),
        card_fields(typed, says=says, required=needed),
        name_fields(typed),
        promotion,
    )
    buttons = f'<p><button name="do" value="pay">{"Start trial" if trial else "Subscribe"}</button> {apply}</p>'
    return f'<form method="post">{"".join(fields)}{buttons}</form>'
