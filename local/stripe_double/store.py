"""Every object of the double by its id, in the order in which they were made."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from local.stripe_double.refusals import missing

type Obj = dict[str, Any]

_SHARED = ("coupon", "promotion_code")  # what an operation on one customer changes besides the customer's own


def new_id(prefix: str) -> str:
    """As Stripe's look; no two are alike."""
    return f"{prefix}_{secrets.token_hex(12)}"


def duplicate[T](value: T) -> T:
    """A copy of JSON, all the way down; `copy.deepcopy` is several times slower, and every event has one."""
    if isinstance(value, dict):
        return {name: duplicate(each) for name, each in value.items()}  # type: ignore[return-value] # it is a dict again
    if isinstance(value, list):
        return [duplicate(each) for each in value]  # type: ignore[return-value] # likewise
    return value


@dataclass
class Store:
    """Objects are changed in place; whoever changes one announces it."""

    objects: dict[str, Obj] = field(default_factory=dict)
    _kinds: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _customers: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, obj: Obj) -> Obj:
        """Keep a new object, which has `id` and `object`."""
        self.objects[obj["id"]] = obj
        self._kinds[obj["object"]][obj["id"]] = None
        self.belong(obj)
        return obj

    def belong(self, obj: Obj) -> None:
        """File the object under its customer, once it has one."""
        if owner := owner_of(obj):
            self._customers[owner][obj["id"]] = None

    def remove(self, gone: str) -> None:
        """Forget an object wholly."""
        obj = self.objects.pop(gone)
        self._kinds[obj["object"]].pop(gone, None)
        for filed in self._customers.values():
            filed.pop(gone, None)

    def get(self, kind: str, wanted: str, *, param: str | None = None) -> Obj:
        """The object, or Stripe's refusal; deleted ones are found too."""
        obj = self.objects.get(wanted)
        if obj is None or obj["object"] != kind:
            raise missing(kind.rpartition(".")[2], wanted, param=param)
        return obj

    def all(self, kind: str, customer: str | None = None) -> list[Obj]:
        """Of one kind, oldest first; of one customer where that is given."""
        if customer is None:
            return [self.objects[each] for each in self._kinds[kind]]
        return [obj for each in self._customers[customer] if (obj := self.objects[each])["object"] == kind]

    def mark(self, customer: str) -> dict[str, Obj]:
        """Copies of all that an operation on this customer may change."""
        ids = [*self._customers[customer], customer, *(each for kind in _SHARED for each in self._kinds[kind])]
        return {each: duplicate(self.objects[each]) for each in ids if each in self.objects}

    def restore(self, customer: str, marked: dict[str, Obj]) -> None:
        """Make the customer's objects what they were; those that came since are gone."""
        for each in [new for new in self._customers[customer] if new not in marked]:
            self.remove(each)
        for each, was in marked.items():
            self.objects[each].clear()
            self.objects[each].update(was)


def owner_of(obj: Obj) -> str | None:
    """The id of the customer whose object it is."""
    owner = obj.get("customer") or obj.get("_customer")
    return str(owner) if owner else None
