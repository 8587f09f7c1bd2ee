"""Discounts: coupons at work on a subscription, from one moment to another."""

from collections.abc import Sequence

from local.stripe_double import coupons, periods
from local.stripe_double.params import Given
from local.stripe_double.refusals import invalid
from local.stripe_double.store import Obj
from local.stripe_double.world import World


def redeem(world: World, given: Sequence[Given] | None, *, customer: str, subscription: Obj) -> list[str]:
    """The ids of the subscription's discounts, new ones for coupons and codes; those that are not named end."""
    kept = [_discount(world, each, customer, subscription) for each in given or ()]
    for gone in [each for each in subscription["discounts"] if each not in kept]:
        end(world, gone)
    return kept


def _discount(world: World, given: Given, customer: str, subscription: Obj) -> str:
    if given.get("discount"):
        return str(world.store.get("discount", given["discount"], param="discounts")["id"])
    code = coupons.typed(world, given["promotion_code"], customer) if given.get("promotion_code") else None
    wanted = code["promotion"]["coupon"] if code else given.get("coupon")
    if not wanted:
        raise invalid("Each discount names a coupon, a promotion code or a discount.", param="discounts")
    coupon = world.store.get("coupon", wanted, param="discounts[0][coupon]")
    if coupon["currency"] not in (None, subscription["currency"]):
        raise invalid("The coupon has another currency than the subscription.", param="discounts[0][coupon]")
    coupons.redeem(world, coupon, code)
    return _begin(world, coupon, code, customer, subscription)


def _begin(world: World, coupon: Obj, code: Obj | None, customer: str, subscription: Obj) -> str:
    start = world.now(customer)
    discount = world.make(
        "discount",
        "di",
        checkout_session=None,
        customer=customer,
        customer_account=None,
        end=periods.step(start, "month", 1, coupon["duration_in_months"]) if coupon["duration_in_months"] else None,
        invoice=None,
        invoice_item=None,
        promotion_code=code["id"] if code else None,
        source={"coupon": coupon["id"], "type": "coupon"},
        start=start,
        subscription=subscription["id"],
        subscription_item=None,
    )
    world.announce("customer.discount.created", discount)
    return str(discount["id"])


def count(world: World, discount: str) -> None:
    """A discount that waited for a payment begins to count: its coupon and its code are used once more."""
    code = world.store.objects.get(world.store.objects[discount]["promotion_code"] or "")
    for used in [coupon_of(world, discount), *([code] if code else [])]:
        with world.changing(used):
            used["times_redeemed"] += 1


def end(world: World, gone: str) -> None:
    """It stops here; invoices that had it keep it."""
    world.announce("customer.discount.deleted", world.store.objects[gone])


def running(world: World, subscription: Obj) -> list[str]:
    """Those that still count at the customer's now."""
    now = world.now(subscription["customer"])
    ends = {each: world.store.objects[each]["end"] for each in subscription["discounts"]}
    return [each for each, over in ends.items() if over is None or over > now]


def settle(world: World, subscription: Obj, used: Sequence[str]) -> None:
    """After an invoice: those that count once and were used, and those whose time is over, leave the subscription."""
    still = running(world, subscription)
    once = [each for each in used if coupon_of(world, each)["duration"] == "once"]
    for gone in [each for each in subscription["discounts"] if each in once or each not in still]:
        subscription["discounts"] = [each for each in subscription["discounts"] if each != gone]
        end(world, gone)


def coupon_of(world: World, discount: str) -> Obj:
    """The coupon behind a discount."""
    return world.store.objects[world.store.objects[discount]["source"]["coupon"]]


def coupons_of(world: World, found: Sequence[str]) -> list[Obj]:
    """Likewise for several, in order."""
    return [coupon_of(world, each) for each in found]


def shape(_: World, shown: Obj) -> Obj:
    """Discounts have neither a time of creation nor a mode."""
    return {name: value for name, value in shown.items() if name not in ("created", "livemode")}
