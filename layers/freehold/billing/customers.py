"""Each tenant is one customer of Stripe's: made once, and found again whatever was lost on the way.

Stripe makes it under a key that is the tenant's, so that two requests at the same moment make the same one. Where the
link was lost, it is found by what is written on it. Only where it was deleted at Stripe there comes another, once an
event or a look of ours has said so.
"""

from typing import Any

from freehold import clock
from freehold.billing import queries
from freehold.billing.asking import Asking
from freehold.billing.gateway import StripeBusy
from freehold.billing.queries import Account
from freehold.database import Caller, Database
from freehold.errors import CustomerTaken
from freehold.ids import TenantId
from freehold.permissions import BILLING_WRITE


def customer_of(db: Database, caller: Caller, asking: Asking, account: Account) -> str:
    """The tenant's customer, linked. Raises CustomerTaken, also until a look has found that the one before is gone."""
    former = account.customer_id
    if former and not asking.customer(former).get("deleted"):
        return former
    customer = asking.find_customer(caller.tenant_id)
    if customer is None or customer["id"] == former:
        customer = _made(asking, caller.tenant_id, after=former or "")
    _link(db, caller, customer)
    if not customer["name"]:
        asking.name_customer(customer["id"], name=account.tenant_name)
    return str(customer["id"])


def _link(db: Database, caller: Caller, customer: dict[str, Any]) -> None:
    try:
        with db.transaction(caller, BILLING_WRITE) as tx:
            tx.put(queries.link_customer(customer["id"], customer["test_clock"]))
    except CustomerTaken:
        with db.transaction(caller, BILLING_WRITE) as tx:
            tx.put(queries.look_again())
        raise


def _made(asking: Asking, tenant_id: TenantId, *, after: str) -> dict[str, Any]:
    """Where Stripe failed and says so to this key from now on, it is looked for among the latest, and made anew."""
    try:
        return asking.create_customer(tenant_id, again=after)
    except StripeBusy as busy:
        if not busy.remembered:
            raise
        again = f"{after}{clock.now():%Y%m%d%H}"
        return asking.latest_customer(tenant_id) or asking.create_customer(tenant_id, again=again)
