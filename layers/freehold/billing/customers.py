"""Each tenant is one customer of Stripe's, ever: made once, and found again whatever was lost on the way.

Stripe makes it under a key that is the tenant's, so that two requests at the same moment make the same one. Where the
link was lost, it is found by what is written on it.
"""

from typing import Any

from freehold import clock
from freehold.billing import queries
from freehold.billing.asking import Asking
from freehold.billing.gateway import StripeBusy
from freehold.billing.queries import Account
from freehold.database import Caller, Database
from freehold.ids import TenantId
from freehold.permissions import BILLING_WRITE


def customer_of(db: Database, caller: Caller, asking: Asking, account: Account) -> str:
    """The tenant's customer, linked. Raises CustomerTaken."""
    if account.customer_id:
        return account.customer_id
    customer = asking.find_customer(caller.tenant_id) or _made(asking, caller.tenant_id)
    with db.transaction(caller, BILLING_WRITE) as tx:
        tx.put(queries.link_customer(customer["id"], customer["test_clock"]))
    if not customer["name"]:
        asking.name_customer(customer["id"], name=account.tenant_name)
    return str(customer["id"])


def _made(asking: Asking, tenant_id: TenantId) -> dict[str, Any]:
    """Where Stripe failed and says so to this key from now on, it is looked for among the latest, and made anew."""
    try:
        return asking.create_customer(tenant_id)
    except StripeBusy as busy:
        if not busy.remembered:
            raise
        return asking.latest_customer(tenant_id) or asking.create_customer(tenant_id, again=f"{clock.now():%Y%m%d%H}")
