"""Time passes: what is due happens, earliest first, each thing at its own moment."""

from collections.abc import Callable

from local.stripe_double.store import Obj
from local.stripe_double.world import World

type Happening = Callable[[World, Obj, int], None]

type Due = Callable[[World, Obj], int | None]

HAPPENINGS: dict[str, Happening] = {}  # by kind of object; the module of each kind enters its own


def run(world: World, clock: str | None, until: int) -> None:
    """Everything of one clock up to a moment; the double's own clock where None is given."""
    while (due := world.agenda.take(world.store.objects, clock, until)) is not None:
        moment, obj = due
        with world.standing(clock, moment):
            HAPPENINGS[obj["object"]](world, obj, moment)
        if obj["id"] in world.store.objects:
            world.note(obj)
