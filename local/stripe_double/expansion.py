"""Ids become the objects that they name, where `expand` asks for it."""

from collections.abc import Callable
from typing import Any

from local.stripe_double.refusals import invalid
from local.stripe_double.store import Obj
from local.stripe_double.world import World

_DEEPEST = 4

type Extra = Callable[[World, Obj], object]

EXTRAS: dict[tuple[str, str], Extra] = {}  # members that are there only when asked for; each kind's module adds its own


def expand(world: World, shown: Obj, paths: list[str]) -> Obj:
    """The rendered object with each path expanded; raises Refused for what cannot be."""
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels of a property: {path}.", param="expand")
        _descend(world, shown, parts, path)
    return shown


def _descend(world: World, shown: Any, parts: list[str], path: str) -> None:  # noqa: ANN401 - JSON
    if not parts:
        return
    if isinstance(shown, list):
        for each in shown:
            _descend(world, each, parts, path)
        return
    name, *rest = parts
    _open(world, shown, name, path)
    _descend(world, shown[name], rest, path) if shown[name] is not None else None


def _open(world: World, shown: Any, name: str, path: str) -> None:  # noqa: ANN401 - JSON
    if not isinstance(shown, dict):
        raise _cannot(path)
    extra = EXTRAS.get((str(shown.get("object")), name))
    if extra and not isinstance(shown.get(name), dict):
        shown[name] = extra(world, shown)
    elif name not in shown:
        raise _cannot(path)
    elif isinstance(shown[name], list):
        shown[name] = [_named(world, each, path) for each in shown[name]]
    else:
        shown[name] = _named(world, shown[name], path)


def _named(world: World, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, dict):
        return value
    if not isinstance(value, str) or value not in world.store.objects:
        raise _cannot(path)
    return world.render(world.store.objects[value])


def _cannot(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
