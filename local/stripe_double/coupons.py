"""Coupons and promotion codes: what is taken off, for how long, and the word that a customer types for it."""

import secrets
import string
from typing import Any

from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import CREATED, Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

COUPONS, CODES = "/v1/coupons", "/v1/promotion_codes"
_HUNDRED = 100


def create(world: World, given: Given) -> Obj:
    """Either a percentage or an amount of a currency."""
    _check(world, given)
    coupon = world.make(
        "coupon",
        "coupon",
        id=given.get("id") or _word(),
        amount_off=given.get("amount_off"),
        currency=(given.get("currency") or "").lower() or None,
        duration=given.get("duration") or "once",
        duration_in_months=given.get("duration_in_months"),
        max_redemptions=given.get("max_redemptions"),
        metadata=merged({}, given.get("metadata")),
        name=given.get("name"),
        percent_off=given.get("percent_off"),
        redeem_by=given.get("redeem_by"),
        times_redeemed=0,
        _applies_to=given.get("applies_to"),
    )
    world.announce("coupon.created", coupon)
    return world.render(coupon)


def _check(world: World, given: Given) -> None:
    if given.get("id") in world.store.objects:
        raise invalid("Coupon already exists.", param="id", code="resource_already_exists")
    if (given.get("percent_off") is None) == (given.get("amount_off") is None):
        raise invalid("You must pass exactly one of `percent_off` or `amount_off`.", param="percent_off")
    if given.get("percent_off") is not None and not 0 < given["percent_off"] <= _HUNDRED:
        raise invalid("percent_off must be greater than 0 and at most 100.", param="percent_off")
    if given.get("amount_off") is not None and not given.get("currency"):
        raise invalid("You must pass `currency` when passing `amount_off`.", param="currency")
    if (given.get("duration") == "repeating") != bool(given.get("duration_in_months")):
        raise invalid("`duration_in_months` goes with `duration=repeating`.", param="duration_in_months")


def redeem(world: World, coupon: Obj, code: Obj | None = None) -> None:
    """Count one use; refused where the coupon or the code is used up or over."""
    if not valid(world, coupon):
        raise invalid(f"Coupon {coupon['id']} is expired and cannot be applied.", code="coupon_expired", param="coupon")
    with world.changing(coupon):
        coupon["times_redeemed"] += 1
    if code:
        with world.changing(code):
            code["times_redeemed"] += 1


def valid(world: World, coupon: Obj) -> bool:
    """Whether it can still be redeemed."""
    most, until = coupon["max_redemptions"], coupon["redeem_by"]
    in_time = until is None or world.now() < until
    return not coupon.get("_deleted") and in_time and (most is None or coupon["times_redeemed"] < most)


def create_code(world: World, given: Given) -> Obj:
    """For one coupon, perhaps for one customer."""
    wanted = given["promotion"]["coupon"]
    coupon = world.store.get("coupon", wanted, param="promotion[coupon]")
    if given.get("customer"):
        world.customer(given["customer"], param="customer")
    word = given.get("code") or _word()
    if _by_word(world, word):
        raise invalid(
            f"An active promotion code with `code: {word}` already exists.",
            param="code",
            code="resource_already_exists",
        )
    blank = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    code = world.make(
        "promotion_code",
        "promo",
        active=given.get("active", True),
        code=word,
        customer=None,
        customer_account=None,
        expires_at=given.get("expires_at"),
        max_redemptions=given.get("max_redemptions"),
        metadata=merged({}, given.get("metadata")),
        promotion={"coupon": coupon["id"], "type": "coupon"},
        restrictions=blank | (given.get("restrictions") or {}),
        times_redeemed=0,
    )
    code["customer"] = given.get("customer")
    world.announce("promotion_code.created", code)
    return world.render(code)


