"""What all of the double's modules share: objects, moments, settings, and the announcing of changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.stripe_double.agenda import Agenda
from local.stripe_double.journal import Journal
from local.stripe_double.refusals import missing
from local.stripe_double.settings import Settings
from local.stripe_double.store import Obj, Store, duplicate, new_id, owner_of

type Shape = Callable[["World", Obj], Obj]


@dataclass
class World:
    """`reached` is how far the double's own clock has come: it never goes back."""

    own_now: Callable[[], datetime]
    settings: Settings = field(default_factory=Settings)
    store: Store = field(default_factory=Store)
    journal: Journal = field(default_factory=Journal)
    agenda: Agenda = field(default_factory=Agenda)
    shapes: dict[str, Shape] = field(default_factory=dict)
    ahead: int = 0
    reached: int = 0
    rehearsing: bool = False
    _working_at: int | None = None
    _changing: set[str] = field(default_factory=set)

    def now(self, customer: str | None = None) -> int:
        """Of the clock that the customer hangs on; without one, the double's own."""
        if clock := self.clock_of(customer):
            return int(self.store.objects[clock]["frozen_time"])
        if self._working_at is not None:
            return self._working_at
        self.reached = max(self.reached, int(self.own_now().timestamp()) + self.ahead)
        return self.reached

    @contextmanager
    def standing(self, clock: str | None, moment: int) -> Iterator[None]:
        """A clock stands at the moment of what is being made up for; a test clock stays there."""
        if clock is not None:
            frozen = self.store.objects[clock]
            frozen["frozen_time"] = max(frozen["frozen_time"], moment)
            yield
            return
        self._working_at, self.reached = moment, max(self.reached, moment)
        try:
            yield
        finally:
            self._working_at = None

    def clock_of(self, customer: str | None) -> str | None:
        """The id of the customer's test clock."""
        owner = self.store.objects.get(customer or "", {})
        clock = owner.get("test_clock")
        return str(clock) if clock else None

    def customer(self, wanted: str, *, param: str | None = None) -> Obj:
        """The customer, unless deleted."""
        customer = self.store.get("customer", wanted, param=param)
        if customer.get("deleted"):
            raise missing("customer", wanted, param=param)
        return customer

    def make(self, kind: str, prefix: str, /, *, id: str | None = None, **fields: Any) -> Obj:  # noqa: A002, ANN401
        """A new object, kept and put on the agenda, not yet announced."""
        owner = owner_of(fields)
        base = {"id": id or new_id(prefix), "object": kind, "created": self.now(owner), "livemode": False}
        obj = self.store.add(base | fields)
        self.agenda.put(obj, self._agenda_clock(obj))
        return obj

    def render(self, obj: Obj) -> Obj:
        """A copy as it leaves the double: without notes, with what its kind contains."""
        shown = {name: duplicate(value) for name, value in obj.items() if not name.startswith("_")}
        shape = self.shapes.get(obj["object"])
        return shape(self, shown) if shape else shown

    def announce(self, what: str, obj: Obj, previous: Obj | None = None) -> None:
        """One event about the object as it is now."""
        if not self.rehearsing:
            self.journal.write(
                what, self.render(obj), created=self._moment_of(obj), previous=previous, about=owner_of(obj)
            )

    @contextmanager
    def changing(self, obj: Obj, what: str = "") -> Iterator[None]:
        """Announces `<kind>.updated`, or another name, with what was before; silent where nothing changed."""
        if obj["id"] in self._changing:
            yield
            return
        before = self.render(obj)
        self._changing.add(obj["id"])
        try:
            yield
        finally:
            self._changing.discard(obj["id"])
        self.agenda.put(obj, self._agenda_clock(obj))
        if previous := _previous(before, self.render(obj)):
            self.announce(what or f"{event_name(obj)}.updated", obj, previous)

    @contextmanager
    def quietly(self, obj: Obj) -> Iterator[None]:
        """Changes of the object are not announced: it is new, or whoever changes it says so in one."""
        outer = obj["id"] in self._changing
        self._changing.add(obj["id"])
        try:
            yield
        finally:
            if not outer:
                self._changing.discard(obj["id"])
            self.note(obj)

    @contextmanager
    def rehearsal(self, customer: str) -> Iterator[None]:
        """What happens within is undone at the end, and nobody hears of it."""
        marked, self.rehearsing = self.store.mark(customer), True
        try:
            yield
        finally:
            self.rehearsing = False
            self.undo(customer, marked)

    @contextmanager
    def supposing(self, customer: str, moment: int) -> Iterator[None]:
        """A customer's clock stands elsewhere for a while, for rehearsals of what is to come."""
        clock, reached, working = self.clock_of(customer), self.reached, self._working_at
        frozen = self.store.objects[clock] if clock else {}
        before = frozen.get("frozen_time")
        frozen["frozen_time"], self._working_at = moment, moment
        try:
            yield
        finally:
            frozen["frozen_time"], self.reached, self._working_at = before, reached, working

    def undo(self, customer: str, marked: dict[str, Obj]) -> None:
        """Back to what `store.mark` has seen; the agenda follows."""
        self.store.restore(customer, marked)
        for each in marked:
            self.agenda.put(self.store.objects[each], self._agenda_clock(self.store.objects[each]))

    def note(self, obj: Obj) -> None:
        """Put the object on the agenda anew after a change that is not announced."""
        self.agenda.put(obj, self._agenda_clock(obj))

    def _agenda_clock(self, obj: Obj) -> str | None:
        return self.clock_of(owner_of(obj))

    def _moment_of(self, obj: Obj) -> int:
        if obj["object"] == "test_helpers.test_clock":
            return int(obj["frozen_time"])
        return self.now(obj["id"] if obj["object"] == "customer" else owner_of(obj))


def event_name(obj: Obj) -> str:
    """The first words of the types of events about this kind of object."""
    kind = str(obj["object"])
    return {"subscription": "customer.subscription", "discount": "customer.discount", "dispute": "charge.dispute"}.get(
        kind, kind
    )


def _previous(before: Obj, after: Obj) -> Obj:
    return {name: before.get(name) for name in {**before, **after} if before.get(name) != after.get(name)}
