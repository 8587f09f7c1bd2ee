"""What stands at Stripe, and one change of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

type Verb = Literal["create", "change", "replace", "restore", "archive", "leave", "keep"]
type Thing = Literal["meter", "product", "price"]
type Remote = Mapping[str, Any]
"""An object as Stripe shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Everything that the account sells, ours or not; tiered prices with their tiers."""

    products: Sequence[Remote]
    prices: Sequence[Remote]
    meters: Sequence[Remote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing, and what is to be done with it."""

    verb: Verb
    thing: Thing
    name: str
    """A meter's event name, a product's id, a price's lookup key (of one that has none: its id)."""
    says: str
    target: str = ""
    """Stripe's id of what is there already."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """As Stripe takes them, but that a metered price names its meter by the event name."""
    after: tuple[str, ...] = ()
    """Of a new price: the ids of those that its place had before it."""

    @property
    def writes(self) -> bool:
        """Whether anything is to be done."""
        return self.verb not in {"keep", "leave"}


def is_ours(thing: Remote) -> bool:
    """Whether a push has made it."""
    return any(key.startswith("freehold_") for key in thing.get("metadata") or {})
