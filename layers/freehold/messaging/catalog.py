"""All kinds of events, by name: what subscribers may ask for, and what they get.

The product puts it together (`product.events`), for only that knows every feature.
"""

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict

from freehold.messaging import examples
from freehold.messaging.events import Event, EventType


class EventTypeInfo(BaseModel):
    """A kind of event as clients see it."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: int
    description: str
    permission: str
    """What the maker of an endpoint must hold to have it sent there."""
    example: dict[str, Any]
    """The whole event, as it is sent."""


class Catalog:
    """Kinds of events, each name once."""

    def __init__(self, types: Iterable[EventType]) -> None:
        """Raises ValueError where two have one name."""
        self._types: dict[str, EventType] = {}
        for each in types:
            if self._types.setdefault(each.name, each) is not each:
                raise ValueError(f"two kinds of events are called {each.name}")

    @classmethod
    def of(cls, *modules: ModuleType) -> "Catalog":
        """What these modules declare."""
        return cls(value for module in modules for value in vars(module).values() if isinstance(value, EventType))

    def __iter__(self) -> Iterator[EventType]:
        """By name."""
        return iter(self._types[name] for name in sorted(self._types))

    def get(self, name: str) -> EventType | None:
        """The kind of this name, if there is one."""
        return self._types.get(name)

    def subscribable(self) -> list[EventTypeInfo]:
        """What a tenant can have sent to an endpoint of theirs, by name."""
        return [described(each) for each in self if each.subscribable]


def described(kind: EventType) -> EventTypeInfo:
    """A kind of event as clients see it."""
    return EventTypeInfo(
        name=kind.name,
        version=kind.version,
        description=kind.description,
        permission=kind.permission.name,
        example=example(kind),
    )


def example(kind: EventType) -> dict[str, Any]:
    """An event of this kind as it is sent."""
    data = kind.example
    envelope = examples.of(Event) | {"type": kind.name, "version": kind.version, "data": data}
    if kind.data.model_fields.get("id") is not None:
        envelope["subject_id"] = data["id"]
    return envelope
