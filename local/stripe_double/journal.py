"""The events, in order, and who hears of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.stripe_double.store import Obj, new_id

API_VERSION = "2026-10-28.endive"

type Listener = Callable[[dict[str, Any]], None]


@dataclass
class Journal:
    """Events wait until the request that made them is over: what is undone is never heard of."""

    events: list[Obj] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    by_id: dict[str, Obj] = field(default_factory=dict)
    waiting: list[Obj] = field(default_factory=list)
    request: dict[str, str | None] = field(default_factory=lambda: {"id": None, "idempotency_key": None})
    _delivering: threading.Lock = field(default_factory=threading.Lock)

    def write(self, what: str, obj: Obj, *, created: int, previous: Obj | None, about: str | None) -> None:
        """Keep one event. `about` is the customer, by which the events list may be read."""
        self.waiting.append(
            {
                "id": new_id("evt"),
                "object": "event",
                "api_version": API_VERSION,
                "created": created,
                "data": {"object": obj} | ({"previous_attributes": previous} if previous is not None else {}),
                "livemode": False,
                "pending_webhooks": 0,
                "request": dict(self.request),
                "type": what,
                "_customer": about,
            }
        )

    def first(self, place: int) -> None:
        """The event that was written last came before those from a place on."""
        self.waiting.insert(place, self.waiting.pop())

    def deliver(self) -> None:
        """Tell the listeners what waits, oldest first."""
        waiting, self.waiting = self.waiting, []
        for event in waiting:
            self.events.append(event)
            self.by_id[event["id"]] = event
            for listener in self.listeners:
                listener({name: value for name, value in event.items() if name != "_customer"})
