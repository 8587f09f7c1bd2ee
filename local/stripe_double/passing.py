"""Time passes: what is due happens, earliest first, each thing at its own moment."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from local.stripe_double.store import Obj
from local.stripe_double.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

type Happening = Callable[[World, Obj, int], None]

HAPPENINGS: dict[str, Happening] = {}  # by kind of object; the module of each kind enters its own


def run(world: World, clock: str | None, until: int) -> None:
    """Everything of one clock up to a moment; the double's own clock where None is given."""
    while (due := world.agenda.take(world.store.objects, clock, until)) is not None:
        moment, obj = due
        with _standing_at(world, clock, moment):
            HAPPENINGS[obj["object"]](world, obj, moment)
        if obj["id"] in world.store.objects:
            world.note(obj)


def _standing_at(world: World, clock: str | None, moment: int) -> AbstractContextManager[None]:
    return world.at(moment) if clock is None else _frozen_at(world.store.objects[clock], moment)


@contextmanager
def _frozen_at(clock: Obj, moment: int) -> "Iterator[None]":
    clock["frozen_time"] = max(clock["frozen_time"], moment)
    yield