def typed(world: World, word: str, customer: str | None) -> Obj:
    """The code that a customer typed or was given by id, if they may use it."""
    code = _by_word(world, word) or world.store.objects.get(word)
    if code is None or code["object"] != "promotion_code":
        raise missing("promotion_code", word, param="promotion_code")
    used_up = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    over = code["expires_at"] is not None and code["expires_at"] <= world.now(customer)
    if not code["active"] or used_up or over:
        raise invalid(
            "This promotion code is expired or has been used up.", code="promotion_code_expired", param="promotion_code"
        )
    if code["customer"] not in (None, customer):
        raise invalid(
            "This promotion code cannot be redeemed by this customer.",
            param="promotion_code",
            code="promotion_code_customer_mismatch",
        )
    if code["restrictions"]["first_time_transaction"] and customer and _paid_before(world, customer):
        raise invalid(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
            code="promotion_code_customer_not_first_time",
            param="promotion_code",
        )
    return code


def _paid_before(world: World, customer: str) -> bool:
    return any(each["status"] == "paid" and each["amount_paid"] for each in world.store.all("invoice", customer))


def _by_word(world: World, word: str) -> Obj | None:
    codes = (each for each in world.store.all("promotion_code") if each["active"])
    return next((each for each in codes if each["code"].lower() == word.lower()), None)


def _word() -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8))


def _update(world: World, given: Given, wanted: str) -> Obj:
    obj = world.store.objects.get(wanted)
    if obj is None or obj["object"] not in ("coupon", "promotion_code"):
        raise missing("coupon", wanted)
    with world.changing(obj):
        obj.update({name: value for name, value in given.items() if name != "metadata"})
        if "metadata" in given:
            obj["metadata"] = merged(obj["metadata"], given["metadata"])
    return world.render(obj)


def _delete(world: World, _: Given, wanted: str) -> Obj:
    coupon = world.store.get("coupon", wanted)
    coupon["_deleted"] = True
    world.announce("coupon.deleted", coupon)
    return {"id": wanted, "object": "coupon", "deleted": True}


def _retrieve(world: World, _: Given, wanted: str) -> Obj:
    coupon = world.store.get("coupon", wanted)
    if coupon.get("_deleted"):
        raise missing("coupon", wanted)
    return world.render(coupon)


def _list_codes(world: World, given: Given) -> Obj:
    found = [
        each
        for each in reversed(world.store.all("promotion_code"))
        if given.get("active") in (None, each["active"])
        and (not given.get("code") or each["code"].lower() == given["code"].lower())
        and given.get("coupon") in (None, each["promotion"]["coupon"])
        and given.get("customer") in (None, each["customer"])
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=CODES, render=world.render)


def shape(world: World, shown: Obj) -> Obj:
    """A coupon says whether it is still valid."""
    return shown | {"valid": valid(world, world.store.objects[shown["id"]])}


def _applies_to(world: World, coupon: Obj) -> object:
    return world.store.objects[coupon["id"]]["_applies_to"]


EXTRAS["coupon", "applies_to"] = _applies_to
_CODE: dict[str, Any] = {"active": bool, "metadata": METADATA, "restrictions": {"currency_options": FREE}}

ROUTES = [
    Route(
        "POST",
        COUPONS,
        create,
        {
            "id": str,
            "amount_off": int,
            "applies_to": {"products": [str]},
            "currency": str,
            "duration": str,
            "duration_in_months": int,
            "max_redemptions": int,
            "metadata": METADATA,
            "name": str,
            "percent_off": float,
            "redeem_by": int,
        },
    ),
    listing("coupon", COUPONS),
    Route("GET", f"{COUPONS}/{{}}", _retrieve),
    Route("POST", f"{COUPONS}/{{}}", _update, {"metadata": METADATA, "name": str}),
    Route("DELETE", f"{COUPONS}/{{}}", _delete),
    Route(
        "POST",
        CODES,
        create_code,
        {
            "promotion": Need({"type": Need(str), "coupon": Need(str)}),
            "active": bool,
            "code": str,
            "customer": str,
            "expires_at": int,
            "max_redemptions": int,
            "metadata": METADATA,
            "restrictions": {"first_time_transaction": bool, "minimum_amount": int, "minimum_amount_currency": str},
        },
    ),
    Route(
        "GET",
        CODES,
        _list_codes,
        PAGING | {"active": bool, "code": str, "coupon": str, "customer": str, "created": CREATED},
    ),
    retrieving("promotion_code", CODES),
    Route("POST", f"{CODES}/{{}}", _update, _CODE),
]
