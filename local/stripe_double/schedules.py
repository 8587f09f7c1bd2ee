"""Subscription schedules that are made from a subscription: what it becomes when the period is over.

Phases begin with a period; the double knows no others. When the last one is over, the subscription is its own again.
"""

from typing import Any

from local.stripe_double import discounts, items, lines, periods, prices
from local.stripe_double.params import METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.subscriptions import DISCOUNTS
from local.stripe_double.world import World

PATH = "/v1/subscription_schedules"
KIND = "subscription_schedule"
_PHASE: dict[str, Any] = {
    "discounts": DISCOUNTS,
    "duration": {"interval": Need(str), "interval_count": int},
    "end_date": int,
    "items": Need([{"price": str, "quantity": int, "metadata": METADATA}]),
    "metadata": METADATA,
    "proration_behavior": str,
    "start_date": int,
}


def create(world: World, given: Given) -> Obj:
    """With one phase, the period that the subscription is in."""
    subscription = world.store.get("subscription", given["from_subscription"], param="from_subscription")
    if subscription["schedule"]:
        raise invalid(
            "You cannot migrate a subscription that is already attached to a schedule: " + subscription["schedule"],
            param="from_subscription",
        )
    now = items.of(world, subscription)
    phase = {
        "discounts": [{"discount": each} for each in subscription["discounts"]],
        "end_date": min(each["current_period_end"] for each in now),
        "items": [{"price": each["_price"], "quantity": each["quantity"]} for each in now],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": min(each["current_period_start"] for each in now),
    }
    schedule = world.make(
        KIND,
        "sub_sched",
        canceled_at=None,
        completed_at=None,
        current_phase={name: phase[name] for name in ("start_date", "end_date")},
        customer=subscription["customer"],
        end_behavior="release",
        metadata={},
        phases=[phase],
        released_at=None,
        released_subscription=None,
        status="active",
        subscription=subscription["id"],
        test_clock=subscription["test_clock"],
    )
    with world.changing(subscription):
        subscription["schedule"] = schedule["id"]
    world.announce("subscription_schedule.created", schedule)
    return world.render(schedule)


def update(world: World, given: Given, wanted: str) -> Obj:
    """Phases are given whole; the first stays the one that runs."""
    schedule = _active(world, wanted)
    with world.changing(schedule):
        if "phases" in given:
            schedule["phases"] = _phases(world, schedule, given["phases"])
            subscription = world.store.objects[schedule["subscription"]]
            with world.changing(subscription):
                _discount(world, subscription, schedule["phases"][0])
        if "metadata" in given:
            schedule["metadata"] = merged(schedule["metadata"], given["metadata"])
        schedule["end_behavior"] = given.get("end_behavior") or schedule["end_behavior"]
    return world.render(schedule)


def release(world: World, _: Given, wanted: str) -> Obj:
    """The subscription stays as it is."""
    schedule = _active(world, wanted)
    _release(world, schedule, world.store.objects[schedule["subscription"]])
    return world.render(schedule)


def cancel(world: World, subscription: Obj) -> None:
    """Nothing more becomes of a subscription that has ended."""
    schedule = world.store.objects.get(subscription["schedule"] or "")
    if schedule is not None:
        with world.changing(schedule, "subscription_schedule.canceled"):
            schedule.update(status="canceled", canceled_at=world.now(schedule["customer"]), current_phase=None)


def turn(world: World, subscription: Obj, now: int) -> None:
    """What the subscription is from this moment on, where a schedule says so; its items' periods are over."""
    schedule = world.store.objects.get(subscription["schedule"] or "")
    if schedule is None:
        return
    phase = next((each for each in schedule["phases"] if each["start_date"] <= now < each["end_date"]), None)
    if phase is None:
        _release(world, schedule, subscription)
    elif phase["start_date"] != schedule["current_phase"]["start_date"]:
        _become(world, subscription, phase["items"], now)
        _discount(world, subscription, phase)
        subscription["metadata"] = merged(subscription["metadata"], phase["metadata"])
        with world.changing(schedule):
            schedule["current_phase"] = {name: phase[name] for name in ("start_date", "end_date")}


def _phases(world: World, schedule: Obj, given: list[Given]) -> list[Obj]:
    if given[0].get("start_date") != schedule["current_phase"]["start_date"]:
        raise invalid("You can not modify the start date of the current phase.", param="phases[0][start_date]")
    found: list[Obj] = []
    for at, each in enumerate(given):
        for item in each["items"]:
            prices.usable(world, item.get("price"), f"phases[{at}][items][0][price]")
        start = found[-1]["end_date"] if found else each["start_date"]
        length = each.get("duration") or {}
        end = each.get("end_date") or (
            periods.end_of(start, length["interval"], length.get("interval_count") or 1, start) if length else None
        )
        if end is None or end <= start:
            raise invalid("The end date of a phase must be after its start date.", param=f"phases[{at}][end_date]")
        found.append({"discounts": [], "metadata": {}, **each, "start_date": start, "end_date": end})
    return found


def _become(world: World, subscription: Obj, wanted: list[Given], now: int) -> None:
    held, rhythms = (
        {item["_price"]: item for item in items.of(world, subscription)},
        items.intervals(world, subscription),
    )
    coming = [each for each in wanted if each["price"] not in held]
    kept = {each["price"]: each for each in wanted if each["price"] in held}
    subscription["_items"] = [item["id"] for price, item in held.items() if price in kept]
    for price, item in held.items():
        if price not in kept:
            _leave(world, subscription, item, now)
        elif kept[price].get("quantity") is not None:
            item["quantity"] = kept[price]["quantity"]
    for each in coming:
        item = items.add(world, subscription, each, at="items[0]")
        item["current_period_start"] = item["current_period_end"] = now
    if not rhythms & items.intervals(world, subscription):
        subscription["billing_cycle_anchor"] = now


def _discount(world: World, subscription: Obj, phase: Obj) -> None:
    """What a phase does not name ends with it; what it names anew begins with it. One that is over stays so."""
    named = [each for each in phase["discounts"] or () if each.get("discount") in (None, *subscription["discounts"])]
    subscription["discounts"] = discounts.redeem(
        world, named, customer=subscription["customer"], subscription=subscription
    )
    phase["discounts"] = [{"discount": each} for each in subscription["discounts"]]


def _leave(world: World, subscription: Obj, item: Obj, now: int) -> None:
    if not lines.billable(world, item):
        lines.owed_usage(world, subscription, item, now)


def _release(world: World, schedule: Obj, subscription: Obj) -> None:
    with world.changing(schedule, "subscription_schedule.released"):
        schedule.update(
            status="released",
            released_at=world.now(schedule["customer"]),
            released_subscription=subscription["id"],
            subscription=None,
        )
    with world.changing(subscription):
        subscription["schedule"] = None


def _active(world: World, wanted: str) -> Obj:
    schedule = world.store.get(KIND, wanted)
    if schedule["status"] != "active":
        raise invalid(f"You cannot change a subscription schedule that is {schedule['status']}.")
    return schedule


ROUTES = [
    Route("POST", PATH, create, {"from_subscription": Need(str)}),
    listing(KIND, PATH, customer=str),
    retrieving(KIND, PATH),
    Route(
        "POST",
        f"{PATH}/{{}}",
        update,
        {"end_behavior": str, "metadata": METADATA, "phases": [_PHASE], "proration_behavior": str},
    ),
    Route("POST", f"{PATH}/{{}}/release", release, {"preserve_cancel_date": bool}),
]
