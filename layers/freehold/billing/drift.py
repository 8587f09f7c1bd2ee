"""What our copy says otherwise than Stripe: two sets of rows compared, field by field."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from freehold.billing.claims import ENDED
from freehold.billing.holdings import Held
from freehold.billing.mirror import PAGES, InvoiceRow, Mirror, Row, SubscriptionRow
from freehold.ids import TenantId


class Difference(BaseModel):
    """One field, as it is here and as it should be."""

    model_config = ConfigDict(frozen=True)

    field: str
    local: str | None
    stripe: str | None


class Drift(Difference):
    """A difference of one tenant, and whether it is gone now."""

    tenant_id: TenantId | None
    """None where it is of a customer who is nobody's."""
    healed: bool


def differences(held: Held, mirror: Mirror) -> list[Difference]:
    """Of what should be there, and of subscriptions that go on here alone. Other rows that are not listed stay."""
    return [
        *_fields("tenant", {"access": held.access}, {"access": mirror.access}),
        *_rows("account", held.account, mirror.account),
        *_of_all("subscription", held.subscriptions, mirror.subscriptions),
        *_unlisted(held.subscriptions, mirror.subscriptions),
        *_of_all("invoice", held.invoices, mirror.invoices),
    ]


def _of_all(
    name: str, held: Iterable[SubscriptionRow | InvoiceRow], mirrored: Iterable[SubscriptionRow | InvoiceRow]
) -> Iterator[Difference]:
    there = {each.id: each for each in held}
    for each in mirrored:
        yield from _rows(f"{name} {each.stripe_id}", there.get(each.id), each)


def _unlisted(held: Iterable[SubscriptionRow], mirrored: Iterable[SubscriptionRow]) -> Iterator[Difference]:
    listed = {each.id for each in mirrored}
    for each in held:
        if each.id not in listed and each.status not in ENDED:
            yield Difference(field=f"subscription {each.stripe_id} status", local=each.status, stripe=None)


def _rows(name: str, held: Row | None, mirrored: Row) -> Iterator[Difference]:
    if held is None:
        yield Difference(field=name, local=None, stripe="is there")
        return
    yield from _fields(name, dict(held), dict(mirrored))


def _fields(name: str, held: Mapping[str, object], mirrored: Mapping[str, object]) -> Iterator[Difference]:
    for field, value in mirrored.items():
        if field not in PAGES and held[field] != value:
            yield Difference(field=f"{name} {field}", local=_shown(held[field]), stripe=_shown(value))


def _shown(value: object) -> str | None:
    return None if value is None else str(value)
