"""Checkout sessions: a page on which somebody pays for a subscription, and what happens when they do."""

from decimal import Decimal
from typing import Any

from local.stripe_double import coupons, currencies, discounting, prices, pricing
from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import PAGING, embedded, page
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.passing import HAPPENINGS
from local.stripe_double.refusals import Refused, invalid
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

PATH = "/v1/checkout/sessions"
KIND = "checkout.session"
_DAY, _HALF_HOUR = 86400, 1800

_SUBSCRIPTION: dict[str, Any] = {
    "billing_cycle_anchor": int,
    "billing_mode": FREE,
    "description": str,
    "metadata": METADATA,
    "proration_behavior": str,
    "trial_end": int,
    "trial_period_days": int,
    "trial_settings": FREE,
}
_TAKES: dict[str, Any] = {
    "allow_promotion_codes": bool,
    "automatic_tax": FREE,
    "billing_address_collection": str,
    "cancel_url": str,
    "client_reference_id": str,
    "currency": str,
    "customer": str,
    "customer_email": str,
    "customer_update": {"address": str, "name": str, "shipping": str},
    "discounts": [{"coupon": str, "promotion_code": str}],
    "expires_at": int,
    "line_items": [{"price": str, "quantity": int, "adjustable_quantity": FREE, "metadata": METADATA}],
    "locale": str,
    "metadata": METADATA,
    "mode": str,
    "payment_method_collection": str,
    "phone_number_collection": FREE,
    "return_url": str,
    "subscription_data": _SUBSCRIPTION,
    "success_url": str,
    "tax_id_collection": FREE,
    "ui_mode": str,
    "custom_text": FREE,
}


def create(world: World, given: Given) -> Obj:
    """Open for a day, or until `expires_at`."""
    _check(world, given)
    customer = given.get("customer")
    now = world.now(customer)
    wanted = new_id("cs_test")
    expires = given.get("expires_at") or now + _DAY
    if not now + _HALF_HOUR <= expires <= now + _DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    session = world.make(
        KIND,
        "cs",
        id=wanted,
        **dict.fromkeys(_NOTHING.split()),
        allow_promotion_codes=given.get("allow_promotion_codes"),
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=given.get("billing_address_collection"),
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        custom_fields=[],
        custom_text=given.get("custom_text") or {},
        customer=customer,
        customer_email=given.get("customer_email"),
        discounts=[{"coupon": None, "promotion_code": None} | each for each in given.get("discounts") or ()],
        expires_at=expires,
        locale=given.get("locale"),
        metadata=merged({}, given.get("metadata")),
        mode="subscription",
        payment_method_collection=given.get("payment_method_collection") or "always",
        payment_method_types=["card"],
        payment_status="unpaid",
        shipping_options=[],
        status="open",
        success_url=given.get("success_url"),
        ui_mode="hosted_page",
        url=f"{world.settings.pages}/c/pay/{wanted}",
        _given=given,
    )
    session |= totals(world, session, None)
    return world.render(session)


def totals(world: World, session: Obj, promotion_code: str | None) -> Obj:
    """What the page shows as due today, before and after discounts; a trial makes it nothing."""
    given = session["_given"]
    data = given.get("subscription_data") or {}
    trial = data.get("trial_period_days") or data.get("trial_end")
    rows = [(0 if trial else amount, price) for amount, price in _amounts(world, given)]
    found = _coupons(world, given, promotion_code, session["customer"])
    parts = discounting.taken(found, [(amount, price["product"]) for amount, price in rows])
    subtotal, off = sum(amount for amount, _ in rows), sum(map(sum, parts))
    return {
        "amount_subtotal": subtotal,
        "amount_total": subtotal - off,
        "currency": rows[0][1]["currency"],
        "total_details": {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0},
    }


def needs_card(session: Obj) -> bool:
    """Of a session with its totals: where nothing is due today, one may be made to ask for none."""
    return session["payment_method_collection"] == "always" or bool(session["amount_total"])


def usable(world: World, word: str, customer: str | None) -> bool:
    """Whether a promotion code would be taken."""
    try:
        coupons.typed(world, word, customer)
    except Refused:
        return False
    return True


