"""A checkout page's button: what happens when somebody has filled in the page and presses it."""

from local.stripe_double import cards, checkout, coupons, customers, payment_methods, subscriptions
from local.stripe_double.params import Given
from local.stripe_double.refusals import Refused, declined, invalid
from local.stripe_double.store import Obj
from local.stripe_double.world import World


def complete(world: World, wanted: str, form: Given) -> Obj:
    """Somebody filled in the page: customer, card, subscription, first invoice and its payment, or a refusal.

    `form`: card, until, promotion_code, email, name, address.
    """
    session = world.store.get(checkout.KIND, wanted)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.", code="checkout_session_not_open")
    card = cards.known(form["card"])
    if card is None and (form["card"] or checkout.needs_card(session)):
        raise declined("Your card number is incorrect.", code="incorrect_number", extra={"param": "number"})
    place, known = len(world.journal.waiting), session["customer"]
    customer = _customer(world, session, form)
    marked = world.store.mark(customer["id"]) if known else {}
    try:
        subscription = _subscribe(world, session, customer, card, form)
    except Refused:
        world.undo(customer["id"], marked)
        if not known:
            world.store.remove(customer["id"])
        del world.journal.waiting[place:]
        raise
    _finish(world, session, customer, subscription, form)
    return world.render(session)


def _customer(world: World, session: Obj, form: Given) -> Obj:
    if session["customer"]:
        return world.customer(session["customer"])
    made = customers.create(world, {"email": form.get("email") or session["customer_email"]})
    return world.store.objects[made["id"]]


def _subscribe(world: World, session: Obj, customer: Obj, card: cards.Card | None, form: Given) -> Obj:
    given: Given = session["_given"]
    _fill_in(world, customer, given.get("customer_update") or {}, form)
    paying = {"default_payment_method": _attached(world, customer, card, form)} if card else {}
    off = [each for each in given.get("discounts") or () if each]
    if form.get("promotion_code"):
        if not given.get("allow_promotion_codes"):
            raise invalid("This Checkout Session does not take promotion codes.", param="promotion_code")
        off = [{"promotion_code": coupons.typed(world, form["promotion_code"], customer["id"])["id"]}]
    data = {name: value for name, value in (given.get("subscription_data") or {}).items() if value is not None}
    wanted: Given = data | {
        "customer": customer["id"],
        "items": [_item(each) for each in given["line_items"]],
        "currency": given.get("currency"),
        "discounts": off,
        "payment_behavior": "error_if_incomplete",
        **paying,
    }
    return subscriptions.create(world, wanted, present=True)


def _attached(world: World, customer: Obj, card: cards.Card, form: Given) -> str:
    method = payment_methods.of_card(world, card, {"billing_details": _billing(form), "card": form["until"]})
    payment_methods.attach(world, {"customer": customer["id"]}, method["id"])
    return str(method["id"])


def _fill_in(world: World, customer: Obj, update: Given, form: Given) -> None:
    fresh = not customer["name"] and not customer["address"]
    with world.changing(customer):
        for name in ("name", "address"):
            if form.get(name) and (update.get(name) == "auto" or fresh):
                customer[name] = form[name]
        if form.get("email") and not customer["email"]:
            customer["email"] = form["email"]


def _finish(world: World, session: Obj, customer: Obj, subscription: Obj, form: Given) -> None:
    invoice = world.store.objects.get(subscription["latest_invoice"] or "")
    typed = form.get("promotion_code")
    session.update(checkout.totals(world, session, typed))
    if typed:
        code = coupons.typed(world, typed, customer["id"]) if checkout.usable(world, typed, customer["id"]) else None
        session["discounts"] = [{"coupon": None, "promotion_code": code["id"] if code else None}]
    session.update(
        customer=customer["id"],
        customer_details={
            "address": form.get("address") or customer["address"],
            "business_name": None,
            "email": form.get("email") or customer["email"],
            "individual_name": None,
            "name": form.get("name") or customer["name"],
            "phone": None,
            "tax_exempt": customer["tax_exempt"],
            "tax_ids": [],
        },
        invoice=invoice["id"] if invoice else None,
        payment_status="paid" if invoice and invoice["amount_paid"] else "no_payment_required",
        status="complete",
        subscription=subscription["id"],
        url=None,
    )
    world.store.belong(session)
    world.announce("checkout.session.completed", session)


def _item(given: Given) -> Given:
    return {name: given[name] for name in ("price", "quantity", "metadata") if given.get(name) is not None}


def _billing(form: Given) -> Obj:
    return {name: form[name] for name in ("name", "email", "address") if form.get(name)}
