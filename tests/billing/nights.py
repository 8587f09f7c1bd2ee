"""The comparison as a night runs it, and one that is too short for all."""

import math
from dataclasses import dataclass, field

from freehold.billing.gateway import StripeRefused
from freehold.billing.reconcile import Bulk, Reconciliation, Report
from freehold.ids import TenantId
from tests.billing.desk import Desk
from tests.billing.parts import CATALOG
from tests.billing.shop import Buyer, Shop


def reconcile(desk: Desk, stripe: Bulk | None = None, *, latest: float = math.inf) -> Report:
    made = Reconciliation(
        system=desk.system,
        worker=desk.workers,
        gateway=stripe or desk.stripe,
        catalog=CATALOG,
        request_id="a-request",
    )
    return made.run(latest=latest)


def subscribed(desk: Desk, shop: Shop, plan: str = "scale") -> tuple[TenantId, Buyer]:
    """A tenant whose first look is done."""
    buyer = shop.customer(on_clock=False)
    buyer.subscribe(plan)
    tenant = desk.tenant(buyer.id)
    desk.run()
    return tenant, buyer


@dataclass
class Night:
    """Nobody is listed, so each is asked for as it is compared; over once it has reached so many."""

    reaches: int = 2
    compared: list[str] = field(default_factory=list)

    def everything(self):
        return {}

    def fetch(self, customer_id: str):
        self.compared.append(customer_id)
        raise StripeRefused("resource_missing", "id", "No such customer.")

    def end(self) -> float:
        """On the monotonic clock, however fast the machine is."""
        night = self

        class End(float):
            def __le__(self, now: float) -> bool:
                return len(night.compared) >= night.reaches

        return End()