def _coupons(world: World, given: Given, typed: str | None, customer: str | None) -> list[Obj]:
    if typed and usable(world, typed, customer):
        return [world.store.objects[coupons.typed(world, typed, customer)["promotion"]["coupon"]]]
    found = []
    for each in given.get("discounts") or ():
        code = world.store.objects.get(each.get("promotion_code") or "")
        wanted = code["promotion"]["coupon"] if code else each.get("coupon")
        found.append(world.store.get("coupon", wanted or "", param="discounts[0][coupon]"))
    return found


def _amounts(world: World, given: Given) -> list[tuple[int, Obj]]:
    found = []
    for each in given["line_items"]:
        price = currencies.view(world.store.objects[each["price"]], given.get("currency"))
        quantity = Decimal(each.get("quantity") or 1)
        found.append((0 if prices.metered(price) else pricing.cost(price, quantity), price))
    return found


def _check(world: World, given: Given) -> None:
    _known(given)
    for one, other in (("discounts", "allow_promotion_codes"), ("customer", "customer_email")):
        if given.get(one) and given.get(other):
            raise invalid(f"You may only specify one of these parameters: {other}, {one}.", param=one)
    if given.get("customer"):
        world.customer(given["customer"], param="customer")
    for at, each in enumerate(given["line_items"]):
        _check_item(world, each, f"line_items[{at}]")
    for each in given.get("discounts") or ():
        if each.get("promotion_code"):
            coupons.typed(world, each["promotion_code"], given.get("customer"))
    _coupons(world, given, None, given.get("customer"))


def _known(given: Given) -> None:
    for name in ("line_items", "success_url"):
        if not given.get(name):
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    for name, known in (("mode", "subscription"), ("ui_mode", "hosted_page")):
        if given.get(name) not in (None, known):
            raise invalid(f"This double knows {name}={known} only.", param=name)


def _check_item(world: World, given: Given, at: str) -> None:
    price = prices.usable(world, given.get("price"), f"{at}[price]")
    if prices.metered(price) and given.get("quantity") is not None:
        raise invalid("Quantity should not be specified where usage_type is metered.", param=f"{at}[quantity]")
    if not prices.metered(price) and given.get("quantity") is None:
        raise invalid("Quantity is required.", param=f"{at}[quantity]", code="parameter_missing")


_NOTHING = (
    "adaptive_pricing after_expiration amount_subtotal amount_total client_secret collected_information consent "
    "consent_collection currency currency_conversion customer_account customer_creation customer_details invoice "
    "invoice_creation payment_intent payment_link phone_number_collection recovered_from return_url setup_intent "
    "shipping_address_collection shipping_cost submit_type subscription total_details"
)


def expire(world: World, _: Given, wanted: str) -> Obj:
    """Nobody can pay on it any more."""
    session = world.store.get(KIND, wanted)
    if session["status"] != "open":
        raise invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
    _expire(world, session, 0)
    return world.render(session)


def _expire(world: World, session: Obj, _: int) -> None:
    session.update(status="expired", url=None)
    world.announce("checkout.session.expired", session)


def due(_: World, session: Obj) -> int | None:
    """An open session is over after its time."""
    return int(session["expires_at"]) if session["status"] == "open" else None


def _line_items(world: World, session: Obj) -> Obj:
    return embedded(_rows(world, session), f"{PATH}/{session['id']}/line_items")


def _rows(world: World, session: Obj) -> list[Obj]:
    kept = world.store.objects[session["id"]]
    rows = zip(kept["_given"]["line_items"], _amounts(world, kept["_given"]), strict=True)
    return [
        {
            "id": f"li_{session['id'][8:]}{at}",
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": world.store.objects[price["product"]]["name"],
            "metadata": {},
            "price": world.render(price),
            "quantity": each.get("quantity"),
        }
        for at, (each, (amount, price)) in enumerate(rows)
    ]


def _list_items(world: World, given: Given, wanted: str) -> Obj:
    found = _rows(world, world.store.get(KIND, wanted))
    return page(found, given, url=f"{PATH}/{wanted}/line_items", render=dict)


HAPPENINGS[KIND] = _expire
EXTRAS[KIND, "line_items"] = _line_items

ROUTES = [
    Route("POST", PATH, create, _TAKES | {"mode": Need(str)}),
    listing(KIND, PATH, customer=str, status=str, subscription=str),
    retrieving(KIND, PATH),
    Route("POST", f"{PATH}/{{}}/expire", expire),
    Route("GET", f"{PATH}/{{}}/line_items", _list_items, PAGING),
]
