"""What a module tells the engine: an address, who answers it, and which parameters it takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import RANGE, Either, Given
from local.stripe_double.store import Obj
from local.stripe_double.world import World

type Answer = Callable[..., Obj]

CREATED = Either(int, RANGE)


@dataclass(frozen=True)
class Route:
    """`{}` in the path stands for an id; `answer(world, given, *ids)` says what is sent back."""

    method: str
    path: str
    answer: Answer
    takes: dict[str, Any] = field(default_factory=dict)

    def match(self, method: str, parts: list[str]) -> list[str] | None:
        """The ids in the path, where the address is this one."""
        own = self.path.strip("/").split("/")
        if method != self.method or len(own) != len(parts):
            return None
        if any(mine not in ("{}", theirs) for mine, theirs in zip(own, parts, strict=True)):
            return None
        return [theirs for mine, theirs in zip(own, parts, strict=True) if mine == "{}"]


def retrieving(kind: str, path: str) -> Route:
    """One object by its id."""

    def retrieve(world: World, _: Given, wanted: str) -> Obj:
        return world.render(world.store.get(kind, wanted))

    return Route("GET", f"{path}/{{}}", retrieve)


def listing(kind: str, path: str, *, dated: bool = True, **filters: Any) -> Route:  # noqa: ANN401 - declarations
    """Pages of one kind, without what is deleted, filtered by members of the same name; `dated`: by `created` too."""

    def list_page(world: World, given: Given) -> Obj:
        wanted = {name: given[name] for name in filters if given.get(name) is not None}
        owner = given.get("customer")
        found = [
            each
            for each in reversed(world.store.all(kind, owner if "customer" in filters else None))
            if all(each.get(name) == value for name, value in wanted.items())
            and within(each["created"], given.get("created"))
            and not each.get("deleted")
        ]
        return page(found, given, url=path, render=world.render)

    return Route("GET", path, list_page, PAGING | ({"created": CREATED} if dated else {}) | filters)
