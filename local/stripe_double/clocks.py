"""Test clocks: a customer's own time, which stands still until it is advanced."""

from local.stripe_double import passing
from local.stripe_double.params import Given, Need
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/test_helpers/test_clocks"
_KIND = "test_helpers.test_clock"
_LIFE_SECONDS = 30 * 86400


def create(world: World, given: Given) -> Obj:
    """Stands at `frozen_time`."""
    clock = world.make(
        _KIND,
        "clock",
        frozen_time=given["frozen_time"],
        name=given.get("name"),
        status="ready",
        status_details={},
        deletes_after=world.now() + _LIFE_SECONDS,
    )
    world.announce(f"{_KIND}.created", clock)
    return world.render(clock)


def advance(world: World, given: Given, wanted: str) -> Obj:
    """All that falls due on the way happens, in the order of time; the clock is ready again when this answers."""
    clock, until = world.store.get(_KIND, wanted), given["frozen_time"]
    if until <= clock["frozen_time"]:
        raise invalid(
            "The requested frozen time must be after the test clock's current frozen time.", param="frozen_time"
        )
    clock.update(status="advancing", status_details={"advancing": {"target_frozen_time": until}})
    world.announce(f"{_KIND}.advancing", clock)
    answer = world.render(clock)
    passing.run(world, wanted, until)
    clock.update(status="ready", status_details={}, frozen_time=until)
    world.announce(f"{_KIND}.ready", clock)
    return answer


def delete(world: World, _: Given, wanted: str) -> Obj:
    """Takes its customers along."""
    clock = world.store.get(_KIND, wanted)
    for customer in [each for each in world.store.all("customer") if each.get("test_clock") == wanted]:
        for each in world.store.mark(customer["id"]):
            if world.store.objects[each]["object"] not in ("coupon", "promotion_code"):
                world.store.remove(each)
    world.announce(f"{_KIND}.deleted", clock)
    world.store.remove(wanted)
    return {"id": wanted, "object": _KIND, "deleted": True}


ROUTES = [
    Route("POST", PATH, create, {"frozen_time": Need(int), "name": str}),
    listing(_KIND, PATH, dated=False),
    retrieving(_KIND, PATH),
    Route("POST", f"{PATH}/{{}}/advance", advance, {"frozen_time": Need(int)}),
    Route("DELETE", f"{PATH}/{{}}", delete),
]
