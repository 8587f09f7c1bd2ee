"""Test clocks: a customer's own time, which stands still until it is advanced.

Those that the double has made by itself go on with its own time; `_ahead` is by how many seconds they are.
"""

from local.stripe_double import items, passing, periods
from local.stripe_double.params import Given, Need
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/test_helpers/test_clocks"
_KIND = "test_helpers.test_clock"
_LIFE_SECONDS = 30 * 86400
_MOST_CUSTOMERS = 3


def create(world: World, given: Given) -> Obj:
    """Stands at `frozen_time`."""
    return world.render(_made(world, given["frozen_time"], given.get("name")))


def going(world: World) -> str:
    """A new one that goes on."""
    clock = _made(world, world.now(), None)
    clock["_ahead"] = 0
    return str(clock["id"])


def _made(world: World, frozen_time: int, name: str | None) -> Obj:
    clock = world.make(
        _KIND,
        "clock",
        frozen_time=frozen_time,
        name=name,
        status="ready",
        status_details={},
        deletes_after=world.now() + _LIFE_SECONDS,
    )
    world.announce(f"{_KIND}.created", clock)
    return clock


def go_on(world: World) -> None:
    """Clocks that go on live through what has passed of the double's own time."""
    for clock in _going(world):
        until = world.now() + clock["_ahead"]
        if until > clock["frozen_time"]:
            passing.run(world, clock["id"], until)
            clock["frozen_time"] = until


def move_on(world: World) -> None:
    """The same after a leap, which is told as one: nobody would look otherwise."""
    for clock in _going(world):
        _leap(world, clock, world.now() + clock["_ahead"])


def _going(world: World) -> list[Obj]:
    return [each for each in world.store.all(_KIND) if "_ahead" in each]


def advance(world: World, given: Given, wanted: str) -> Obj:
    """All that falls due on the way happens, in the order of time; the clock is ready again when this answers."""
    clock, until = world.store.get(_KIND, wanted), given["frozen_time"]
    if until <= clock["frozen_time"]:
        raise invalid(
            "The requested frozen time must be after the test clock's current frozen time.", param="frozen_time"
        )
    if world.settings.clock_limits and until > _furthest(world, clock):
        raise invalid(
            "Cannot advance the test clock more than two intervals of its shortest subscription.", param="frozen_time"
        )
    answer = _leap(world, clock, until)
    if "_ahead" in clock:
        clock["_ahead"] = until - world.now()
    return answer


def _leap(world: World, clock: Obj, until: int) -> Obj:
    clock.update(status="advancing", status_details={"advancing": {"target_frozen_time": until}})
    world.announce(f"{_KIND}.advancing", clock)
    answer = world.render(clock)
    passing.run(world, clock["id"], until)
    clock.update(status="ready", status_details={}, frozen_time=until)
    world.announce(f"{_KIND}.ready", clock)
    return answer


def admit(world: World, wanted: str) -> None:
    """Whether one more customer may hang on the clock."""
    clock = world.store.get(_KIND, wanted, param="test_clock")
    if world.settings.clock_limits and len(_customers(world, clock)) >= _MOST_CUSTOMERS:
        raise invalid(f"A test clock has at most {_MOST_CUSTOMERS} customers.", param="test_clock")


def _customers(world: World, clock: Obj) -> list[Obj]:
    return [each for each in world.store.all("customer") if each["test_clock"] == clock["id"]]


def _furthest(world: World, clock: Obj) -> int:
    rhythms = {
        rhythm
        for customer in _customers(world, clock)
        for each in world.store.all("subscription", customer["id"])
        if each["status"] not in ("canceled", "incomplete_expired")
        for rhythm in items.intervals(world, each)
    }
    ends = [periods.step(clock["frozen_time"], *rhythm, 2) for rhythm in rhythms or {("year", 1)}]
    return min(ends)


def delete(world: World, _: Given, wanted: str) -> Obj:
    """Takes its customers along."""
    clock = world.store.get(_KIND, wanted)
    for customer in _customers(world, clock):
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
