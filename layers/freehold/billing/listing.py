"""What Stripe lists of all customers, held as bytes: whoever asks for one gets everything of that one.

A customer with a subscription, two invoices and their charges takes 3 kB here, and as objects 33 kB: 300 MB, which a
function of 512 MB has to spare, are enough for 80,000 of them.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from freehold.billing.remote import Customer, Remote, Subscription
from freehold.billing.remote_invoices import Charge, Invoice
from freehold.billing.remote_parts import Part


class Packed[P: Customer | Subscription | Invoice | Charge]:
    """Parts by customer, each once. What is shown to nobody (a card's fingerprint) is not kept."""

    def __init__(self, part: type[P], parts: Iterable[P]) -> None:
        self._part = part
        self._held: dict[str, list[bytes]] = defaultdict(list)
        for each in parts:
            owner = each.id if isinstance(each, Customer) else each.customer
            self._held[owner or ""].append(_packed(each))

    def of(self, customer_id: str) -> tuple[P, ...]:
        """Of what was listed twice, the later."""
        found = (_unpacked(self._part, each) for each in self._held.get(customer_id, ()))
        return tuple({each.id: each for each in found}.values())

    def owners(self) -> Sequence[str]:
        """In the order of their first part."""
        return tuple(self._held)


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing(Mapping[str, Remote]):
    """All customers, by their ids and as Stripe lists them: the newest first.

    Of those in `apart` everything is fetched when it is asked for.
    """

    customers: Packed[Customer]
    subscriptions: Packed[Subscription]
    invoices: Packed[Invoice]
    charges: Packed[Charge]
    apart: AbstractSet[str | None]
    fetch: Callable[[str], Remote]
    now: Callable[[Customer], datetime]

    def __getitem__(self, customer_id: str) -> Remote:
        """Raises as the gateway's `fetch` does."""
        found = self.customers.of(customer_id)
        if not found:
            raise KeyError(customer_id)
        if customer_id in self.apart:
            return self.fetch(customer_id)
        return Remote(
            customer=found[0],
            subscriptions=self.subscriptions.of(customer_id),
            invoices=self.invoices.of(customer_id),
            charges=self.charges.of(customer_id),
            now=self.now(found[0]),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.customers.owners())

    def __len__(self) -> int:
        return len(self.customers.owners())


def _packed(part: Part) -> bytes:
    return zlib.compress(part.model_dump_json(exclude_defaults=True).encode(), 1)


def _unpacked[P: Part](part: type[P], held: bytes) -> P:
    return part.model_validate_json(zlib.decompress(held))
