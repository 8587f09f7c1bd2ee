"""What is due when, for each clock apart; whoever changes an object puts it here again and the old entry lapses."""

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from local.stripe_double.store import Obj

type Due = Callable[[Obj], int | None]


@dataclass
class Agenda:
    """`due` says for each kind of object when something happens to it by time alone."""

    due: dict[str, Due] = field(default_factory=dict)
    _entries: dict[str | None, list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    _order: int = 0

    def put(self, obj: Obj, clock: str | None) -> None:
        """Enter the object's next moment under its clock."""
        moment = self.moment(obj)
        if moment is not None:
            self._order += 1
            heapq.heappush(self._entries[clock], (moment, self._order, obj["id"]))

    def moment(self, obj: Obj) -> int | None:
        """When this object is next due; None for never."""
        due = self.due.get(obj["object"])
        return due(obj) if due else None

    def take(self, objects: dict[str, Obj], clock: str | None, until: int) -> tuple[int, Obj] | None:
        """The earliest that is due up to a moment; lapsed entries are dropped on the way."""
        entries = self._entries[clock]
        while entries and entries[0][0] <= until:
            moment, _, wanted = heapq.heappop(entries)
            obj = objects.get(wanted)
            if obj is not None and self.moment(obj) == moment:
                return moment, obj
        return None
